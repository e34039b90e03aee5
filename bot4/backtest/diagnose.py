"""What a user should look at in a result, in sentences: causes first, fixes named.

Cheap checks read the engine's counters; only a run without a trade, or one that lost targets, evaluates conditions again. Not here:
statistics, and warnings about the data (those come from `bot4.data`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bot4.report import text

from .guarded import guard_notes
from .liquidations import liquidation_notes
from .operated import operated_notes
from .reasons import CAUSES, MEANINGS, STATUSES
from .silent import never_asked
from .unpaid import unpaid_funding

if TYPE_CHECKING:
    from bot4.report.columns import Bools, Floats

    from .result import Result

    Columns = Mapping[tuple[int, int], Floats]

TRADES_PER_FLIP = 60
MANY = 5
OWN_CAUSES = ("withdrawn", "replaced", "oco")
"""What a set of keyed orders asks for itself: never mentioned."""
ORDINARY_CAUSES = ("superseded", "stopped", "expired")
"""Part of normal trading: mentioned only when they end more than one order in twenty."""


def diagnose(result: Result) -> Iterator[str]:
    """Yields what stands out, most important first."""
    if result.beside.settles:
        yield from unpaid_funding(result.columns, result.beside.funding, result.market)
    yield from result.beside.funding.holes(result.market)
    if result.beside.detail is not None:
        yield from result.beside.detail.notes()
    yield from guard_notes(result)
    yield from operated_notes(result)
    yield from liquidation_notes(result)
    for name, part in result.parts.items():
        yield from _of_sleeve(name, _of_strategy(part))
    yield from _orders(result)
    for name, part in result.parts.items():
        yield from _of_sleeve(name, _units_and_legs(part))
    yield from _open_positions(result)
    for name, part in result.parts.items():
        yield from _of_sleeve(name, part.program.warnings)
    yield from result.market.notes


def _of_strategy(result: Result) -> Iterator[str]:
    """Yields what stands out about what one strategy asked for."""
    yield from _warm_up(result)
    if not len(result.records["fills"]["asset"]) and result.columns.first_decision_ms is not None:
        yield _no_trade(result)
    yield from _division_by_zero(result)
    yield from _restless_target(result)
    yield from _budget(result)


def _of_sleeve(name: str, notes: Iterable[str]) -> Iterator[str]:
    """Yields notes, each after the name of the sleeve it is about; without a name as they are."""
    for note in notes:
        yield f"{name}: {note}" if name else note


# --- nothing happened -------------------------------------------------------------------------------------------------------


def _warm_up(result: Result) -> Iterator[str]:
    short = []
    for number, asset in enumerate(result.columns.assets):
        needed = result.settled_rows[number]
        if needed is not None and asset.first_decision_ms is None:
            short.append((asset.symbol, needed + 1, len(asset.ts)))
    if not short:
        return
    _, needed, rows = max(short, key=lambda row: row[2])
    whole = len(short) == sum(rows is not None for rows in result.settled_rows)
    if whole and rows >= needed:
        yield f"No decision falls after start: the data ends before; give an earlier start or more data than {rows:,} rows."
    elif whole:
        yield (
            f"{result.name} needs {needed:,} rows before its first decision, the data has {rows:,}: give longer data or shorten the "
            "longest window (recursive averages need ten times their length to settle)."
        )
    else:
        names = ", ".join(name for name, _, _ in short[:MANY]) + (" …" if len(short) > MANY else "")
        yield (
            f"{text.plural(len(short), 'asset')} never got through the warm-up of {needed:,} rows ({names}): the longest of them has "
            f"{rows:,}. They were not traded."
        )


def _no_trade(result: Result) -> str:
    """Says why nothing was filled: orders refused, a condition never true, or a target that stayed at 0."""
    if len(result.records["orders"]["id"]):
        return "There was no trade: every order was refused or cancelled (see below)."
    acts = result.records["counters"]["acts"]
    if int(np.sum(acts)):
        return _below_one_lot(result, int(np.argmax(acts)), int(np.sum(acts)))
    never = _never_true(result)
    if never:
        shown = "; ".join(never[:3])
        more = f"; and {len(never) - 3} more" if len(never) > 3 else ""
        return f"There was no trade. Never true: {shown}{more}."
    return f"There was no trade. {_silent_target(result)}"


def _below_one_lot(result: Result, number: int, acts: int) -> str:
    asset, settle = result.columns.assets[number], result.market.instruments[number].settle
    worth = text.amount(abs(float(asset.amount(1, float(asset.close[-1])))))
    return (
        f"There was no trade. The target acted {text.plural(acts, 'time')}, but never asked for a whole lot: one of {asset.symbol} "
        f"({text.price(asset.lot)}) is worth {worth} {settle}. Give more cash=, or the market's true lot in an instruments file."
    )


def _never_true(result: Result) -> list[str]:
    """Returns the conditions that no decision saw true, each with its line."""
    conditions = result.program.conditions
    columns = result.evaluate([condition.node for condition in conditions]) if conditions else {}
    found = []
    for condition in conditions:
        values = _at_decisions(result, columns, condition.node)
        if np.any(values == 1.0):
            continue
        why = ", always missing" if len(values) and np.isnan(values).all() else ""
        found.append(f"{condition.text} ({Path(condition.file).name}:{condition.line}{why})")
    return found


def _silent_target(result: Result) -> str:
    if not result.program.targets:
        return never_asked(result)
    nodes = [target["node"] for target in result.program.targets]
    columns = result.evaluate(nodes)
    values = np.concatenate([_at_decisions(result, columns, node) for node in nodes])
    line = result.program.lines[nodes[0]]
    where = f"{line.text} ({Path(line.file).name}:{line.line})"
    if np.isnan(values).all():
        return f"The target {where} was missing at every decision: some input never had a value."
    largest = float(np.nanmax(np.abs(values)))
    if largest == 0.0:
        return f"Every condition was true at some time, but the target {where} was 0 at every decision: they never held together."
    return f"The target {where} was up to {largest:.3g}, but the schedule (rebalance=) or the end of the data came before it could act."


def _at_decisions(result: Result, columns: Columns, node: int) -> Floats:
    """Returns a node's values at all decisions of all assets, one after the other."""
    parts = []
    for number, asset in enumerate(result.columns.assets):
        if asset.first_decision_ms is not None and (node, number) in columns:
            first = int(np.searchsorted(asset.ts, asset.first_decision_ms - result.market.interval_ms))
            parts.append(columns[node, number][first:])
    return np.concatenate(parts) if parts else np.empty(0)


