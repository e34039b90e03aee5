"""Intervals by resampling days in blocks: what the same days in another order and choice would have given."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Interval:
    """A statistic with its bootstrap distribution: measured value, standard error, and the interval at the part's level."""

    estimate: float
    error: float
    low: float
    high: float


@dataclass(frozen=True)
class Bootstrap:
    """Stationary block bootstrap of daily returns (Politis and Romano 1994)."""

    level: float
    """Coverage the intervals aim at, a fraction."""
    resamples: int
    seed: int
    block_days: float
    """Mean block length (Politis and White 2004, corrected by Patton, Politis and White 2009)."""
    sharpe: Interval
    sortino: Interval
    cagr: Interval
    volatility: Interval
    max_drawdown: Interval
    """Of daily closes: what another order of the same kind of days would draw down."""
    loss_probability: float
    """Share of the resamples that end at or below their start."""
