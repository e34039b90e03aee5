"""How fast a signal changes: what it would cost to follow it.

Turnover of a quantile is the share of its assets that were not in it `period` bars before (alphalens, `quantile_turnover`); rank
autocorrelation is Spearman's correlation of values now and then, across assets (`factor_rank_autocorrelation`) or over time.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from .panel import LEAST_ASSETS, Across, Horizon, Panel, across_of, bars_of, panel_of
from .quantiles import quantiles_of
from .ranks import rank_correlations

if TYPE_CHECKING:
    import polars as pl

    from bot4.report.columns import Floats


@dataclass(frozen=True, eq=False)
class FactorTurnover:
    """Turnover and rank autocorrelation by period."""

    name: str
    across: Across
    rows: tuple[Mapping[str, Any], ...]

    @cached_property
    def frame(self) -> pl.DataFrame:
        """Returns `period` (bars), `rank_autocorrelation`, and `turnover_1` … `turnover_q` of the quantiles (1 is the lowest)."""
        import polars as pl

        return pl.DataFrame(list(self.rows), infer_schema_length=None).with_columns(pl.selectors.float().fill_nan(None))

    def __str__(self) -> str:
        return f"{self.name}: turnover across {self.across}\n{self.frame}"

    __repr__ = __str__


def turnover(
    expression: Any,
    data: Any,
    *,
    q: int = 5,
    period: Horizon | Sequence[Horizon] = (1, 24),
    across: Across | None = None,
    **source: Any,
) -> FactorTurnover:
    """Returns how fast an expression's order changes. See `Expr.turnover`."""
    panel = panel_of(expression, data, **source)
    how = across_of(across, panel)
    places = quantiles_of(panel, how, q)
    rows = []
    for bars in bars_of(period, panel.interval_ms):
        row: dict[str, Any] = {"period": bars, "rank_autocorrelation": _autocorrelation(panel, bars, how)}
        for at in range(q):
            row[f"turnover_{at + 1}"] = _entered(places[bars:] == at, places[:-bars] == at, places[:-bars] >= 0)
        rows.append(row)
    return FactorTurnover(panel.name, how, tuple(rows))


def _autocorrelation(panel: Panel, bars: int, across: Across) -> float:
    now, then = panel.values[bars:], panel.values[:-bars]
    if across == "assets":
        return _mean(rank_correlations(now, then, LEAST_ASSETS))
    return _mean(rank_correlations(now.T, then.T, 3))


def _entered(is_in: Any, was_in: Any, was_known: Any) -> float:
    """Returns the mean, over times, of the share of those in a quantile that were not in it; assets new to the data do not count."""
    counted = is_in & was_known
    count = counted.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return _mean((counted & ~was_in).sum(axis=1) / np.where(count > 0, count, math.nan))


def _mean(values: Floats) -> float:
    present = values[np.isfinite(values)]
    return float(present.mean()) if len(present) else math.nan
