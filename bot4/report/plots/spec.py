"""The grammar of a plot: what `Page.figure` draws without Plotly.

A plot is `{"series": [...], "x": "time" | "number" | "names", "format": ..., ...}`; a series has a `type` (line, area, band, bar or
points), `x` and `y` of one length (None is a gap), a `name` for legend and reading, a `colour` of the style sheet. Times are UTC
milliseconds. Long series are thinned to what a screen can show, the lowest and the highest point of every stretch kept, so that no
spike and no trough is lost.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64] | NDArray[np.int64]
Rows = NDArray[np.int64]
Plot = dict[str, Any]
Series = dict[str, Any]
Format = Literal["percent", "ratio", "amount", "count", "times"]

MOST_POINTS = 2_000
"""Points of a line: two for every pixel of the widest page."""
THINNED = "Lines are thinned to the lowest and the highest point of every stretch."


def thin(values: Numbers, most: int = MOST_POINTS) -> Rows:
    """Returns at most `most` row numbers, rising: first, last, and the lowest and highest of each stretch between.

    A missing value (NaN) is taken where a whole stretch is missing, so that gaps stay gaps.
    """
    count = len(values)
    if count <= most:
        return np.arange(count, dtype=np.int64)
    stretches = max((most - 2) // 2, 1)
    size = -(-count // stretches)
    full = count // size * size
    table = np.asarray(values, dtype=np.float64)
    low, high = np.where(np.isnan(table), np.inf, table), np.where(np.isnan(table), -np.inf, table)
    starts = np.arange(full // size, dtype=np.int64) * size
    kept = [starts + low[:full].reshape(-1, size).argmin(axis=1), starts + high[:full].reshape(-1, size).argmax(axis=1)]
    kept.append(np.array([0, count - 1]))
    if full < count:
        kept.append(full + np.array([low[full:].argmin(), high[full:].argmax()]))
    return np.unique(np.concatenate(kept))


def numbers(values: Numbers, digits: int = 6) -> list[float | None]:
    """Returns values as JSON holds them: six significant digits, None for what is missing."""
    return [float(f"{value:.{digits}g}") if np.isfinite(value) else None for value in np.asarray(values).tolist()]


def plot(series: Sequence[Series], *, x: str = "time", y: Format = "ratio", **more: Any) -> Plot:
    """Returns a plot.

    more: `log` (bool), `names` (of x="names"), `xTitle`, `yTitle`, `xFormat`, `legend` (False hides it), `levels`
    (`[{"y": …, "name": …}]` or `x`: dashed lines), `touching` (bars of a histogram).
    """
    return {"x": x, "format": y, "series": list(series), **more}


def line(
    x: Numbers, y: Numbers, name: str, colour: str = "c1", kind: str = "line", most: int = MOST_POINTS, **more: Any
) -> Series:
    """Returns a line or an `area` over x, thinned. more: `dash`, `width`, `step`."""
    at = thin(y, most)
    return {"type": kind, "name": name, "colour": colour, "x": x[at].tolist(), "y": numbers(y[at]), **more}


def band(x: Numbers, low: Numbers, high: Numbers, name: str, colour: str = "c1") -> Series:
    """Returns a band between two lines; of a long one, the lowest and the highest of every stretch are shown."""
    size = -(-len(x) // MOST_POINTS) or 1
    starts = np.arange(0, len(x), size)
    lows, highs = np.fmin.reduceat(low, starts), np.fmax.reduceat(high, starts)
    top = numbers(highs)
    places = x[starts].tolist()
    return {"type": "band", "name": name, "colour": colour, "x": places, "y": top, "low": numbers(lows), "high": top}


def bars(
    y: Numbers, name: str = "", colour: str = "c1", x: Numbers | None = None, *, is_signed: bool = False, **more: Any
) -> Series:
    """Returns bars, over x or over the plot's names. is_signed: colour by sign. more: `low`, `high` (error bars)."""
    places = list(range(len(y))) if x is None else x.tolist()
    return {"type": "bar", "name": name, "colour": colour, "x": places, "y": numbers(y), "signed": is_signed, **more}


def points(x: Numbers, y: Numbers, name: str, colour: str = "c1", **more: Any) -> Series:
    """Returns points. more: `texts` (one for each, shown when pointed at), `size`, `opacity`."""
    return {"type": "points", "name": name, "colour": colour, "x": numbers(x), "y": numbers(y), **more}
