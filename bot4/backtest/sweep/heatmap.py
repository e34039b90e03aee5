"""A table of a metric over two parameters; what the others were is folded into the best or the mean."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from ..errors import BacktestError
from .metrics import Metric

if TYPE_CHECKING:
    import polars as pl

    from .axis import Value
    from .result import SweepResult
    from .rows import Floats, Ints


def pivot(result: SweepResult, x: str, y: str, metric: Metric, how: Literal["best", "mean"]) -> pl.DataFrame:
    """Returns the table: first column `y`, then a column for each value of `x`, values ascending. Raises BacktestError."""
    import polars as pl

    xs, ys, table = cells(result, x, y, metric, how)
    columns = {str(value): pl.Series(table[:, i]).fill_nan(None) for i, value in enumerate(xs)}
    return pl.DataFrame({y: pl.Series(ys, strict=False)} | columns)


def cells(
    result: SweepResult, x: str, y: str, metric: Metric, how: Literal["best", "mean"]
) -> tuple[list[Value], list[Value], Floats]:
    """Returns (values of x, values of y, table of shape (y, x)), NaN where nothing was run."""
    for name in (x, y):
        if name not in result.parameters:
            raise BacktestError(f"{name!r} was not varied in this sweep; choose two of {', '.join(result.parameters)}.")
    if x == y:
        raise BacktestError(f"a heat map needs two parameters, and {x} is given twice.")
    if how not in ("best", "mean"):
        raise BacktestError(f"how is {how!r}; give best or mean.")
    xs, at_x = coded([row[x] for row in result.rows.params])
    ys, at_y = coded([row[y] for row in result.rows.params])
    values = result.rows.stats[metric.name].astype(np.float64)
    known = ~np.isnan(values)
    place = (at_y[known], at_x[known])
    if how == "best":
        table = np.full((len(ys), len(xs)), -np.inf)
        np.maximum.at(table, place, metric.sign * values[known])
        return xs, ys, np.where(np.isinf(table), np.nan, metric.sign * table)
    total, count = np.zeros((len(ys), len(xs))), np.zeros((len(ys), len(xs)))
    np.add.at(total, place, values[known])
    np.add.at(count, place, 1.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return xs, ys, total / count


def coded(values: list[Value]) -> tuple[list[Value], Ints]:
    """Returns (distinct values, each value's place): numbers ascending, texts as they first came."""
    distinct = list(dict.fromkeys(values))
    if all(isinstance(value, (int, float)) for value in distinct):
        distinct.sort()
    places = {value: place for place, value in enumerate(distinct)}
    return distinct, np.array([places[value] for value in values], dtype=np.int64)
