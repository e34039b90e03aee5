"""`Window`: one step of a walk-forward: what its training chose, how that did inside, how it did outside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..sweep.axis import Value
from . import measures
from .evaluate import Row
from .splits import Span

if TYPE_CHECKING:
    from ..result import Result


@dataclass(frozen=True, eq=False)
class Window:
    """One training and the test after it. `number` counts from 1.

    `params` are the chosen values of the fitted parameters; `inside` their run over the training, `outside` over the test, which began
    flat with the equity the window before ended with; `default` is the default parameters' run over the same test (None: refused by
    `b4.require`). `has_choice` is False where no combination had a score, and the defaults were kept.
    """

    number: int
    train: Span
    test: Span
    params: Mapping[str, Value]
    inside: Row
    outside: Result
    default: Row | None
    has_choice: bool
    is_default: bool

    @property
    def growth_inside(self) -> float:
        """Returns the growth rate a year in the training, `measures.growth`."""
        return measures.growth_of(self.inside.stats)

    @property
    def growth_outside(self) -> float:
        """Returns the growth rate a year in the test."""
        return measures.growth_of(self.outside.stats)

    @property
    def efficiency(self) -> float:
        """Returns growth outside over growth inside (Pardo 2008), NaN where the training lost."""
        return measures.efficiency(self.growth_outside, self.growth_inside)

    @property
    def beats_default(self) -> bool | None:
        """Returns whether the choice earned more in the test than the defaults; None where they are the same or cannot be compared."""
        if self.default is None or self.is_default:
            return None
        return self.outside.stats.total_return > self.default.value("total_return")