# --- something is off ---------------------------------------------------------------------------------------------------------


def _division_by_zero(result: Result) -> Iterator[str]:
    """Names asset, time and source line where a division by zero left a target missing."""
    divisions = [i for i, node in enumerate(result.program.nodes) if node.op == "div"]
    if not divisions or not result.program.targets or not int(np.sum(result.records["counters"]["missing"])):
        return
    divisors = {i: result.program.nodes[i].inputs[1] for i in divisions}
    targets = [target["node"] for target in result.program.targets]
    columns = result.evaluate([*divisors.values(), *targets])
    for division, divisor in divisors.items():
        hits = [
            hit for n in range(len(result.market)) if (hit := _lost_targets(result, columns, divisor, n)) is not None
        ]
        if hits:
            count = sum(rows for rows, _, _ in hits)
            _, first_ms, symbol = min(hits, key=lambda hit: hit[1])
            line = result.program.lines[division]
            yield (
                f"{Path(line.file).name}:{line.line}: {line.text} divides by zero, which left the target missing at "
                f"{text.plural(count, 'decision')} (first {symbol}, {text.minute(first_ms)}); a missing target holds the position. "
                "Guard it with b4.where(divisor != 0, …, 0.0)."
            )


def _lost_targets(result: Result, columns: Columns, divisor: int, number: int) -> tuple[int, int, str] | None:
    """Returns (decisions with a zero divisor and a missing target, first time, symbol) of an asset; None if there are none."""
    asset = result.columns.assets[number]
    nodes = [t["node"] for t in result.program.targets if t["asset"] in (None, asset.symbol)]
    if asset.first_decision_ms is None or not nodes or (divisor, number) not in columns:
        return None
    is_lost: Bools = (columns[divisor, number] == 0.0) & np.isnan(columns[nodes[0], number])
    times = asset.ts + result.market.interval_ms
    rows = np.flatnonzero(is_lost & (times >= asset.first_decision_ms))
    return (len(rows), int(times[rows[0]]), asset.symbol) if len(rows) else None


