"""The decisions of a whole run as plain arrays, for a page in which any bar can be clicked (`bot4.report.decisions`).

The run is traced once (`bot4._engine.Lens.trace`), every shown node is evaluated once, and the sentence of every bar is chosen by the same
rules as that of `result.at`, without its numbers: those stand beside it. Not here: how many bars a page holds (`report.decisions.fitted`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from bot4.report.decisions import NO_REASON, AssetDecisions, BarDecisions, DecisionNode, DecisionRoot
from bot4.strategy.graph import is_condition, label_of, roots_of

from ..guarded import LATCHED, guard_sentence
from ..reasons import CAUSES, MEANINGS, REASON_MEANINGS, REASONS, STATUSES
from . import rows as records

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from bot4.report.columns import Floats, Ints

    from ..result import Result

MOST_VALUES = 40_000_000
"""Values of nodes of one asset that are held at a time, 160 MB; a larger run is shown around its orders and fills alone."""
AROUND = 200
"""Bars on each side of an order or fill that are then shown."""
MISSING = np.iinfo(np.int64).min
DUE, OPEN, HELD, BROKEN, ACTS, REJECTED, IGNORED = (1 << bit for bit in range(7))

NOT_OPEN = "Decisions have not begun: start= is later, or indicators are still warming up."
NO_TARGET = "The target is missing, so what is held stays as it is."
IN_HOLD = "Held at 0 since the position was stopped."
BROKEN_LEGS = "Its legs were filled apart (broken_leg), so the group is held flat."
OFF_SCHEDULE = "The rebalance schedule lets nothing act now."
FLAT = "The target is 0 and there is no position: nothing to do."
LEAVING = "The target is 0, and what works already leads there."
AS_BEFORE = "The target is as last acted on: nothing to do."
IN_BAND = "The target differs from what was last acted on by less than the band {band:g}: nothing to do."
DONE = "The target was acted on, and the position is already what it asks for."
FULL_HOUSE = "The signal came, and max_positions is taken by others."
NO_LOT = "The signal came, and its unit is no lot."
NO_SIGNAL = "No signal of the entries is true."
SIGNAL_WAITS = "A signal is true, and is held back, or what is held or at work already does what it asks."
NO_ORDER = "No order was sent."
SENT = "An order was sent: {reason}."
REFUSED = "An order was refused by the check {cause}: {meaning}."


def bar_decisions(result: Result) -> BarDecisions | None:
    """Returns the decisions at all bars of a run; None where its program cannot be looked into (event classes)."""
    if result.program.events is not None:
        return None
    traces = result.lens.trace()
    parts = list(result.parts.items())
    assets: list[AssetDecisions | None] = []
    for number in range(len(result.market)):
        told = [_of_asset(part, number, traces[at][number]) for at, (_, part) in enumerate(parts)]
        known = [(name, one) for (name, _), one in zip(parts, told, strict=True) if one is not None]
        assets.append(known[0][1] if len(parts) == 1 and known else _joined(known) if known else None)
    return BarDecisions(assets)


def _of_asset(result: Result, number: int, trace: Mapping[str, NDArray[Any]]) -> AssetDecisions | None:
    """Returns an asset's decisions; None where nothing addresses it."""
    program, symbol = result.program, result.market.symbols[number]
    roots = roots_of(program, symbol)
    if not roots:
        return None
    shown = _reachable(result, roots)
    place = {node: at for at, node in enumerate(shown)}
    count = len(trace["flags"])
    wanted = _around(result, number, count) if len(shown) * count > MOST_VALUES else np.arange(count, dtype=np.int64)
    sentences, reasons = _sentences(result, number, trace)
    return AssetDecisions(
        nodes=[
            DecisionNode(
                label_of(program, node),
                tuple(place[i] for i in program.nodes[node].inputs if i in place and place[i] < place[node]),
                is_condition(program, node),
            )
            for node in shown
        ],
        roots=[DecisionRoot(name, place[node]) for name, node in roots.items()],
        rows=wanted,
        values=_values(result, number, shown, wanted),
        facts={name: column[wanted] for name, column in _facts(result, number, trace).items()},
        reasons=reasons[wanted],
        sentences=sentences,
    )


