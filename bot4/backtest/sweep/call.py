"""`sweep`: the call."""

from __future__ import annotations

import contextlib
import difflib
import hashlib
import json
import time
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Unpack

from bot4.report.stats import STAT_NAMES

from ..errors import BacktestError
from ..setup import Settings, Setup, as_strategy, prepare
from .fingerprint import fingerprint
from .guard import check_size
from .ledger import Ledger
from .metrics import Metric, read_metrics
from .progress import ProgressTold
from .proposing import Grid
from .result import Count, SweepResult
from .rows import Rows
from .runner import is_on_ticks, runner_of
from .search import ADAPTIVE, check_search, proposer_of
from .session import Session
from .space import Space, read_space

if TYPE_CHECKING:
    from bot4.strategy import Events, Strategy

Search = Literal["grid", "random", "lhs", "tpe", "cmaes", "nsga2"]
On = Literal["local", "ray"]
SETTINGS = frozenset(Settings.__annotations__)
LIMIT = 1_000_000
"""Largest grid that is run unless asked otherwise."""


def sweep(
    strategy: Strategy | type[Events] | str | Path,
    data: Any,
    grid: Mapping[str, object] | None = None,
    *,
    params: Mapping[str, Any] | None = None,
    search: Search = "grid",
    n: int | None = None,
    seed: int = 0,
    metric: str | Sequence[str] | None = None,
    on: On = "local",
    workers: int = 0,
    share: bool = True,
    limit: int = LIMIT,
    fresh: bool = False,
    record: bool = True,
    progress: ProgressTold | None = None,
    **settings: Unpack[Settings],
) -> SweepResult:
    """Runs a strategy over history once for each combination of parameters and returns a `SweepResult`.

    strategy, data: as of `b4.backtest`.
    grid: by parameter its values: a list, a `range`, or a text such as "5:50:5", "10,20,40", "log:1:1000:7", for a search also "5:50"
        (docs/sweep.md). A search without a grid takes the ranges that `b4.param` and `b4.choice` declare.
    params: values of parameters that are not varied.
    search: "grid" tries every combination; "random", "lhs" (Latin hypercube), "tpe", "cmaes" and "nsga2" try `n`, drawn from `seed`.
    metric: what is best: a statistic such as "sharpe" or "min:turnover"; for "nsga2" several. None: "sharpe", on ticks, which seldom span
        days, "total_return".
    on: "local", or "ray" for a Ray cluster (the running one, else one on this machine).
    workers: cores to use, 0 for all. share: whether equal parts of programs are evaluated once (the result is the same).
    limit: the largest grid that is run.
    fresh: begin anew where the same sweep, unfinished, would be gone on with.
    record: whether to append every combination to the run records, which count trials and from which a stopped sweep goes on.
    progress: called with a `Progress` now and then.
    Further keywords are the settings of `b4.backtest`.

    A combination that `b4.require` refuses is skipped and counted. A strategy is traced from the function it is at the start: a cell that
    defines another of its name meanwhile changes nothing. Raises StrategyError, DataError or BacktestError (cause and fix).
    """
    chosen = as_strategy(strategy)
    _check_settings(chosen, settings)
    setup = prepare(chosen, data, settings, ticks=True)
    metrics = read_metrics(default_metric(setup.strategy) if metric is None else metric, STAT_NAMES)
    tries = check_search(search, n, len(metrics))
    space = read_space(setup.strategy, grid or {}, params or {}, is_search=search != "grid")
    runner = runner_of(setup, on=on, workers=workers, share=share)
    with contextlib.closing(runner):
        if search == "grid":
            check_size(setup, space, runner, limit)
        proposer = (
            Grid(space) if search == "grid" else proposer_of(space, search, tries, seed, tuple(m.sign for m in metrics))
        )
        spec = specification(setup, space, metrics, search, seed, tries)
        ledger = Ledger(setup, "sweep" if search == "grid" else "search", spec, proposer.total, record=record)
        started = time.monotonic()
        known = ledger.open(fresh=fresh)
        session = Session(setup, space.fixed, proposer, runner, ledger, metrics, known, progress)
        rows = _worked(session, ledger)
    _check_any(rows, session)
    ledger.count(int(rows.stats["start_ms"].min()), int(rows.stats["end_ms"].max()))
    told = session.progress
    seconds = time.monotonic() - started
    count = Count(
        told.total, len(rows), told.refused, told.repeated, told.known, seconds, session.nodes, session.nodes_alone
    )
    return SweepResult(setup, space, rows, metrics, count, ledger.trials, search)


