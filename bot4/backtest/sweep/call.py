"""`sweep`: the call."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Unpack

from bot4.report.stats import STAT_NAMES

from ..errors import BacktestError
from ..setup import Settings, Setup, prepare
from .ledger import Ledger
from .metrics import read_metrics
from .proposing import Grid, Proposer
from .result import Count, SweepResult
from .rows import Rows
from .runner import Runner, Singles
from .session import ProgressTold, Session
from .space import Space, read_space

if TYPE_CHECKING:
    from bot4.strategy import Events, Strategy

Search = Literal["grid", "random", "lhs", "tpe", "cmaes", "nsga2"]
On = Literal["local", "ray"]
LIMIT = 1_000_000


def sweep(
    strategy: Strategy | type[Events] | str | Path,
    data: Any,
    grid: Mapping[str, object] | None = None,
    *,
    params: Mapping[str, Any] | None = None,
    search: Search = "grid",
    n: int | None = None,
    seed: int = 0,
    metric: str | Sequence[str] = "sharpe",
    on: On = "local",
    workers: int = 0,
    limit: int = LIMIT,
    fresh: bool = False,
    record: bool = True,
    progress: ProgressTold | None = None,
    **settings: Unpack[Settings],
) -> SweepResult:
    """Runs a strategy over history once for each combination of parameters and returns a `SweepResult`.

    grid: by parameter its values: a list, a `range`, or a text such as "5:50:5", "10,20,40", "log:1:1000:7" (docs/sweep.md).
    params: values of parameters that are not varied.
    """
    chosen = prepare(strategy, data, settings)
    space = read_space(chosen.strategy, grid or {}, params or {}, is_search=search != "grid")
    metrics = read_metrics(metric, STAT_NAMES)
    proposer = _proposer(space, search)
    ledger = Ledger(chosen, "sweep", record=record)
    session = Session(chosen, space.fixed, proposer, _runner(chosen), ledger, metrics, progress)
    started = time.monotonic()
    rows = session.work()
    _check_any(rows, session)
    ledger.count(int(rows.stats["start_ms"].min()), int(rows.stats["end_ms"].max()))
    count = Count(
        proposer.total,
        len(rows),
        session.progress.refused,
        session.progress.known,
        time.monotonic() - started,
        session.nodes,
        session.nodes_alone,
    )
    return SweepResult(chosen, space, rows, metrics, count, ledger.trials)


def _proposer(space: Space, search: Search) -> Proposer:
    if search == "grid":
        return Grid(space)
    raise BacktestError(f"search is {search!r}; give grid.")


def _runner(setup: Setup) -> Runner:
    return Singles(setup)


def _check_any(rows: Rows, session: Session) -> None:
    if not len(rows):
        raise BacktestError(
            f"b4.require refused all {session.progress.refused:,} combinations, so nothing was run; the first: {session.refusal}"
        )
