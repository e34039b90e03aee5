"""`walkforward`: parameters chosen on each training window, then run on the test after it, on data the choice has not seen.

Order of operations: data loaded → every combination traced once → windows laid out from the first moment at which all of them can
decide → for each window all combinations run over the training, one is chosen, and it and the defaults run over the test → every run
recorded. Not here: how windows are cut (`splits`), how one is chosen (`choose`), what the result says (`result`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

from ..setup import Settings, Setup, prepare
from . import layout
from .candidates import Candidates, Grid, candidates
from .choose import Select, check_select, choose
from .cut import cut
from .evaluate import Row, check_workers, evaluate, row_of
from .lengths import LengthLike
from .log import Log
from .metrics import read_metric, scores
from .result import Plan, WalkForwardResult
from .splits import Span, Split, walk
from .window import Window

if TYPE_CHECKING:
    from bot4.strategy import Events, Program, Strategy

    from ..engine import Progress

LEAST_CASH = 1e-8


def walkforward(
    strategy: Strategy | type[Events] | str | Path,
    data: Any,
    grid: Grid | None = None,
    *,
    train: LengthLike | None = None,
    test: LengthLike | None = None,
    step: LengthLike | None = None,
    anchored: bool = False,
    purge: LengthLike = 0,
    embargo: LengthLike = 0,
    metric: str = "sharpe",
    select: Select = "best",
    params: Mapping[str, Any] | None = None,
    workers: int = 0,
    record: bool = True,
    progress: Progress | None = None,
    **settings: Unpack[Settings],
) -> WalkForwardResult:
    """Chooses parameters on each training window, runs them on the test after it, and returns the `WalkForwardResult`.

    strategy, data: as for `b4.backtest`.
    grid: values for each parameter to fit, `{"fast": [5, 10, 20], "slow": "60:300:20"}`; None: a small grid over the bounds of
        `b4.param` and `b4.choice`.
    train: length of each training: `"365d"`, `"2y"`, a timedelta or a number of bars; without it, four times the test.
    test: length of each test; without it a quarter of the training, without both as long as makes eight tests.
    step: from one test to the next; without it the test's length.
    anchored: training always begins with the first window's instead of moving along.
    purge: what the last decisions of a training still hold or know beyond their own time; left out of its end. Equity is marked at every
        close, so 0 is right unless the strategy reads columns that look ahead (labels, model scores).
    embargo: a further pause between training and test, such as the time it takes to put new parameters to work.
    metric: the statistic that chooses, such as `"sharpe"`, `"calmar"`, `"min:volatility"`.
    select: `"best"`, or `"plateau"` for the best mean with all neighbours in the grid.
    params: values of parameters that are not fitted.
    workers: runs at once, 0 for one on each processor; they change no result.
    record: whether every evaluation is appended to the run records, which count trials.
    progress: called with (runs done, runs in all).
    settings: every other setting of `b4.backtest`; `cash` begins the first test and every training.

    Raises BacktestError, DataError, StrategyError and EngineError, each one sentence.
    """
    plan = Plan(read_metric(metric), check_select(select), check_workers(workers))
    setup = prepare(strategy, data, settings)
    interval = setup.market.interval_ms
    wanted = layout.read_lengths(interval, train, test, step, purge, embargo, anchored)
    tried = candidates(setup, grid, params or {})
    unit = wanted.unit_ms(interval)
    whole = layout.whole_span(setup, tried, unit)
    lengths = wanted.within(whole, unit)
    splits = walk(whole, lengths)
    total = len(splits) * tried.runs_of_a_window
    spec = {**plan.as_spec(), **asdict(lengths), **tried.as_spec(setup)}
    with Log(setup, "walkforward", spec, total, record) as log:
        trials = log.trials(splits[0].train[0].start_ms, splits[-1].test[0].end_ms)
        windows = _Walker(setup, tried, plan, log, counted(progress, total)).run(splits)
    return WalkForwardResult(setup, tried, lengths, plan, tuple(windows), len(splits), trials)


@dataclass
class _Walker:
    """Goes through the windows; what one leaves for the next is the equity."""

    setup: Setup
    tried: Candidates
    plan: Plan
    log: Log
    tell: Callable[[int], object]

    def run(self, splits: Sequence[Split]) -> list[Window]:
        """Returns the windows, fewer than the splits where the account is ruined before the last."""
        found: list[Window] = []
        cash: float | None = None
        for number, split in enumerate(splits, start=1):
            window = self._window(number, split.train[0], split.test[0], cash)
            found.append(window)
            self.log.write()
            cash = window.outside.stats.final_equity
            if not cash > LEAST_CASH:
                break
        return found

    def _window(self, number: int, train: Span, test: Span, cash: float | None) -> Window:
        inside, outside = cut(self.setup, train), cut(self.setup, test, cash)
        rows = self._rows(inside, self.tried.programs)
        chosen = choose(scores(rows, self.plan.metric), self.tried.places, self.plan.select)
        default = self.tried.default
        if chosen is not None or default is None:
            at = chosen or 0
            program, values = self.tried.programs[at], self.tried.values[at]
            fitted = row_of(inside.run(program))  # the same run, with every statistic
        else:
            program, values = default, {name: default.parameters[name] for name in self.tried.names}
            fitted = self._rows(inside, [default])[0]
        is_default = default is not None and default.json == program.json
        result = outside.run(program)
        row = row_of(result)
        self.log.add(outside, program, row)
        self.tell(1)
        compared = None if default is None else row if is_default else self._rows(outside, [default])[0]
        return Window(number, train, test, values, fitted, result, compared, chosen is not None, is_default)

    def _rows(self, setup: Setup, programs: Sequence[Program]) -> list[Row]:
        rows = evaluate(setup, programs, self.plan.workers, self.tell, self.plan.metric.name)
        for program, row in zip(programs, rows, strict=True):
            self.log.add(setup, program, row)
        return rows


def counted(progress: Progress | None, total: int) -> Callable[[int], object]:
    """Returns what is told how many more runs are done: it counts them against all that are needed."""
    done = 0

    def tell(runs: int) -> None:
        nonlocal done
        done += runs
        if progress is not None:
            progress(min(done, total), total)

    return tell