def _reachable(result: Result, roots: Mapping[str, int]) -> list[int]:
    """Returns the nodes under the roots, inputs before users (a state, which looks back, before everything)."""
    found, stack = set[int](), list(roots.values())
    while stack:
        node = stack.pop()
        if node not in found:
            found.add(node)
            stack.extend(result.program.nodes[node].inputs)
    return sorted(found)


def _around(result: Result, number: int, count: int) -> Ints:
    """Returns the rows near an order or a fill of the asset."""
    from bot4.report.bars import active_rows

    near = np.zeros(count + 1, dtype=np.int64)
    active = active_rows(result.columns, number)
    np.add.at(near, np.clip(active - AROUND, 0, count), 1)
    np.add.at(near, np.clip(active + AROUND + 1, 0, count), -1)
    return np.flatnonzero(np.cumsum(near)[:count])


def _values(result: Result, number: int, shown: Sequence[int], wanted: Ints) -> NDArray[np.float32]:
    columns = result.evaluate(list(shown))
    found = np.full((len(shown), len(wanted)), np.nan, dtype=np.float32)
    symbols, market = result.market.symbols, result.market.columns
    for at, node in enumerate(shown):
        only = result.program.nodes[node].only
        if only is None:
            column = columns.get((node, number))
            if column is not None:
                found[at] = column[wanted]
            continue
        other = symbols.index(only)
        last = np.searchsorted(market[other].ts, market[number].ts[wanted], side="right") - 1
        column = columns.get((node, other))
        if column is not None:
            found[at] = np.where(last >= 0, column[np.maximum(last, 0)], np.nan)
    return found


def _unit(result: Result, kind: str, number: int) -> float:
    return {"weight": 1e-9, "notional": 1e-8, "qty": result.columns.assets[number].lot}[kind]


def _rule(rows: Sequence[Mapping[str, Any]], symbol: str) -> Mapping[str, Any] | None:
    return next((row for row in rows if row["asset"] in (None, symbol)), None)


def _facts(result: Result, number: int, trace: Mapping[str, NDArray[Any]]) -> dict[str, Floats]:
    """Returns the numbers beside the sentence: position, and the target on its way."""
    found: dict[str, Floats] = {"position before the decision": trace["lots"] * result.columns.assets[number].lot}
    rule = _rule(result.program.targets, result.market.symbols[number])
    if rule is None:
        return found
    unit = _unit(result, rule["kind"], number)
    is_missing = trace["wanted"] == MISSING
    for label, name in (("target before the budget", "wanted"), ("target after the budget", "budgeted")):
        found[label] = np.where(is_missing, np.nan, trace[name] * unit)
    found["last acted on"] = trace["acted_before"] * unit
    found["acted on now"] = np.where(trace["acted"] != trace["acted_before"], trace["acted"] * unit, np.nan)
    found["band"] = np.full(len(is_missing), float(rule["band"]))
    return found


def _sentences(result: Result, number: int, trace: Mapping[str, NDArray[Any]]) -> tuple[list[str], NDArray[np.int16]]:
    """Returns the sentences of an asset and which of them each bar has: what was sent, else why nothing was."""
    said: list[str] = []
    reasons = np.full(len(trace["flags"]), NO_REASON, dtype=np.int16)

    def say(where: NDArray[Any], sentence: str) -> None:
        if sentence not in said:
            said.append(sentence)
        reasons[where] = said.index(sentence)

    flags, settled = trace["flags"], result.settled_rows[number]
    symbol = result.market.symbols[number]
    target, entry = _rule(result.program.targets, symbol), _rule(result.program.entries, symbol)
    if target is not None:
        _say_targets(trace, float(target["band"]), say)
    elif entry is not None:
        _say_entries(result, number, entry, flags, say)
    else:
        say(np.ones(len(flags), dtype=np.bool_), NO_ORDER)
    _say_guard(result, number, say)
    _say_orders(result, number, say)
    is_early = (flags & OPEN) == 0
    is_early[: settled if settled is not None else len(flags)] = True
    say(is_early, NOT_OPEN)
    return said, reasons


