"""Closed trades as a whole: quality, durations, runs, and orders that were cut or rejected."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Durations:
    """Hours from first to last fill."""

    shortest: float
    mean: float
    median: float
    longest: float


@dataclass(frozen=True)
class Cause:
    """Orders that were cut, cancelled or rejected for one cause."""

    cause: str
    orders: int
    rejected: int
    """Of these, those with status `rejected`."""


@dataclass(frozen=True)
class Trades:
    """Profit is after fees and funding, account currency; returns are fractions of the entry notional."""

    count: int
    per_day: float
    wins: int
    draws: int
    losses: int
    win_rate: float
    profit: float
    mean_profit: float
    mean_win: float
    mean_loss: float
    """≤ 0."""
    mean_return: float
    median_return: float
    mean_stake: float
    """Mean entry notional."""
    profit_factor: float
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
    worst: float
    worst_return: float
    best_asset: str | None
    """Of the highest profit of closed trades; None without a trade."""
    best_asset_profit: float
    worst_asset: str | None
    worst_asset_profit: float
    longs: int
    shorts: int
    long_profit: float
    short_profit: float
    durations: Durations
    win_durations: Durations
    loss_durations: Durations
    longest_wins: int
    """Most winning trades in a row, by exit time; draws end a run."""
    longest_losses: int
    orders: int
    filled: int
    cancelled: int
    rejected: int
    working: int
    """Still working at the end."""
    cut: int
    """Sent for less than was wanted."""
    causes: tuple[Cause, ...]
    """Most frequent first."""
