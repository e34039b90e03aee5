"""The whole gate on simulated strategies: evidence made from drawn returns, put before `verdict.judge` as a user's would be.

A strategy with a known Sharpe ratio trades 365 days in sample, is registered after two years out of sample and looked at twelve times.
PASS asks for z above the boundary among other things, so `judge` is asked at those looks alone at which z is above it, until it says PASS,
or FAIL, which ends it. What the registry does to many trials is in `selection`.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot4.gate.boundary import LOOK_DAYS, LOOKS, PATIENCE_LOOKS
from bot4.gate.evidence import Daily, Evidence, Registration, Trades, Trials
from bot4.gate.finding import Settings
from bot4.gate.verdict import judge
from bot4.report.columns import DAY_MS

from .generators import Kind, batches, student
from .measure import Floats, look_days, measure
from .operating import FIRST_DAYS, YEARLY, bars
from .rate import Rate, rate

START_MS = 1_577_836_800_000
"""2020-01-01."""
INSIDE_DAYS = 365
DEVIATION = 0.006
"""Of a day: 11 % a year, so that falls stay within the limit for another reason than luck."""
COST = 0.5e-4
"""Paid a day."""
NEIGHBOURS = 5
LIKENESS = 0.8
"""Correlation of a neighbouring configuration with the registered one; it has the same edge."""
COINS = ("BTC/USDT", "ETH/USDT", "SOL/USDT")
TRADE_DAYS = 3
RESAMPLES = 500
"""Of each bootstrap here, so that thousands of verdicts take a minute."""


@dataclass(frozen=True)
class Whole:
    """What the whole gate did with strategies of one kind and true Sharpe ratio."""

    kind: str
    sharpe: float
    above: Rate
    """Above the boundary at a look."""
    passed: Rate
    """PASS at a look."""
    stopped_by: dict[str, int]
    """Hard checks that stood in the way of those above the boundary that never passed, and of how many."""


@dataclass(frozen=True)
class Strategy:
    """One drawn strategy."""

    returns: Floats
    """In and out of sample, shape (INSIDE_DAYS + days,)."""
    edge: float
    """Mean of a day."""
    kind: Kind
    seed: tuple[int, ...]
    """Of everything beside its returns."""


def whole(
    kind: Kind,
    sharpe: float,
    paths: int,
    *,
    seed: int = 1,
    first_days: int = FIRST_DAYS,
    shown: Callable[[int], None] | None = None,
) -> Whole:
    """Returns how often strategies of a kind pass the whole gate. shown: told how many are done."""
    edge, looks, bar = sharpe / YEARLY * DEVIATION, look_days(first_days), bars(first_days)
    above = passed = done = 0
    stopped: Counter[str] = Counter()
    for number, (rng, size) in enumerate(batches(kind, paths, seed)):
        drawn = kind.draw(rng, INSIDE_DAYS + int(looks[-1]), size) * DEVIATION + edge
        z = measure(drawn[INSIDE_DAYS:], looks).z()
        for path in np.flatnonzero((z > bar[:, None]).any(axis=0)):
            strategy = Strategy(drawn[:, path], edge, kind, (seed, number, int(path)))
            is_above, reasons = followed(strategy, z[:, path], bar, first_days)
            above += is_above
            passed += is_above and not reasons
            stopped.update(reasons)
            if shown is not None:
                shown(done + int(path))
        done += size
    return Whole(kind.name, sharpe, rate(above, paths), rate(passed, paths), dict(stopped.most_common()))


def followed(strategy: Strategy, z: Sequence[float] | Floats, bar: Floats, first_days: int) -> tuple[bool, set[str]]:
    """Returns (whether it is ever above the boundary, which hard checks keep it from passing); z and bar have shape (12,)."""
    is_above, reasons = False, set[str]()
    for number in range(1, LOOKS + 1):
        if z[number - 1] > bar[number - 1]:
            found = judge(evidence_at(strategy, number, first_days))
            is_above = True
            reasons = {one.name for one in found.findings if not one.is_met}
            if found.outcome != "EXTEND":
                break
        elif number >= PATIENCE_LOOKS and z[number - 1] < 0:
            break
    return is_above, reasons


def evidence_at(strategy: Strategy, look: int, first_days: int = FIRST_DAYS) -> Evidence:
    """Returns the evidence of a drawn strategy at a look."""
    days = first_days + LOOK_DAYS * look
    rng = np.random.default_rng(strategy.seed)
    every = START_MS + DAY_MS * np.arange(len(strategy.returns), dtype=np.int64)
    rest = math.sqrt(1.0 - LIKENESS**2) * strategy.kind.draw(rng, len(every), NEIGHBOURS - 1) * DEVIATION
    own = strategy.returns
    near = LIKENESS * (own[:, None] - strategy.edge) + rest + strategy.edge
    table = np.column_stack([own, near])
    market = 0.03 * student(rng, len(every), 1)[:, 0]
    trades = _trades(rng, every[INSIDE_DAYS:], own[INSIDE_DAYS:])
    end, assets = INSIDE_DAYS + days, len(COINS)
    when, out = every[INSIDE_DAYS:end], own[INSIDE_DAYS:end]
    closed = trades.exit_ms <= when[-1] + DAY_MS
    return Evidence(
        registration=_registration(int(every[INSIDE_DAYS]) + DAY_MS * first_days),
        look=look,
        first_days=first_days,
        openings=1,
        clock_ms=int(when[-1]) + DAY_MS,
        out=Daily(when, out),
        inside=Daily(every[:INSIDE_DAYS], own[:INSIDE_DAYS]),
        stress={"costs_2x": out - COST, "delay_1": out - strategy.edge / 2.0},
        gross=out + COST,
        trades=Trades(**{name: getattr(trades, name)[closed] for name in Trades.__dataclass_fields__}),
        rebalances=int(np.count_nonzero(closed)) * 2,
        asset_pnl=np.repeat(out[:, None] / assets, assets, axis=1),
        exposure=np.full(days, 0.8),
        traded=np.full((days, assets), 1_000.0),
        volume=np.full((days, assets), 1e9),
        volatility=np.full((days, assets), 0.03),
        market=Daily(every[:end], market[:end]),
        neighbours=table[:end],
        neighbour_days=every[:end],
        trials=Trials(0, 0, 1.0, "a simulated strategy that was tried once"),
        equity=10_000.0,
    )


def _registration(made_ms: int) -> Registration:
    grid: list[dict[str, object]] = [{"length": 10 + number} for number in range(NEIGHBOURS)]
    return Registration(
        id="5e1f7e570000",
        created_ms=made_ms,
        strategy="self-test",
        identity="0" * 64,
        parameters=grid[0],
        grid=grid,
        universe=COINS,
        interval="1d",
        data_digest="0" * 64,
        data_start_ms=START_MS,
        data_end_ms=made_ms,
        design="holdout",
        split={"first_ms": START_MS + DAY_MS * INSIDE_DAYS},
        costs={"taker_bps": 5.0},
        settings=Settings(resamples=RESAMPLES),
        seed=1,
    )


def _trades(rng: np.random.Generator, days: NDArray[np.int64], returns: Floats) -> Trades:
    """Returns a trade of three days after the other, each of about the same size, that together earn what the days earned."""
    count = len(days) // TRADE_DAYS
    entry = days[: count * TRADE_DAYS : TRADE_DAYS]
    return Trades(
        entry_ms=entry,
        exit_ms=entry + TRADE_DAYS * DAY_MS,
        asset=np.arange(count, dtype=np.int64) % len(COINS),
        side=np.where(np.arange(count) % 2, -1, 1).astype(np.int64),
        notional=0.8 * np.exp(0.05 * rng.standard_normal(count)),
        pnl=returns[: count * TRADE_DAYS].reshape(count, TRADE_DAYS).sum(axis=1),
        adds_under_water=np.zeros(count, dtype=np.int64),
    )
