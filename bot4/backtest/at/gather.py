"""Puts a `Decision` together: the engine's look at the row, the records of the run, the values of the tree.

Order of operations: which bar → the look → values and target → orders and fills from the records → why. What a look cannot be taken of (an
event class, whose methods would have to be called again) is told from records alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from bot4.report import text
from bot4.report.columns import AMOUNT
from bot4.strategy.graph import roots_of

from ..errors import BacktestError
from . import nodes, orders, rows
from .because import because
from .decision import NAN, Decision, EntrySignals, NodeValue, TargetState
from .reasons import reasons
from .schedule import next_due

if TYPE_CHECKING:
    from bot4.data.timeframe import TimeLike
    from bot4.report.columns import AssetColumns, RunColumns

    from ..result import Result

E9 = 1e9
POSITION = ("qty", "weight", "avg_price", "pnl", "bars_held", "units", "pending", "mae", "mfe")
ACCOUNT = ("equity", "cash", "gross", "drawdown")


@dataclass(frozen=True)
class Bar:
    """A bar of a run: the result, the asset's number, its row; and what the engine showed of it."""

    result: Result
    asset: int
    row: int
    look: Mapping[str, Any]

    @property
    def run(self) -> RunColumns:
        return self.result.columns

    @property
    def columns(self) -> AssetColumns:
        return self.run.assets[self.asset]

    @property
    def open_ts(self) -> int:
        return int(self.columns.ts[self.row])

    @property
    def ts(self) -> int:
        """Returns the decision time."""
        return self.open_ts + self.run.interval_ms

    @property
    def before(self) -> Mapping[str, Any]:
        """Returns the desk's view of the asset before the decision."""
        found: Mapping[str, Any] = self.look["assets"][self.asset]["before"]
        return found

    @property
    def after(self) -> Mapping[str, Any]:
        """Returns the same after it."""
        found: Mapping[str, Any] = self.look["assets"][self.asset]["after"]
        return found

    @cached_property
    def program(self) -> Mapping[str, Any]:
        """Returns the program as the engine reads it."""
        found: Mapping[str, Any] = json.loads(self.result.program.json)
        return found

    def rule(self, kind: str) -> Mapping[str, Any] | None:
        """Returns the asset's row of the program's `targets` or `entries`."""
        found = (one for one in self.program.get(kind, ()) if one["asset"] in (None, self.columns.symbol))
        return next(found, None)


def decide_at(result: Result, time: TimeLike, symbol: str | None) -> Decision:
    """Returns the decision on an asset at its last bar that had closed by `time`. Raises BacktestError for no such bar or asset."""
    asset, row = find_bar(result, time, symbol)
    open_ms = int(result.market.columns[asset].ts[row])
    if result.program.sleeves:
        looks = result.lens.look(open_ms)
        parts = zip(result.parts.values(), looks, strict=False)  # the idle cash has a look and no part
        return _of_account(result, [decision_of(Bar(one, asset, row, look)) for one, look in parts])
    if result.program.events is not None:
        from .events import decision_of_records

        return decision_of_records(result, asset, row)
    return decision_of(Bar(result, asset, row, result.look(open_ms)))


def find_bar(result: Result, time: TimeLike, symbol: str | None) -> tuple[int, int]:
    """Returns an asset's number and the row of its last bar that had closed by `time`."""
    from bot4.data.timeframe import parse_time

    asset, at = _asset(result, symbol), parse_time(time)
    ts, interval, name = result.market.columns[asset].ts, result.market.interval_ms, result.market.symbols[asset]
    if not len(ts) or at < int(ts[0]) + interval:
        first = text.moment(int(ts[0]) + interval) if len(ts) else "never"
        raise BacktestError(
            f"no bar of {name} had closed by {text.moment(at)}; the first closes at {first}, give a later time."
        )
    if at >= result.market.end_ms + interval:
        raise BacktestError(
            f"{text.moment(at)} lies behind the data, which end at {text.moment(result.market.end_ms)}; give an earlier time."
        )
    return asset, int(np.searchsorted(ts, at - interval, side="right")) - 1


