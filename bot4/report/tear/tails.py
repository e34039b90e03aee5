"""The tails of daily returns: value at risk, expected shortfall, shape, tail index."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from .. import formulas
from ..columns import Floats, Ints
from .cornish_fisher import cornish_fisher
from .numbers import NORMAL, chi2_p, deviation, growth, mean
from .ratios import tail_ratio
from .series import Series

SHOWN = 5
TAIL_SHARE = 0.05
"""Share of the days that the tail index reads."""


@dataclass(frozen=True)
class DayReturn:
    """One day's return and close (UTC ms)."""

    ms: int
    """Close of the day, UTC ms."""
    value: float
    """Return, a fraction."""


@dataclass(frozen=True)
class Tails:
    """Losses are negative returns: a value at risk of −0.05 is a loss of 5 % in one day."""

    skewness: float
    """As in the summary."""
    kurtosis: float
    """Raw, 3 for a normal distribution."""
    jarque_bera: float
    """T/6·(γ₃² + (γ₄ − 3)²/4) (Jarque and Bera 1980)."""
    jarque_bera_p: float
    """Against χ² with 2 degrees of freedom; small: not normal."""
    var_95: float
    """Empirical 5 % quantile."""
    var_99: float
    """Empirical 1 % quantile."""
    es_95: float
    """Mean of the returns at or below `var_95`: expected shortfall, CVaR."""
    es_99: float
    """Mean of the returns at or below `var_99`."""
    normal_var_95: float
    """mean + z·s, as quantstats' VaR."""
    normal_var_99: float
    """The same at 1 %."""
    cf_var_95: float
    """Cornish-Fisher expansion with this skewness and kurtosis (Maillard 2012); NaN where no monotone one has them."""
    cf_var_99: float
    """The same at 1 %."""
    cf_es_95: float
    """Expected shortfall of the same expansion (Maillard 2012)."""
    cf_es_99: float
    """The same at 1 %."""
    tail_ratio: float
    """|95 % quantile|/|5 % quantile|."""
    hill_left: float
    """Hill (1975) tail index of the losses, from the worst 5 % of days; below 2 the variance may be infinite."""
    hill_left_se: float
    """index/√k."""
    hill_right: float
    """The same of the gains."""
    hill_right_se: float
    """index/√k."""
    best_days: tuple[DayReturn, ...]
    """The five best, best first."""
    worst_days: tuple[DayReturn, ...]
    """The five worst, worst first."""
    without_best: float
    """Total return without the five best days."""
    without_worst: float
    """Total return without the five worst days."""


def tails(series: Series) -> Tails:
    """Returns the measures of the tails of a run's daily returns; NaN under two days or without variation."""
    returns, times = series.returns, series.times[1:]
    skew, kurt = formulas.skewness(returns), formulas.kurtosis(returns)
    size = len(returns) / 6.0 * (skew**2 + (kurt - 3.0) ** 2 / 4.0)
    (var_95, es_95), (var_99, es_99) = historical(returns, 0.05), historical(returns, 0.01)
    centre, spread = mean(returns), deviation(returns)
    expanded = [(centre + v * spread, centre + e * spread) for v, e in cornish_fisher((0.05, 0.01), skew, kurt)]
    left, right = hill(-returns), hill(returns)
    order = np.argsort(returns, kind="stable")
    worst, best = order[:SHOWN], order[::-1][:SHOWN]
    return Tails(
        skewness=skew,
        kurtosis=kurt,
        jarque_bera=size,
        jarque_bera_p=chi2_p(size, 2),
        var_95=var_95,
        var_99=var_99,
        es_95=es_95,
        es_99=es_99,
        normal_var_95=centre + NORMAL.inv_cdf(0.05) * spread,
        normal_var_99=centre + NORMAL.inv_cdf(0.01) * spread,
        cf_var_95=expanded[0][0],
        cf_var_99=expanded[1][0],
        cf_es_95=expanded[0][1],
        cf_es_99=expanded[1][1],
        tail_ratio=tail_ratio(returns),
        hill_left=left[0],
        hill_left_se=left[1],
        hill_right=right[0],
        hill_right_se=right[1],
        best_days=_days(times, returns, best),
        worst_days=_days(times, returns, worst),
        without_best=growth(np.delete(returns, best)) if len(returns) else math.nan,
        without_worst=growth(np.delete(returns, worst)) if len(returns) else math.nan,
    )


def historical(returns: Floats, share: float) -> tuple[float, float]:
    """Returns (quantile, mean of the returns at or below it) for the worst share of the days (Acerbi and Tasche 2002)."""
    if len(returns) < 2:
        return math.nan, math.nan
    value = float(np.quantile(returns, share))
    return value, mean(returns[returns <= value])


def hill(losses: Floats) -> tuple[float, float]:
    """Returns (α, α/√k) of the upper tail: 1/mean of ln(x_i/x_{k+1}) over the k largest, k = 5 % of the days (Hill 1975)."""
    count = int(len(losses) * TAIL_SHARE)
    if count < 2:
        return math.nan, math.nan
    largest = np.sort(losses)[::-1][: count + 1]
    if not largest[-1] > 0:
        return math.nan, math.nan
    size = float(np.mean(np.log(largest[:-1] / largest[-1])))
    return (1.0 / size, 1.0 / size / math.sqrt(count)) if size > 0 else (math.nan, math.nan)


def _days(times: Ints, returns: Floats, rows: Ints) -> tuple[DayReturn, ...]:
    return tuple(DayReturn(int(times[row]), float(returns[row])) for row in rows)
