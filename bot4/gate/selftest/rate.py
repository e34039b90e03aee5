"""How often something happened, and how sure that is."""

from __future__ import annotations

import math
from dataclasses import dataclass

from bot4.report.tear.numbers import NORMAL

LEVEL = 0.95


@dataclass(frozen=True)
class Rate:
    """A share of paths with its interval of 95 % (Wilson 1927)."""

    passed: int
    paths: int
    share: float
    low: float
    high: float


def rate(passed: int, paths: int) -> Rate:
    """Returns the share of at least one path that passed."""
    z = NORMAL.inv_cdf(0.5 + LEVEL / 2.0)
    share = passed / paths
    centre = (share + z**2 / (2.0 * paths)) / (1.0 + z**2 / paths)
    half = z / (1.0 + z**2 / paths) * math.sqrt(share * (1.0 - share) / paths + z**2 / (4.0 * paths**2))
    return Rate(passed, paths, share, max(centre - half, 0.0), min(centre + half, 1.0))
