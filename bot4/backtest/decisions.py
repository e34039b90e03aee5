"""What was decided at every bar of a run, as columns for the report: a click on a bar shows it.

Values of the expression tree come from one evaluation of the program over the whole run; why something was done is told in words by
`at`, for the bars at which something happened (of many, the latest). Not here: how a page stores and draws it (`bot4.report.bars`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from bot4.report.bars import active_rows, first_shown
from bot4.report.columns import AMOUNT, Floats, Ints, held_after
from bot4.report.decisions import NO_REASON, AssetDecisions, BarDecisions, DecisionNode, DecisionRoot
from bot4.strategy.graph import is_condition, label_of, roots_of

from .at.gather import Bar, decision_of

if TYPE_CHECKING:
    from .at import Decision
    from .result import Result

MOST_TOLD = 500
"""Bars of a run whose decision is told in words: each costs about a millisecond."""
MOST_VALUES = 40_000_000
"""Values of nodes that are evaluated for a page; of larger runs the page has the bars that are told alone."""
TARGET_FACTS = (
    "wanted",
    "after the budget",
    "last acted on before",
    "last acted on after",
    "band",
    "all targets ask for",
    "budget",
)
SENTENCES = (
    "Still warming up: the first decision is yet to come.",
    "The target is missing, so what is held stays as it is.",
    "The target is 0 and there is no position: nothing to do.",
    "No order was sent at this close; `result.at` and `bot4 why` tell which rule decided.",
)
WARMING, MISSING, FLAT, NOTHING_SENT = range(4)


@dataclass
class Told:
    """What is told in words of one asset's bars."""

    sentences: dict[int, list[str]] = field(default_factory=dict)
    """By row."""
    facts: dict[int, tuple[float, ...]] = field(default_factory=dict)
    """By row, the numbers of `TARGET_FACTS`."""


def bar_decisions(result: Result) -> BarDecisions | None:
    """Returns the decisions of a run for its report; None for sleeves (each has a report of its own) and for event classes, whose methods
    cannot be looked into."""
    program = result.program
    if program.sleeves or program.events is not None:
        return None
    run = result.columns
    active = [active_rows(run, number) for number in range(len(run.assets))]
    told = tell(result, active)
    rows = sum(len(asset.ts) for asset in run.assets)
    has_all = len(program.nodes) * rows <= MOST_VALUES
    columns = result.evaluate(list(range(len(program.nodes)))) if has_all else {}
    made = [_asset(result, number, columns, told[number]) for number in range(len(run.assets))]
    return BarDecisions(made)


def tell(result: Result, active: list[Ints]) -> list[Told]:
    """Returns what is told of the latest bars with an order or a fill, by asset. Rows of one time share one look."""
    run = result.columns
    found = [Told() for _ in run.assets]
    times = np.concatenate([run.assets[n].ts[rows] for n, rows in enumerate(active)])
    numbers = np.concatenate([np.full(len(rows), n) for n, rows in enumerate(active)])
    rows = np.concatenate(active)
    order = np.argsort(times, kind="stable")[-MOST_TOLD:]
    look, looked = None, -1
    for at in order.tolist():
        number, row, ts = int(numbers[at]), int(rows[at]), int(times[at])
        if look is None or ts != looked:
            look, looked = result.look(ts), ts
        decision = decision_of(Bar(result, number, row, look))
        found[number].sentences[row] = [*decision.why, *(f"Because {line}." for line in decision.because)]
        found[number].facts[row] = _target_facts(decision)
    return found


def _target_facts(decision: Decision) -> tuple[float, ...]:
    t = decision.target
    if t is None:
        return (float("nan"),) * len(TARGET_FACTS)
    return (t.wanted, t.budgeted, t.acted_before, t.acted, t.band, t.gross, t.budget)