def _asset(result: Result, symbol: str | None) -> int:
    from bot4.strategy.errors import near

    symbols = result.market.symbols
    if symbol is None:
        if len(symbols) == 1:
            return 0
        raise BacktestError(f"the run has {len(symbols)} assets; say which: {', '.join(symbols[:12])}.")
    if symbol in symbols:
        return symbols.index(symbol)
    close = near(symbol, symbols)
    known = f"did you mean {close}?" if close else f"it has {', '.join(symbols[:12])}."
    raise BacktestError(f"the run has no asset {symbol!r}; {known}")


def decision_of(bar: Bar) -> Decision:
    """Returns the decision of a bar of a traced strategy that was looked at."""
    roots = roots_of(bar.result.program, bar.columns.symbol)
    symbols = bar.result.market.symbols
    values = nodes.tree_values(bar.result.program, roots, bar.look["values"], bar.asset, symbols)
    found = replace(
        of_records(bar.result, bar.asset, bar.row),
        account={name: bar.look[name] for name in ACCOUNT},
        position={name: bar.before[name] for name in POSITION},
        roots=roots,
        nodes=values,
        target=_target(bar),
        entries=_entries(bar, values),
        orders=orders.wishes(bar, values),
        hold=_hold(bar),
        stops=_levels(bar.after),
        cancelled=_cancelled(bar),
        working=_working(bar),
        because=tuple(line for name in _deciding(roots) for line in because(values, roots[name])),
    )
    return replace(found, why=tuple(reasons(bar, found)))


def of_records(result: Result, asset: int, row: int) -> Decision:
    """Returns what the records alone say of a bar: the bar, warm-up, orders and fills."""
    run = result.columns
    columns, open_ts = run.assets[asset], int(run.assets[asset].ts[row])
    ts = open_ts + run.interval_ms
    needed = result.settled_rows[asset]
    prices = {name: float(getattr(columns, name)[row]) for name in ("open", "high", "low", "close", "volume")}
    return Decision(
        strategy=result.name,
        sleeve=getattr(result, "sleeve_name", ""),
        symbol=columns.symbol,
        ts=ts,
        bar={"ts": open_ts, "row": row} | prices,
        warm_up={
            "rows_needed": needed,
            "rows_seen": row + 1,
            "is_over": needed is not None and row >= needed,
            "first_decision": columns.first_decision_ms,
        },
        account={},
        position={},
        roots={},
        nodes={},
        sent=tuple(rows.order(run, at) for at in rows.sent_rows(run, asset, ts)),
        exits=tuple(rows.order(run, at) for at in rows.exit_rows(run, asset, open_ts, ts)),
        fills=tuple(rows.fill(run, at) for at in rows.fill_rows(run, asset, row)),
    )


def _deciding(roots: Mapping[str, int]) -> list[str]:
    """Returns the roots whose values are explained: what is held or asked for, not how it is protected."""
    return [name for name in roots if name in ("target", "long", "short", "exit")]


def unit_of(bar: Bar, kind: str) -> float:
    """Returns what one integer of a target's unit is in its own unit: weight, quote currency or base units."""
    return {"weight": 1 / E9, "notional": AMOUNT, "qty": bar.columns.lot}[kind]


def _target(bar: Bar) -> TargetState | None:
    rule = bar.rule("targets")
    if rule is None:
        return None
    unit, now = unit_of(bar, rule["kind"]), bar.look["assets"][bar.asset]["target"]
    _, raw = bar.look["values"][rule["node"]][bar.asset]
    wanted, budgeted = (NAN, NAN) if now is None else (part * unit for part in now)
    schedule = bar.program.get("rebalance")
    return TargetState(
        unit=rule["kind"],
        raw=NAN if raw is None else raw,
        wanted=wanted,
        budgeted=budgeted,
        acted_before=bar.before["acted"] * unit,
        acted=bar.after["acted"] * unit,
        band=float(rule["band"]),
        gross=bar.look["gross_e9"] / E9,
        budget=bar.look["budget_e9"] / E9,
        is_due=bool(bar.look["is_due"]),
        next_due=None if schedule is None else next_due(schedule, bar.ts),
    )


def _entries(bar: Bar, values: Mapping[int, NodeValue]) -> EntrySignals | None:
    rule = bar.rule("entries")
    if rule is None:
        return None
    is_true = {
        name: rule.get(name) is not None and values[rule[name]].value == 1.0 for name in ("long", "short", "exit")
    }
    return EntrySignals(
        **is_true, units=int(bar.before["units"]), max_units=rule["max_units"], cooling_until=_cooling(bar, rule)
    )


