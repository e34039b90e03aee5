"""What trading and holding cost, by asset and by day."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..carry import liquidation_fees
from ..columns import AMOUNT, Floats, Ints, RunColumns
from ..costs import fill_costs
from ..stats import Stats
from .numbers import ratio
from .series import Series


@dataclass(frozen=True)
class AssetCosts:
    """One asset's costs, account currency; costs are positive, funding is what was received less paid."""

    symbol: str
    """The asset."""
    traded: float
    """Σ|notional| of fills."""
    fees: float
    """Without those of liquidations."""
    spread: float
    """Half the assumed spread, of every fill that crossed it."""
    impact: float
    """What the fill's size moved the price."""
    liquidation_fees: float
    """What venues took for liquidations beside the taker fee."""
    interest: float
    """Paid on borrowed coins, at the last rate; interest on negative cash belongs to no asset."""
    funding: float
    """Received less paid, at the rate of its time."""
    total: float
    """fees + spread + impact + liquidation_fees + interest."""


@dataclass(frozen=True)
class Costs:
    """Costs of the run; the sums are those of the summary."""

    assets: tuple[AssetCosts, ...]
    """By id."""
    times: Ints
    """Close times of the days, UTC ms, shape (days,)."""
    fees: Floats
    """By day, with those of liquidations, account currency, shape (days,)."""
    spread: Floats
    """By day."""
    impact: Floats
    """By day."""
    funding: Floats
    """Received less paid, by day."""
    traded: Floats
    """Σ|notional| of fills by day."""
    turnover: Floats
    """traded/equity at the day's close; NaN after ruin, shape (days,)."""
    interest: float
    """In all: the engine keeps its sum alone."""
    total: float
    """As `total_cost` of the summary."""
    gross_profit: float
    """Profit before costs and funding: final − start equity + total − funding."""
    share_of_gross: float
    """total/gross_profit; NaN where that is not positive."""
    bps_of_traded: float
    """total without interest/traded, basis points."""
    maker_share: float
    """Share of the traded amount that rested; NaN where the run does not tell."""


def costs(run: RunColumns, stats: Stats, series: Series) -> Costs:
    """Returns the costs of a run by asset and by day; a fill at midnight belongs to the day that begins there."""
    fills, times = run.table("fills"), series.times[1:]
    each, days = fill_costs(run), _days(times, fills["ts"])
    liquidated = np.zeros(len(fills["asset"]))
    for row, fee in liquidation_fees(run):
        liquidated[row] = fee * AMOUNT
    of_asset = fills["asset"].astype(np.int64)

    def by_day(values: Floats) -> Floats:
        return np.bincount(days, weights=values, minlength=len(times))[: len(times)].astype(np.float64)

    def by_asset(values: Floats) -> list[float]:
        return [float(x) for x in np.bincount(of_asset, weights=values, minlength=len(run.assets))]

    funding_of, funding = _funding(run, times)
    columns = [by_asset(x) for x in (each.notional, each.fees - liquidated, each.spread, each.impact, liquidated)]
    traded, close = by_day(each.notional), series.equity[1:]
    gross = stats.final_equity - stats.start_equity + stats.total_cost - stats.funding
    return Costs(
        assets=tuple(_asset(run, number, columns, float(funding_of[number])) for number in range(len(run.assets))),
        times=times,
        fees=by_day(each.fees),
        spread=by_day(each.spread),
        impact=by_day(each.impact),
        funding=funding,
        traded=traded,
        turnover=np.divide(traded, close, out=np.full(len(close), np.nan), where=close > 0),
        interest=stats.interest,
        total=stats.total_cost,
        gross_profit=gross,
        share_of_gross=ratio(stats.total_cost, gross),
        bps_of_traded=ratio(stats.total_cost - stats.interest, stats.traded) * 1e4,
        maker_share=_maker_share(fills, each.notional),
    )


def _days(times: Ints, ts: Ints) -> Ints:
    """Returns the number of the day in which each time falls; what is after the last close belongs to the last day."""
    found: Ints = np.clip(np.searchsorted(times, ts, side="right"), 0, max(len(times) - 1, 0))
    return found


def _asset(run: RunColumns, number: int, columns: list[list[float]], funding: float) -> AssetCosts:
    traded, fees, spread, impact, liquidated = (column[number] for column in columns)
    interest = -run.counter("borrow", number) * run.final_rate(number) * AMOUNT
    total = fees + spread + impact + liquidated + interest
    symbol = run.assets[number].symbol
    return AssetCosts(symbol, traded, fees, spread, impact, liquidated, interest, funding, total)


def _funding(run: RunColumns, times: Ints) -> tuple[Floats, Floats]:
    """Returns funding by asset and by day, account currency. A settlement at midnight is booked before the close there: it belongs to
    the day that ends."""
    by_asset, by_day = np.zeros(len(run.assets)), np.zeros(len(times))
    if not run.has("funding"):
        return by_asset, by_day
    table = run.table("funding")
    for number in np.unique(table["asset"]).tolist():
        mine = np.flatnonzero(table["asset"] == number)
        amounts = table["amount"][mine] * run.rate(number, table["ts"][mine]) * AMOUNT
        by_asset[number] = amounts.sum()
        if len(times):
            days = np.minimum(np.searchsorted(times, table["ts"][mine]), len(times) - 1)
            np.add.at(by_day, days, amounts)
    return by_asset, by_day


def _maker_share(fills: Mapping[str, NDArray[Any]], notional: Floats) -> float:
    if "maker" not in fills or not len(notional):
        return math.nan
    return ratio(float(notional[fills["maker"].astype(np.bool_)].sum()), float(notional.sum()))
