"""The tails of daily returns: value at risk, expected shortfall, shape, tail index."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class DayReturn:
    """One day's return and close (UTC ms)."""

    ms: int
    value: float


@dataclass(frozen=True)
class Tails:
    """Losses are negative returns: a value at risk of −0.05 is a loss of 5 % in one day."""

    skewness: float
    kurtosis: float
    """Raw, 3 for a normal distribution."""
    jarque_bera: float
    """T/6·(γ₃² + (γ₄ − 3)²/4) (Jarque and Bera 1980)."""
    jarque_bera_p: float
    var_95: float
    """Empirical 5 % quantile."""
    var_99: float
    es_95: float
    """Mean of the returns at or below it: expected shortfall, CVaR."""
    es_99: float
    normal_var_95: float
    """mean + z·s, as quantstats' VaR."""
    normal_var_99: float
    cf_var_95: float
    """Cornish-Fisher expansion with skewness and kurtosis; NaN outside its domain (Maillard 2012)."""
    cf_var_99: float
    cf_es_95: float
    """Expected shortfall of the same expansion (Maillard 2012)."""
    cf_es_99: float
    tail_ratio: float
    """|95 % quantile|/|5 % quantile|."""
    hill_left: float
    """Hill (1975) tail index of the losses, from the worst 5 % of days; below 2 the variance may be infinite."""
    hill_left_se: float
    hill_right: float
    hill_right_se: float
    best_days: tuple[DayReturn, ...]
    """The five best, best first."""
    worst_days: tuple[DayReturn, ...]
    without_best: float
    """Total return without the five best days."""
    without_worst: float
