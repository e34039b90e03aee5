"""Forward returns by quantile of the values: does more of the signal bring more?

Across assets the quantiles are those of each time, and returns are what a quantile earned beyond the mean of all assets (`demeaned`),
averaged over its assets and then over time. Over time they are an asset's values among all its earlier ones, so that none knows the future.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import BacktestError
from .overlap import mean_error, ratio
from .panel import Across, Horizon, Panel, Price, across_of, bars_of, panel_of
from .ranks import buckets, buckets_of_the_past, rank_correlations

if TYPE_CHECKING:
    import polars as pl

    from bot4.report.columns import Floats, Ints

LEAST_PAST = 50
"""Values before the first quantile over time, for each quantile a fifth of that more."""


@dataclass(frozen=True, eq=False)
class QuantileReturns:
    """Mean forward return of each quantile, and of the highest less the lowest."""

    name: str
    across: Across
    price: Price
    rows: tuple[Mapping[str, Any], ...]
    spreads: tuple[Mapping[str, Any], ...]

    @cached_property
    def frame(self) -> pl.DataFrame:
        """Returns `horizon` (bars), `quantile` (1 is the lowest), `mean` (fraction), `se`, `t`, `count` (values)."""
        import polars as pl

        return pl.DataFrame(list(self.rows), infer_schema_length=None).with_columns(pl.selectors.float().fill_nan(None))

    @cached_property
    def spread(self) -> pl.DataFrame:
        """Returns `horizon`, `mean` of the highest quantile less the lowest, `se`, `t`, `monotonicity` (Spearman's correlation of quantile
        and mean return: 1 where every quantile earns more than the one below)."""
        import polars as pl

        return pl.DataFrame(list(self.spreads), infer_schema_length=None).with_columns(
            pl.selectors.float().fill_nan(None)
        )

    def __str__(self) -> str:
        return (
            f"{self.name}: returns by quantile across {self.across}\n{self.frame}\nhighest less lowest\n{self.spread}"
        )

    __repr__ = __str__


def quantiles(
    expression: Any,
    data: Any,
    *,
    q: int = 5,
    horizon: Horizon | Sequence[Horizon] = 24,
    price: Price = "open",
    across: Across | None = None,
    demeaned: bool = True,
    **source: Any,
) -> QuantileReturns:
    """Returns forward returns by quantile of an expression. See `Expr.quantiles`."""
    panel = panel_of(expression, data, **source)
    how = across_of(across, panel)
    places = quantiles_of(panel, how, q)
    rows, spreads = [], []
    for bars in bars_of(horizon, panel.interval_ms):
        means = _means(places, panel.forward(bars, price), q, demeaned and how == "assets")
        found = [_row(bars, at + 1, means[:, at], places == at) for at in range(q)]
        rows += found
        spreads.append(_spread(bars, means, [row["mean"] for row in found]))
    return QuantileReturns(panel.name, how, price, tuple(rows), tuple(spreads))


def quantiles_of(panel: Panel, across: Across, q: int) -> Ints:
    """Returns each value's quantile from 0, −1 where there is none. Raises BacktestError for a number that divides nothing."""
    if isinstance(q, bool) or not isinstance(q, int) or q < 2:
        raise BacktestError(f"q is {q!r}; the number of quantiles is 2 or more.")
    if across == "assets":
        if q > len(panel.symbols):
            raise BacktestError(f"q is {q}, and there are {len(panel.symbols)} assets; use fewer quantiles.")
        return buckets(panel.values, q)
    return buckets_of_the_past(panel.values, q, LEAST_PAST + LEAST_PAST * q // 5)


def _means(places: Ints, forward: Floats, q: int, demeaned: bool) -> Floats:
    """Returns the mean forward return of each quantile at each time, shape (times, q)."""
    has_both = (places >= 0) & np.isfinite(forward)
    returns = np.where(has_both, forward, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        if demeaned:
            returns = np.where(
                has_both, returns - returns.sum(axis=1, keepdims=True) / has_both.sum(axis=1, keepdims=True), 0.0
            )
        found = [
            np.where(places == at, returns, 0.0).sum(axis=1) / (has_both & (places == at)).sum(axis=1)
            for at in range(q)
        ]
    means: Floats = np.stack(found, axis=1)
    return means


def _row(bars: int, quantile: int, means: Floats, is_in: Any) -> dict[str, Any]:
    present = means[np.isfinite(means)]
    mean, error = (float(present.mean()) if len(present) else math.nan), mean_error(means, bars)
    return {
        "horizon": bars,
        "quantile": quantile,
        "mean": mean,
        "se": error,
        "t": ratio(mean, error),
        "count": int(is_in.sum()),
    }


def _spread(bars: int, means: Floats, each: list[float]) -> dict[str, Any]:
    """Returns the highest quantile less the lowest: at each time where both are there, else (over time) of their means."""
    apart = means[:, -1] - means[:, 0]
    present = apart[np.isfinite(apart)]
    if len(present):
        mean, error = float(present.mean()), mean_error(apart, bars)
    else:
        # An asset is in one quantile at a time: the difference of two means of one series, as the mean of signed, weighted terms.
        mean, error = each[-1] - each[0], _error_between(means, bars)
    numbers = np.arange(len(each), dtype=np.float64)[None]
    order = float(rank_correlations(numbers, np.array([each]), 2)[0])
    return {"horizon": bars, "mean": mean, "se": error, "t": ratio(mean, error), "monotonicity": order}


def _error_between(means: Floats, bars: int) -> float:
    high, low = means[:, -1], means[:, 0]
    parts = []
    for values in (high, low):
        present = np.isfinite(values)
        if present.sum() < 3:
            return math.nan
        parts.append(np.where(present, (values - values[present].mean()) / present.mean(), 0.0))
    return mean_error(parts[0] - parts[1], bars)
