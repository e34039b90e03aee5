"""Sets the engine beside the oracle: runs both on one case and says where they differ. Knows `bot4._engine` only by docs/design.md."""

from __future__ import annotations

import importlib
import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

from . import read
from .desk import Desk
from .generate import Case, Market
from .nodes import Row, missing
from .records import KINDS, TIFS, Order, Signal
from .signals import Bar, Evaluator, feedback_nodes, grid

Columns = dict[tuple[int, int], Any]
TOLERANCE = 1e-12


def engine() -> Any:
    return importlib.import_module("bot4._engine")


def engine_market(m: Market) -> Any:
    """Hands the bars to the engine."""
    import numpy as np

    columns = []
    for symbol in m.symbols:
        rows = m.bars[symbol]
        floats = [np.array([b[k] for b in rows], dtype=np.float64) for k in range(1, 6)]
        columns.append((np.array([b[0] for b in rows], dtype=np.int64), *floats))
    return engine().Market(json.dumps(m.instruments), m.interval_ms, columns)


def engine_columns(
    case: Case, market: Any, nodes: list[int], slice_rows: int = 0
) -> dict[tuple[int, str], list[float]]:
    """Returns the engine's columns by (node, symbol), on the asset's base rows."""
    config = (
        json.dumps(case.config) if "wallets" in case.config else None
    )  # a market of two currencies needs its wallets
    found: Columns = engine().evaluate(market, json.dumps(case.program), nodes, slice_rows, config)
    return {(node, case.market.symbols[asset]): column.tolist() for (node, asset), column in found.items()}


def engine_run(case: Case, market: Any, slice_rows: int = 0) -> dict[str, Any]:
    more: dict[str, Any] = {}
    if case.funding is not None:
        more["funding"] = [None if s is None else series(s) for s in case.funding]
    if case.funding_default is not None:
        more["funding_default"] = case.funding_default
    words = json.dumps(case.program), json.dumps(case.config)
    found: dict[str, Any] = engine().run(market, *words, slice_rows, **more)
    return found


def series(settlements: list[tuple[int, float]]) -> Any:
    """Times and rates as arrays."""
    import numpy as np

    return (
        np.array([t for t, _ in settlements], dtype=np.int64),
        np.array([rate for _, rate in settlements], dtype=np.float64),
    )


# --- signals ----------------------------------------------------------------------------------------------------------------


class Checker(Evaluator):
    """Computes every node by its definition from the engine's own inputs, so that differences cannot grow from node to node.

    After each value the engine's own is put in its place, where it can be seen: on a slower clock only the carried value of each base
    row is, so a bucket overtaken within the same row keeps the oracle's.
    """

    def __init__(self, case: Case, observed: Mapping[tuple[int, str], list[float]]) -> None:
        super().__init__(case.program, case.market.symbols)
        self.observed = observed
        self.differences: list[str] = []

    def store(self, index: int, symbol: str, value: float, last: bool) -> None:
        if last and (index, symbol) in self.observed:
            node = self.nodes[index]
            row = len(self.times[0, symbol]) - (
                1 if node.get("clock", 0) == 0 else 0
            )  # slower clocks advance before the base row
            seen = self.observed[index, symbol][row]
            slack = tolerance(node, self.rows[index, symbol], value)
            if missing(seen) != missing(value) or abs(seen - value) > slack:
                text = (
                    f"node {index} {node} {symbol} row {row}: engine {seen!r}, oracle {value!r}, tolerance {slack:.3g}"
                )
                self.differences.append(text)
            value = seen
        super().store(index, symbol, value, last)


EXACT = {
    *(
        "const col add sub mul div minimum maximum lt le gt ge eq ne and or neg abs sign sqrt not is_missing where clip"
    ).split(),
    *(
        "between fill_missing shift change roll_min roll_max roll_rank true_range crosses_above crosses_below bars_since"
    ).split(),
    *("latch hold_when cs_rank cs_bucket cs_top carry carry_event pick pick_event").split(),
}


def tolerance(node: Mapping[str, Any], row: Row, value: float) -> float:
    """1e-12, relative to the value or, where the definition subtracts, to the inputs it subtracts; 0 for what must be exact."""
    op = node["op"]
    if op == "col" and node["s"] == "volume":
        return TOLERANCE * abs(value)  # a slower bar's volume is a sum
    if op in EXACT or missing(value):
        return 0.0
    if op.startswith("cs_"):
        return TOLERANCE * max(1.0, abs(value))
    if op.startswith("roll_"):
        return TOLERANCE * window_scale(op, row, value)
    if op in ("ema", "rma", "ewm_mean", "ewm_std", "atr"):
        past = [v for col in row.cols for v in col[: row.i + 1] if not missing(v)]
        return TOLERANCE * max(abs(v) for v in past)
    if op in ("returns", "log_return"):
        return TOLERANCE * (1.0 + abs(value))
    return TOLERANCE * (100.0 if op == "rsi" else abs(value))


