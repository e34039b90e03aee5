"""Ratios of the daily returns under the names that quantstats made common, each with its formula."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ..columns import Floats
from ..stats import Stats
from .calendar import Calendar
from .drawdowns import Drawdowns
from .numbers import deviation, geometric_mean, mean, ratio
from .series import Series


@dataclass(frozen=True)
class Ratios:
    """Ratios of daily returns r; w are the positive ones, l the negative ones."""

    smart_sharpe: float
    """Sharpe ratio divided by the autocorrelation penalty √(1 + 2·Σ(1 − k/T)·|ρ₁|^k)."""
    smart_sortino: float
    """Sortino ratio by the same penalty."""
    sortino_sqrt2: float
    """Sortino ratio/√2, comparable with a Sharpe ratio (Schwager 2012)."""
    omega: float
    """Σ gains/Σ losses at threshold 0 (Keating and Shadwick 2002)."""
    gain_to_pain: float
    """Σ r/Σ |l| of daily returns (Schwager 2012, there of months): omega − 1."""
    gain_to_pain_monthly: float
    """The same of calendar months."""
    martin: float
    """CAGR/ulcer index (quantstats: ulcer performance index)."""
    serenity: float
    """Σ r/(ulcer index·pitfall), pitfall = mean of the deepest 5 % of the days' drawdowns/daily deviation (KeyQuant)."""
    risk_adjusted_return: float
    """CAGR/time in market."""
    avg_return: float
    """Mean return of the days that were not exactly 0."""
    avg_win: float
    """Mean of w."""
    avg_loss: float
    """Mean of l, ≤ 0."""
    payoff: float
    """avg_win/|avg_loss|."""
    win_rate: float
    """Share of positive days among those not exactly 0."""
    profit_factor: float
    """Σ w/Σ |l|, equal to omega at threshold 0."""
    kelly: float
    """(payoff·p − (1 − p))/payoff with p = win_rate (Kelly 1956)."""
    risk_of_ruin: float
    """((1 − e)/(1 + e))^T, e = 2·win_rate − 1, 1 for e ≤ 0: ruin of a player of T equal stakes; of theoretical interest only."""
    common_sense: float
    """profit_factor·tail_ratio."""
    cpc: float
    """profit_factor·win_rate·payoff."""
    expected_daily: float
    """Geometric mean return by day, fraction."""
    expected_monthly: float
    """By calendar month."""
    expected_yearly: float
    """By calendar year."""
    outlier_win: float
    """99 % quantile of returns/avg_win."""
    outlier_loss: float
    """1 % quantile of returns/avg_loss."""


def ratios(stats: Stats, series: Series, drawdowns: Drawdowns, calendar: Calendar) -> Ratios:
    """Returns the ratios of a run's daily returns."""
    returns = series.returns
    wins, losses = returns[returns > 0], returns[returns < 0]
    penalty = autocorrelation_penalty(returns)
    payoff = ratio(mean(wins), -mean(losses))
    win_rate = ratio(float(len(wins)), float(len(wins) + len(losses)))
    factor = ratio(float(wins.sum()), -float(losses.sum()))
    periods = {period.name: period.returns for period in calendar.periods}
    high, low = (float(q) for q in np.quantile(returns, (0.99, 0.01))) if len(returns) else (math.nan, math.nan)
    return Ratios(
        smart_sharpe=ratio(stats.sharpe, penalty),
        smart_sortino=ratio(stats.sortino, penalty),
        sortino_sqrt2=stats.sortino / math.sqrt(2.0),
        omega=factor,
        gain_to_pain=gain_to_pain(returns),
        gain_to_pain_monthly=gain_to_pain(periods["month"]),
        martin=ratio(stats.cagr, drawdowns.ulcer_index),
        serenity=_serenity(returns, drawdowns.ulcer_index, series.equity),
        risk_adjusted_return=ratio(stats.cagr, stats.time_in_market),
        avg_return=mean(returns[returns != 0]),
        avg_win=mean(wins),
        avg_loss=mean(losses),
        payoff=payoff,
        win_rate=win_rate,
        profit_factor=factor,
        kelly=kelly(win_rate, payoff),
        risk_of_ruin=risk_of_ruin(win_rate, len(returns)),
        common_sense=factor * tail_ratio(returns),
        cpc=factor * win_rate * payoff,
        expected_daily=geometric_mean(returns),
        expected_monthly=geometric_mean(periods["month"]),
        expected_yearly=geometric_mean(periods["year"]),
        outlier_win=ratio(high, mean(wins)),
        outlier_loss=ratio(-low, -mean(losses)),
    )


def autocorrelation_penalty(returns: Floats) -> float:
    """Returns √(1 + 2·Σ_{k=1}^{T−1} (1 − k/T)·|ρ₁|^k), ρ₁ the correlation of returns with those of the day before; NaN without."""
    count = len(returns)
    if count < 3 or not (np.std(returns[1:]) > 0 and np.std(returns[:-1]) > 0):
        return math.nan
    coefficient = abs(float(np.corrcoef(returns[:-1], returns[1:])[0, 1]))
    steps = np.arange(1, count)
    with np.errstate(under="ignore"):
        return math.sqrt(1.0 + 2.0 * float(np.sum((1.0 - steps / count) * coefficient**steps)))


def gain_to_pain(returns: Floats) -> float:
    """Returns Σ r/Σ |negative r|; NaN without a loss."""
    return ratio(float(returns.sum()), -float(returns[returns < 0].sum()))


def tail_ratio(returns: Floats) -> float:
    """Returns |95 % quantile|/|5 % quantile|; NaN without a loss there."""
    if not len(returns):
        return math.nan
    high, low = np.quantile(returns, (0.95, 0.05))
    return ratio(abs(float(high)), abs(float(low)))


def kelly(win_rate: float, payoff: float) -> float:
    """Returns p − (1 − p)/payoff: the share of the account that grows fastest, were the bets independent and of two sizes."""
    return win_rate - ratio(1.0 - win_rate, payoff)


def risk_of_ruin(win_rate: float, stakes: int) -> float:
    """Returns ((1 − e)/(1 + e))^stakes, e = 2p − 1; 1 without an edge."""
    edge = 2.0 * win_rate - 1.0
    if math.isnan(edge):
        return math.nan
    return ((1.0 - edge) / (1.0 + edge)) ** stakes if edge > 0 else 1.0


def _serenity(returns: Floats, ulcer: float, equity: Floats) -> float:
    if len(returns) < 2 or not equity[0] > 0:
        return math.nan
    under = equity / np.maximum.accumulate(equity) - 1.0
    pitfall = ratio(-mean(under[under <= np.quantile(under, 0.05)]), deviation(returns))
    return ratio(float(returns.sum()), ulcer * pitfall)
