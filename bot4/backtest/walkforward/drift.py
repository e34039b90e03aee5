"""Parameter drift: the value of each fitted parameter that every training chose, over time, and its plot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bot4.report.columns import Floats, Ints
from bot4.report.plots.spec import Plot, line, plot, points

from .candidates import Candidates
from .window import Window


@dataclass(frozen=True, eq=False)
class Drift:
    """One parameter: `ts` UTC ms when each choice came into force, last the end; `values` of shape (windows + 1,), the last twice.

    `low` and `high` are the ends of the grid. Where values are texts they are numbers into `options`.
    """

    name: str
    ts: Ints
    values: Floats
    low: float
    high: float
    options: tuple[str, ...] = ()


def drifts(windows: Sequence[Window], tried: Candidates) -> list[Drift]:
    """Returns the drift of each parameter that had more than one value to choose from."""
    ts = np.array([w.test.start_ms for w in windows] + [windows[-1].test.end_ms], dtype=np.int64)
    found = []
    for name in tried.names:
        grid = list(dict.fromkeys(values[name] for values in tried.values))
        chosen = [window.params[name] for window in windows]
        if len(grid) < 2:
            continue
        is_number = all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in grid)
        options: tuple[str, ...] = ()
        if is_number:
            numbers = [float(value) for value in chosen]
            ends = (min(map(float, grid)), max(map(float, grid)))
        else:
            options = tuple(str(value) for value in dict.fromkeys([*grid, *chosen]))
            numbers = [float(options.index(str(value))) for value in chosen]
            ends = (0.0, float(len(options) - 1))
        found.append(Drift(name, ts, np.array([*numbers, numbers[-1]]), *ends, options))
    return found


def figure(drift: Drift) -> Plot:
    """Returns the plot: steps and a point for each window, the ends of the grid as dashed lines."""
    steps = line(drift.ts, drift.values, drift.name, "strategy", step=True)
    dots = points(drift.ts[:-1], drift.values[:-1], "choice", "strategy", size=4)
    levels = [{"y": drift.low, "name": "lowest tried"}, {"y": drift.high, "name": "highest tried"}]
    return plot([steps, dots], y="ratio", legend=False, levels=levels)
