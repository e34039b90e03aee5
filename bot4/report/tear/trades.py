"""Closed trades as a whole: quality, durations, runs, and orders that were cut or rejected."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..columns import Bools, Floats, RunColumns
from ..stats import Stats
from .numbers import deviation, longest_run, mean, ratio, student_p
from .ratios import kelly
from .rounds import Rounds

FILLED, CANCELLED, REJECTED, WORKING = 1, 2, 3, 4
"""Codes of the status of an order (`engine/core/src/desk/reason.rs`)."""
NO_CAUSE = 0


@dataclass(frozen=True)
class Durations:
    """Hours from first to last fill."""

    shortest: float
    """Hours."""
    mean: float
    """Hours."""
    median: float
    """Hours."""
    longest: float
    """Hours."""


@dataclass(frozen=True)
class Cause:
    """Orders that were cut, cancelled or rejected for one cause."""

    cause: str
    """Name of the engine's code."""
    orders: int
    """Sent or rejected."""
    rejected: int
    """Of these, those with status `rejected`."""


@dataclass(frozen=True)
class Trades:
    """Profit is after fees and funding, account currency; returns are fractions of the entry notional."""

    count: int
    """Closed trades."""
    per_day: float
    """count/days of the run."""
    wins: int
    """Profit above 0."""
    draws: int
    """Profit of exactly 0."""
    losses: int
    """Profit below 0."""
    win_rate: float
    """wins/count."""
    profit: float
    """Sum of all closed trades."""
    mean_profit: float
    """profit/count."""
    mean_win: float
    """Mean profit of the wins."""
    mean_loss: float
    """≤ 0."""
    mean_return: float
    """Mean of profit/entry notional."""
    median_return: float
    """Median of the same."""
    mean_stake: float
    """Mean entry notional."""
    profit_factor: float
    """Σ gains/Σ losses; NaN without a loss."""
    payoff: float
    """mean_win/|mean_loss|."""
    expectancy: float
    """= mean_profit."""
    expectancy_ratio: float
    """(1 + payoff)·win rate − 1, as freqtrade."""
    kelly: float
    """win rate − (1 − win rate)/payoff (Kelly 1956)."""
    sqn: float
    """System quality number, √N·mean/s of profits (Tharp 2008; without his cap of N at 100)."""
    mean_t: float
    """t statistic of the mean return."""
    mean_p: float
    """Two-sided p-value of a mean return of 0 (Student t), as freqtrade."""
    best: float
    """Highest profit."""
    best_return: float
    """Highest return."""
    worst: float
    """Lowest profit."""
    worst_return: float
    """Lowest return."""
    best_asset: str | None
    """Of the highest profit of closed trades; None without a trade."""
    best_asset_profit: float
    """Its profit."""
    worst_asset: str | None
    """Of the lowest profit."""
    worst_asset_profit: float
    """Its profit."""
    longs: int
    """Closed long trades."""
    shorts: int
    """Closed short trades."""
    long_profit: float
    """Their profit."""
    short_profit: float
    """Their profit."""
    durations: Durations
    """Of all closed trades."""
    win_durations: Durations
    """Of winning trades."""
    loss_durations: Durations
    """Of losing trades."""
    longest_wins: int
    """Most winning trades in a row, by exit time; draws end a run."""
    longest_losses: int
    """Most losing trades in a row."""
    orders: int
    """Sent or rejected."""
    filled: int
    """Ended filled."""
    cancelled: int
    """Ended unfilled or partly filled."""
    rejected: int
    """Ended rejected."""
    working: int
    """Still working at the end."""
    cut: int
    """Sent for less than was wanted."""
    causes: tuple[Cause, ...]
    """Most frequent first."""


