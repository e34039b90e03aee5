"""Targets: what a strategy wants to hold. A level, not an order: repeating it changes nothing.

Not here: when a target acts and what is traded for it (docs/semantics.md, section 5).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from .core import as_expr, plain_number
from .errors import Origin, StrategyError, caller_origin
from .expr import Expr
from .spans import Window, window
from .stop import Stop

TargetKind = Literal["weight", "notional", "qty"]


@dataclass(frozen=True, slots=True)
class Rearm:
    """When a target may act again after a stop: at a new signal, at once, or after a cool-down."""

    mode: Literal["new_signal", "immediate", "cooldown"]
    length: Window | None = None

    def to_json(self) -> dict[str, str | int]:
        """Returns the program's form."""
        if self.length is None:
            return {"mode": self.mode}
        return {"mode": self.mode, ("ms" if self.length.is_time else "bars"): self.length.length}


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
    origin: Origin


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
) -> Target:
    """Returns a target: `weight` of equity (a fraction), or `notional` (quote units), or `qty` (base units).

    0 means flat, missing means hold. It acts when it is 0, changes sign, or moves by at least `band` (a fraction of equity);
    gross weight above `budget` is scaled down for all assets alike. `asset` addresses one asset by symbol. Raises StrategyError.
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
    if asset is not None and (not isinstance(asset, str) or not asset):
        raise StrategyError(f"asset={asset!r} does not name an asset", 'Write its symbol, as in asset="BTC/USDT"')
    limits = _fraction(band, "band", 0.0, 10.0), _fraction(budget, "budget", 1e-9, 100.0)
    return Target(expression, kind, asset, *limits, _rearm(rearm), _stops(stop), caller_origin())


def _fraction(value: object, name: str, low: float, high: float) -> float:
    number = None if isinstance(value, bool) else plain_number(value)
    if number is None or not low <= number <= high:
        raise StrategyError(
            f"{name} of the target is {value!r}",
            f"Give a fraction of equity from {low:g} to {high:g}, such as 0.01 for 1 %",
        )
    return float(number)


def _rearm(value: str | int) -> Rearm:
    if value == "new_signal":
        return Rearm("new_signal")
    if value == "immediate":
        return Rearm("immediate")
    if isinstance(value, str) and not value[:1].isdigit():
        raise StrategyError(
            f"rearm is {value!r}", 'Write "new_signal", "immediate", a time such as "12h", or a number of bars'
        )
    return Rearm("cooldown", window(value, "rearm"))


def _stops(given: Stop | Sequence[Stop] | None) -> tuple[Stop, ...]:
    if given is None:
        return ()
    stops = (given,) if isinstance(given, Stop) else tuple(given) if isinstance(given, (list, tuple)) else (given,)
    for s in stops:
        if not isinstance(s, Stop):
            raise StrategyError(
                f"stop holds a {type(s).__name__}",
                "Write stop=b4.stop.trailing(3 * m.atr(14)) or stop=b4.stop.fixed(pct=0.05)",
            )
    for kind in ("fixed", "trailing", "time"):
        if sum(s.kind == kind for s in stops) > 1:
            raise StrategyError(
                f"there are two {kind} stops", "Keep one; the nearer of two distances is b4.minimum(a, b)"
            )
    return stops
