"""G8, ruin: what a year of days like those out of sample may bring, drawn again in blocks and trade by trade (Monte Carlo)."""

from __future__ import annotations

import itertools
import math

import numpy as np

from bot4.report import text
from bot4.report.columns import Bools, Floats, Ints
from bot4.report.sections import cells
from bot4.report.tear.bootstrap import walk

from ..evidence import Evidence
from ..finding import Finding, found
from .readings import mean_block, seed

NAME = ("G8d", "risk of ruin")
YEAR = 365
LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)
EVERY = 5
"""Days between two points of the fan."""
BINS = 40
MOST_CELLS = 20_000_000
"""Trades drawn at once."""


def check(evidence: Evidence) -> Finding:
    """Returns whether the chance of ruin within a year is small enough; value: that chance, by blocks of days."""
    settings = evidence.registration.settings
    block = mean_block(evidence.out.returns)
    curves = paths(evidence.out.returns, block, settings.resamples, np.random.default_rng(seed(evidence, "paths")))
    falls = deepest(curves)
    ruined = float(np.mean(falls >= settings.ruin_drawdown))
    ends = curves[-1] - 1.0
    by_trade = _by_trade(evidence)
    middle, high, losing = float(np.median(falls)), float(np.quantile(falls, 0.95)), float(np.mean(ends < 0))
    words = (
        f"In {settings.resamples:,} years drawn from these days in blocks of {text.ratio(block, 1)}, equity falls by "
        f"{text.percent(settings.ruin_drawdown, 0)} in {cells.chance(ruined)} of them. The deepest fall is {text.percent(middle)} "
        f"on median and {text.percent(high)} in one year of twenty; {text.percent(losing)} of the years lose."
    )
    counts, edges = np.histogram(falls, bins=BINS)
    rows = np.unique(np.append(np.arange(0, YEAR + 1, EVERY), YEAR))
    fan = np.quantile(curves[rows], LEVELS, axis=1)
    return found(
        NAME, "hard", ruined <= settings.ruin_chance, ruined, ("≤", settings.ruin_chance), "probability", words,
        block=block, fan_days=rows, fan_levels=LEVELS, fan=fan, fall_counts=counts, fall_edges=edges, fall_median=middle,
        fall_95=high, losing_years=losing, year_median=float(np.median(ends)),
        year_5=float(np.quantile(ends, 0.05)), **by_trade,
    )  # fmt: skip


def paths(returns: Floats, block: float, resamples: int, rng: np.random.Generator) -> Floats:
    """Returns equity over its start of years drawn by stationary bootstrap (Politis and Romano 1994), shape (366, resamples)."""
    logs = np.log(np.maximum(1.0 + returns, 1e-300))
    days = itertools.chain.from_iterable(
        walk(rng, len(returns), block, resamples) for _ in range(-(-YEAR // len(returns)))
    )
    made = np.zeros((YEAR + 1, resamples))
    for day, rows in enumerate(itertools.islice(days, YEAR), start=1):
        made[day] = made[day - 1] + logs[rows]
    curves: Floats = np.exp(made)
    return curves


def deepest(curves: Floats) -> Floats:
    """Returns the deepest fall of each curve from its peak so far, a positive fraction, shape (n,)."""
    low: Floats = np.min(curves / np.maximum.accumulate(curves, axis=0), axis=0)
    return 1.0 - low


def _by_trade(evidence: Evidence) -> dict[str, object]:
    """Returns the same by drawing a year's trades one after the other, each independent of the one before; nothing for too few."""
    pnl, settings = evidence.trades.pnl, evidence.registration.settings
    a_year = round(len(pnl) * YEAR / len(evidence.out.days))
    if len(pnl) < 2 or a_year < 2:
        return {
            "trades_a_year": a_year,
            "trade_fall_95": None,
            "trade_ruin": None,
            "trade_losing": None,
            "trade_streak_95": None,
        }
    rng = np.random.default_rng(seed(evidence, "trades"))
    size = max(MOST_CELLS // a_year, 1)
    falls, ends, runs = [], [], []
    for start in range(0, settings.resamples, size):
        drawn = pnl[rng.integers(0, len(pnl), size=(a_year, min(size, settings.resamples - start)))]
        curves = np.concatenate([np.ones((1, drawn.shape[1])), np.cumprod(np.maximum(1.0 + drawn, 0.0), axis=0)])
        # A curve that ends at 0 has fallen by all; 0/0 does not occur, as peaks are at least 1.
        falls.append(deepest(curves))
        ends.append(curves[-1])
        runs.append(_longest(drawn < 0))
    fall, end, run = (np.concatenate(parts) for parts in (falls, ends, runs))
    return {
        "trades_a_year": a_year,
        "trade_fall_95": float(np.quantile(fall, 0.95)),
        "trade_ruin": float(np.mean(fall >= settings.ruin_drawdown)),
        "trade_losing": float(np.mean(end < 1.0)),
        "trade_streak_95": math.ceil(float(np.quantile(run, 0.95))),
    }


def _longest(lost: Bools) -> Ints:
    """Returns the longest run of losses of each column."""
    run = np.zeros(lost.shape[1], dtype=np.int64)
    best = run.copy()
    for row in lost:
        run = np.where(row, run + 1, 0)
        np.maximum(best, run, out=best)
    return best
