"""What a choice is made by: a statistic of whole runs, or a measure of bare daily returns; higher scores are better.

Not here: the formulas (`bot4.report.formulas`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from bot4.report import formulas
from bot4.report.columns import DAY_MS, Floats
from bot4.report.stats import STAT_NAMES

from ..sweep import metrics
from ..sweep.metrics import Metric
from .evaluate import Row


def read_metric(text: str, known: Sequence[str] = STAT_NAMES) -> Metric:
    """Returns the metric of `sharpe`, `min:volatility` or `max:trades`. Raises BacktestError with what there is."""
    return metrics.read_metric(str(text), tuple(known))


def scores(rows: Sequence[Row], metric: Metric) -> Floats:
    """Returns each run's metric, turned so that more is better; NaN where there is none. Shape (runs,)."""
    return metric.sign * np.array([row.value(metric.name) for row in rows])


def growth(returns: Floats) -> float:
    """Returns the compound return of days."""
    return float(np.prod(1.0 + returns)) - 1.0 if len(returns) else math.nan


def _cagr(returns: Floats) -> float:
    return formulas.cagr(1.0, 1.0 + growth(returns), len(returns) * DAY_MS) if len(returns) else math.nan


def drawdown(returns: Floats) -> float:
    """Returns the deepest fall of the curve of days below a former peak."""
    curve = np.concatenate([[1.0], np.cumprod(1.0 + returns)])
    return formulas.max_drawdown(np.arange(len(curve), dtype=np.int64), curve).depth if len(returns) else math.nan


def _calmar(returns: Floats) -> float:
    return formulas.calmar(_cagr(returns), drawdown(returns))


OF_DAYS: Mapping[str, Callable[[Floats], float]] = {
    "sharpe": formulas.sharpe,
    "sortino": formulas.sortino,
    "calmar": _calmar,
    "cagr": _cagr,
    "total_return": growth,
    "max_drawdown": drawdown,
    "volatility": formulas.volatility,
}
"""Measures of daily returns that need not be neighbours in time: they are taken as one row."""


def scores_of_days(daily: Floats, metric: Metric) -> Floats:
    """Returns the score of each row of daily returns, more is better; NaN where there is none. Shapes (runs, days) and (runs,)."""
    if metric.name == "sharpe" and daily.shape[1] > 1:
        return metric.sign * _sharpes(np.ascontiguousarray(daily))
    measure = OF_DAYS[metric.name]
    return metric.sign * np.array([measure(row) for row in daily])


def _sharpes(daily: Floats) -> Floats:
    """Returns `formulas.sharpe` of each row, the same bits: sums along contiguous rows add in the order of the sum of one."""
    deviation = np.std(daily, axis=1, ddof=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = np.mean(daily, axis=1) / deviation * math.sqrt(formulas.DAYS_PER_YEAR)
    return np.where(deviation > 0, ratios, math.nan)