def window_scale(op: str, row: Row, value: float) -> float:
    """How large an error of 1 (relative to the inputs) may become in the result."""
    n = int(row.f[0])
    start = max(0, row.i + 1 - n) if not row.ms else next(j for j in range(row.i + 1) if row.ts[j] > row.ts[row.i] - n)
    parts = [list(col[start : row.i + 1]) for col in row.cols]
    size = [max(abs(v) for v in p) for p in parts]
    if op in ("roll_sum", "roll_mean"):
        return size[0] * (len(parts[0]) if op == "roll_sum" else 1)
    spread = [math.sqrt(sum((v - math.fsum(p) / len(p)) ** 2 for v in p) / len(p)) for p in parts]
    if op == "roll_std":
        return size[0]
    if op == "roll_var":
        return size[0] * max(spread[0], TOLERANCE * size[0]) * 4
    worst = max((s / d if d else math.inf) for s, d in zip(size, spread, strict=True))  # condition of x - mean
    if op == "roll_beta":
        return worst * 8 * (abs(value) + spread[0] / spread[1])
    return worst * 8 * (1.0 + abs(value))


def signal_differences(case: Case, market: Any) -> list[str]:
    """Returns what differs between the engine's columns and the definitions, [] if nothing does."""
    observed = engine_columns(case, market, list(range(len(case.program["nodes"]))))
    checker = Checker(case, observed)
    for ts, bars in grid(case.market.bars):
        checker.step(ts, bars)
    return checker.differences


# --- desk -------------------------------------------------------------------------------------------------------------------


class Player:
    """Feeds the desk from signal columns: the engine's own for the static part, the oracle's in lock-step for feedback nodes."""

    def __init__(self, case: Case, given: Mapping[tuple[int, str], list[float]], warm_up: list[int]) -> None:
        m, self.case, self.given = case.market, case, given
        self.feedback = feedback_nodes(case.program)
        self.desk = Desk(
            m.instruments, m.interval_ms, case.program, case.config, warm_up, case.funding, case.funding_default
        )
        self.symbols = m.symbols
        self.evaluator = Given(case, given, self.feedback, self.desk) if self.feedback else None
        self.ticks: list[Sequence[int]] = [i["tick"] for i in m.instruments]
        self.lots: list[Sequence[int]] = [i["lot"] for i in m.instruments]

    def play(self) -> Desk:
        m = self.case.market
        for ts, bars in grid(m.bars):
            ints = {a: rows[ts] for a, rows in enumerate(m.int_bars) if ts in rows}
            seen: list[dict[str, Bar]] = [bars]

            def signal(a: int, ts: int = ts, seen: list[dict[str, Bar]] = seen) -> Signal:
                if self.evaluator is not None and seen:
                    self.evaluator.step(ts, seen.pop())  # once, when the desk first asks: after the mark
                return self.signal(a)

            self.desk.step(ts, ints, signal)
        return self.desk

    def signal(self, a: int) -> Signal:
        spec = self.desk.specs[a]
        if spec is None:
            lanes = self.desk.lanes.by_asset.get(a, [])
            grids = self.ticks[a], self.lots[a]
            return Signal(None, asks=tuple(read.ask(lane.spec, lambda n: self.value(n, a), *grids) for lane in lanes))
        distances = [self.value(s["node"], a) for s in spec["stops"] if s["kind"] != "time"]
        ticks = tuple(read.steps(d, self.ticks[a]) for d in distances)
        take = None if spec.get("take") is None else read.steps(self.value(spec["take"], a), self.ticks[a])
        if a in self.desk.entries.specs:
            unit = read.unit(spec, lambda n: self.value(n, a), self.ticks[a], self.lots[a])
            return Signal(None, ticks, take, unit=unit)
        return Signal(read.sized(self.value(spec["node"], a), spec["kind"], self.lots[a]), ticks, take)

    def value(self, node: int, a: int) -> float:
        symbol, row = self.symbols[a], self.desk.rows(a) - 1
        if node in self.feedback:
            assert self.evaluator is not None
            return self.evaluator.columns[node, symbol][row]
        return self.given[node, symbol][row]


class Given(Evaluator):
    """Evaluates the feedback part; takes the static part as given."""

    def __init__(
        self, case: Case, given: Mapping[tuple[int, str], list[float]], feedback: set[int], desk: Desk
    ) -> None:
        symbols = case.market.symbols
        super().__init__(case.program, symbols, lambda symbol, kind, name: desk.view(symbols.index(symbol), kind, name))
        self.given, self.own = given, feedback

    def _value(self, index: int, node: Mapping[str, Any], symbol: str) -> float:
        if index not in self.own and (index, symbol) in self.given:
            return self.given[index, symbol][len(self.times[0, symbol]) - 1]
        return super()._value(index, node, symbol)


