"""`b4.legs({...}, broken=…)`: targets of several assets that belong together, and what is done when one of them is missing.

Not here: how a broken group is found (docs/semantics.md, section 8).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

from . import operands
from .errors import Origin, StrategyError, caller_origin, near
from .target import Target, target

Broken = Literal["flatten", "complete", "hold"]


@dataclass(frozen=True, slots=True, eq=False)
class Legs:
    """A checked group of targets; `b4.legs` makes it."""

    targets: tuple[Target, ...]
    broken: Broken
    tolerance: float
    origin: Origin

    def to_json(self, first: int) -> dict[str, Any]:
        """Returns the program's form; `first` is the position of the group's first target."""
        places = list(range(first, first + len(self.targets)))
        return {"targets": places, "broken": self.broken, "tolerance": self.tolerance}

    def describe(self) -> str:
        """Returns the group in words."""
        names = " and ".join(t.asset or "" for t in self.targets)
        return f"legs {names}: broken by more than {self.tolerance:g} -> {self.broken}"


def legs(
    targets: Mapping[str, object] | Iterable[Target], *, broken: Broken | None = None, tolerance: float = 0.05
) -> Legs:
    """Returns legs: `{"ETH/USDT": weight, "BTC/USDT": weight}`, or targets that name their assets.

    Filled to more than `tolerance` (a fraction) different parts, the group is broken: `broken="flatten"` leaves all legs until a
    new signal, `"complete"` sends what is missing again, `"hold"` leaves it as it is. Raises StrategyError.
    """
    found = tuple(_targets(targets))
    if len(found) < 2:
        raise StrategyError(
            f"legs of {len(found)} target", 'Give at least two: b4.legs({"A": 0.5, "B": -0.5}, broken="flatten")'
        )
    for t in found:
        if t.asset is None:
            raise StrategyError(
                "a leg names no asset", 'Write b4.target(…, asset="BTC/USDT"), or give a dictionary', t.origin
            )
    choices = get_args(Broken)
    if broken is None or broken not in choices:
        close = near(broken, choices) if isinstance(broken, str) else None
        raise StrategyError(
            "legs do not say what to do with a broken leg (broken=)"
            if broken is None
            else f"broken of the legs is {broken!r}",
            f'Write broken="{close}"'
            if close
            else 'Write broken="flatten" (out of all), "complete" (try again) or "hold"',
        )
    return Legs(found, broken, operands.fraction(tolerance, "tolerance of the legs", 0.0, 1.0), caller_origin())


def _targets(given: object) -> Iterable[Target]:
    if isinstance(given, Mapping):
        for name, value in given.items():
            symbol = operands.symbol(name)
            if isinstance(value, Target) and value.asset not in (None, symbol):
                raise StrategyError(f"the leg {symbol} holds a target of {value.asset}", "Leave asset= out of it")
            yield replace(value, asset=symbol) if isinstance(value, Target) else target(value, asset=symbol)
        return
    for t in given if isinstance(given, (list, tuple)) else (given,):
        if not isinstance(t, Target):
            raise StrategyError(
                f"legs hold a {type(t).__name__}", 'Write b4.legs({"A": 0.5, "B": -0.5}, broken="flatten")'
            )
        yield t