def _restless_target(result: Result) -> Iterator[str]:
    if not result.program.targets:
        return
    counters = result.records["counters"]
    acts, flips = int(np.sum(counters["acts"])), int(np.sum(counters["flips"]))
    if acts < TRADES_PER_FLIP * max(flips, 1):
        return
    band = min(float(target["band"]) for target in result.program.targets)
    wider = 0.05 if band < 0.05 else 2 * band
    yield (
        f"The target traded {text.count(acts)} times while its signal flipped {text.plural(flips, 'time')}: nearly every order only "
        f"follows its size, and pays for it. A wider band helps: b4.target(…, band={wider:g}) instead of {band:g}."
    )


def _budget(result: Result) -> Iterator[str]:
    counters = result.records["counters"]
    rows = int(counters["budget_rows"])
    if rows and result.program.targets:
        budget = max(float(target["budget"]) for target in result.program.targets)
        yield (
            f"The targets asked for more than the budget of {budget:g} × equity at {text.plural(rows, 'decision')} "
            f"(up to {counters['budget_max_gross_e9'] / 1e9:.2f} ×) and were scaled down alike."
        )


def _orders(result: Result) -> Iterator[str]:
    """One sentence for each cause of rejected, cancelled and cut orders, most frequent first."""
    orders = result.records["orders"]
    total = len(orders["id"])
    causes, statuses = orders["cause"].astype(np.int64), orders["status"].astype(np.int64)
    codes, counts = np.unique(causes[causes != 0], return_counts=True)
    for code, count in sorted(zip(codes.tolist(), counts.tolist(), strict=True), key=lambda row: -row[1]):
        name = CAUSES[code]
        if name in OWN_CAUSES or (name in ORDINARY_CAUSES and count * 20 <= total):
            continue
        ended = statuses[causes == code]
        split = {word: int(np.count_nonzero(ended == status)) for status, word in STATUSES.items()}
        rejected, cancelled = split["rejected"], split["cancelled"]
        rest = "delayed" if name == "own_cross" else "cut"
        parts = [(rejected, "rejected"), (cancelled, "cancelled"), (count - rejected - cancelled, rest)]
        told = ", ".join(f"{text.count(n)} {'was' if n == 1 else 'were'} {word}" for n, word in parts if n)
        yield f"Of {text.plural(total, 'order')} {told} ({name}): {MEANINGS[name]}. {_first_of(result, causes == code)}"


def _first_of(result: Result, is_one: Bools) -> str:
    """Names the first of some orders: id, key, asset, time."""
    orders, row = result.records["orders"], int(np.argmax(is_one))
    number = int(orders["key"][row])
    key = f" ({result.columns.keys[number]})" if number >= 0 else ""
    symbol = result.columns.assets[int(orders["asset"][row])].symbol
    return f"The first: order {int(orders['id'][row])}{key} of {symbol}, {text.minute(int(orders['ts'][row]))}."


def _units_and_legs(result: Result) -> Iterator[str]:
    """Says how often entries asked for less than a lot, and legs came apart."""
    counters = result.records["counters"]
    small, broken = (int(np.sum(counters.get(name, 0))) for name in ("rejected_units", "broken_legs"))
    if small:
        yield (
            f"{text.plural(small, 'unit')} of entries would have been smaller than one lot and {'was' if small == 1 else 'were'} not sent; "
            "more cash= or a larger size= helps."
        )
    if broken:
        yield f"Legs that belong together were filled apart at {text.plural(broken, 'decision')}, and handled as broken= says."


def _open_positions(result: Result) -> Iterator[str]:
    lots = result.records["counters"]["position"]
    held = [asset for n, asset in enumerate(result.columns.assets) if lots[n]]
    if not held:
        return
    run = result.columns
    value = sum(
        abs(float(asset.amount(size, float(asset.close[-1])))) * run.final_rate(n)
        for n, asset in enumerate(run.assets)
        if (size := int(lots[n]))
    )
    names = ", ".join(asset.symbol for asset in held[:MANY]) + (" …" if len(held) > MANY else "")
    are = "is" if len(held) == 1 else "are"
    yield (
        f"{text.plural(len(held), 'position')} {are} still open at the end ({names}), worth {text.amount(value)} "
        f"{result.market.quote}: marked at the last close, not sold."
    )
