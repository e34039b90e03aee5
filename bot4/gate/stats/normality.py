"""Whether returns are normal. No real series of returns is: the answer chooses an estimator, and never fails a strategy."""

from __future__ import annotations

from dataclasses import dataclass

from numpy.typing import ArrayLike

from bot4.report import formulas

from .distributions import chi2_tail
from .inputs import series


@dataclass(frozen=True)
class JarqueBera:
    """Skewness and kurtosis against those of a normal distribution; a small p-value: not normal."""

    count: int
    """Number of values T."""
    skewness: float
    """γ₃ = m₃/m₂^1.5."""
    kurtosis: float
    """γ₄ = m₄/m₂²."""
    statistic: float
    """T/6·(γ₃² + (γ₄ − 3)²/4) (Jarque and Bera 1980)."""
    p_value: float
    """Against χ² with 2 degrees of freedom."""
    adjusted: float
    """γ₃²/v₃ + (γ₄ − m₄)²/v₄ with mean and variances that are exact for T normal values (Urzúa 1996)."""
    adjusted_p: float
    """Against the same χ²; the one to read below some hundred values."""


def jarque_bera(values: ArrayLike) -> JarqueBera:
    """Returns the Jarque-Bera test of normality, and its correction for small samples (Urzúa 1996).

    values: shape (T,), T ≥ 8. Raises GateError for input that `series` refuses.
    """
    found = series(values, 8)
    n = len(found)
    skew, kurt = formulas.skewness(found), formulas.kurtosis(found)
    plain = n / 6.0 * (skew**2 + (kurt - 3.0) ** 2 / 4.0)
    skew_variance = 6.0 * (n - 2) / ((n + 1) * (n + 3))
    kurt_mean = 3.0 * (n - 1) / (n + 1)
    kurt_variance = 24.0 * n * (n - 2) * (n - 3) / ((n + 1) ** 2 * (n + 3) * (n + 5))
    corrected = skew**2 / skew_variance + (kurt - kurt_mean) ** 2 / kurt_variance
    return JarqueBera(n, skew, kurt, plain, chi2_tail(plain, 2), corrected, chi2_tail(corrected, 2))
