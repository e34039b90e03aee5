"""A curve in one line of block characters."""

from __future__ import annotations

import numpy as np

from .columns import Floats, Ints

LEVELS = "▁▂▃▄▅▆▇█"


def sparkline(values: Floats | Ints, width: int) -> str:
    """Returns at most `width` characters, each the last value of its part of the curve, scaled from lowest to highest."""
    count = len(values)
    if not count or width < 1:
        return ""
    last = (np.arange(1, min(width, count) + 1) * count // min(width, count)) - 1
    shown = np.asarray(values)[last].astype(np.float64)
    low, high = float(shown.min()), float(shown.max())
    if high <= low:
        return LEVELS[len(LEVELS) // 2 - 1] * len(shown)
    steps = np.rint((shown - low) / (high - low) * (len(LEVELS) - 1)).astype(np.int64)
    return "".join(LEVELS[step] for step in steps)
