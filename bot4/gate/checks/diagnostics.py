"""G9, diagnostics: what kind of series the days are. They choose estimators and never decide: any real series of returns fails some."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from .. import stats
from ..errors import GateError
from ..evidence import Evidence
from ..finding import Finding, found
from .readings import on_days

NAME = ("G9", "diagnostics")
STRESSED = 0.05
"""Share of days, the market's worst, over which the correlation with it is also taken."""
CORRELATION_DIGITS = 4
"""A likelihood's maximum is found to no more."""


def check(evidence: Evidence) -> Finding:
    """Returns the diagnostics of the days out of sample; never judged."""
    returns = evidence.out.returns
    tests: dict[str, Callable[[], Any]] = {
        "jarque_bera": lambda: stats.jarque_bera(returns),
        "ljung_box": lambda: stats.ljung_box(returns),
        "arch_lm": lambda: stats.arch_lm(returns),
        "adf": lambda: stats.adf(returns),
        "kpss": lambda: stats.kpss(returns),
        "variance_ratio": lambda: stats.variance_ratio(returns, horizon=5),
    }
    p_values = {name: _p_value(test) for name, test in tests.items()}
    return found(NAME, "info", None, None, None, "", _words(p_values), p_values=p_values, **_market(evidence))


def _p_value(test: Callable[[], Any]) -> float | None:
    try:
        return float(test().p_value)
    except GateError:
        return None


def _words(p_values: dict[str, float | None]) -> str:
    """Returns which estimators the tests ask for, with their p-values."""

    def rejects(name: str) -> bool:
        p = p_values[name]
        return p is not None and p < 0.05

    parts = [
        "not normal: the Sharpe ratio's error takes skewness and kurtosis" if rejects("jarque_bera") else "normal",
        "autocorrelated: the robust error counts" if rejects("ljung_box") else "not autocorrelated",
        "of changing variance: the value at risk follows it, and blocks are longer"
        if rejects("arch_lm")
        else "of constant variance",
    ]
    if not rejects("adf") or rejects("kpss"):
        parts.append("perhaps not stationary: the first and last years may differ")
    return f"The days are {'; '.join(parts)}."


def _market(evidence: Evidence) -> dict[str, object]:
    """Returns correlations with the market: plain, on its worst days, and changing ones (cDCC; Aielli 2013), where they can be fitted."""
    returns = evidence.out.returns
    held = on_days(evidence.market.days, evidence.market.returns, evidence.out.days)
    worst = held <= np.quantile(held, STRESSED)
    made: dict[str, object] = {
        "correlation": _correlation(returns, held),
        "correlation_worst": _correlation(returns[worst], held[worst]),
        "worst_mean": float(returns[worst].mean()),
    }
    try:
        path = stats.cdcc(np.column_stack([returns, held])).path[:, 0, 1]
    except GateError:
        return made | {"dcc_highest": None, "dcc_last": None, "dcc_worst": None}
    return made | {
        "dcc_highest": round(float(path.max()), CORRELATION_DIGITS),
        "dcc_last": round(float(path[-1]), CORRELATION_DIGITS),
        "dcc_worst": round(float(path[worst].mean()), CORRELATION_DIGITS),
    }


def _correlation(one: Any, other: Any) -> float:
    if len(one) < 3 or not np.std(one) > 0 or not np.std(other) > 0:
        return math.nan
    return float(np.corrcoef(one, other)[0, 1])
