"""A curve in characters: one line of blocks, or a few lines of braille, whose dots are eight to a character."""

from __future__ import annotations

import numpy as np

from .columns import Floats, Ints

LEVELS = "▁▂▃▄▅▆▇█"
BRAILLE = 0x2800
DOTS = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))
"""Bits of the dots of a braille character (Unicode, chapter 21): left column from the top, right column."""


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


def braille(values: Floats | Ints, width: int, height: int) -> list[str]:
    """Returns the curve as `height` lines of `width` braille characters, scaled from its lowest to its highest value.

    Each column of dots covers its part of the curve from the lowest to the highest value in it, and reaches the next column's, so that no
    spike is lost and the line is closed. Empty lines for an empty curve.
    """
    if not len(values) or width < 1 or height < 1:
        return [""] * max(height, 0)
    columns, rows = 2 * width, 4 * height
    edges = np.arange(columns + 1) * len(values) // columns
    curve = np.asarray(values, dtype=np.float64)
    low, high = float(curve.min()), float(curve.max())
    # Divided first: of a span that is hardly more than nothing the inverse would be infinite.
    is_flat = not high > low
    level = (
        np.full(len(curve), rows // 2 - 1)
        if is_flat
        else np.rint((curve - low) / (high - low) * (rows - 1)).astype(np.int64)
    )
    cells = np.zeros((height, width), dtype=np.int64)
    last = None
    for column in range(columns):
        part = level[edges[column] : max(edges[column + 1], edges[column] + 1)]
        bottom, top = int(part.min()), int(part.max())
        if last is not None:  # close the gap to the column before
            bottom, top = min(bottom, last + 1), max(top, last - 1)
        for dot in range(bottom, top + 1):
            down = rows - 1 - dot
            cells[down // 4, column // 2] |= DOTS[column % 2][down % 4]
        last = int(part[-1])
    return ["".join(chr(BRAILLE + int(cell)) for cell in line) for line in cells]
