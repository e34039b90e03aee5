"""When an order is due: a constant latency, or a log-normal one drawn from the order's number (docs/semantics.md, section 6)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

MASK = (1 << 64) - 1
LONGEST_MS = 366 * 86_400_000


def splitmix64(x: int) -> int:
    """Vigna's generator: the output for state `x`."""
    z = (x + 0x9E3779B97F4A7C15) & MASK
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return z ^ (z >> 31)


def normal(seed: int, number: int) -> float:
    """The standard normal variate of an order, by Box and Muller."""
    a, b = (splitmix64((seed + 2 * number + k) & MASK) >> 11 for k in (0, 1))
    return math.sqrt(-2.0 * math.log((a + 1) / 2.0**53)) * math.cos(2.0 * math.pi * (b / 2.0**53))


def latency_ms(settings: Mapping[str, Any], number: int) -> int:
    """Milliseconds from the decision until order `number` is due."""
    constant: int = settings["latency_ms"]
    sigma: float = settings.get("latency_sigma", 0.0)
    if sigma <= 0.0:
        return constant
    drawn = constant * math.exp(sigma * normal(settings.get("latency_seed", 0), number))
    return round(min(drawn, LONGEST_MS))
