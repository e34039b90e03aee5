"""The words of the plan: one process that prints figures, a bound on a figure, and what stands in one table."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Job:
    """One process that prints figures: `module` below `benchmarks`, run by the interpreter of `environment` (`bot4` = this one)."""

    key: str
    title: str
    module: str
    environment: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""
    one_thread: bool = True
    repeats: bool = True


@dataclass(frozen=True)
class Wanted:
    """A figure of a job with its bound: at least `bound` if `at_least`, else at most."""

    title: str
    job: str
    figure: str
    bound: float
    unit: str
    at_least: bool

    def met(self, value: float) -> bool:
        """Returns whether the value keeps the bound."""
        return value >= self.bound if self.at_least else value <= self.bound


@dataclass(frozen=True)
class Ratio:
    """A figure of one job over the same of another, at least `bound`."""

    title: str
    above: str
    below: str
    figure: str
    bound: float


@dataclass(frozen=True)
class Comparison:
    """One table of speeds: the jobs that do the same work, and the key of the one that the others are compared with.

    `plain` is the job of Bot4 without what the peers lack, `peers` those that simulate what is left: their orders may differ by
    `orders` and their final equity by `equity` (relative; whole lots against fractions). Where they differ by more, the speeds
    compare nothing.
    """

    name: str
    title: str
    jobs: tuple[Job, ...]
    own: str
    plain: str = ""
    peers: tuple[str, ...] = ()
    orders: int = 0
    equity: float = 1e-3