def default_metric(strategy: Strategy) -> str:
    """Returns what is best unless it is said: on ticks there are seldom the days that a Sharpe ratio needs."""
    return "total_return" if is_on_ticks(strategy) else "sharpe"


def _check_settings(strategy: Strategy, settings: Mapping[str, Any]) -> None:
    """Raises BacktestError for a keyword that is no setting."""
    for name in settings:
        if name in SETTINGS:
            continue
        if name in strategy.parameters:
            raise BacktestError(
                f"{name} is a parameter of {strategy.name}; put it into grid={{…}} to vary it or into params={{…}} to fix it."
            )
        close = difflib.get_close_matches(name, SETTINGS, n=1)
        hint = f"did you mean {close[0]}?" if close else f"settings are {', '.join(sorted(SETTINGS))}."
        raise BacktestError(f"b4.sweep has no setting {name!r}; {hint}")


def specification(
    setup: Setup, space: Space, metrics: Sequence[Metric], search: str, seed: int, n: int
) -> dict[str, Any]:
    """Returns everything that makes a sweep what it is, as plain data: two calls with the same one are the same sweep."""
    from bot4 import __version__

    terms = setup.config.engine_json(setup.market, setup.trade_from_ms)
    spec: dict[str, Any] = {
        "code": fingerprint(setup.strategy),
        "space": space.as_spec(),
        "search": search,
        "data": setup.data_hash,
        "settings": setup.config.as_dict(),
        "engine": hashlib.sha256(terms.encode()).hexdigest(),
        "version": __version__,
    }
    if search != "grid":
        spec |= {"seed": seed, "n": n}
    if search in ADAPTIVE:
        spec["metric"] = [str(metric) for metric in metrics]
    return json.loads(json.dumps(spec, default=str))  # type: ignore[no-any-return]  # a dictionary stays one


def _worked(session: Session, ledger: Ledger) -> Rows:
    """Returns all rows; notes in the ledger whether the sweep was finished."""
    strategy, is_done = session.setup.strategy, False
    namespace = getattr(getattr(strategy, "function", None), "__globals__", {})
    before = namespace.get(strategy.name)
    try:
        rows = session.work()
        is_done = True
    except KeyboardInterrupt:
        raise KeyboardInterrupt(_stopped(session, ledger)) from None
    finally:
        ledger.close(is_done=is_done)
    if before is strategy and namespace.get(strategy.name) is not strategy:
        warnings.warn(
            f"{strategy.name} was redefined while the sweep ran; its rows are of the one it began with.",
            RuntimeWarning,
            stacklevel=3,
        )
    return rows


def _stopped(session: Session, ledger: Ledger) -> str:
    """Returns what a stop leaves, in one sentence."""
    kept = ledger.kept()  # asked of the records: the stop may have come between a block's writing and its counting
    done = session.progress.done if kept is None else kept
    left = "nothing was recorded" if kept is None else "they are in the run records, and the same call goes on"
    return f"stopped after {done:,} runs of {session.progress.total:,} combinations; {left}."


def _check_any(rows: Rows, session: Session) -> None:
    if not len(rows):
        refused = session.progress.refused
        raise BacktestError(
            f"b4.require refused {'the only combination' if refused == 1 else f'all {refused:,} combinations'}, so nothing was run; "
            f"the first: {session.refusal}"
        )
