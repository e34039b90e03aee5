"""Many programs over one cut of the data: a row of statistics and daily returns each, in the order of the programs.

Single runs in threads (the engine lets other Python threads go on); the number of workers changes nothing but the time.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot4.report.columns import Floats, Ints

from ..errors import BacktestError
from ..result import Result

if TYPE_CHECKING:
    from bot4.strategy import Program

    from ..setup import Setup

Tell = Callable[[int], object]
"""Told how many more runs are done."""


@dataclass(frozen=True, eq=False)
class Row:
    """One run, reduced: the program's identity, its statistics (those of `Stats`), its daily returns with their close times, (days,)."""

    identity: str
    stats: Mapping[str, float | int | None]
    times: Ints
    returns: Floats

    def value(self, name: str) -> float:
        """Returns a statistic as a number; NaN where there is none."""
        found = self.stats[name]
        return float("nan") if found is None else float(found)


def evaluate(setup: Setup, programs: Sequence[Program], workers: int = 0, tell: Tell | None = None) -> list[Row]:
    """Returns a row for each program. `workers` 0: as many as there are processors. Raises EngineError."""

    def one(program: Program) -> Row:
        row = row_of(setup.run(program))
        if tell is not None:
            tell(1)
        return row

    count = min(workers or os.cpu_count() or 1, len(programs))
    if count <= 1:
        return [one(program) for program in programs]
    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, programs))


def row_of(result: Result) -> Row:
    """Returns a single run's row."""
    return Row(result.identity, dict(result.stats), *result.daily_returns)


def check_workers(workers: int) -> int:
    """Returns a number of workers. Raises BacktestError."""
    if isinstance(workers, bool) or not isinstance(workers, int) or workers < 0:
        raise BacktestError(f"workers is {workers!r}; give a whole number, 0 for one on each processor.")
    return workers


def first_decision_ms(setup: Setup, program: Program) -> int | None:
    """Returns when a program can decide for the first time on the whole data; None if the data ends within the warm-up.

    Where it names single assets all of them must have begun, and of sleeves all must be ready.
    """
    if program.sleeves:
        each = [first_decision_ms(setup, sleeve.program) for sleeve in program.sleeves]
        return None if None in each else max(time for time in each if time is not None)
    market = setup.market
    settled = Result(setup.strategy, program, market, setup.config, {}, None, setup.beside).settled_rows
    ready = [
        int(columns.ts[rows]) + market.interval_ms
        for columns, rows in zip(market.columns, settled, strict=True)
        if rows is not None and rows < columns.rows
    ]
    if not ready:
        return None
    named = {node.only for node in program.nodes if node.only} | {symbol for symbol in program.addressed if symbol}
    begun = [int(market.columns[market.index(symbol)].ts[0]) + market.interval_ms for symbol in named]
    return max([min(ready), *begun])
