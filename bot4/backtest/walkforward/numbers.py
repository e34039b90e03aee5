"""`WalkStats`: the numbers of a walk-forward, from its windows and the stitched curve. The formulas are those of a single run."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields

import numpy as np

from bot4.report import formulas
from bot4.report.columns import AMOUNT, DAY_MS

from . import measures
from .stitch import Curve
from .window import Window

YEARLY = math.sqrt(formulas.DAYS_PER_YEAR)


@dataclass(frozen=True, slots=True)
class WalkStats(Mapping[str, "float | int"]):
    """Every number of a walk-forward, as attribute and as mapping key; fractions, amounts in account currency, times in UTC ms, NaN where
    a measure cannot be computed. Without a suffix they are those of the stitched curve, out of sample."""

    windows: int
    start_ms: int
    end_ms: int
    days: float
    start_equity: float
    final_equity: float
    total_return: float
    cagr: float
    volatility: float
    sharpe: float
    sharpe_se: float
    sortino: float
    calmar: float
    skewness: float
    kurtosis: float
    max_drawdown: float
    max_drawdown_days: float
    trades: int
    total_cost: float
    funding: float
    holding_return: float
    default_return: float
    growth: float
    growth_inside: float
    efficiency: float
    sharpe_inside: float
    sharpe_efficiency: float
    windows_up: int
    windows_compared: int
    windows_beating_default: int
    slope: float
    slope_se: float

    def __getitem__(self, key: str) -> float | int:
        if key not in WALK_STAT_NAMES:
            raise KeyError(key)
        value: float | int = getattr(self, key)
        return value

    def __iter__(self) -> Iterator[str]:
        return iter(WALK_STAT_NAMES)

    def __len__(self) -> int:
        return len(WALK_STAT_NAMES)


WALK_STAT_NAMES: tuple[str, ...] = tuple(field.name for field in fields(WalkStats))


def compute(windows: Sequence[Window], curve: Curve) -> WalkStats:
    """Returns the numbers of at least one window."""
    first, last = int(curve.equity[0]), int(curve.equity[-1])
    start, end = int(curve.ts[0]), int(curve.ts[-1])
    returns = formulas.simple_returns(formulas.daily_closes(curve.ts, curve.equity)[1])
    ratio, fall = formulas.sharpe(returns), formulas.max_drawdown(curve.ts, curve.equity)
    skew, kurt = formulas.skewness(returns), formulas.kurtosis(returns)
    grown = formulas.cagr(first, last, end - start)
    tested_days = sum(window.outside.stats.days for window in windows)
    rate, rate_inside = measures.growth(first, last, tested_days), _mean_growth(windows)
    sharpes = np.array([window.inside.value("sharpe") for window in windows])
    mean_sharpe = float(np.mean(sharpes[np.isfinite(sharpes)])) if np.isfinite(sharpes).any() else math.nan
    compared = [window.beats_default for window in windows if window.beats_default is not None]
    line = measures.degradation(sharpes, np.array([window.outside.stats.sharpe for window in windows]))
    return WalkStats(
        windows=len(windows),
        start_ms=start,
        end_ms=end,
        days=(end - start) / DAY_MS,
        start_equity=first * AMOUNT,
        final_equity=last * AMOUNT,
        total_return=formulas.total_return(first, last),
        cagr=grown,
        volatility=formulas.volatility(returns),
        sharpe=ratio,
        sharpe_se=formulas.sharpe_se(ratio / YEARLY, len(returns), skew, kurt) * YEARLY,
        sortino=formulas.sortino(returns),
        calmar=formulas.calmar(grown, fall.depth),
        skewness=skew,
        kurtosis=kurt,
        max_drawdown=fall.depth,
        max_drawdown_days=fall.length_ms(end) / DAY_MS,
        trades=sum(window.outside.stats.trades + window.outside.stats.open_positions for window in windows),
        total_cost=sum(window.outside.stats.total_cost for window in windows),
        funding=sum(window.outside.stats.funding for window in windows),
        holding_return=formulas.total_return(float(curve.holding[0]), float(curve.holding[-1])),
        default_return=_chained(windows),
        growth=rate,
        growth_inside=rate_inside,
        efficiency=measures.efficiency(rate, rate_inside),
        sharpe_inside=mean_sharpe,
        sharpe_efficiency=measures.efficiency(ratio, mean_sharpe),
        windows_up=sum(window.outside.stats.total_return > 0 for window in windows),
        windows_compared=len(compared),
        windows_beating_default=sum(compared),
        slope=line.slope,
        slope_se=line.error,
    )


def _mean_growth(windows: Sequence[Window]) -> float:
    """Returns the mean growth rate in the trainings, weighted by their length."""
    days = np.array([window.inside.value("days") for window in windows])
    rates = np.array([window.growth_inside for window in windows])
    return float(np.sum(rates * days) / np.sum(days)) if np.sum(days) > 0 else math.nan


def _chained(windows: Sequence[Window]) -> float:
    """Returns what the default parameters earned over all tests; NaN where they are refused."""
    each = [math.nan if window.default is None else window.default.value("total_return") for window in windows]
    return float(np.prod(1.0 + np.array(each))) - 1.0