def _say_targets(trace: Mapping[str, NDArray[Any]], band: float, say: Any) -> None:
    """Chooses the sentence of targets: of the rules that apply the one that decided first is said last, over the others."""
    flags, budgeted, before = trace["flags"], trace["budgeted"], trace["acted_before"]
    say(np.ones(len(flags), dtype=np.bool_), IN_BAND.format(band=band))
    say((flags & ACTS) != 0, DONE)
    say(budgeted == before, AS_BEFORE)
    say(budgeted == 0, LEAVING)
    say((budgeted == 0) & (trace["lots"] == 0), FLAT)
    say((flags & DUE) == 0, OFF_SCHEDULE)
    say(trace["wanted"] == MISSING, NO_TARGET)
    say((flags & HELD) != 0, IN_HOLD)
    say((flags & BROKEN) != 0, BROKEN_LEGS)


def _say_entries(result: Result, number: int, entry: Mapping[str, Any], flags: NDArray[Any], say: Any) -> None:
    named = [entry[name] for name in ("long", "short", "exit") if entry.get(name) is not None]
    columns = result.evaluate(named)
    is_true = np.zeros(len(flags), dtype=np.bool_)
    for node in named:
        column = columns.get((node, number))
        if column is not None:
            is_true |= column == 1.0
    say(~is_true, NO_SIGNAL)
    say(is_true, SIGNAL_WAITS)
    say((flags & REJECTED) != 0, NO_LOT)
    say((flags & IGNORED) != 0, FULL_HOUSE)


def _say_guard(result: Result, number: int, say: Any) -> None:
    """Says of the decisions at which the guard of a policy does not read the strategy since when that is so."""
    latched = np.flatnonzero(np.isin(result.records["guard"]["to"], LATCHED))
    known = result.columns.assets[number].ts + result.columns.interval_ms
    for since in np.unique(result.records["guard"]["ts"][latched]).tolist():
        say(known >= since, guard_sentence(result, since))


def _say_orders(result: Result, number: int, say: Any) -> None:
    """Says of the bars at whose close an order was sent or refused what it was for."""
    run = result.columns
    table, ts = run.table("orders"), run.assets[number].ts
    is_mine = (table["asset"] == number) & np.isin(table["reason"], records.DECISION_CODES)
    at = np.searchsorted(ts, table["ts"] - run.interval_ms)
    is_mine &= (at < len(ts)) & (ts[np.minimum(at, len(ts) - 1)] == table["ts"] - run.interval_ms)
    is_refused = table["status"] == next(code for code, name in STATUSES.items() if name == "rejected")
    for code in np.unique(table["cause"][is_mine & is_refused]).tolist():
        cause = CAUSES[code]
        where = at[is_mine & is_refused & (table["cause"] == code)]
        say(where, REFUSED.format(cause=cause, meaning=MEANINGS.get(cause, cause)))
    for code in np.unique(table["reason"][is_mine & ~is_refused]).tolist():
        where = at[is_mine & ~is_refused & (table["reason"] == code)]
        say(where, SENT.format(reason=REASON_MEANINGS[REASONS[code]]))


def _joined(parts: Sequence[tuple[str, AssetDecisions]]) -> AssetDecisions:
    """Returns the decisions of several sleeves on one asset as one, each part under its sleeve's name."""
    rows = np.unique(np.concatenate([one.rows for _, one in parts]))
    nodes: list[DecisionNode] = []
    roots: list[DecisionRoot] = []
    values, facts, chosen = [], {}, []
    for name, one in parts:
        first, place = len(nodes), np.searchsorted(rows, one.rows)
        nodes += [
            DecisionNode(node.label, tuple(i + first for i in node.inputs), node.is_condition) for node in one.nodes
        ]
        roots += [DecisionRoot(f"{name}: {root.label}", root.node + first) for root in one.roots]
        own = np.full((len(one.nodes), len(rows)), np.nan, dtype=np.float32)
        own[:, place] = one.values
        values.append(own)
        for label, column in one.facts.items():
            facts[f"{name}: {label}"] = np.full(len(rows), np.nan)
            facts[f"{name}: {label}"][place] = column
        reason = np.full(len(rows), NO_REASON, dtype=np.int64)
        reason[place] = NO_REASON if one.reasons is None else one.reasons
        chosen.append(reason)
    pairs, inverse = np.unique(np.stack(chosen), axis=1, return_inverse=True)
    sentences = [
        " ".join(f"{name}: {one.sentences[at]}" for (name, one), at in zip(parts, pair, strict=True) if at >= 0)
        for pair in pairs.T.tolist()
    ]
    return AssetDecisions(
        nodes, roots, rows, np.concatenate(values), facts, inverse.reshape(-1).astype(np.int16), sentences
    )
