"""What became of one order, and why: the evidence of the records told in a few lines.

What the strategy wanted → what checks cut → when it was sent and due → every fill with its bar, rule, volume and price parts → what kept
it from filling → how it ended. Everything is read from the engine's records; nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from bot4.report import text
from bot4.report.columns import AMOUNT, AssetColumns, RunColumns
from bot4.report.costs import half_spread_ticks

from .errors import BacktestError
from .latency import latency_ms
from .reasons import (
    CAUSES,
    EVIDENCE,
    EVIDENCE_MEANINGS,
    KINDS,
    MEANINGS,
    REASON_MEANINGS,
    REASONS,
    RULE_MEANINGS,
    RULES,
    STATUSES,
    TIFS,
)

if TYPE_CHECKING:
    from bot4.data.timeframe import TimeLike

    from .result import Result

LABEL_WIDTH = 9
NAMED = 5
PRICED = ("limit", "stop_limit")
TRIGGERED = ("stop", "stop_limit", "take_profit", "trailing")


def explain(result: Result, order: int | str, at: TimeLike | None = None) -> str:
    """Returns the lines about an order given by id, or by key and time. Raises BacktestError where there is none."""
    place = _find(result, order, at)
    return "\n".join(_lines(_Order(result, place)))


def _find(result: Result, order: int | str, at: TimeLike | None) -> int:
    """Returns the row of an order in the records."""
    from bot4.data.timeframe import parse_time

    table = result.columns.table("orders")
    if isinstance(order, int):
        rows = np.flatnonzero(table["id"] == order)
        if not len(rows):
            have = f"ids run from {table['id'][0]} to {table['id'][-1]}" if len(table["id"]) else "the run sent none"
            raise BacktestError(f"there is no order {order}; {have}.")
        return int(rows[0])
    keys = result.columns.keys
    if order not in keys:
        known = ", ".join(sorted(set(keys))[:12]) or "none: give the id of an order"
        raise BacktestError(f"no order has the key {order!r}; keys are {known}.")
    numbers = [number for number, key in enumerate(keys) if key == order]
    rows = np.flatnonzero(np.isin(table["key"], numbers))
    if at is not None:
        rows = rows[table["ts"][rows] <= parse_time(at)]
        if not len(rows):
            raise BacktestError(f"no order with the key {order!r} was sent by {at}; give a later time.")
        return int(rows[-1])
    if len(rows) != 1:
        times = ", ".join(text.minute(int(ts)) for ts in table["ts"][rows[:NAMED]])
        count = text.plural(len(rows), "order")
        raise BacktestError(
            f"{count} have the key {order!r}{f' ({times} …)' if times else ''}; say which by its time or id."
        )
    return int(rows[0])


@dataclass(frozen=True)
class _Order:
    """One row of the orders, with names for what the codes and integers mean."""

    result: Result
    row: int

    @property
    def run(self) -> RunColumns:
        return self.result.columns

    def get(self, name: str) -> int:
        return int(self.run.table("orders")[name][self.row])

    @property
    def asset(self) -> AssetColumns:
        return self.run.assets[self.get("asset")]

    @property
    def is_buy(self) -> bool:
        return self.get("side") > 0

    @property
    def unit(self) -> str:
        if self.asset.contract is not None:
            return "contracts"
        return self.asset.symbol.partition("/")[0]

    @property
    def kind(self) -> str:
        return KINDS[self.get("kind")]

    def qty(self, lots: int) -> str:
        return f"{text.price(lots * self.asset.lot)} {self.unit}"

    def price(self, ticks: int) -> str:
        return text.price(ticks * self.asset.tick)

    @property
    def sleeve(self) -> str:
        """Returns the sleeve that sent it; empty where one strategy has the account to itself."""
        names = list(self.result.parts)
        return names[self.get("sleeve")] if "sleeve" in self.run.table("orders") else ""

    @property
    def due_ms(self) -> int:
        """Returns when it was due; exits of a lane are at the venue the moment they are triggered."""
        if self.get("parent") >= 0 or REASONS[self.get("reason")] == "liquidation":
            return self.get("ts")
        held_back = self.result.market.interval_ms if CAUSES[self.get("cause")] == "own_cross" else 0
        return self.get("ts") + held_back + latency_ms(self.result.config, self.get("id"))

    @cached_property
    def fills(self) -> list[dict[str, Any]]:
        table = self.run.table("fills")
        rows = np.flatnonzero(table["order"] == self.get("id"))
        return [{name: column[row].item() for name, column in table.items()} for row in rows]


def _lines(order: _Order) -> Iterator[str]:
    yield _title(order)
    yield _line("wanted", _wanted(order))
    checked = _checks(order)
    if checked:
        yield _line("checks", checked)
    if STATUSES[order.get("status")] == "rejected":
        yield _line("ended", f"rejected {text.minute(order.get('ts'))}, never sent")
        return
    yield _line("sent", _sent(order))
    for number, fill in enumerate(order.fills, start=1):
        yield _line(f"fill {number}", _fill(order, fill))
        yield _line("", _price_parts(order, fill))
    waited = _waited(order)
    if waited:
        yield _line("waited", waited)
    yield _line("ended", _ended(order))


def _line(label: str, sentence: str) -> str:
    return f"  {label:<{LABEL_WIDTH}}{sentence}".replace(text.NBSP, " ")


def _title(order: _Order) -> str:
    key = order.get("key")
    named = f"Order {order.get('id')}" + (f" · {order.run.keys[key]}" if key >= 0 else "")
    limits = [f"at {order.price(order.get('price_ticks'))}"] if order.kind in PRICED else []
    if order.kind in TRIGGERED and order.get("trigger_ticks") >= 0:
        limits.append(f"triggered at {order.price(order.get('trigger_ticks'))}")
    tif = TIFS[order.get("tif")]
    words = ["buy" if order.is_buy else "sell", order.qty(order.get("lots")), "of", order.asset.symbol, *limits]
    named += f" · sleeve {order.sleeve}" if order.sleeve else ""
    return f"{named} · {order.kind.replace('_', ' ')} · {' '.join(words)}{f' ({tif})' if tif != 'gtc' else ''}"


def _wanted(order: _Order) -> str:
    reason = REASON_MEANINGS[REASONS[order.get("reason")]]
    parent = f", exit of order {order.get('parent')}" if order.get("parent") >= 0 else ""
    seen = f"{'level' if parent else 'seen at'} {order.price(order.get('ref_ticks'))}"
    return f"{order.qty(order.get('wanted'))}, {seen}, {text.minute(order.get('ts'))}: {reason}{parent}"


def _checks(order: _Order) -> str:
    wanted, sent, cause = order.get("wanted"), order.get("lots"), CAUSES[order.get("cause")]
    is_rejected = STATUSES[order.get("status")] == "rejected"
    if is_rejected:
        return f"refused ({cause}): {MEANINGS[cause]}"
    if sent >= wanted:
        return ""
    is_kept = cause != "none" and STATUSES[order.get("status")] != "cancelled"
    # How an order ended overwrites why it was cut.
    why = f"({cause}): {MEANINGS[cause]}" if is_kept else "by what cash, margin or the limits left"
    return f"cut from {order.qty(wanted)} to {order.qty(sent)} {why}"


def _sent(order: _Order) -> str:
    late = order.due_ms - order.get("ts")
    due = f", due {late:,} ms later" if late else ""
    return f"{text.minute(order.get('ts'))}{due}"


def _fill(order: _Order, fill: dict[str, Any]) -> str:
    rule = RULES[fill["rule"]]
    left = "any volume" if fill["volume_left"] < 0 else f"{order.qty(fill['volume_left'])} of volume left"
    role = "maker" if fill["maker"] else "taker"
    lots = order.qty(abs(fill["lots"]))
    return (
        f"{text.minute(fill['ts'])}, bar row {fill['row']}: {lots} as a {role}, {RULE_MEANINGS[rule]} ({rule}); {left}"
    )


def _price_parts(order: _Order, fill: dict[str, Any]) -> str:
    """Returns price = base ± spread ± impact, and the fee."""
    side = 1 if order.is_buy else -1
    slipped = max(side * (fill["ticks"] - fill["base_ticks"]), 0)
    half = half_spread_ticks(np.array([fill["base_ticks"]], dtype=np.int64), order.run.half_spread_e9)
    spread = min(int(half[0]), slipped)
    sign = "+" if order.is_buy else "−"
    better = side * (fill["base_ticks"] - fill["ticks"])
    bettered = f", {order.price(better)} better than base" if better > 0 else ""
    parts = f"{sign} spread {order.price(spread)} {sign} impact {order.price(slipped - spread)}"
    fee = text.price(fill["fee"] * AMOUNT)
    return f"price {order.price(fill['ticks'])} = base {order.price(fill['base_ticks'])} {parts}{bettered}; fee {fee}"


def _waited(order: _Order) -> str:
    """Returns what kept it from filling: the last evidence, or how far the market stayed away."""
    evidence = EVIDENCE[order.get("evidence")]
    if evidence != "none":
        row = order.get("evidence_row")
        where = f"{text.minute(int(order.asset.ts[row]))} (bar row {row})" if row >= 0 else "last"
        unfilled = "not wholly filled" if order.fills else "not filled"
        return f"reached {where} and {unfilled}: {EVIDENCE_MEANINGS[evidence]} ({evidence})"
    if order.fills or order.kind == "market":
        return ""
    return _away(order)


def _away(order: _Order) -> str:
    """Returns how near the market came to an order that it never reached."""
    level = order.get("price_ticks") if order.kind == "limit" else order.get("trigger_ticks")
    asset, done = order.asset, order.get("done_ts")
    first = int(np.searchsorted(asset.ts, order.due_ms))
    stop = len(asset.ts) if done < 0 else int(np.searchsorted(asset.ts, done))
    if level < 0 or first >= stop:
        return "no bar came while it worked"
    looks_down = order.is_buy == (order.kind in ("limit", "take_profit"))
    if looks_down:
        row = first + int(np.argmin(asset.low[first:stop]))
        came = f"lowest low {text.price(float(asset.low[row]))}"
    else:
        row = first + int(np.argmax(asset.high[first:stop]))
        came = f"highest high {text.price(float(asset.high[row]))}"
    return f"never reached in {text.plural(stop - first, 'bar')}: {came}, {text.minute(int(asset.ts[row]))} (bar row {row})"


def _ended(order: _Order) -> str:
    status, cause = STATUSES[order.get("status")], CAUSES[order.get("cause")]
    filled, sent = order.get("filled"), order.get("lots")
    if status == "working":
        return f"still working when the data ended, {order.qty(filled)} of {order.qty(sent)} filled"
    when = text.minute(order.get("done_ts"))
    if status == "filled":
        return f"filled {when}"
    part = f" with {order.qty(filled)} of {order.qty(sent)} filled" if filled else ""
    return f"{status} {when}{part} ({cause}): {MEANINGS.get(cause, cause)}"