def _cooling(bar: Bar, rule: Mapping[str, Any]) -> str:
    """Returns until when entries cool down after an exit, in words; empty where they do not."""
    span, left = rule.get("cooldown"), bar.before["exit"]
    if span is None or left is None:
        return ""
    row, ts = left
    if "ms" in span:
        return text.moment(ts + span["ms"]) if bar.ts - ts < span["ms"] else ""
    rest = span["bars"] - (bar.row - row)
    return f"{text.plural(rest, 'bar')} from now" if rest > 0 else ""


def _hold(bar: Bar) -> dict[str, Any] | None:
    """Returns the hold that the decision saw, if it did not end it."""
    held, rule = bar.after["hold"], bar.rule("targets") or bar.rule("entries")
    if held is None or rule is None:
        return None
    side, row, ts = held
    rearm = rule["rearm"]
    if rearm["mode"] == "new_signal":
        until = "the target has been 0 or changed sign" if "node" in rule else "the signal of that side has been false"
    elif rearm["mode"] == "immediate":
        until = "the next decision"
    elif "ms" in rearm:
        until = text.moment(ts + rearm["ms"])
    else:
        until = f"{text.plural(max(rearm['bars'] - (bar.row - row), 0), 'bar')} from now"
    return {"side": "long" if side > 0 else "short", "since": ts, "until": until}


def _levels(after: Mapping[str, Any]) -> dict[str, float]:
    named = {"fixed": "stop_fixed", "trailing": "stop_trailing", "venue": "venue_stop", "take": "take"}
    own = {name: after[field] for name, field in named.items() if after[field] is not None and after["lots"]}
    lanes = {
        f"{lane['key']} {name}": lane[name]
        for lane in after["lanes"]
        for name in ("stop", "trail", "take")
        if lane[name] is not None and lane["held"]
    }
    return own | lanes


def _cancelled(bar: Bar) -> tuple[dict[str, Any], ...]:
    left = {one["id"] for one in bar.after["working"]}
    gone = [one["id"] for one in bar.before["working"] if one["id"] not in left]
    found = (rows.working(bar.run, number) for number in gone)
    return tuple(one for one in found if one is not None)


def _working(bar: Bar) -> tuple[dict[str, Any], ...]:
    """Returns the orders at work after the decision: as the records have them, with what was left then."""
    found = []
    for one in bar.after["working"]:
        known = rows.working(bar.run, one["id"])
        if known is not None:
            names = ("id", "ts", "symbol", "key", "kind", "side", "qty", "ref_price", "tif", "reason", "parent")
            found.append(
                {name: known[name] for name in names}
                | {name: one[name] for name in ("left", "due", "price", "trigger")}
            )
    return tuple(found)


def _of_account(result: Result, sleeves: list[Decision]) -> Decision:
    """Returns the decisions of all sleeves as one of the account, with its sums."""
    first = sleeves[0]
    equity, ts = result.columns.equity, result.columns.equity_ts
    row = int(np.searchsorted(ts, first.ts))
    has_row = row < len(equity) and int(ts[row]) == first.ts
    return Decision(
        strategy=result.name,
        sleeve="",
        symbol=first.symbol,
        ts=first.ts,
        bar=first.bar,
        warm_up=first.warm_up,
        account={"equity": float(equity[row]) * AMOUNT} if has_row else {},
        position={name: sum(one.position[name] for one in sleeves) for name in ("qty", "pending")},
        roots={},
        nodes={},
        sent=_all(one.sent for one in sleeves),
        exits=_all(one.exits for one in sleeves),
        fills=_all(one.fills for one in sleeves),
        cancelled=_all(one.cancelled for one in sleeves),
        working=_all(one.working for one in sleeves),
        why=tuple(f"{one.sleeve}: {' '.join(one.why)}" for one in sleeves),
        sleeves=tuple(sleeves),
    )


def _all(parts: Iterable[tuple[Mapping[str, Any], ...]]) -> tuple[Mapping[str, Any], ...]:
    return tuple(row for part in parts for row in part)
