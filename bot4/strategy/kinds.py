"""What an expression is: kind × clock × scope.

A *kind* says what the values mean, a *clock* when rows come, a *scope* for whom. Not here: the rules that join two of them
(kinds are checked in `core.apply`, clocks and scopes are joined in `homes`).

Clocks, scopes and homes are named tuples because a trace hashes them by the thousand: that stays in C.
"""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple


class Kind(Enum):
    """What the values of an expression mean. `MATRIX`, `LABEL` and `MODEL` are reserved names; nothing makes them yet."""

    NUMBER = "number"
    BOOL = "bool"
    EVENT = "event"  # a bool that is true only at the moment it happens
    SCALAR = "scalar"  # one number for all assets: constants, `b4.account`
    MATRIX = "matrix"
    LABEL = "label"
    MODEL = "model"

    def __init__(self, text: str) -> None:
        self.is_number = text in ("number", "scalar")
        self.is_bool = text in ("bool", "event")


class ClockFamily(Enum):
    """What makes a row. `TICK` is a reserved name; nothing makes it yet."""

    BAR = "bar"
    BOOK = "book"
    TRADE = "trade"
    TICK = "tick"

    __hash__ = object.__hash__  # members are single: their identity is enough, and Enum's own hash is Python


class Clock(NamedTuple):
    """When rows come. A bar clock without `period_ms` is the base clock: the timeframe the strategy runs on."""

    period_ms: int | None = None
    family: ClockFamily = ClockFamily.BAR

    @property
    def is_base(self) -> bool:
        return self.period_ms is None


BASE = Clock()


class ScopeFamily(Enum):
    """For whom an expression has values."""

    EACH = "each"  # every asset of m or u, each on its own rows
    ONLY = "only"  # one named asset, on that asset's rows

    __hash__ = object.__hash__


class Scope(NamedTuple):
    """For whom an expression has values: each asset, or only `symbol`. "For nobody in particular" (a scalar) is `None`."""

    family: ScopeFamily
    symbol: str | None = None


EACH = Scope(ScopeFamily.EACH)


def only(symbol: str) -> Scope:
    """Returns the scope of one asset."""
    return Scope(ScopeFamily.ONLY, symbol)


class Home(NamedTuple):
    """Clock and scope together. `None` in a field means: adapts to whatever uses it (constants, scalars)."""

    clock: Clock | None = None
    scope: Scope | None = None


ANYWHERE = Home()
EVERY_ASSET = Home(BASE, EACH)
