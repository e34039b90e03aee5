"""`CpcvResult`: what combinatorial purged cross-validation says: splits, paths, the spread of their Sharpe ratios, report, JSON.

Not here: how splits and paths come about (`combinatorial`, `splits`), sentences (`cpcv_words`), drawing (`cpcv_page`).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from bot4.report import formulas
from bot4.report.columns import Floats, Ints

from ..sweep.axis import Value
from . import measures
from .candidates import Candidates
from .metrics import drawdown, growth
from .result import Plan
from .splits import Span, Split

if TYPE_CHECKING:
    import polars as pl
    from rich.console import Console, ConsoleOptions

    from bot4.records.store import Trials

    from ..setup import Setup

YEARLY = math.sqrt(formulas.DAYS_PER_YEAR)


@dataclass(frozen=True, slots=True)
class Groups:
    """The groups of days, how many of them a split tests, and what is left out around those, in ms."""

    blocks: tuple[Span, ...]
    tested: int
    purge_ms: int
    embargo_ms: int


@dataclass(frozen=True, slots=True)
class Fold:
    """One split: what its training chose and how that did in its test groups. `number` counts from 1, `run` is the row of the chosen run.

    `rank` is ω = rank/(n + 1) of the choice among all combinations in the test, NaN where it has none; `has_choice` is False where no
    combination had a score and the defaults were kept.
    """

    number: int
    split: Split
    params: Mapping[str, Value]
    run: int
    has_choice: bool
    train_days: int
    test_days: int
    sharpe_in: float
    sharpe_out: float
    return_out: float
    rank: float


@dataclass(frozen=True, slots=True)
class PathStats:
    """One path: its Sharpe ratio with standard error (Mertens 2002), compound return and deepest drawdown of daily closes."""

    sharpe: float
    sharpe_se: float
    total_return: float
    max_drawdown: float


@dataclass(frozen=True, slots=True)
class CpcvStats(Mapping[str, "float | int"]):
    """The numbers of a cross-validation, as attribute and mapping key; `path_` over paths, `split_` over splits; NaN where there is none.

    `overfit` is the share of splits whose choice was no better than half of all combinations in the test (PBO, Bailey et al. 2017).
    """

    splits: int
    paths: int
    days: int
    path_sharpe_mean: float
    path_sharpe_sd: float
    path_sharpe_min: float
    path_sharpe_max: float
    path_return_min: float
    path_return_mean: float
    path_return_max: float
    paths_losing: int
    splits_losing: int
    split_sharpe_in: float
    split_sharpe_out: float
    overfit: float
    slope: float
    slope_se: float
    default_sharpe: float
    default_return: float

    def __getitem__(self, key: str) -> float | int:
        if key not in CPCV_STAT_NAMES:
            raise KeyError(key)
        value: float | int = getattr(self, key)
        return value

    def __iter__(self) -> Iterator[str]:
        return iter(CPCV_STAT_NAMES)

    def __len__(self) -> int:
        return len(CPCV_STAT_NAMES)


CPCV_STAT_NAMES: tuple[str, ...] = tuple(field.name for field in fields(CpcvStats))


class CpcvResult:
    """The outcome of a cross-validation. `folds` are its splits in order; `daily` the returns of each path, shape (paths, days), and
    `times` their ends in UTC ms; `default` the default parameters' returns, None where `b4.require` refuses them."""

    def __init__(
        self,
        setup: Setup,
        tried: Candidates,
        plan: Plan,
        groups: Groups,
        folds: tuple[Fold, ...],
        times: Ints,
        daily: Floats,
        default: Floats | None,
        trials: Trials | None = None,
    ) -> None:
        self.setup = setup
        self.tried = tried
        self.plan = plan
        self.groups = groups
        self.folds = folds
        self.times = times
        self.daily = daily
        self.default = default
        self.trials = trials

    @property
    def name(self) -> str:
        """Returns the strategy's name."""
        return self.setup.strategy.name

    @property
    def evaluations(self) -> int:
        """Returns how many runs were made: each combination and the defaults, once over the whole span."""
        return len(self.tried.programs) + (self.default is not None)

    @cached_property
    def path_stats(self) -> tuple[PathStats, ...]:
        """Returns the numbers of each path."""
        return tuple(_path_stats(row) for row in self.daily)

    @cached_property
    def stats(self) -> CpcvStats:
        """Returns the numbers over all paths and splits; docs/walkforward.md lists them."""
        return _stats(self)

    # --- frames -------------------------------------------------------------------------------------------------------------

    @cached_property
    def splits(self) -> pl.DataFrame:
        """Returns a row for each split: `split`, `tested` (numbers of its test groups, from 1), the chosen parameters, `train_days,
        test_days, sharpe_in, sharpe_out, return_out, rank`."""
        import polars as pl

        number = {block: place + 1 for place, block in enumerate(self.groups.blocks)}
        names = ("train_days", "test_days", "sharpe_in", "sharpe_out", "return_out", "rank")
        columns: dict[str, Any] = {
            "split": [fold.number for fold in self.folds],
            "tested": [[number[span] for span in fold.split.test] for fold in self.folds],
        }
        columns |= {name: [fold.params[name] for fold in self.folds] for name in self.tried.names}
        return pl.DataFrame(columns | {name: [getattr(fold, name) for fold in self.folds] for name in names})

    @cached_property
    def paths(self) -> pl.DataFrame:
        """Returns a row for each path: `path, sharpe, sharpe_se, total_return, max_drawdown`."""
        import polars as pl

        names = [field.name for field in fields(PathStats)]
        columns: dict[str, Any] = {"path": list(range(1, len(self.daily) + 1))}
        return pl.DataFrame(columns | {name: [getattr(one, name) for one in self.path_stats] for name in names})

    @cached_property
    def equity(self) -> pl.DataFrame:
        """Returns `ts` and the equity of each path, `path_1` …, as multiples of the start, one row for each day."""
        import polars as pl

        columns: dict[str, Any] = {"ts": pl.Series(self.times).cast(pl.Datetime("ms", "UTC"))}
        curves = np.cumprod(1.0 + self.daily, axis=1)
        return pl.DataFrame(columns | {f"path_{n + 1}": curve for n, curve in enumerate(curves)})

    # --- for people ---------------------------------------------------------------------------------------------------------

    @cached_property
    def notes(self) -> tuple[str, ...]:
        """Returns what the paths say, in sentences."""
        from .cpcv_words import notes

        return tuple(notes(self))

    @cached_property
    def caveats(self) -> tuple[str, ...]:
        """Returns what the numbers are not, in sentences."""
        from .cpcv_words import caveats

        return tuple(caveats(self))

    def summary(self, width: int = 80) -> str:
        """Returns the summary as plain text, at most `width` columns."""
        from .cpcv_table import summary
        from .table import rendered

        return rendered(summary(self), width)

    def report(self, path: str | Path = "cpcv.html") -> Path:
        """Writes one self-contained HTML page and returns its path. Raises OSError where it cannot be written."""
        from .cpcv_page import page

        return page(self).write(Path(path))

    def to_dict(self) -> dict[str, Any]:
        """Returns the result as plain data with stable keys (docs/walkforward.md); what cannot be computed is None."""
        from .plain import cpcv_dict

        return cpcv_dict(self)

    def to_json(self) -> str:
        """Returns `to_dict` as JSON text."""
        from .plain import as_json

        return as_json(self.to_dict())

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Any]:
        """Yields the summary for rich's console."""
        from .cpcv_table import summary

        yield summary(self)

    def __repr__(self) -> str:
        """Returns one line: strategy, splits, paths, Sharpe ratios."""
        from bot4.report import text

        s = self.stats
        low, high = text.ratio(s.path_sharpe_min), text.ratio(s.path_sharpe_max)
        return f"<CpcvResult {self.name} · {s.splits} splits · {text.plural(s.paths, 'path')} · Sharpe {low} to {high}>"

    def _repr_html_(self) -> str:
        """Returns the summary for a notebook."""
        from html import escape

        return f"<pre>{escape(self.summary())}</pre>"


