"""Standard errors of means whose terms overlap.

Returns over h bars that begin at every bar share h − 1 bars with the next: their mean is less certain than of independent terms. Hansen
and Hodrick (1980) add the covariances up to lag h − 1, all with weight 1, which is exact where nothing but the overlap connects them. Where
that sum is not positive, as it can be in short samples, Bartlett's weights are used (Newey and West 1987).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from bot4.report.columns import Floats


def mean_error(terms: Floats, horizon: int) -> float:
    """Returns the standard error of the mean of terms that overlap over `horizon` bars; NaN for fewer than 3 × horizon terms.

    Missing terms count as their mean: they add nothing, and lags keep their length.
    """
    present = np.isfinite(terms)
    count = int(present.sum())
    if count < max(3 * horizon, 3):
        return math.nan
    centred = np.where(present, terms - terms[present].mean(), 0.0)
    covariances = np.array([float(centred[lag:] @ centred[: len(centred) - lag]) for lag in range(horizon)])
    total = covariances[0] + 2.0 * float(covariances[1:].sum())
    if total <= 0.0:
        weights = 1.0 - np.arange(1, horizon) / horizon
        total = covariances[0] + 2.0 * float(weights @ covariances[1:])
    # The sample mean takes about `horizon` terms' worth of freedom out of the sums, as n − 1 does for independent terms.
    return math.sqrt(max(total, 0.0) / count / max(count - horizon, 1))


def ratio(value: float, error: float) -> float:
    """Returns value / error, NaN where the error is none."""
    return value / error if error > 0 else math.nan
