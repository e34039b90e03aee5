"""Closed trades by asset, side, reason, hour, weekday and month."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ..columns import DAY_MS, Bools, Ints, RunColumns
from .calendar import HOUR_MS, THURSDAY, WEEKDAYS
from .numbers import mean, ratio
from .rounds import Rounds

CODES = 1_000
"""More than the engine has codes of reasons: two of them fit in one number."""
SIDES = {1: "long", -1: "short"}


@dataclass(frozen=True)
class Group:
    """Closed trades that share a label. Profit is after fees and funding, account currency (at the last rate, where an asset settles in
    another)."""

    label: str
    """What the trades share."""
    trades: int
    """How many."""
    wins: int
    """Profit above 0."""
    draws: int
    """Profit of exactly 0."""
    losses: int
    """Profit below 0."""
    win_rate: float
    """wins/trades."""
    profit: float
    """Sum."""
    share: float
    """Of start equity: profit/start equity."""
    mean_profit: float
    """The expectancy."""
    mean_return: float
    """Mean of profit/entry notional."""
    expectancy_ratio: float
    """(1 + payoff)·win rate − 1: expectancy in units of the mean loss; NaN without a loss."""
    profit_factor: float
    """Σ gains/Σ losses; NaN without a loss."""
    best: float
    """Highest profit."""
    worst: float
    """Lowest profit."""
    mean_hours: float
    """Mean time from entry to exit."""


@dataclass(frozen=True)
class OpenPosition:
    """A position open at the end (freqtrade: left open)."""

    symbol: str
    """The asset."""
    side: str
    """`long` or `short`."""
    entry_ms: int
    """Time of the first fill, UTC ms."""
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
    """In the order of `result.trades`."""


def breakdown(run: RunColumns, trades: Rounds, reasons: Mapping[int, str]) -> Breakdown:
    """Returns the closed trades by label, and the open positions; `reasons` names the engine's codes (a code without a name is shown)."""
    done = trades.where(trades.exit_ms >= 0)
    symbols = [asset.symbol for asset in run.assets]
    months = done.exit_ms.astype("datetime64[ms]").astype("datetime64[M]").astype(np.int64)
    both = done.entry_reason * CODES + done.exit_reason

    def name(code: int) -> str:
        return reasons.get(code, str(code))

    def groups(keys: Ints, names: Mapping[int, str], *, every: bool = False) -> tuple[Group, ...]:
        kept = {key: label for key, label in names.items() if every or (keys == key).any()}
        return tuple(group(label, done, keys == key, run.cash_amount) for key, label in kept.items())

    hours = {hour: f"{hour:02}" for hour in range(24)}
    return Breakdown(
        assets=groups(done.asset, dict(enumerate(symbols))),
        sides=groups(done.side, SIDES),
        entry_reasons=groups(done.entry_reason, {code: name(code) for code in _codes(done.entry_reason)}),
        exit_reasons=groups(done.exit_reason, {code: name(code) for code in _codes(done.exit_reason)}),
        reasons=groups(both, {k: f"{name(k // CODES)} → {name(k % CODES)}" for k in _codes(both)}),
        hours=groups(done.entry_ms // HOUR_MS % 24, hours, every=True),
        weekdays=groups((done.entry_ms // DAY_MS + THURSDAY) % 7, dict(enumerate(WEEKDAYS)), every=True),
        months=groups(months, {month: f"{1970 + month // 12}-{month % 12 + 1:02}" for month in _codes(months)}),
        open_positions=_open(symbols, trades.where(trades.exit_ms < 0)),
    )


def _codes(keys: Ints) -> list[int]:
    return [int(key) for key in np.unique(keys)]


def group(label: str, trades: Rounds, chosen: Bools, cash: float) -> Group:
    """Returns the figures of the chosen trades."""
    profit = trades.profit[chosen]
    won, lost = profit[profit > 0], profit[profit < 0]
    win_rate, payoff = mean(profit > 0), ratio(mean(won), -mean(lost))
    return Group(
        label=label,
        trades=len(profit),
        wins=len(won),
        draws=int(np.count_nonzero(profit == 0)),
        losses=len(lost),
        win_rate=win_rate,
        profit=float(profit.sum()),
        share=ratio(float(profit.sum()), cash),
        mean_profit=mean(profit),
        mean_return=mean(trades.returns[chosen]),
        expectancy_ratio=(1.0 + payoff) * win_rate - 1.0,
        profit_factor=ratio(float(won.sum()), -float(lost.sum())),
        best=float(profit.max()) if len(profit) else math.nan,
        worst=float(profit.min()) if len(profit) else math.nan,
        mean_hours=mean(trades.hours[chosen]),
    )


def _open(symbols: list[str], held: Rounds) -> tuple[OpenPosition, ...]:
    rows = zip(held.asset, held.side, held.entry_ms, held.profit, held.returns, strict=True)
    return tuple(OpenPosition(symbols[a], SIDES[int(s)], int(t), float(p), float(r)) for a, s, t, p, r in rows)
