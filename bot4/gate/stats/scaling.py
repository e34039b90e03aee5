"""Long memory: how the fluctuation of a series grows with the length one looks at."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from bot4.report.columns import Floats

from ..errors import GateError
from .inputs import series

SIZES = 20
"""Window lengths, evenly spaced in logarithms."""


@dataclass(frozen=True)
class Dfa:
    """Detrended fluctuation analysis; the exponent of stationary noise is Hurst's H."""

    count: int
    """Number of values T."""
    order: int
    """Degree of the polynomial that is taken out of each window."""
    windows: int
    """How many window lengths the line is fitted to."""
    smallest: int
    """Shortest window, values."""
    largest: int
    """Longest window, values."""
    exponent: float
    """Slope of log F(n) on log n: 0.5 no memory, above persistent, below returning; 1.5 a random walk."""
    fit: float
    """R² of that line: well below 1 there is no one exponent."""


def dfa(values: ArrayLike, *, order: int = 1, smallest: int = 10, largest: int | None = None) -> Dfa:
    """Returns the scaling exponent by detrended fluctuation analysis (Peng et al. 1994), windows taken from both ends.

    largest: a quarter of the series unless given. values: shape (T,), T ≥ 100. Raises GateError for input that `series` refuses.
    """
    found = series(values, 100)
    longest = len(found) // 4 if largest is None else largest
    if not order + 2 <= smallest < longest <= len(found) // 2:
        raise GateError(
            f"windows go from {smallest} to {longest} for {len(found):,} values and order {order}; "
            f"the shortest is at least {order + 2}, the longest at most {len(found) // 2:,} and longer than the shortest"
        )
    lengths = np.unique(np.geomspace(smallest, longest, SIZES).round().astype(np.int64))
    if len(lengths) < 4:
        raise GateError(f"windows from {smallest} to {longest} are {len(lengths)} lengths; a slope needs at least 4")
    profile = np.cumsum(found - found.mean())
    logs = np.log([_fluctuation(profile, int(length), order) for length in lengths])
    steps = np.log(lengths)
    slope, intercept = np.polyfit(steps, logs, 1)
    left = float(np.sum((logs - intercept - slope * steps) ** 2))
    fit = 1.0 - left / float(np.sum((logs - logs.mean()) ** 2))
    return Dfa(len(found), order, len(lengths), int(lengths[0]), int(lengths[-1]), float(slope), fit)


def _fluctuation(profile: Floats, length: int, order: int) -> float:
    """Returns F(n): the root mean square of what a polynomial leaves of the profile in windows of n values."""
    pieces = len(profile) // length
    forward = profile[: pieces * length].reshape(pieces, length)
    backward = profile[len(profile) - pieces * length :].reshape(pieces, length)
    both = np.concatenate([forward, backward])
    basis, _ = np.linalg.qr(np.vander(np.linspace(-1.0, 1.0, length), order + 1))
    left = both - (both @ basis) @ basis.T
    return float(np.sqrt(np.mean(left**2)))
