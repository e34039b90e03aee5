"""The information coefficient (IC): how well values order, or measure, what comes after them.

Across assets it is, at each time, the correlation of the assets' values with their forward returns, averaged over time (Grinold and Kahn
1999); over time it is one correlation for each asset. Spearman's looks at ranks, Pearson's at sizes. Errors are corrected for overlap.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from .overlap import mean_error, ratio
from .panel import LEAST_ASSETS, Across, Horizon, Panel, Price, across_of, bars_of, panel_of
from .ranks import correlations, rank_correlations, ranks

if TYPE_CHECKING:
    import polars as pl

    from bot4.report.columns import Floats

DEFAULT_HORIZONS = (1, 2, 4, 8, 24, 72)


@dataclass(frozen=True, eq=False)
class InformationCoefficient:
    """IC by horizon (the decay curve), and at each time where it is across assets."""

    name: str
    across: Across
    price: Price
    rows: tuple[Mapping[str, Any], ...]
    times: Any
    by_time: Mapping[int, Floats]
    """Spearman's IC at each time, by horizon in bars; empty over time."""

    @cached_property
    def frame(self) -> pl.DataFrame:
        """Returns `horizon` (bars), `symbol` (over time), `spearman`, `spearman_se`, `spearman_t`, `pearson`, `pearson_se`, `pearson_t`,
        `ir` (mean over standard deviation of Spearman's IC; null over time), `count` (times)."""
        import polars as pl

        return pl.DataFrame(list(self.rows), infer_schema_length=None).with_columns(pl.selectors.float().fill_nan(None))

    @cached_property
    def series(self) -> pl.DataFrame:
        """Returns `ts` (when it is known) and Spearman's IC at each time, a column for each horizon; no columns over time."""
        import polars as pl

        from ..frames import TIME

        columns = {str(horizon): pl.Series(values).fill_nan(None) for horizon, values in self.by_time.items()}
        return pl.DataFrame({"ts": pl.Series(self.times).cast(TIME), **columns})

    def __str__(self) -> str:
        return f"{self.name}: information coefficient across {self.across}, returns from {self.price} to {self.price}\n{self.frame}"

    __repr__ = __str__


def ic(
    expression: Any,
    data: Any,
    *,
    horizon: Horizon | Sequence[Horizon] = DEFAULT_HORIZONS,
    price: Price = "open",
    across: Across | None = None,
    **source: Any,
) -> InformationCoefficient:
    """Returns the information coefficient of an expression by horizon. See `Expr.ic`."""
    panel = panel_of(expression, data, **source)
    how, horizons = across_of(across, panel), bars_of(horizon, panel.interval_ms)
    rows: list[dict[str, Any]] = []
    by_time: dict[int, Floats] = {}
    for bars in horizons:
        forward = panel.forward(bars, price)
        if how == "assets":
            by_time[bars], row = _across_assets(panel, forward, bars)
            rows.append(row)
        else:
            rows += [_over_time(panel, forward, bars, place) for place in range(len(panel.symbols))]
    return InformationCoefficient(panel.name, how, price, tuple(rows), panel.known_at, by_time)


def _across_assets(panel: Panel, forward: Floats, bars: int) -> tuple[Floats, dict[str, Any]]:
    by_rank = rank_correlations(panel.values, forward, LEAST_ASSETS)
    by_size = correlations(panel.values, forward, LEAST_ASSETS)
    row: dict[str, Any] = {"horizon": bars}
    for name, each in (("spearman", by_rank), ("pearson", by_size)):
        row |= _told(name, _mean(each), mean_error(each, bars))
    present = by_rank[np.isfinite(by_rank)]
    deviation = float(present.std(ddof=1)) if len(present) > 1 else math.nan
    return by_rank, row | {"ir": ratio(row["spearman"], deviation), "count": len(present)}


def _over_time(panel: Panel, forward: Floats, bars: int, place: int) -> dict[str, Any]:
    x, y = panel.values[:, place], forward[:, place]
    both = np.isfinite(x) & np.isfinite(y)
    x, y = np.where(both, x, np.nan)[None], np.where(both, y, np.nan)[None]
    row: dict[str, Any] = {"horizon": bars, "symbol": panel.symbols[place]}
    for name, (a, b) in (("spearman", (ranks(x)[0], ranks(y)[0])), ("pearson", (x[0], y[0]))):
        row |= _told(name, *_correlation(a, b, bars))
    return row | {"ir": math.nan, "count": int(both.sum())}


def _correlation(x: Floats, y: Floats, bars: int) -> tuple[float, float]:
    """Returns a correlation over time and its error: that of the mean of its influence function x·y − ρ(x² + y²)/2."""
    both = np.isfinite(x) & np.isfinite(y)
    if both.sum() < 3:
        return math.nan, math.nan
    with np.errstate(divide="ignore", invalid="ignore"):
        a, b = ((z - z[both].mean()) / z[both].std() for z in (x, y))
    found = float((a[both] * b[both]).mean())
    return found, mean_error(a * b - found * (a * a + b * b) / 2.0, bars)


def _told(name: str, value: float, error: float) -> dict[str, float]:
    return {name: value, f"{name}_se": error, f"{name}_t": ratio(value, error)}


def _mean(values: Floats) -> float:
    present = values[np.isfinite(values)]
    return float(present.mean()) if len(present) else math.nan
