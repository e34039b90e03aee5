"""A run cut into parts: returns by calendar month and year, results by asset."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from .columns import AMOUNT, Floats, Ints, RunColumns
from .formulas import daily_closes


@dataclass(frozen=True)
class YearReturns:
    """One row of the monthly table."""

    year: int
    """UTC."""
    months: tuple[float, ...]
    """Twelve fractions, NaN where the run has no day."""
    total: float
    """The months compounded."""


def monthly_returns(ts: Ints, equity: Ints | Floats) -> list[YearReturns]:
    """Returns the months' returns by UTC calendar; the first and last month may be incomplete, a year compounds its months."""
    times, closes = daily_closes(ts, equity)
    if len(times) < 2:
        return []
    # A close at midnight belongs to the day, and so to the month, that ends there.
    stamps = (times[1:] - 1).astype("datetime64[ms]").astype("datetime64[M]").astype(np.int64)
    lasts = np.append(np.flatnonzero(np.diff(stamps)), len(stamps) - 1)
    values = np.concatenate([closes[:1], closes[1:][lasts]])
    found = {int(stamps[last]): _return(values[i], values[i + 1]) for i, last in enumerate(lasts)}
    years = range(1970 + min(found) // 12, 1970 + max(found) // 12 + 1)
    return [_year(year, found) for year in years]


def _return(before: float, after: float) -> float:
    return float(after / before - 1.0) if before > 0 else 0.0


def _year(year: int, found: dict[int, float]) -> YearReturns:
    months = tuple(found.get((year - 1970) * 12 + month, math.nan) for month in range(12))
    return YearReturns(year, months, math.prod(1.0 + m for m in months if not math.isnan(m)) - 1.0)


@dataclass(frozen=True)
class AssetResult:
    """What one asset brought. Amounts in account currency (at the last rate, where an asset settles in another); `pnl` is after all
    costs, open positions at the last close."""

    symbol: str
    pnl: float
    trades: int
    win_rate: float
    fees: float
    traded: float
    open_value: float
    funding: float
    """Funding, borrow interest and what a venue's fund took over; paid is negative."""
    price_return: float
    """Its own price from the first decision to the end."""


def by_asset(run: RunColumns) -> list[AssetResult]:
    """Returns one result for each asset, in id order; their `pnl` add up to the run's profit (but for dust below 1e-8)."""
    return [_one(run, number) for number in range(len(run.assets))]


def _one(run: RunColumns, number: int) -> AssetResult:
    asset, fills, trades = run.assets[number], run.table("fills"), run.table("trades")
    mine = fills["asset"] == number
    notional = asset.amount(fills["lots"][mine], fills["ticks"][mine] * asset.tick)
    rate = run.final_rate(number)
    fees = float(fills["fee"][mine].sum()) * AMOUNT * rate
    held = fills["position"][mine][-1:]
    value = float(asset.amount(held, float(asset.close[-1])).sum()) * rate if len(asset.close) else 0.0
    carried = run.carried(number) * rate
    closed = trades["pnl"][(trades["asset"] == number) & (trades["exit_ts"] >= 0)]
    first = int(np.searchsorted(asset.ts, run.first_decision_ms or 0))
    is_listed = first < len(asset.ts)
    return AssetResult(
        symbol=asset.symbol,
        pnl=value - float(notional.sum()) * rate - fees + carried,
        trades=len(closed),
        win_rate=float(np.mean(closed > 0)) if len(closed) else math.nan,
        fees=fees,
        traded=float(np.abs(notional).sum()) * rate,
        open_value=abs(value) if asset.contract is not None else value,
        funding=carried,
        price_return=float(asset.close[-1] / asset.open[first] - 1.0) if is_listed else math.nan,
    )
