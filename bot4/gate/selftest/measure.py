"""z of many paths at every look at once: what `boundary.score` computes for one series, from running sums.

Everything but the mean is the same for a path with a constant added, so one `Measured` gives z for every true Sharpe ratio.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot4.gate.boundary import LAGS_PER_ROOT, LOOK_DAYS, LOOKS, MOST_LAGS
from bot4.report.tear.hac import BARTLETT, lags_for

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Measured:
    """Moments of paths up to each look; L looks, P paths."""

    days: NDArray[np.int64]
    """Days at each look, shape (L, 1)."""
    mean: Floats
    """Shape (L, P), as the three after it."""
    variance: Floats
    skewness: Floats
    kurtosis: Floats
    covariances: Floats
    """Γ₀ … Γ₂₅, shape (26, L, P)."""

    def z(self, added: float | Floats = 0.0, *, robust: bool = True) -> Floats:
        """Returns z of the paths with a constant added to every day, or one for each path, shape (L, P).

        robust: False leaves the Newey-West error out, to show what it is good for.
        """
        mean = self.mean + added
        ratio = mean / np.sqrt(self.variance * self.days / (self.days - 1))
        spread = 1.0 - self.skewness * ratio + (self.kurtosis - 1.0) / 4.0 * ratio**2
        psr_z = ratio * np.sqrt(self.days - 1) / np.sqrt(spread)
        found: Floats = np.minimum(psr_z, mean / self.error()) if robust else psr_z
        return found

    def error(self) -> Floats:
        """Returns the Newey-West error of the mean, shape (L, P)."""
        lags, total = self.lags(), self.covariances[0].copy()
        for lag in range(1, MOST_LAGS + 1):
            total += 2.0 * np.maximum(1.0 - lag / (lags + 1.0), 0.0) * self.covariances[lag]
        found: Floats = np.sqrt(total / self.days)
        return found

    def lags(self) -> Floats:
        """Returns how many lags each error takes, shape (L, P)."""
        first = np.array([[lags_for(int(days))] for days in self.days[:, 0]])
        level, slope = self.covariances[0].copy(), np.zeros_like(self.mean)
        for lag in range(1, int(first.max()) + 1):
            counted = np.where(lag <= first, self.covariances[lag], 0.0)
            level += 2.0 * counted
            slope += 2.0 * lag * counted
        asked = np.floor(BARTLETT * np.cbrt((slope / level) ** 2 * self.days))
        found: Floats = np.clip(asked, first, np.minimum(MOST_LAGS, np.floor(LAGS_PER_ROOT * np.sqrt(self.days))))
        return found


def look_days(first_days: int) -> NDArray[np.int64]:
    """Returns the days at each of twelve looks."""
    return first_days + LOOK_DAYS * np.arange(1, LOOKS + 1, dtype=np.int64)


def measure(paths: Floats, looks: NDArray[np.int64]) -> Measured:
    """Returns the moments of paths, shape (days, P), up to each look."""
    days = looks[:, None]
    sums = [_upto(paths**power, looks) / days for power in (1, 2, 3, 4)]
    mean, second = sums[0], sums[1] - sums[0] ** 2
    third = sums[2] - 3.0 * mean * sums[1] + 2.0 * mean**3
    fourth = sums[3] - 4.0 * mean * sums[2] + 6.0 * mean**2 * sums[1] - 3.0 * mean**4
    return Measured(days, mean, second, third / second**1.5, fourth / second**2, _covariances(paths, looks, mean))


def _upto(values: Floats, looks: NDArray[np.int64], missing: int = 0) -> Floats:
    """Returns sums of the rows before each look, `missing` of which are not there, shape (L, P)."""
    starts = [0, *(looks[:-1] - missing)]
    found: Floats = np.add.reduceat(values[: looks[-1] - missing], starts, axis=0).cumsum(axis=0)
    return found


def _covariances(paths: Floats, looks: NDArray[np.int64], mean: Floats) -> Floats:
    days, whole = looks[:, None], mean * looks[:, None]
    found = np.empty((MOST_LAGS + 1, *mean.shape))
    for lag in range(MOST_LAGS + 1):
        products = _upto(paths[lag:] * paths[: len(paths) - lag], looks, lag)
        ends = np.stack([paths[:lag].sum(axis=0) + paths[look - lag : look].sum(axis=0) for look in looks])
        found[lag] = (products - mean * (2.0 * whole - ends) + (days - lag) * mean**2) / days
    return found
