"""How sure the numbers are: standard errors of the Sharpe ratio, probabilistic Sharpe ratio, minimum track record."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Significance:
    """Errors and probabilities of the Sharpe ratio and of the mean daily return; annual figures with √365 or 365."""

    days: int
    sharpe: float
    """Annual Sharpe ratio, as in the summary."""
    sharpe_se: float
    """Its standard error for non-normal independent returns (Mertens 2002)."""
    sharpe_se_iid: float
    """Its standard error for normal independent returns (Lo 2002)."""
    sharpe_se_hac: float
    """Its standard error for autocorrelated returns of any distribution (Lo 2002, GMM with Newey-West weights)."""
    hac_lags: int
    """Lags of the Newey-West weights: ⌊4·(T/100)^(2/9)⌋ (Newey and West 1994)."""
    sharpe_lo: float
    """Annual Sharpe ratio with the autocorrelation of daily returns taken into account (Lo 2002, eq. 20), 30 lags."""
    autocorrelation: float
    """Of daily returns at lag 1."""
    ljung_box_p: float
    """p-value of no autocorrelation up to lag 10 (Ljung and Box 1978)."""
    psr: float
    """Probability that the true Sharpe ratio is above 0 (Bailey and López de Prado 2012)."""
    psr_benchmark: float
    """Probability that it is above the benchmark's measured Sharpe ratio."""
    min_track_record_days: float
    """Days for `psr` to reach 95 % with these moments; NaN where the Sharpe ratio is not positive."""
    mean_return: float
    """Mean daily return, a fraction."""
    mean_t: float
    """Its t statistic with Newey-West error."""
    mean_p: float
    """One-sided p-value of a mean that is not positive."""