def _path_stats(returns: Floats) -> PathStats:
    ratio = formulas.sharpe(returns)
    error = formulas.sharpe_se(ratio / YEARLY, len(returns), formulas.skewness(returns), formulas.kurtosis(returns))
    return PathStats(ratio, error * YEARLY, growth(returns), drawdown(returns))


def _stats(result: CpcvResult) -> CpcvStats:
    sharpes = np.array([one.sharpe for one in result.path_stats])
    earned = np.array([one.total_return for one in result.path_stats])
    inside = np.array([fold.sharpe_in for fold in result.folds])
    outside = np.array([fold.sharpe_out for fold in result.folds])
    ranks = np.array([fold.rank for fold in result.folds])
    known = ranks[np.isfinite(ranks)]
    line = measures.degradation(inside, outside)
    default = result.default
    return CpcvStats(
        splits=len(result.folds),
        paths=len(result.daily),
        days=len(result.times),
        path_sharpe_mean=_mean(sharpes),
        path_sharpe_sd=float(np.std(sharpes, ddof=1)) if len(sharpes) > 1 else math.nan,
        path_sharpe_min=float(np.min(sharpes)),
        path_sharpe_max=float(np.max(sharpes)),
        path_return_min=float(np.min(earned)),
        path_return_mean=_mean(earned),
        path_return_max=float(np.max(earned)),
        paths_losing=int(np.sum(earned < 0)),
        splits_losing=sum(fold.return_out < 0 for fold in result.folds),
        split_sharpe_in=_mean(inside),
        split_sharpe_out=_mean(outside),
        overfit=float(np.mean(known <= 0.5)) if len(known) else math.nan,
        slope=line.slope,
        slope_se=line.error,
        default_sharpe=math.nan if default is None else formulas.sharpe(default),
        default_return=math.nan if default is None else growth(default),
    )


def _mean(values: Floats | Sequence[float]) -> float:
    known = np.asarray(values)[np.isfinite(values)]
    return float(np.mean(known)) if len(known) else math.nan
