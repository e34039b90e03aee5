"""When an order was due at the venue: the decision plus its latency, constant or drawn as docs/semantics.md, section 6 says.

The engine draws it; here it is told again from the order's number, for `why` alone.
"""

from __future__ import annotations

import math

from .config import Config

MASK = 2**64 - 1
MOST_MS = 366 * 86_400_000


def splitmix64(state: int) -> int:
    """Returns the 64-bit output of Vigna's splitmix64 for one state."""
    x = (state + 0x9E3779B97F4A7C15) & MASK
    x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & MASK
    return x ^ (x >> 31)


def latency_ms(config: Config, order: int) -> int:
    """Returns the latency of the order with a number, in milliseconds, under a run's settings."""
    costs = config.effective
    compute = costs.compute_latency_ms
    if not costs.latency_sigma or not costs.latency_ms:
        return costs.latency_ms + compute
    a, b = (splitmix64((costs.latency_seed + 2 * order + n) & MASK) >> 11 for n in (0, 1))
    z = math.sqrt(-2.0 * math.log((a + 1) / 2**53)) * math.cos(2.0 * math.pi * (b / 2**53))
    return min(round(costs.latency_ms * math.exp(costs.latency_sigma * z)), MOST_MS) + compute
