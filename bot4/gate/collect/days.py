"""One run read by UTC days: returns, returns before costs, profit and traded value by asset, exposure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot4.backtest.result import Result
from bot4.backtest.walkforward.splits import Span
from bot4.report import formulas
from bot4.report.columns import AMOUNT, DAY_MS, AssetColumns, Floats, Ints, RunColumns, blocks, held_after, rows_at
from bot4.report.costs import FillCosts, fill_costs
from bot4.report.exposure import gross_values


@dataclass(frozen=True)
class Days:
    """A run over D whole days, A assets of the universe. Fractions of each day's opening equity, amounts in account currency."""

    starts: Ints
    """Start of each day, ms, shape (D,)."""
    returns: Floats
    gross: Floats
    """Returns before fees, spread and impact, shape (D,)."""
    asset_pnl: Floats
    """Shape (D, A)."""
    exposure: Floats
    """Mean gross exposure, in equities, shape (D,)."""
    traded: Floats
    """Shape (D, A)."""


def edges_of(span: Span) -> Ints:
    """Returns the midnights of a span of whole days, both ends included, shape (D + 1,)."""
    return np.arange(span.start_ms, span.end_ms + 1, DAY_MS, dtype=np.int64)


def days_of(result: Result, span: Span, universe: Sequence[str]) -> Days:
    """Returns the days of a run over a span that begins and ends at midnight."""
    run, edges = result.columns, edges_of(span)
    equity = equity_at(run, edges)
    opening = equity[:-1]
    costs = fill_costs(run)
    fill_days = _day_begun(edges, run.table("fills")["ts"])
    paid = np.bincount(fill_days, weights=costs.fees + costs.spread + costs.impact, minlength=len(opening))
    profit, traded = np.zeros((len(opening), len(universe))), np.zeros((len(opening), len(universe)))
    place = {name: number for number, name in enumerate(universe)}
    for number, asset in enumerate(run.assets):
        at = place[f"{asset.venue}:{asset.symbol}"]
        profit[:, at], traded[:, at] = _asset(run, number, edges, fill_days, costs)
    return Days(
        edges[:-1],
        formulas.simple_returns(equity),
        _share(equity[1:] - opening + paid, opening),
        _share(profit, opening[:, None]),
        _exposure(run, edges),
        traded,
    )


def profits(run: RunColumns, span: Span) -> Floats:
    """Returns the profit of each of a run's assets over a span that it begins flat, account currency; what is held at its end is marked."""
    found: Floats = daily_profits(run, np.array([span.start_ms, span.end_ms], dtype=np.int64))[0]
    return found


def daily_profits(run: RunColumns, edges: Ints) -> Floats:
    """Returns the profit between edges of each of a run's assets, in their order, account currency, shape (edges − 1, assets)."""
    costs, days = fill_costs(run), _day_begun(edges, run.table("fills")["ts"])
    return np.stack([_asset(run, number, edges, days, costs)[0] for number in range(len(run.assets))], axis=1)


def joined(parts: Sequence[Days]) -> Days:
    """Returns the days of runs that follow one another."""
    return Days(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in Days.__dataclass_fields__})


def equity_at(run: RunColumns, times: Ints) -> Floats:
    """Returns the equity at each time, account currency: the last mark at or before it, before the first the starting cash."""
    at = np.searchsorted(run.equity_ts, times, side="right") - 1
    if not len(run.equity):
        return np.full(len(times), run.cash_amount)
    return np.where(at >= 0, run.equity[np.maximum(at, 0)] * AMOUNT, run.cash_amount)


def _day_begun(edges: Ints, ts: Ints) -> Ints:
    """Returns the day in which each fill falls; one at midnight belongs to the day that begins."""
    return np.clip(np.searchsorted(edges, ts, side="right") - 1, 0, len(edges) - 2)


def _day_ended(edges: Ints, ts: Ints) -> Ints:
    """Returns the same for marks and funding; one at midnight belongs to the day that ends."""
    return np.clip(np.searchsorted(edges, ts, side="left") - 1, 0, len(edges) - 2)


def _share(amounts: Floats, equity: NDArray[Any]) -> Floats:
    found: Floats = np.divide(amounts, equity, out=np.zeros(amounts.shape), where=equity > 0)
    return found


def _asset(run: RunColumns, number: int, edges: Ints, fill_days: Ints, costs: FillCosts) -> tuple[Floats, Floats]:
    """Returns (profit, traded value) of one asset by day."""
    asset, fills = run.assets[number], run.table("fills")
    mine = np.flatnonzero(fills["asset"] == number)
    days, count = fill_days[mine], len(edges) - 1
    paid = asset.amount(fills["lots"][mine], fills["ticks"][mine] * asset.tick) + fills["fee"][mine] * AMOUNT
    flow = -np.bincount(days, weights=paid, minlength=count)
    if run.has("funding"):
        table = run.table("funding")
        own = np.flatnonzero(table["asset"] == number)
        flow += np.bincount(_day_ended(edges, table["ts"][own]), weights=table["amount"][own] * AMOUNT, minlength=count)
    traded = np.bincount(days, weights=costs.notional[mine], minlength=count)
    return np.diff(_value_at(run, number, asset, edges)) + flow, traded.astype(np.float64)


def _value_at(run: RunColumns, number: int, asset: AssetColumns, edges: Ints) -> Floats:
    rows = rows_at(asset, run.interval_ms, edges)
    lots = held_after(*run.fills_of(number), rows)
    value = asset.amount(lots, asset.close[np.maximum(rows, 0)])
    return np.where(rows >= 0, value, 0.0)


def _exposure(run: RunColumns, edges: Ints) -> Floats:
    """Returns the mean over each day's marks of Σ|value|/equity; 0 on a day without a mark."""
    count = len(edges) - 1
    inside = np.flatnonzero((run.equity_ts > edges[0]) & (run.equity_ts <= edges[-1]))
    total, marks = np.zeros(count), np.zeros(count)
    for block in blocks(len(inside)):
        rows = inside[block]
        times, equity = run.equity_ts[rows], run.equity[rows] * AMOUNT
        share = _share(gross_values(run, times)[0], equity)
        days = _day_ended(edges, times)
        total += np.bincount(days, weights=share, minlength=count)
        marks += np.bincount(days, minlength=count)
    return _share(total, marks)