def _asset(result: Result, number: int, columns: Mapping[tuple[int, int], Floats], told: Told) -> AssetDecisions | None:
    program, one = result.program, result.columns.assets[number]
    roots = roots_of(program, one.symbol)
    if not roots or not len(one.ts):
        return None
    rows = np.arange(first_shown(result.columns, number), len(one.ts), dtype=np.int64)
    if not columns:
        rows = np.array(sorted(told.sentences), dtype=np.int64)
    place = {node: at for at, node in enumerate(_under(result, roots))}
    nodes = [
        DecisionNode(
            label_of(program, node),
            tuple(place[i] for i in program.nodes[node].inputs if i in place),
            is_condition(program, node),
        )
        for node in place
    ]
    read = _evaluated(result, number, rows, columns) if columns else _looked_at(result, number, rows)
    values = np.array([read(node) for node in place], dtype=np.float32).reshape(len(place), len(rows))
    facts = _facts(result, number, rows, told)
    reasons = _reasons(result, number, rows, values[place[roots["target"]]] if "target" in roots else None, told)
    shown = [DecisionRoot(name, place[node]) for name, node in roots.items()]
    return AssetDecisions(nodes, shown, rows, values, facts, reasons, SENTENCES, told.sentences)


def _under(result: Result, roots: Mapping[str, int]) -> list[int]:
    """Returns every node under the roots, in the program's order."""
    found: set[int] = set()
    stack = list(roots.values())
    while stack:
        node = stack.pop()
        if node not in found:
            found.add(node)
            stack.extend(result.program.nodes[node].inputs)
    return sorted(found)


def _evaluated(
    result: Result, number: int, rows: Ints, columns: Mapping[tuple[int, int], Floats]
) -> Callable[[int], Floats]:
    """Returns what reads a node's values at the asset's rows from whole columns; of a node of another asset, that one's bar of the same
    time (missing without one)."""
    assets, symbols, ts = result.columns.assets, result.market.symbols, result.columns.assets[number].ts[rows]

    def read(node: int) -> Floats:
        only = result.program.nodes[node].only
        whose = number if only is None else symbols.index(only)
        column = columns.get((node, whose))
        if column is None:
            return np.full(len(rows), np.nan)
        if whose == number:
            return column[rows]
        at = np.minimum(np.searchsorted(assets[whose].ts, ts), len(column) - 1)
        return np.where(assets[whose].ts[at] == ts, column[at], np.nan)

    return read


def _looked_at(result: Result, number: int, rows: Ints) -> Callable[[int], Floats]:
    """Returns what reads a node's values at the asset's rows from looks."""
    looks = [result.look(int(result.columns.assets[number].ts[row]))["values"] for row in rows.tolist()]

    def read(node: int) -> Floats:
        only = result.program.nodes[node].only
        whose = number if only is None else result.market.symbols.index(only)
        now = [look[node][whose][1] for look in looks]
        return np.array([np.nan if value is None else value for value in now], dtype=np.float64)

    return read


def _facts(result: Result, number: int, rows: Ints, told: Told) -> dict[str, Floats]:
    run, one = result.columns, result.columns.assets[number]
    closes = one.ts[rows] + run.interval_ms
    times, marks = run.records["equity_ts"], run.records["equity"]  # with those before the first decision
    at = np.minimum(np.searchsorted(times, closes), len(times) - 1)
    equity = np.where(times[at] == closes, marks[at] * AMOUNT, np.nan) if len(times) else np.full(len(rows), np.nan)
    held = held_after(*run.fills_of(number), rows)
    value = one.amount(held, one.close[rows]) * run.rate(number, closes)
    with np.errstate(divide="ignore", invalid="ignore"):
        found = {"equity": equity, "weight held": value / equity}
    places = np.searchsorted(rows, list(told.facts))
    for name, part in zip(TARGET_FACTS, zip(*told.facts.values(), strict=True), strict=False):
        found[name] = np.full(len(rows), np.nan)
        is_shown = (places < len(rows)) & (rows[np.minimum(places, len(rows) - 1)] == list(told.facts))
        found[name][places[is_shown]] = np.array(part)[is_shown]
    return found


def _reasons(
    result: Result, number: int, rows: Ints, target: Floats | None, told: Told
) -> np.ndarray[tuple[int], np.dtype[np.int16]]:
    """Returns the sentence of bars that are not told in words: what is certain without a look."""
    run = result.columns
    found = np.full(len(rows), NOTHING_SENT, dtype=np.int16)
    if target is not None:
        held = held_after(*run.fills_of(number), rows)
        found[np.isnan(target)] = MISSING
        found[(target == 0) & (held == 0)] = FLAT
    needed = result.settled_rows[number]
    found[rows < (len(run.assets[number].ts) if needed is None else needed)] = WARMING
    found[np.isin(rows, list(told.sentences))] = NO_REASON
    found[np.isin(rows, active_rows(run, number)) & (found != NO_REASON)] = NO_REASON
    return found
