"""Targets: what a strategy wants to hold. A level, not an order: repeating it changes nothing.

Not here: when a target acts and what is traded for it (docs/semantics.md, section 5).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from . import operands
from . import stop as stops
from . import take as takes
from .core import as_expr
from .errors import Origin, StrategyError, caller_origin
from .expr import Expr
from .spans import Window, window
from .stop import NodeOf, Stop, reference
from .take import Take

TargetKind = Literal["weight", "notional", "qty"]


@dataclass(frozen=True, slots=True)
class Rearm:
    """When a target may act again after a stop: at a new signal, at once, or after a cool-down."""

    mode: Literal["new_signal", "immediate", "cooldown"]
    length: Window | None = None

    def to_json(self) -> dict[str, str | int]:
        """Returns the program's form."""
        row: dict[str, str | int] = {"mode": self.mode}
        if self.length is not None:
            row.update(self.length.to_json())
        return row


@dataclass(frozen=True, slots=True, eq=False)
class Target:
    """A checked target; `b4.target` makes it."""

    expression: Expr
    kind: TargetKind
    asset: str | None
    band: float
    budget: float
    rearm: Rearm
    stops: tuple[Stop, ...]
    take: Take | None
    origin: Origin

    def resolved(self) -> Target:
        """Returns the target with fractions of the close as distances."""
        fixed = tuple(s.resolved(reference(self.asset, s.origin)) for s in self.stops)
        take = self.take.resolved(reference(self.asset, self.take.origin)) if self.take is not None else None
        return replace(self, stops=fixed, take=take)

    def to_json(self, node: NodeOf) -> dict[str, Any]:
        """Returns the program's form (of a resolved target)."""
        row: dict[str, Any] = {"node": node(self.expression), "kind": self.kind, "asset": self.asset, "band": self.band}
        row |= {"budget": self.budget, "rearm": self.rearm.to_json()}
        row["stops"] = [s.to_json(node) for s in self.stops]
        if self.take is not None and self.take.distance is not None:
            row["take"] = node(self.take.distance)
        return row

    @property
    def title(self) -> str:
        """What an error calls it."""
        return "the target"

    def describe(self) -> str:
        """Returns the target in words: `target weight where(close > open, 1, 0)`."""
        return f"target {self.kind} {self.expression.describe()}"


def target(
    weight: object = None,
    *,
    notional: object = None,
    qty: object = None,
    asset: str | None = None,
    band: float = 0.01,
    budget: float = 1.0,
    rearm: str | int = "new_signal",
    stop: Stop | Sequence[Stop] | None = None,
    take: Take | Expr | None = None,
) -> Target:
    """Returns a target: `weight` of equity (a fraction), or `notional` (quote units), or `qty` (base units).

    0 means flat, missing means hold. It acts when it is 0, changes sign, or moves by at least `band` (a fraction of equity);
    gross weight above `budget` is scaled down for all assets alike. `stop` and `take` close the whole position; `rearm` says when it
    may act again afterwards. `asset` addresses one asset by symbol. Raises StrategyError.
    """
    given: list[tuple[TargetKind, object]] = [("weight", weight), ("notional", notional), ("qty", qty)]
    present = [(kind, value) for kind, value in given if value is not None]
    if len(present) != 1:
        raise StrategyError(
            f"a target needs exactly one of weight, notional and qty, and got {' and '.join(k for k, _ in present) or 'none'}",
            "Write b4.target(weight), b4.target(notional=…) or b4.target(qty=…)",
        )
    kind, value = present[0]
    expression = as_expr(value)
    if expression.kind.is_bool:
        raise StrategyError(
            f"the target is a condition, {expression.describe()}, and a target says how much",
            "Write b4.target(b4.where(cond, 1.0, 0.0)): the whole budget while it is true, nothing while it is false",
        )
    limits = (
        operands.fraction(band, "band of the target", 0.0, 10.0),
        operands.fraction(budget, "budget of the target", 1e-9, 100.0),
    )
    return Target(
        expression,
        kind,
        operands.symbol(asset),
        *limits,
        rearm_of(rearm),
        stops.checked(stop),
        takes.checked(take),
        caller_origin(),
    )


def rearm_of(value: str | int) -> Rearm:
    """Returns what `rearm=` says. Raises StrategyError."""
    if value == "new_signal":
        return Rearm("new_signal")
    if value == "immediate":
        return Rearm("immediate")
    if isinstance(value, str) and not value[:1].isdigit():
        raise StrategyError(
            f"rearm is {value!r}", 'Write "new_signal", "immediate", a time such as "12h", or a number of bars'
        )
    return Rearm("cooldown", window(value, "rearm"))
