"""`cpcv`: combinatorial purged cross-validation of a choice of parameters (López de Prado 2018, chapter 12).

The span is cut into N groups of days; every choice of k of them is the test of one split, and the parameters for it are chosen on the
days of the others that are left after purge and embargo. The splits' tests join to k/N·C(N, k) paths, each of which has every day once.

What is assumed: each combination is run once over the whole span, and its daily returns are what it earns on a day whatever is chosen
elsewhere. That is exact for training and test, as a run keeps no fitted state; at the borders of groups a path changes from one
combination's position to another's without paying for it. Order of operations: runs → groups → choice for each split → paths.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

import numpy as np

from bot4.data.timeframe import DAY_MS
from bot4.report import formulas
from bot4.report.columns import Bools, Floats, Ints

from ..setup import Settings, Setup, prepare
from ..sweep.axis import Value
from . import layout, splits
from .candidates import Candidates, Grid, candidates
from .choose import Select, check_select, choose
from .cpcv_result import CpcvResult, Fold, Groups
from .cut import cut
from .evaluate import Row, check_workers, evaluate
from .lengths import LengthLike, parse_length
from .log import Log
from .metrics import OF_DAYS, growth, read_metric, scores_of_days
from .result import Plan
from .run import counted
from .splits import Span, Split

if TYPE_CHECKING:
    from bot4.strategy import Events, Program, Strategy

    from ..engine import Progress

EMBARGO_SHARE = 0.01
"""López de Prado 2018, section 7.4.2: a hundredth of the span is enough to prevent leakage."""


def cpcv(
    strategy: Strategy | type[Events] | str | Path,
    data: Any,
    grid: Grid | None = None,
    *,
    groups: int = 6,
    tested: int = 2,
    purge: LengthLike | None = None,
    embargo: LengthLike | None = None,
    metric: str = "sharpe",
    select: Select = "best",
    params: Mapping[str, Any] | None = None,
    workers: int = 0,
    record: bool = True,
    progress: Progress | None = None,
    **settings: Unpack[Settings],
) -> CpcvResult:
    """Chooses parameters on every combination of groups of days, tests them on the others, and returns the `CpcvResult`.

    strategy, data: as for `b4.backtest`.
    grid: values for each parameter to fit; None: a small grid over the bounds of `b4.param` and `b4.choice`.
    groups: N, how many groups of days there are.
    tested: k, how many of them a split tests; (6, 2) makes 15 splits and 5 paths, (10, 2) 45 and 9.
    purge: days left out of the training on both sides of a test group, as long as what is decided there is held, rounded up to whole days;
        None: the median over the combinations of their mean holding time.
    embargo: further days left out after a test group, rounded up to whole days; None: 1 % of the span.
    metric: a measure of daily returns that chooses: sharpe, sortino, calmar, cagr, total_return, max_drawdown or min:volatility.
    select: `"best"`, or `"plateau"` for the best mean with all neighbours in the grid.
    params: values of parameters that are not fitted.
    workers: runs at once, 0 for one on each processor; they change no result.
    record: whether every run is appended to the run records, which count trials.
    progress: called with (runs done, runs in all).
    settings: every other setting of `b4.backtest`.

    Raises BacktestError, DataError, StrategyError and EngineError, each one sentence.
    """
    plan = Plan(read_metric(metric, tuple(OF_DAYS)), check_select(select), check_workers(workers))
    setup = prepare(strategy, data, settings)
    interval = setup.market.interval_ms
    unit = DAY_MS if DAY_MS % interval == 0 else interval
    gaps = [
        None if one is None else parse_length(n, one, interval) for n, one in (("purge", purge), ("embargo", embargo))
    ]
    tried = candidates(setup, grid, params or {})
    blocks = splits.groups(layout.whole_span(setup, tried, unit), groups, unit)
    splits.combinations(blocks, tested)  # refuses impossible numbers before anything is run
    whole = Span(blocks[0].start_ms, blocks[-1].end_ms)
    programs = _with_default(tried)
    spec = {**plan.as_spec(), "groups": groups, "tested": tested, **tried.as_spec(setup)}
    with Log(setup, "cpcv", spec, len(programs), record) as log:
        trials = log.trials(whole.start_ms, whole.end_ms)
        rows = _rows(cut(setup, whole), programs, plan, log, progress)
    purge_ms = _whole(_holding_ms(rows, interval) if gaps[0] is None else gaps[0], unit)
    embargo_ms = _whole(whole.length_ms * EMBARGO_SHARE if gaps[1] is None else gaps[1], unit)
    made = Groups(blocks, tested, purge_ms, embargo_ms)
    days = _Days(whole.start_ms, unit, rows)
    folds = [
        _fold(number, split, days, tried, plan)
        for number, split in enumerate(splits.combinations(blocks, tested, purge_ms, embargo_ms), start=1)
    ]
    ways = splits.paths(groups, tested)
    default = days.daily[-1] if tried.default is not None else None
    return CpcvResult(
        setup, tried, plan, made, tuple(folds), days.times, _joined(ways, folds, days, made), default, trials
    )


def _with_default(tried: Candidates) -> list[Program]:
    """Returns the combinations, and the defaults behind them where there are any."""
    return [*tried.programs, *([] if tried.default is None else [tried.default])]


def _rows(setup: Setup, programs: Sequence[Program], plan: Plan, log: Log, progress: Progress | None) -> list[Row]:
    rows = evaluate(setup, programs, plan.workers, counted(progress, len(programs)))
    for program, row in zip(programs, rows, strict=True):
        log.add(setup, program, row)
    return rows


def _holding_ms(rows: Sequence[Row], interval_ms: int) -> float:
    """Returns the median over runs of their mean holding time; one bar where nothing was traded."""
    held = np.array([row.value("mean_bars_held") for row in rows])
    held = held[np.isfinite(held)]
    return interval_ms * (float(np.median(held)) if len(held) else 1.0)


def _whole(length_ms: float, unit_ms: int) -> int:
    return math.ceil(length_ms / unit_ms) * unit_ms


class _Days:
    """Daily returns of all runs, `daily` of shape (runs, days); day d begins at `start_ms + d·unit`."""

    def __init__(self, start_ms: int, unit_ms: int, rows: Sequence[Row]) -> None:
        self.start_ms = start_ms
        self.unit_ms = unit_ms
        edges = np.unique(np.concatenate([row.times for row in rows]))
        self.times: Ints = edges
        self.begins: Ints = np.concatenate([[start_ms], edges[:-1]])
        self.daily: Floats = np.zeros((len(rows), len(edges)))
        for number, row in enumerate(rows):
            self.daily[number, np.searchsorted(edges, row.times)] = row.returns

    def within(self, spans: Sequence[Span]) -> Bools:
        """Returns which days begin inside spans, shape (days,)."""
        inside: Bools = np.zeros(len(self.begins), dtype=bool)
        for span in spans:
            inside |= (self.begins >= span.start_ms) & (self.begins < span.end_ms)
        return inside


def _fold(number: int, split: Split, days: _Days, tried: Candidates, plan: Plan) -> Fold:
    train, test = days.within(split.train), days.within(split.test)
    count = len(tried.programs)
    inside = scores_of_days(days.daily[:count, train], plan.metric)
    chosen = choose(inside, tried.places, plan.select)
    at = chosen or 0
    outside = scores_of_days(days.daily[:count, test], plan.metric)
    values: Mapping[str, Value] = tried.values[at]
    if chosen is None and tried.default is not None:
        at, values = count, {name: tried.default.parameters[name] for name in tried.names}
    own, other = days.daily[at, train], days.daily[at, test]
    return Fold(
        number=number,
        split=split,
        params=values,
        run=at,
        has_choice=chosen is not None,
        train_days=int(train.sum()),
        test_days=int(test.sum()),
        sharpe_in=formulas.sharpe(own),
        sharpe_out=formulas.sharpe(other),
        return_out=growth(other),
        rank=_rank(outside, at) if chosen is not None else math.nan,
    )


def _rank(scores: Floats, at: int) -> float:
    """Returns the share of combinations that the chosen one is at least level with, ω = rank/(n + 1), of those with a score."""
    known = scores[np.isfinite(scores)]
    if len(known) < 2 or not math.isfinite(scores[at]):
        return math.nan
    below, level = int(np.sum(known < scores[at])), int(np.sum(known == scores[at]))
    return (below + (level + 1) / 2) / (len(known) + 1)


def _joined(ways: Sequence[Sequence[int]], folds: Sequence[Fold], days: _Days, made: Groups) -> Floats:
    """Returns the daily returns of each path, shape (paths, days): every day from the split that tests its group on this path."""
    places = [days.within([block]) for block in made.blocks]
    found = np.full((len(ways), len(days.times)), np.nan)
    for path, way in enumerate(ways):
        for place, fold in zip(places, way, strict=True):
            found[path, place] = days.daily[folds[fold].run, place]
    return found
