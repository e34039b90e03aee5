"""Runners: programs in, rows out. `Singles` runs one program after the other, as `b4.backtest` does.

Not here: where programs come from (`tracing`), the runner on other machines (`on_ray`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol

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
    """Runs programs one by one: for event classes and sleeves, whose runs share nothing."""

    cores = 1

    def __init__(self, setup: Setup) -> None:
        self.setup: Setup | None = setup

    def run(self, programs: Sequence[Program], told: Told) -> Block:
        """Returns the rows of programs, each from a whole single run."""
        rows, days = [], []
        for number, program in enumerate(programs):
            assert self.setup is not None, "a closed runner does not run"
            result = self.setup.run(program)
            rows.append(dict(result.stats))
            days.append(result.daily_returns)
            told((number + 1) / len(programs))
        times, daily = align(days)
        return Block({name: stat_column(name, [row[name] for row in rows]) for name in rows[0]}, times, daily)

    def close(self) -> None:
        """Lets go of the data."""
        self.setup = None


def runner_of(setup: Setup, *, on: str, workers: int, share: bool) -> Runner:
    """Returns the runner for a place. Raises BacktestError for an unknown place or a number of cores below 0."""
    if workers < 0:
        raise BacktestError(f"workers is {workers}; give the number of cores, or 0 for all.")
    if on not in ("local", "ray"):
        raise BacktestError(f"on is {on!r}; give local or ray.")
    if not shares(setup.strategy):
        if on == "ray":
            raise BacktestError(f'{setup.strategy.name} {_ALONE}; leave on="ray" (--on ray) out.')
        return Singles(setup)
    if on == "ray":
        from .on_ray import OnRay

        return OnRay(setup, workers, share=share)
    from .shared import Shared

    return Shared(setup, workers, share=share)


def shares(strategy: Strategy) -> bool:
    """Returns whether a strategy's runs can be merged; those of event classes and sleeves are run one by one."""
    from bot4.strategy import EventStrategy, Sleeves

    return not isinstance(strategy, (EventStrategy, Sleeves))


def alone_sentence(strategy: Strategy) -> str:
    """Returns what is said where runs are not merged; empty where they are."""
    return "" if shares(strategy) else f"{strategy.name} {_ALONE}."


_ALONE = "is an event class or sleeves, whose runs share nothing: they are run one by one on this machine"
