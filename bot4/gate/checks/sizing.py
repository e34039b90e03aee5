"""G8, sizing: whether stakes grow with losses (a martingale), which turns many small gains into one last loss.

Three signs, each against what the same trades show otherwise: sizes that grow with the losing streak before them; sizes that double twice
after two losses and not after two gains; many trades added to under water where nearly all trades win.
"""

from __future__ import annotations

import math

import numpy as np

from bot4.report import text
from bot4.report.columns import Bools, Floats, Ints
from bot4.report.tear import hac
from bot4.report.tear.numbers import NORMAL

from ..evidence import Evidence, Trades
from ..finding import Finding, found
from .readings import has_days

NAME = ("G8c", "sizing")
LEAST_TRADES = 20
LEAST_GROWTH = 0.10
"""Growth of the stake by each loss that counts: it doubles after seven. Less is rounding to lots."""
DOUBLED = 1.9
"""A stake that at least doubled, but for rounding to lots."""
NEARLY_ALL = 0.90
ADDED_SHARE = 0.10
"""Share of trades won, and of trades added to under water, that together are a sign."""


def check(evidence: Evidence) -> Finding:
    """Returns whether no sign of a martingale is found; value: growth of the stake by each loss in a row, a fraction."""
    level, trades = evidence.registration.settings.sizing_p, evidence.trades
    if len(trades.pnl) < LEAST_TRADES:
        words = f"{text.plural(len(trades.pnl), 'trade')} were closed; sizes can be judged from {LEAST_TRADES} on."
        return found(NAME, "hard", None, None, ("<", LEAST_GROWTH), "fraction", words).waiting()
    growth, p = stake_growth(evidence)
    doublings, p_double = doubling(trades)
    won = float(np.mean(trades.pnl > 0))
    added = float(np.mean(trades.adds_under_water > 0))
    signs = []
    if growth >= LEAST_GROWTH and p < level:
        signs.append(f"the stake grows by {text.percent(growth)} with each loss in a row (p {_p(p)})")
    if p_double < level:
        signs.append(
            f"it doubled twice after two losses {_times(doublings)} (p {_p(p_double)} of as often after gains)"
        )
    if won > NEARLY_ALL and added >= ADDED_SHARE:
        signs.append(
            f"{text.percent(won, 0)} of the trades win, and {text.percent(added, 0)} were added to while they lost"
        )
    words = (
        f"A martingale: {'; '.join(signs)}."
        if signs
        else f"The stake changes by {text.percent(growth, signed=True)} with each loss in a row (p {_p(p)}); "
        f"{text.percent(added, 0)} of the trades were added to under water and {text.percent(won, 0)} won: no martingale."
    )
    return found(
        NAME, "hard", not signs, growth, ("<", LEAST_GROWTH), "fraction", words,
        p=p, doublings=doublings, p_doublings=p_double, won=won, added=added, skewness=_skew(trades.pnl),
    )  # fmt: skip


def stake_growth(evidence: Evidence) -> tuple[float, float]:
    """Returns (growth of the stake by one more loss in a row, one-sided p that it does not grow).

    The logarithm of the stake on the length of the losing streak before entry, within each asset, given the asset's volatility on that day,
    with Newey-West error; once with streaks of the asset and once of the account, the stronger of both counted twice (Bonferroni).
    """
    trades = evidence.trades
    order = np.argsort(trades.entry_ms, kind="stable")
    size = np.log(np.maximum(trades.notional[order], 1e-12))
    asset = trades.asset[order]
    controls = _controls(evidence, trades.entry_ms[order], asset)
    best = (0.0, 1.0)
    for of_account in (False, True):
        streak = streaks(trades, of_account)[order].astype(np.float64)
        line = hac.fit_line(_less(streak, controls), _less(size, controls), hac.lags_for(len(size)))
        if line is None or not np.ptp(streak) > 0:
            continue
        # An error of rounding size: the stake is a function of the streak and nothing else.
        error = max(line.slope_se, 1e-12)
        p = min(2.0 * NORMAL.cdf(-line.slope / error), 1.0) if abs(line.slope) > 1e-9 else 1.0
        if p < best[1]:
            best = (math.expm1(min(line.slope, 50.0)), p)
    return best


