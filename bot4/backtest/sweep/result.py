"""`SweepResult`: the rows of a sweep and what is read out of them.

Not here: how rows come about (`session`), how they are shown (`terminal`, `page`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from ..errors import BacktestError
from ..setup import Setup
from .metrics import Metric, read_metric
from .rows import Floats, Ints, Rows, column_of
from .space import Space
from .worth import chance_sharpe, worth_sentence

if TYPE_CHECKING:
    import polars as pl

    from bot4.records.store import Trials

    from ..result import Result


@dataclass(frozen=True)
class Count:
    """How much work a sweep was: `total` combinations proposed, `runs` rows, `refused` by `b4.require`, `repeated` by a search, `known`
    rows from before a stop, seconds of this session, and nodes evaluated with and without sharing (0 where nothing is shared)."""

    total: int
    runs: int
    refused: int
    repeated: int
    known: int
    seconds: float
    nodes: int
    nodes_alone: int


class SweepResult:
    """The rows of a sweep. `rows` are columns of NumPy; `frame` and the rest are made from them when first asked for."""

    def __init__(
        self,
        setup: Setup,
        space: Space,
        rows: Rows,
        metrics: tuple[Metric, ...],
        count: Count,
        trials: Trials | None = None,
        search: str = "grid",
    ) -> None:
        self.setup = setup
        self.space = space
        self.rows = rows
        self.metrics = metrics
        self.count = count
        self.trials = trials
        self.search = search

    def __len__(self) -> int:
        """Returns the number of rows."""
        return len(self.rows)

    @property
    def name(self) -> str:
        """Returns the strategy's name."""
        return self.setup.strategy.name

    @property
    def parameters(self) -> tuple[str, ...]:
        """Returns the names of the varied parameters."""
        return self.space.names

    @property
    def columns(self) -> tuple[str, ...]:
        """Returns the columns of the varied parameters in `frame`: their names, unless a statistic is called so."""
        return tuple(column_of(name) for name in self.space.names)

    @cached_property
    def frame(self) -> pl.DataFrame:
        """Returns `ordinal`, the varied parameters, then every statistic: one row for each combination that was run."""
        return self.rows.frame(self.space.names)

    @property
    def times(self) -> Ints:
        """Returns the ends of the days of `daily`, UTC ms, shape (days,)."""
        return self.rows.times

    @property
    def daily(self) -> Floats:
        """Returns daily returns by row of `frame`, shape (runs, days); NaN before a run's first possible decision."""
        return self.rows.daily

    def metric(self, name: str | None = None) -> Metric:
        """Returns a metric by name, the sweep's own by default. Raises BacktestError for an unknown one."""
        return self.metrics[0] if name is None else read_metric(name, list(self.rows.stats))

    def order(self, metric: Metric) -> Ints:
        """Returns the places of all rows from best to worst; rows without the metric stand last, equal ones in order of the grid."""
        values = self.rows.stats[metric.name].astype(np.float64)
        return np.argsort(np.where(np.isnan(values), np.inf, -metric.sign * values), kind="stable")

    def best(self, metric: str | None = None, n: int = 10) -> pl.DataFrame:
        """Returns the `n` best rows of `frame` by a metric (`"sharpe"`, `"min:turnover"`), best first. Raises BacktestError."""
        if n < 1:
            raise BacktestError(f"n is {n}; ask for at least one row.")
        return self.frame[self.order(self.metric(metric))[:n]]

    def front(self, *metrics: str) -> pl.DataFrame:
        """Returns the rows of `frame` that no other beats in one metric without losing in another, best first by the first metric.

        Without metrics those of the sweep are taken. Raises BacktestError for an unknown one.
        """
        from .front import front

        return self.frame[front(self.rows, [self.metric(name) for name in metrics] or self.metrics)]

    def at(self, **params: Any) -> Result:
        """Runs the whole single backtest of a combination and returns its `Result`; it is not recorded again.

        Parameters left out have the fixed values and defaults. Raises ParameterError, RequirementError.
        """
        return self.setup.run(self.setup.trace({**self.space.fixed, **params}))

    def heatmap(self, x: str, y: str, metric: str | None = None, how: Literal["best", "mean"] = "best") -> pl.DataFrame:
        """Returns a table over two parameters: a row for each value of `y`, a column for each of `x`; null where nothing was run.

        how: "best" takes the best value over the other parameters, "mean" their mean. Raises BacktestError.
        """
        from .heatmap import pivot

        return pivot(self, x, y, self.metric(metric), how)

    def stability(self, metric: str | None = None) -> pl.DataFrame:
        """Returns for each row of `frame` its parameters, the metric, and over its neighbours (docs/sweep.md): `neighbours` (how many),
        `mean`, `worst`, `best`, `std` of the metric, `within_se` the share whose Sharpe ratio lies within one standard error of it."""
        from .stability import stability

        chosen = self.metric(metric)
        found = stability(self.rows, self.space, chosen)
        return self.frame.select("ordinal", *self.columns, chosen.name).with_columns(**found.columns())

    @property
    def worth(self) -> str:
        """Returns how much the best row is worth after so many trials, in one sentence."""
        return worth_sentence(self.rows.stats["sharpe"], None if self.trials is None else self.trials.distinct)

    @property
    def chance(self) -> float:
        """Returns the Sharpe ratio that the best of so many trials is expected to show without any edge (`worth`)."""
        return chance_sharpe(self.rows.stats["sharpe"], None if self.trials is None else self.trials.distinct)

    def report(self, path: str | Path = "sweep.html") -> Path:
        """Writes the page: best rows, heat map, parallel coordinates, neighbourhood. Returns its path. Raises OSError."""
        from .page import write_page

        return write_page(self, path)

    def to_parquet(self, path: str | Path) -> Path:
        """Writes `frame` with a column `daily` of each row's returns, and the days and settings as metadata. Returns the path."""
        from .export import write_parquet

        return write_parquet(self, path)

    def to_dict(self, n: int = 10) -> dict[str, Any]:
        """Returns the sweep as plain data: what was asked, counts, every row, the `n` best with their neighbourhood."""
        from .export import as_dict

        return as_dict(self, n)

    def to_json(self, n: int = 10) -> str:
        """Returns `to_dict` as JSON text."""
        import json

        return json.dumps(self.to_dict(n), indent=2, ensure_ascii=False, allow_nan=False)

    def summary(self, width: int = 80) -> str:
        """Returns the summary as plain text, at most `width` columns."""
        from .terminal import summary_text

        return summary_text(self, width)

    def __repr__(self) -> str:
        """Returns one line: strategy, combinations, best row."""
        metric = self.metrics[0]
        place = int(self.order(metric)[0])
        row = self.rows.params[place]
        shown = " ".join(f"{name}={row[name]}" for name in self.parameters)
        return f"<SweepResult {self.name} · {len(self):,} runs · best {metric} {self.rows.stats[metric.name][place]:.3g} at {shown}>"

    def _repr_html_(self) -> str:
        """Returns the summary for a notebook."""
        from html import escape

        return f"<pre>{escape(self.summary())}</pre>"
