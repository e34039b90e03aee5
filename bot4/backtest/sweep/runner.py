"""Runners: programs in, rows out. `Singles` runs each program as a whole single run, as `b4.backtest` does.

Not here: where programs come from (`tracing`), the runner on other machines (`on_ray`).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Protocol

from ..errors import BacktestError
from ..setup import Setup
from .rows import Block, align, stat_column

if TYPE_CHECKING:
    from bot4.strategy import Program, Strategy

Told = Callable[[float], object]
"""Told the share of a block that is done, 0 to 1; what it raises ends the run."""


class Runner(Protocol):
    """Runs blocks of programs on one setup. `cores` is how many work at once; blocks grow with them."""

    cores: int

    def run(self, programs: Sequence[Program], told: Told) -> Block:
        """Returns the rows of programs in their order. Raises EngineError for what the engine refuses."""

    def close(self) -> None:
        """Gives back what the runner holds; it is not used afterwards."""


class Singles:
    """Runs programs one by one: for event classes, sleeves and strategies on ticks, whose runs share nothing.

    With several `cores` so many run at once, each in a thread of its own: only runs on ticks, which do not need the interpreter.
    """

    def __init__(self, setup: Setup, cores: int = 1) -> None:
        self.setup: Setup | None = setup
        self.cores = cores

    def run(self, programs: Sequence[Program], told: Told) -> Block:
        """Returns the rows of programs, each from a whole single run."""
        setup = self.setup
        assert setup is not None, "a closed runner does not run"
        rows, days = [], []
        with ThreadPoolExecutor(self.cores, thread_name_prefix="bot4-single") as pool:
            try:
                for number, (stats, returns) in enumerate(pool.map(lambda program: _single(setup, program), programs)):
                    rows.append(stats)
                    days.append(returns)
                    told((number + 1) / len(programs))
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise
        times, daily = align(days)
        return Block({name: stat_column(name, [row[name] for row in rows]) for name in rows[0]}, times, daily)

    def close(self) -> None:
        """Lets go of the data."""
        self.setup = None


def _single(setup: Setup, program: Program) -> tuple[dict[str, Any], tuple[Any, Any]]:
    """Returns the statistics and the daily returns of a single run; the rest of it is let go of."""
    result = setup.run(program)
    return dict(result.stats), result.daily_returns


def runner_of(setup: Setup, *, on: str, workers: int, share: bool) -> Runner:
    """Returns the runner for a place. Raises BacktestError for an unknown place or a number of cores below 0."""
    if workers < 0:
        raise BacktestError(f"workers is {workers}; give the number of cores, or 0 for all.")
    if on not in ("local", "ray"):
        raise BacktestError(f"on is {on!r}; give local or ray.")
    if not shares(setup.strategy):
        if on == "ray":
            raise BacktestError(f'{setup.strategy.name} {_why_alone(setup.strategy)}; leave on="ray" (--on ray) out.')
        return Singles(setup, (workers or os.cpu_count() or 1) if is_on_ticks(setup.strategy) else 1)
    if on == "ray":
        from .on_ray import OnRay

        return OnRay(setup, workers, share=share)
    from .shared import Shared

    return Shared(setup, workers, share=share)


def shares(strategy: Strategy) -> bool:
    """Returns whether a strategy's runs can be merged; those of event classes, of sleeves and on ticks are run one by one."""
    from bot4.strategy import EventStrategy, Sleeves

    return not isinstance(strategy, (EventStrategy, Sleeves)) and not is_on_ticks(strategy)


def alone_sentence(strategy: Strategy) -> str:
    """Returns what is said where runs are not merged; empty where they are."""
    return "" if shares(strategy) else f"{strategy.name} {_why_alone(strategy)}."


def is_on_ticks(strategy: Strategy) -> bool:
    """Returns whether a strategy runs on ticks."""
    from bot4.strategy.ticks import Ticks

    return isinstance(strategy.on, Ticks)


def _why_alone(strategy: Strategy) -> str:
    if is_on_ticks(strategy):
        return "runs on ticks, where runs share nothing: each is a single run on this machine"
    return "is an event class or sleeves, whose runs share nothing: they are run one by one on this machine"
