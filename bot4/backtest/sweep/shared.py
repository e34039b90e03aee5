"""The engine's sweep as a runner: programs merged into one graph, run on all cores over one copy of the data, one digest each.

Not here: what a digest becomes (`bot4.report.rows`), programs that share nothing (`runner.Singles`).
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from bot4.report.rows import daily_returns, row_stats
from bot4.report.stats import STAT_NAMES

from ..setup import Setup
from .rows import Block, stat_column
from .runner import Told
from .sharing import count_nodes

if TYPE_CHECKING:
    from bot4 import _engine
    from bot4.strategy import Program

_AT_FAULT = re.compile(r"combination (\d+): (.*)", re.DOTALL)
NO_TIME = -1


class Shared:
    """Runs programs together in this process, without the interpreter's lock."""

    def __init__(self, setup: Setup, workers: int = 0, *, share: bool = True) -> None:
        from bot4 import _engine

        config_json = setup.config.engine_json(setup.market, setup.trade_from_ms)
        self.sweep: _engine.Sweep | None = _engine.Sweep(setup.market.native, config_json, **setup.beside.arguments())
        self.workers = workers
        self.cores = workers or os.cpu_count() or 1
        self.share = share

    def run(self, programs: Sequence[Program], told: Told) -> Block:
        """Returns the rows of programs."""
        from bot4._engine import EngineError

        assert self.sweep is not None, "a closed runner does not run"
        try:
            digest = self.sweep.run(
                [program.json for program in programs],
                self.workers,
                self.share,
                lambda done, total: told(done / total),
            )
        except EngineError as error:
            raise named(error, programs) from error
        return block_of(digest, programs if self.share else ())

    def close(self) -> None:
        """Lets go of the data."""
        self.sweep = None


def named(error: Exception, programs: Sequence[Program]) -> Exception:
    """Returns the engine's refusal with the combination's parameters in place of its number."""
    found = _AT_FAULT.fullmatch(str(error))
    if found is None:
        return error
    params = " ".join(f"{name}={value}" for name, value in programs[int(found[1])].parameters.items())
    return type(error)(f"{params}: {found[2]}")


def block_of(digest: Mapping[str, Any], programs: Sequence[Program] = ()) -> Block:
    """Returns a digest as a block; `programs` are counted where they shared."""
    found = row_stats(digest)
    stats = {name: _column(name, found[name]) for name in STAT_NAMES if name in found}
    times, returns = daily_returns(digest)
    before = np.arange(returns.shape[1])[None, :] < np.asarray(digest["first_day"])[:, None]
    before |= (np.asarray(digest["bars"]) == 0)[:, None]
    nodes, alone = count_nodes(programs)
    return Block(stats, np.asarray(times), np.where(before, np.nan, returns), nodes, alone)


def _column(name: str, values: Any) -> Any:
    is_time = name == "max_drawdown_end_ms"
    column = stat_column(name, np.asarray(values))
    return np.where(column == NO_TIME, np.nan, column) if is_time else column
