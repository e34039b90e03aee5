"""`b4.switch(regime, {0: …, 1: …}, confirm=n, handover=…)`: one of several targets, by what the market is doing.

Lowers to one target of `where`, `hold_when` and, for a hand-over through flat, the position. Not here: what makes a regime.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Literal

from .core import Operand, as_expr, missing, plain_number
from .errors import StrategyError, near
from .expr import Expr
from .functions import where
from .kinds import Kind
from .spans import rows
from .stop import Stop
from .take import Take
from .target import Target, target
from .view import asset, market

Handover = Literal["direct", "flat"]
_SETTINGS = ("kind", "asset", "band", "budget", "rearm")


def switch(
    regime: Expr,
    targets: Mapping[int, object] | Mapping[float, object] | Mapping[bool, object],
    *,
    confirm: int = 1,
    handover: Handover = "direct",
    otherwise: object = 0.0,
) -> Target:
    """Returns the target of the regime: `{0: weight, 1: b4.target(…)}`, keys compared with the values of `regime`.

    A regime counts once it was the same on `confirm` rows of its own clock; until then the one before goes on. `handover="flat"`
    holds the target at 0 after a change until the position is closed; `"direct"` trades the difference. `otherwise` is the
    number for a value that has no key; a missing regime gives a missing target (hold). Raises StrategyError.
    """
    now = _confirmed(_number(regime), rows(confirm, "confirm of the switch"))
    branches = [(_code(key), value if isinstance(value, Target) else target(value)) for key, value in targets.items()]
    if len(branches) < 2:
        raise StrategyError(
            f"the switch has {len(branches)} regime", "Give a target for each: b4.switch(regime, {0: 0.0, 1: 1.0})"
        )
    if handover not in ("direct", "flat"):
        close = near(handover, ("direct", "flat")) if isinstance(handover, str) else None
        raise StrategyError(
            f"handover is {handover!r}", f'Write "{close or "direct"}"' if close else 'Write "direct" or "flat"'
        )
    first = _agreed(branches)
    chosen = _chosen(now, [(code, t.expression) for code, t in branches], as_expr(otherwise))
    if handover == "flat":
        held = (market() if first.asset is None else asset(first.asset)).pos.is_open
        # While a position is open its regime stays the served one; where that is no longer the regime, it is closed.
        served = now.hold_when(held)
        chosen = where(served == now, chosen, 0.0)
    made = target(chosen, asset=first.asset, band=first.band, budget=first.budget)
    return replace(made, kind=first.kind, rearm=first.rearm, stops=_stops(now, branches), take=_take(now, branches))


def _number(regime: object) -> Expr:
    if not isinstance(regime, Operand):
        raise StrategyError(
            f"the regime is {regime!r}, which is the same on every row",
            "Give an expression, or choose with Python's if",
        )
    expression = as_expr(regime)
    if expression.kind is Kind.EVENT:
        raise StrategyError(
            f"the regime is an event, {expression.describe()}, true on one bar only",
            "Keep it with b4.latch(long=…, exit=…)",
        )
    return where(expression, 1.0, 0.0) if expression.kind.is_bool else expression


def _confirmed(regime: Expr, confirm: int) -> Expr:
    """Returns the regime that was last the same on `confirm` rows."""
    if confirm == 1:
        return regime
    window = regime.rolling(confirm)
    # Where the window is not full nothing is confirmed: hold, do not follow.
    return regime.hold_when((window.min() != window.max()).fill_missing(True))


def _code(key: object) -> float:
    number = plain_number(key)
    if number is None:
        raise StrategyError(f"{key!r} is no value of a regime", "Regimes are numbers, or True and False")
    return float(number)


def _agreed(branches: Sequence[tuple[float, Target]]) -> Target:
    first = branches[0][1]
    for _, t in branches:
        for name in _SETTINGS:
            mine, other = getattr(first, name), getattr(t, name)
            if mine != other:
                raise StrategyError(
                    f"the targets of the switch differ in {name}: {_shown(mine)} and {_shown(other)}",
                    f"Give all of them the same {name}; a plain number is b4.target(number)",
                    t.origin,
                )
    return first


def _shown(setting: object) -> str:
    mode = getattr(setting, "mode", None)
    return str(setting if mode is None else mode)


def _chosen(now: Expr, values: Sequence[tuple[float, Expr]], rest: Expr) -> Expr:
    for code, value in reversed(values):
        rest = where(now == code, value, rest)
    return rest


def _stops(now: Expr, branches: Sequence[tuple[float, Target]]) -> tuple[Stop, ...]:
    """Returns the stops of all regimes; the distance is that of the regime, missing (no new level) where it has no such stop."""
    found = []
    for kind in ("fixed", "trailing"):
        parts = [(code, next((s for s in t.resolved().stops if s.kind == kind), None)) for code, t in branches]
        merged = _merged(now, [(code, s.distance if s is not None else None) for code, s in parts])
        first = next((s for _, s in parts if s is not None), None)
        if merged is not None and first is not None:
            found.append(replace(first, distance=merged))
    times = {t.stops: [s for s in t.stops if s.kind == "time"] for _, t in branches}
    lengths = {s.length for stops in times.values() for s in stops}
    if len(lengths) > 1 or (lengths and any(not stops for stops in times.values())):
        raise StrategyError(
            "the targets of the switch differ in their time stops", "Give all of them the same b4.stop.time(n)"
        )
    return (*found, *next(iter(times.values())))


def _take(now: Expr, branches: Sequence[tuple[float, Target]]) -> Take | None:
    parts = [(code, t.resolved().take) for code, t in branches]
    merged = _merged(now, [(code, t.distance if t is not None else None) for code, t in parts])
    first = next((t for _, t in parts if t is not None), None)
    return replace(first, distance=merged) if first is not None else None


def _merged(now: Expr, distances: Sequence[tuple[float, Expr | None]]) -> Expr | None:
    if all(d is None for _, d in distances):
        return None
    absent: Callable[[Expr | None], Expr] = lambda d: missing() if d is None else d  # noqa: E731
    return _chosen(now, [(code, absent(d)) for code, d in distances], missing())