def trades(run: RunColumns, stats: Stats, every: Rounds, causes: Mapping[int, str]) -> Trades:
    """Returns the closed trades of a run as a whole, and what became of its orders; `causes` names the engine's codes."""
    done = every.where(every.exit_ms >= 0)
    profit, returns = done.profit, done.returns
    won, lost = profit > 0, profit < 0
    win_rate, payoff = mean(won), ratio(mean(profit[won]), -mean(profit[lost]))
    statistic = _t(returns)
    in_order = np.argsort(done.exit_ms, kind="stable")
    return Trades(
        count=len(profit),
        per_day=ratio(float(len(profit)), stats.days),
        wins=int(np.count_nonzero(won)),
        draws=int(np.count_nonzero(profit == 0)),
        losses=int(np.count_nonzero(lost)),
        win_rate=win_rate,
        profit=float(profit.sum()),
        mean_profit=mean(profit),
        mean_win=mean(profit[won]),
        mean_loss=mean(profit[lost]),
        mean_return=mean(returns),
        median_return=_extreme(np.median, returns),
        mean_stake=mean(done.stake),
        profit_factor=ratio(float(profit[won].sum()), -float(profit[lost].sum())),
        payoff=payoff,
        expectancy=mean(profit),
        expectancy_ratio=(1.0 + payoff) * win_rate - 1.0,
        kelly=kelly(win_rate, payoff),
        sqn=_t(profit),
        mean_t=statistic,
        mean_p=student_p(statistic, len(returns) - 1),
        **_extremes(run, done),
        longs=int(np.count_nonzero(done.side > 0)),
        shorts=int(np.count_nonzero(done.side < 0)),
        long_profit=float(profit[done.side > 0].sum()),
        short_profit=float(profit[done.side < 0].sum()),
        durations=_durations(done),
        win_durations=_durations(done.where(won)),
        loss_durations=_durations(done.where(lost)),
        longest_wins=longest_run(won[in_order]),
        longest_losses=longest_run(lost[in_order]),
        **_orders(run, causes),
    )


def _t(values: Floats) -> float:
    """Returns mean/(s/√N)."""
    return ratio(mean(values) * math.sqrt(len(values)), deviation(values))


def _extreme(of: Callable[[Floats], Any], values: Floats) -> float:
    return float(of(values)) if len(values) else math.nan


def _extremes(run: RunColumns, done: Rounds) -> dict[str, Any]:
    """Returns the fields about the best and worst trade and asset; assets without a closed trade do not count."""
    found: dict[str, Any] = {"best_asset": None, "worst_asset": None}
    found |= {"best_asset_profit": math.nan, "worst_asset_profit": math.nan}
    if len(done.asset):
        traded = np.unique(done.asset)
        sums = np.bincount(done.asset, weights=done.profit)[traded]
        for name, at in (("best", int(np.argmax(sums))), ("worst", int(np.argmin(sums)))):
            found[f"{name}_asset"] = run.assets[int(traded[at])].symbol
            found[f"{name}_asset_profit"] = float(sums[at])
    for name, of in (("best", np.max), ("worst", np.min)):
        found |= {name: _extreme(of, done.profit), f"{name}_return": _extreme(of, done.returns)}
    return found


def _durations(done: Rounds) -> Durations:
    hours = done.hours
    if not len(hours):
        return Durations(math.nan, math.nan, math.nan, math.nan)
    return Durations(float(hours.min()), float(hours.mean()), float(np.median(hours)), float(hours.max()))


def _orders(run: RunColumns, causes: Mapping[int, str]) -> dict[str, Any]:
    """Returns the fields about orders."""
    table = run.table("orders")
    status, cause = table["status"], table["cause"]
    is_rejected: Bools = status == REJECTED
    codes, counts = np.unique(cause[cause != NO_CAUSE], return_counts=True)
    rows = [
        Cause(causes.get(int(code), str(code)), int(count), int(np.count_nonzero(is_rejected & (cause == code))))
        for code, count in zip(codes, counts, strict=True)
    ]
    return {
        "orders": len(status),
        "filled": int(np.count_nonzero(status == FILLED)),
        "cancelled": int(np.count_nonzero(status == CANCELLED)),
        "rejected": int(np.count_nonzero(is_rejected)),
        "working": int(np.count_nonzero(status == WORKING)),
        "cut": int(np.count_nonzero(~is_rejected & (table["lots"] < table["wanted"]))),
        "causes": tuple(sorted(rows, key=lambda row: -row.orders)),
    }