def streaks(trades: Trades, of_account: bool) -> Ints:
    """Returns for each trade how many trades in a row had been closed at a loss when it was entered, of its asset or of the account."""
    made = np.zeros(len(trades.pnl), dtype=np.int64)
    groups = (
        [np.arange(len(made))] if of_account else [np.flatnonzero(trades.asset == a) for a in np.unique(trades.asset)]
    )
    for rows in groups:
        closed = rows[np.argsort(trades.exit_ms[rows], kind="stable")]
        run, running = 0, []
        for lost in (trades.pnl[closed] < 0).tolist():
            run = run + 1 if lost else 0
            running.append(run)
        before = np.searchsorted(trades.exit_ms[closed], trades.entry_ms[rows], side="right")
        made[rows] = np.concatenate([[0], running])[before]
    return made


def doubling(trades: Trades) -> tuple[int, float]:
    """Returns (how often a stake doubled twice in a row over two losses, p of as many if gains did the same), by Fisher's exact test."""
    counts = np.zeros((2, 2), dtype=np.int64)
    for asset in np.unique(trades.asset):
        rows = np.flatnonzero(trades.asset == asset)
        rows = rows[np.argsort(trades.entry_ms[rows], kind="stable")]
        size, lost = np.maximum(trades.notional[rows], 1e-300), trades.pnl[rows] < 0
        if len(rows) < 3:
            continue
        twice = (size[2:] >= DOUBLED * size[1:-1]) & (size[1:-1] >= DOUBLED * size[:-2])
        for row, both in enumerate((lost[:-2] & lost[1:-1], ~(lost[:-2] | lost[1:-1]))):
            counts[row] += _split(twice, both)
    (hits, misses), (other, rest) = counts.tolist()
    return hits, fisher(hits, misses, other, rest)


def fisher(hits: int, misses: int, other: int, rest: int) -> float:
    """Returns the one-sided p of a 2×2 table: at least so many hits in the first row, given the margins (Fisher 1922)."""
    row, column, total = hits + misses, hits + other, hits + misses + other + rest
    ways = math.comb(total, row)
    upper = range(hits, min(row, column) + 1)
    return sum(math.comb(column, k) * math.comb(total - column, row - k) for k in upper) / ways


def _split(twice: Bools, which: Bools) -> Ints:
    return np.array([np.sum(twice & which), np.sum(~twice & which)], dtype=np.int64)


def _controls(evidence: Evidence, entries: Ints, asset: Ints) -> Floats:
    """Returns what sizes may honestly follow: one column for each asset traded, and the logarithm of its volatility on that day."""
    dummies = (asset[:, None] == np.unique(asset)[None, :]).astype(np.float64)
    day = entries - entries % 86_400_000
    place = np.clip(np.searchsorted(evidence.out.days, day), 0, len(evidence.out.days) - 1)
    known = has_days(evidence.out.days, day)
    volatility = np.where(known, evidence.volatility[place, asset], np.nan)
    is_good = np.isfinite(volatility) & (volatility > 0)
    logs = np.where(is_good, np.log(np.where(is_good, volatility, 1.0)), 0.0)
    return np.column_stack([dummies, logs, is_good])


def _less(values: Floats, controls: Floats) -> Floats:
    """Returns what the controls leave of values: residuals of least squares."""
    weights = np.linalg.lstsq(controls, values, rcond=None)[0]
    rest: Floats = values - controls @ weights
    return np.where(np.abs(rest) > 1e-9, rest, 0.0)


def _skew(values: Floats) -> float:
    spread = float(np.std(values))
    return float(np.mean((values - values.mean()) ** 3)) / spread**3 if spread > 0 else 0.0


def _p(value: float) -> str:
    return "< 0.001" if value < 0.001 else text.ratio(value, 3)


def _times(number: int) -> str:
    return {1: "once", 2: "twice"}.get(number, f"{number:,} times")
