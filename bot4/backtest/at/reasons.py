"""What was done at a decision, or why nothing was: one or two sentences, from the first rule that decided.

The order is that of the rules (docs/semantics.md, sections 5 and 8). Whether something was sent, acted or held is read from the records and
from the desk before and after; nothing is decided here a second time.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from bot4.report import text

from ..guarded import guard_sentence
from ..reasons import MEANINGS, REASON_MEANINGS
from .because import number
from .decision import Decision, TargetState

if TYPE_CHECKING:
    from .gather import Bar

NAMED = 3
"""Keys named for one reason."""


def reasons(bar: Bar, found: Decision) -> Iterator[str]:
    """Yields the sentences about a bar of a traced strategy."""
    yield from _inside(found)
    if not found.roots:
        yield f"The strategy addresses other assets, not {found.symbol}."
        return
    waits = _before_decisions(bar, found)
    if waits:
        yield waits
        return
    if guard := guard_sentence(bar.result, found.ts):
        yield guard
    for order in found.sent:
        yield order_sentence(order)
    if guard.endswith("any more."):
        return
    if found.target is not None and not found.sent:
        yield _target_sentence(bar, found, found.target)
    if found.entries is not None and not found.sent:
        yield _entry_sentence(bar, found)
    if found.orders and not found.sent:
        yield f"No order was sent: {'; '.join(_by_reason(found))}."
    if found.cancelled:
        ids = ", ".join(str(one["id"]) for one in found.cancelled)
        yield f"Cancelled at this decision: order{'s' if len(found.cancelled) > 1 else ''} {ids}."


def _by_reason(found: Decision) -> Iterator[str]:
    """Yields the keys that share a reason, and the reason."""
    groups: dict[str, list[str]] = {}
    for one in found.orders:
        groups.setdefault(one.why, []).append(one.key)
    for why, keys in groups.items():
        named = (
            ", ".join(keys)
            if len(keys) <= NAMED
            else f"{', '.join(keys[: NAMED - 1])} and {len(keys) - NAMED + 1} more"
        )
        yield f"{named}: {why}"


def _inside(found: Decision) -> Iterator[str]:
    """Yields what happened inside the bar, before the decision."""
    for order in found.exits:
        meaning = REASON_MEANINGS[order["reason"]]
        yield f"Inside this bar {meaning} and order {order['id']} was sent: {order['side']} {text.price(order['qty'])}."


def _before_decisions(bar: Bar, found: Decision) -> str:
    """Returns why there is no decision at all yet; empty where there is one."""
    warm_up = found.warm_up
    if not warm_up["is_over"]:
        first = warm_up["first_decision"]
        when = f"the first decision is at {text.moment(first)}" if first is not None else "the data end before that"
        return f"Still warming up: {text.plural(warm_up['rows_seen'], 'bar')} of the {warm_up['rows_needed'] + 1:,} it needs; {when}."
    if not bar.look["is_open"]:
        start = bar.result.trade_from_ms
        return f"Decisions begin at start={text.moment(start)}." if start is not None else "Decisions have not begun."
    return ""


def order_sentence(order: Mapping[str, Any]) -> str:
    meaning = REASON_MEANINGS[order["reason"]]
    key = f" {order['key']}" if order["key"] is not None else ""
    what = f"Order {order['id']}{key}, {order['side']} {text.price(order['wanted'])} {order['symbol']}"
    cause = order["cause"]
    if order["status"] == "rejected":
        return f"{what}, was refused by the check {cause}: {MEANINGS[cause]} ({meaning})."
    cut = f", cut to {text.price(order['qty'])}" if order["qty"] < order["wanted"] else ""
    return f"{what}{cut}, was sent: {meaning}; it {_ending(order)}."


def _ending(order: Mapping[str, Any]) -> str:
    status, cause = order["status"], order["cause"]
    if status == "working":
        return f"still worked when the data ended, {text.price(order['filled'])} filled"
    when = text.moment(order["done_ts"])
    if status == "filled":
        return f"was filled {when}"
    part = f" with {text.price(order['filled'])} filled" if order["filled"] else ""
    return f"was cancelled {when}{part} ({cause}: {MEANINGS.get(cause, cause)})"


def _amount(target: TargetState, value: float) -> str:
    return (
        number(value)
        if target.unit == "weight"
        else text.amount(value)
        if target.unit == "notional"
        else text.price(value)
    )


def _target_sentence(bar: Bar, found: Decision, target: TargetState) -> str:
    """Returns why a target that could act sent nothing."""
    if bar.after["is_broken"]:
        return "Its legs were filled apart (broken_leg), so the group is held flat until each raw target has been 0 or changed sign."
    if found.hold is not None:
        return _hold_sentence(found.hold, target)
    if math.isnan(target.raw):
        return "The target is missing, so what is held stays as it is."
    if not target.is_due:
        due = "" if target.next_due is None else f"; the next is {text.moment(target.next_due)}"
        return f"The target is {_amount(target, target.wanted)}, and the rebalance schedule lets nothing act now{due}."
    budget = _budget(target)
    if target.budgeted == 0:
        return _flat_sentence(bar, target)
    if target.budgeted == target.acted_before:
        return f"The target is {_amount(target, target.budgeted)}{budget}, as last acted on: nothing to do."
    if target.acted != target.acted_before or bar.after["counters"]["acts"] != bar.before["counters"]["acts"]:
        return f"The target {_amount(target, target.budgeted)}{budget} was acted on, and the position is already what it asks for."
    return (
        f"The target {_amount(target, target.budgeted)}{budget} differs from {_amount(target, target.acted_before)}, last acted on, by "
        f"{_amount(target, target.distance)}, less than the band {_band(bar, target)}: nothing to do."
    )


def _band(bar: Bar, target: TargetState) -> str:
    if target.unit == "weight":
        return number(target.band)
    return f"{number(target.band)} of equity ({text.amount(target.band * float(bar.look['equity']))})"


def _budget(target: TargetState) -> str:
    if target.budgeted == target.wanted:
        return ""
    asked = f"all targets together ask for {number(target.gross)}, the budget is {number(target.budget)}"
    return f" (of {_amount(target, target.wanted)}: {asked})"


def _flat_sentence(bar: Bar, target: TargetState) -> str:
    exits = [one for one in bar.after["working"] if one["key"] is None]
    if exits:
        return f"The target is 0, and order {exits[0]['id']} is on its way out already."
    if bar.before["lots"]:
        return "The target is 0, and what works already leads there."
    return "The target is 0 and there is no position: nothing to do."


def _hold_sentence(hold: Mapping[str, Any], target: TargetState) -> str:
    wanted = "" if math.isnan(target.raw) else f" The target would be {number(target.raw)}."
    return f"Held at 0 since the {hold['side']} position was stopped (bar of {text.moment(hold['since'])}), until {hold['until']}.{wanted}"


def _entry_sentence(bar: Bar, found: Decision) -> str:
    """Returns why entries sent nothing."""
    signals = found.entries
    assert signals is not None  # only called where there are entries
    qty, counters = found.position["qty"], (bar.before["counters"], bar.after["counters"])
    side = (signals.long, signals.short)
    if side == (True, True):
        return "Long and short are both true, which counts as neither."
    if counters[1]["ignored_signals"] > counters[0]["ignored_signals"]:
        most = (bar.rule("entries") or {})["max_positions"]
        return f"The signal came, and max_positions={most} is taken by others (those of larger priority come first)."
    if counters[1]["rejected_units"] > counters[0]["rejected_units"]:
        return "The signal came, and its unit is no lot: too small, without a size, or short on spot."
    if not any((*side, signals.exit)):
        return "No signal of the entries is true."
    if bar.after["working"] and not qty:
        return f"The signal came, and order {bar.after['working'][0]['id']} is at work already."
    if signals.exit and not qty and side == (False, False):
        return "The exit signal is true, and there is no position."
    if found.hold is not None:
        return f"The signal is held back since a stop (bar of {text.moment(found.hold['since'])}), until {found.hold['until']}."
    if signals.cooling_until:
        return f"The signal is held back by the cool-down, until {signals.cooling_until}."
    if qty and signals.units >= signals.max_units:
        return f"The signal is true, and the position has its {text.plural(signals.max_units, 'unit')} (max_units) already."
    return "The signal is true, and what is held or at work already does what it asks."
