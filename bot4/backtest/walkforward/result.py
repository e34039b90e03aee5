"""`WalkForwardResult`: what a walk-forward says: windows, stitched equity, numbers, drift of the parameters, report, JSON.

Frames and numbers are made when first asked for. Not here: formulas (`numbers`, `measures`), sentences (`words`), drawing (`page`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot4.report.columns import Floats, Ints

from ..sweep.metrics import Metric
from . import numbers
from .candidates import Candidates
from .choose import Select
from .numbers import WalkStats
from .splits import Lengths
from .stitch import Curve, stitch
from .window import Window

if TYPE_CHECKING:
    import polars as pl
    from rich.console import Console, ConsoleOptions

    from bot4.records.store import Trials

    from ..result import Result
    from ..setup import Setup


@dataclass(frozen=True, slots=True)
class Plan:
    """How a walk-forward chooses: by which statistic, the best or the best neighbourhood, with how many runs at once."""

    metric: Metric
    select: Select = "best"
    workers: int = 0

    def as_spec(self) -> dict[str, Any]:
        """Returns what identifies the choice, as plain data."""
        return {"metric": str(self.metric), "select": self.select}


class WalkForwardResult:
    """The outcome of a walk-forward. `steps` are its windows in order, `planned` how many there would be without ruin; `trials` counts
    earlier runs on the same markets and times, None where nothing was recorded."""

    def __init__(
        self,
        setup: Setup,
        tried: Candidates,
        lengths: Lengths,
        plan: Plan,
        steps: tuple[Window, ...],
        planned: int,
        trials: Trials | None = None,
    ) -> None:
        self.setup = setup
        self.tried = tried
        self.lengths = lengths
        self.plan = plan
        self.steps = steps
        self.planned = planned
        self.trials = trials

    @property
    def name(self) -> str:
        """Returns the strategy's name."""
        return self.setup.strategy.name

    @property
    def results(self) -> tuple[Result, ...]:
        """Returns the whole `Result` of each test, in order."""
        return tuple(window.outside for window in self.steps)

    @property
    def evaluations(self) -> int:
        """Returns how many runs were made: every combination in every training, the choice and the defaults in every test."""
        extra = sum(window.default is not None and not window.is_default for window in self.steps)
        kept = sum(not window.has_choice and self.tried.default is not None for window in self.steps)
        return len(self.steps) * (len(self.tried.programs) + 1) + extra + kept

    @cached_property
    def curve(self) -> Curve:
        """Returns the marks of the stitched curve as arrays."""
        return stitch(self.steps)

    @cached_property
    def stats(self) -> WalkStats:
        """Returns the numbers; docs/walkforward.md lists them with formulas."""
        return numbers.compute(self.steps, self.curve)

    @cached_property
    def daily_returns(self) -> tuple[Ints, Floats]:
        """Returns (close times in UTC ms, returns) of the stitched curve for each UTC day."""
        from bot4.report import formulas

        times, closes = formulas.daily_closes(self.curve.ts, self.curve.equity)
        return times[1:], formulas.simple_returns(closes)

    # --- frames -------------------------------------------------------------------------------------------------------------

    @cached_property
    def windows(self) -> pl.DataFrame:
        """Returns a row for each window: `window, train_start, train_end, test_start, test_end`, a column for each fitted parameter,
        `return_in, growth_in, sharpe_in, return_out, growth_out, sharpe_out, sharpe_out_se, max_drawdown_out, trades_out, efficiency,
        default_return_out, beats_default`."""
        from .frames import windows_frame

        return windows_frame(self.steps, self.tried.names)

    @cached_property
    def params(self) -> pl.DataFrame:
        """Returns the drift: `window, from` (the test's start) and the chosen value of each fitted parameter."""
        from .frames import params_frame

        return params_frame(self.steps, self.tried.names)

    @cached_property
    def equity(self) -> pl.DataFrame:
        """Returns `ts, equity, drawdown, holding, window`, one row for each mark of the stitched curve."""
        from .frames import equity_frame

        return equity_frame(self.curve)

    # --- for people ---------------------------------------------------------------------------------------------------------

    @cached_property
    def notes(self) -> tuple[str, ...]:
        """Returns what the windows say and what a user should look at, in sentences."""
        from .words import notes

        return tuple(notes(self))

    @cached_property
    def caveats(self) -> tuple[str, ...]:
        """Returns what the number is not, in sentences."""
        from .words import caveats

        return tuple(caveats(self))

    def summary(self, width: int = 80) -> str:
        """Returns the summary as plain text, at most `width` columns."""
        from .table import summary_text

        return summary_text(self, width)

    def report(self, path: str | Path = "walkforward.html") -> Path:
        """Writes one self-contained HTML page and returns its path. Raises OSError where it cannot be written."""
        from .page import write_page

        return write_page(self, Path(path))

    def to_dict(self) -> dict[str, Any]:
        """Returns the result as plain data with stable keys (docs/walkforward.md); what cannot be computed is None."""
        from .plain import walk_dict

        return walk_dict(self)

    def to_json(self) -> str:
        """Returns `to_dict` as JSON text."""
        from .plain import as_json

        return as_json(self.to_dict())

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Any]:
        """Yields the summary for rich's console."""
        from .table import summary

        yield summary(self)

    def __repr__(self) -> str:
        """Returns one line: strategy, windows, return and Sharpe ratio out of sample."""
        from bot4.report import text

        s = self.stats
        return (
            f"<WalkForwardResult {self.name} · {text.plural(s.windows, 'window')} · return {text.percent(s.total_return, signed=True)} · "
            f"Sharpe {text.ratio(s.sharpe)} ± {text.ratio(s.sharpe_se)} out of sample>"
        )

    def _repr_html_(self) -> str:
        """Returns the summary for a notebook."""
        from html import escape

        return f"<pre>{escape(self.summary())}</pre>"
