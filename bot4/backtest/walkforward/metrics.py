"""What a choice is made by: the measures where more is better, of a whole run and of bare daily returns.

Not here: the formulas (`bot4.report.formulas`).
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Callable, Mapping

import numpy as np

from bot4.report import formulas
from bot4.report.columns import DAY_MS, Floats

from ..errors import BacktestError

METRICS = (
    "sharpe",
    "sortino",
    "calmar",
    "cagr",
    "total_return",
    "max_drawdown",
    "profit_factor",
    "expectancy",
    "win_rate",
)
"""Statistics of a run by which parameters may be chosen; all are better when larger (a drawdown is negative)."""


def _growth(returns: Floats) -> float:
    return float(np.prod(1.0 + returns)) - 1.0 if len(returns) else math.nan


def _cagr(returns: Floats) -> float:
    return formulas.cagr(1.0, 1.0 + _growth(returns), len(returns) * DAY_MS) if len(returns) else math.nan


def _drawdown(returns: Floats) -> float:
    curve = np.concatenate([[1.0], np.cumprod(1.0 + returns)])
    return formulas.max_drawdown(np.arange(len(curve), dtype=np.int64), curve).depth if len(returns) else math.nan


def _calmar(returns: Floats) -> float:
    return formulas.calmar(_cagr(returns), _drawdown(returns))


OF_DAYS: Mapping[str, Callable[[Floats], float]] = {
    "sharpe": formulas.sharpe,
    "sortino": formulas.sortino,
    "calmar": _calmar,
    "cagr": _cagr,
    "total_return": _growth,
    "max_drawdown": _drawdown,
}
"""The same of daily returns that need not be neighbours in time: they are taken as one row."""


def check_metric(metric: str, known: tuple[str, ...] = METRICS) -> str:
    """Returns a metric that is known. Raises BacktestError with what there is."""
    if metric in known:
        return metric
    near = difflib.get_close_matches(str(metric), known, n=1)
    hint = f"did you mean {near[0]}" if near else f"there are {', '.join(known)}"
    raise BacktestError(f"metric is {metric!r}, by which nothing can be chosen here; {hint}{'?' if near else '.'}")
