"""Whether a series wanders: tests of a unit root, and of its absence. Wraps `arch.unitroot` (extra `gate`)."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ..errors import GateError
from .inputs import extra, one_of, series

TRENDS = ("n", "c", "ct")
"""Nothing, a constant, a constant and a line."""
LEAST = 20


@dataclass(frozen=True)
class UnitRoot:
    """A test of a unit root or of its absence; `null` says what a small p-value speaks against."""

    test: str
    """adf, kpss or phillips_perron."""
    null: str
    """unit root or stationary."""
    count: int
    """Number of values."""
    trend: str
    """In the regression: n none, c constant, ct constant and line."""
    lags: int
    """Of the regression (adf) or of the long-run variance."""
    statistic: float
    """The test's statistic."""
    p_value: float
    """MacKinnon's (1994, 2010) response surface; of KPSS by simulation, between the ends of its table."""
    critical_1: float
    """Critical value at 1 %."""
    critical_5: float
    """At 5 %."""
    critical_10: float
    """At 10 %."""


def adf(values: ArrayLike, *, lags: int | None = None, trend: str = "c") -> UnitRoot:
    """Returns the augmented Dickey-Fuller test; null: a unit root (Dickey and Fuller 1979; MacKinnon 2010).

    Without `lags` those of the least AIC. values: shape (T,), T ≥ 20. Raises GateError for input that `series` refuses.
    """
    found, options = _asked(values, lags, trend, TRENDS)
    return _run("adf", "unit root", lambda arch: arch.ADF(found, method="aic", **options))


def kpss(values: ArrayLike, *, lags: int | None = None, trend: str = "c") -> UnitRoot:
    """Returns the KPSS test; null: stationary around a constant, or with `trend="ct"` around a line (Kwiatkowski et al. 1992).

    Without `lags` those of Hobijn, Franses and Ooms (2004). values: shape (T,), T ≥ 20. Raises GateError as `series` does.
    """
    found, options = _asked(values, lags, trend, TRENDS[1:])
    return _run("kpss", "stationary", lambda arch: arch.KPSS(found, **options))


def phillips_perron(values: ArrayLike, *, lags: int | None = None, trend: str = "c") -> UnitRoot:
    """Returns the Phillips-Perron test (Z_τ); null: a unit root, with errors robust to autocorrelation (Phillips and Perron 1988).

    Without `lags` ⌈12·(T/100)^¼⌉. values: shape (T,), T ≥ 20. Raises GateError for input that `series` refuses.
    """
    found, options = _asked(values, lags, trend, TRENDS)
    return _run("phillips_perron", "unit root", lambda arch: arch.PhillipsPerron(found, **options))


def _asked(values: ArrayLike, lags: int | None, trend: str, trends: tuple[str, ...]) -> tuple[Any, dict[str, Any]]:
    found = series(values, LEAST)
    if lags is not None and not 0 <= lags < len(found) // 2:
        raise GateError(
            f"lags is {lags} for {len(found):,} values; give a number from 0 to {len(found) // 2 - 1:,}, or none"
        )
    options = {"lags": lags, "trend": one_of("trend", trend, trends)}
    # No test depends on units, nor with a constant on the level; their matrices do, in floating point.
    return (found if trend == "n" else found - found.mean()) / found.std(), options


def _run(name: str, null: str, make: Callable[[Any], Any]) -> UnitRoot:
    """Returns the result of a test made from `arch.unitroot`. Raises GateError where the series is too regular for it."""
    arch = extra("arch.unitroot")
    infeasible = extra("arch.utility.exceptions").InfeasibleTestException
    try:
        # arch tells of a new default of KPSS that the docstring names, and of matrices that the next lines refuse.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _result(name, null, make(arch))
    except (infeasible, np.linalg.LinAlgError):
        raise GateError(
            f"the series repeats or grows so regularly that {name} has nothing to estimate an error from; "
            "give a series with noise, or other lags"
        ) from None


def _result(name: str, null: str, test: Any) -> UnitRoot:
    critical = test.critical_values
    return UnitRoot(
        test=name,
        null=null,
        count=len(test.y),
        trend=test.trend,
        lags=int(test.lags),
        statistic=float(test.stat),
        p_value=float(test.pvalue),
        critical_1=float(critical["1%"]),
        critical_5=float(critical["5%"]),
        critical_10=float(critical["10%"]),
    )