def warm_up(case: Case) -> list[int]:
    """Returns each asset's first deciding row, from the engine's own description (checked against the table in test_signals)."""
    described = engine().describe(json.dumps(case.program), case.market.symbols)
    return [int(v) for v in described["settled"]]


def oracle_run(case: Case, market: Any) -> Desk:
    """Plays the case on the oracle's desk with the engine's static signals."""
    feedback = feedback_nodes(case.program)
    static = [i for i, n in enumerate(case.program["nodes"]) if i not in feedback and n.get("clock", 0) == 0]
    return Player(case, engine_columns(case, market, static), warm_up(case)).play()


ORDERS = "id ts asset side lots filled wanted ref_ticks reason status cause done_ts".split()
KEYED = "key kind price_ticks trigger_ticks tif parent evidence evidence_row".split()
FILLS = "order ts row asset lots ticks fee reason position flow base_ticks rule maker volume_left".split()
TRADES = "asset side entry_ts exit_ts lots entry_notional exit_notional fees pnl funding bars reason".split()
FUNDING = "ts asset rate_e9 amount position".split()


def table(records: Any, names: list[str]) -> list[tuple[int, ...]]:
    """The engine's columns as rows."""
    return list(zip(*(list(map(int, records[name])) for name in names), strict=True))


def rows_of(records: Sequence[object], names: list[str]) -> list[tuple[int, ...]]:
    return [tuple(int(getattr(r, name)) for name in names) for r in records]


def coded(order: Order, keys: Sequence[str]) -> dict[str, int]:
    """The columns of keyed orders, as codes."""
    return {
        "key": -1 if order.key is None else keys.index(order.key),
        "kind": KINDS.index(order.kind),
        "price_ticks": order.price,
        "trigger_ticks": order.trigger,
        "tif": TIFS.index(order.tif),
        "parent": order.parent,
        "evidence": order.evidence,
        "evidence_row": order.evidence_row,
    }


def desk_differences(case: Case, market: Any) -> list[str]:
    """Returns what differs between the engine's run and the oracle's, [] if nothing does."""
    run, desk = engine_run(case, market), oracle_run(case, market)
    tables: dict[str, tuple[Sequence[object], list[str]]] = {
        "fills": (desk.fills, FILLS),
        "trades": (desk.ledger.finish(), TRADES),
        "funding": (desk.accounts.funding, FUNDING),
    }
    own = [name for name in (*ORDERS, *KEYED) if name in run["orders"]]
    keys = list(run.get("keys", []))
    mine = [{**vars(o), **coded(o, keys)} for o in desk.orders]
    sent = [tuple(int(o[name]) for name in own) for o in mine]
    out = first_difference("orders", own, table(run["orders"], own), sent)
    for name, (records, all_names) in tables.items():
        if name in run:
            names = [n for n in all_names if n in run[name]]
            out += first_difference(name, names, table(run[name], names), rows_of(records, names))
    equity = list(zip(map(int, run["equity_ts"]), map(int, run["equity"]), strict=True))
    out += first_difference("equity", ["ts", "equity"], equity, desk.equity)
    return out + counter_differences(run["counters"], desk)


def counter_differences(counters: Mapping[str, Any], desk: Desk) -> list[str]:
    """Returns the counters that differ."""
    count, ledger = desk.count, desk.ledger
    each: dict[str, list[int]] = {
        "acts": count.acts,
        "missing": count.missing_rows,
        "flips": count.flips,
        "rejected_units": count.rejected_units,
        "broken_legs": count.broken_legs,
        "ignored_signals": count.ignored_signals,
        "position": [p.lots for p in ledger.positions],
        "dust": ledger.dust,
        **desk.accounts.totals,
    }
    single = {
        "budget_rows": count.budget_rows,
        "budget_max_gross_e9": count.budget_max_gross_e9,
        "flow": ledger.flow,
    }
    found: dict[str, object] = {name: [int(v) for v in counters[name]] for name in each if name in counters}
    found |= {name: int(counters[name]) for name in single if name in counters}
    mine: dict[str, object] = {**each, **single}
    return [f"{name}: engine {theirs}, oracle {mine[name]}" for name, theirs in found.items() if theirs != mine[name]]


def first_difference(
    name: str, names: list[str], theirs: Sequence[tuple[int, ...]], ours: Sequence[tuple[int, ...]]
) -> list[str]:
    for k in range(max(len(theirs), len(ours))):
        a, b = (rows[k] if k < len(rows) else None for rows in (theirs, ours))
        if a != b:
            return [f"{name}[{k}] {names}\n    engine {a}\n    oracle {b}"]
    return []
