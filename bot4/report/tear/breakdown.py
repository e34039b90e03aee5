"""Closed trades by asset, side, reason, hour, weekday and month."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Group:
    """Closed trades that share a label. Profit is after fees and funding, account currency (at the last rate, where an asset settles in
    another)."""

    label: str
    trades: int
    wins: int
    draws: int
    losses: int
    win_rate: float
    profit: float
    share: float
    """Of start equity: profit/start equity."""
    mean_profit: float
    """The expectancy."""
    mean_return: float
    """Mean of profit/entry notional."""
    expectancy_ratio: float
    """(1 + payoff)·win rate − 1: expectancy in units of the mean loss; NaN without a loss."""
    profit_factor: float
    best: float
    """Highest profit."""
    worst: float
    mean_hours: float
    """Mean time from entry to exit."""


@dataclass(frozen=True)
class OpenPosition:
    """A position open at the end (freqtrade: left open)."""

    symbol: str
    side: str
    """`long` or `short`."""
    entry_ms: int
    profit: float
    """At the last close, after fees."""
    share: float
    """profit/entry notional."""


@dataclass(frozen=True)
class Breakdown:
    """Closed trades by label; groups without a trade are left out, hours and weekdays apart."""

    assets: tuple[Group, ...]
    """By symbol, in id order."""
    sides: tuple[Group, ...]
    """`long`, `short`."""
    entry_reasons: tuple[Group, ...]
    """By why the first fill's order was sent."""
    exit_reasons: tuple[Group, ...]
    """By why the last fill's order was sent."""
    reasons: tuple[Group, ...]
    """By both, `entry → exit`."""
    hours: tuple[Group, ...]
    """By the UTC hour of the entry; 24."""
    weekdays: tuple[Group, ...]
    """By the UTC weekday of the entry, Monday first; seven."""
    months: tuple[Group, ...]
    """By the UTC month of the exit, `2024-08`."""
    open_positions: tuple[OpenPosition, ...]
