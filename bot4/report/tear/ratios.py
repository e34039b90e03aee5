"""Ratios of the daily returns under the names that quantstats made common, each with its formula."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Ratios:
    """Ratios of daily returns r; w are the positive ones, l the negative ones."""

    smart_sharpe: float
    """Sharpe ratio divided by the autocorrelation penalty √(1 + 2·Σ(1 − k/T)·|ρ₁|^k)."""
    smart_sortino: float
    sortino_sqrt2: float
    """Sortino ratio/√2, comparable with a Sharpe ratio (Schwager 2012)."""
    omega: float
    """Σ gains/Σ losses at threshold 0 (Keating and Shadwick 2002)."""
    gain_to_pain: float
    """Σ r/Σ |l| of daily returns (Schwager 2012, there of months): omega − 1."""
    gain_to_pain_monthly: float
    martin: float
    """CAGR/ulcer index (quantstats: ulcer performance index)."""
    serenity: float
    """Total return/(ulcer index·pitfall), pitfall = expected shortfall of the drawdowns/volatility (KeyQuant 2015)."""
    risk_adjusted_return: float
    """CAGR/time in market."""
    avg_return: float
    """Mean return of the days that were not exactly 0."""
    avg_win: float
    avg_loss: float
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
    expected_yearly: float
    outlier_win: float
    """99 % quantile of returns/mean of the positive ones."""
    outlier_loss: float
    """1 % quantile of returns/mean of the negative ones."""
