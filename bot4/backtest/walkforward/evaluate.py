"""Many programs over one cut of the data: a row of statistics and daily returns each, in the order of the programs.

By the runner of `bot4 sweep`: programs of expressions merged into one graph on all cores, event classes and sleeves one by one. A single
program is a single run, whose row has every statistic. Neither the number of workers nor the company of others changes a row.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bot4.report.columns import Floats, Ints

from ..errors import BacktestError
from ..result import Result
from ..sweep.rows import Block
from ..sweep.runner import Singles, runner_of

if TYPE_CHECKING:
    from bot4.strategy import Program

    from ..setup import Setup

Tell = Callable[[int], object]
"""Told how many more runs are done."""


@dataclass(frozen=True, eq=False)
class Row:
    """One run, reduced: its statistics (fields of `Stats`; of many runs at once those that the engine can keep), and its daily returns with
    their close times, both of shape (days,)."""

    stats: Mapping[str, float | int | None]
    times: Ints
    returns: Floats

    def value(self, name: str) -> float:
        """Returns a statistic as a number; NaN where there is none."""
        found = self.stats.get(name)
        return math.nan if found is None else float(found)


def evaluate(
    setup: Setup, programs: Sequence[Program], workers: int = 0, tell: Tell | None = None, needed: str = ""
) -> list[Row]:
    """Returns a row for each program. `workers` 0: as many as there are processors; `needed`: a statistic that every row must have.

    Raises EngineError.
    """
    if len(programs) == 1:
        row = row_of(setup.run(programs[0]))
        if tell is not None:
            tell(1)
        return [row]
    told = _Told(len(programs), tell)
    runner = runner_of(setup, on="local", workers=workers, share=True)
    try:
        block = runner.run(programs, told)
    finally:
        runner.close()
    if needed and needed not in block.stats:
        block = Singles(setup).run(programs, told.again())
    return [_row(block, number) for number in range(len(programs))]


class _Told:
    """Turns the share of a block that is done into how many more runs are done; a second pass tells nothing new."""

    def __init__(self, count: int, tell: Tell | None) -> None:
        self.count = count
        self.tell = tell
        self.done = 0

    def __call__(self, share: float) -> None:
        """Tells the runs finished since the last time."""
        done = round(share * self.count)
        if self.tell is not None and done > self.done:
            self.tell(done - self.done)
        self.done = max(done, self.done)

    def again(self) -> _Told:
        """Returns one that tells what is left."""
        left = _Told(self.count, self.tell)
        left.done = self.done
        return left


def _row(block: Block, place: int) -> Row:
    """Returns one run of a block, from its own first day on; the returns are a view, for a block may be large."""
    known = ~np.isnan(block.daily[place])
    first = int(np.argmax(known)) if known.any() else len(known)
    stats = {name: values[place].item() for name, values in block.stats.items()}
    return Row(stats, block.times[first:], block.daily[place, first:])


def row_of(result: Result) -> Row:
    """Returns a single run's row."""
    return Row(dict(result.stats), *result.daily_returns)


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
