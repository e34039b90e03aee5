"""One ask of an event strategy, checked: the plain numbers of an order or a target become what the engine takes.

The names and rules are those of `b4.order` and `b4.target`, the numbers Python's own. Not here: quantising (the engine), when an ask is
carried out (docs/semantics.md, section 10).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from .. import operands
from ..core import Operand, plain_number
from ..errors import StrategyError, near
from ..order import TIFS, sign_of
from ..size import MOST, Size
from ..spans import window
from ..stop import Stop
from ..take import Take
from ..target import rearm_of

KINDS = ("market", "limit", "stop", "stop_limit", "take_profit", "trailing")
UNITS = ("weight", "notional", "qty", "risk")
NAN = math.nan
RULES = ("tif", "expires", "reduce_only", "oco", "stop", "trail", "take", "stop_at", "take_at", "symbol")
_DECIDED = 'Decide in Python: ask for the order under an if, and take it back with ctx.cancel("{key}")'
_FOREIGN = {
    "when": _DECIDED,
    "while_": _DECIDED,
    "until": _DECIDED,
    "after": "Ask for it in on_fill(self, ctx, fill), where fill.key is that order's",
    "asset": 'Write symbol="BTC/USDT"',
    "price": "A price is of limit and stop_limit orders",
    "trigger": "A trigger is of stop, stop_limit and take_profit orders",
    "distance": "A distance is of trailing orders",
    "post_only": "post_only is of limit orders",
    **{n: f"Write the size as b4.size.{n}(…)" for n in ("qty", "notional", "weight", "risk")},
    **{n: "Write stop=distance, or stop_at=price" for n in ("sl", "stop_loss", "stoploss")},
    **{n: "Write take=distance, or take_at=price" for n in ("tp", "take_profit")},
}

Codes = tuple[int, int, int, int, int, int, bool, bool, bool]
Close = Callable[[], float]
"""The last close of the asset, for fractions."""


def order(
    kind: int,
    key: object,
    side: object,
    size: object,
    waits: dict[str, object],
    post_only: object,
    rules: dict[str, Any],
    close: Close,
) -> tuple[Codes, list[float]]:
    """Returns an order's codes and numbers as the engine takes them. Raises StrategyError."""
    if not isinstance(key, str) or not key:
        raise StrategyError(
            f"the key of a {KINDS[kind]} order is {key!r}", f'Give it a name: ctx.{KINDS[kind]}("dip", "buy", …)'
        )
    sign = 1 if side == "buy" else -1 if side == "sell" else sign_of(side, f" of the order {key}")
    price, trigger, distance = (
        above_zero(waits[name], f"the {name} of the order {key}") if name in waits else 0.0
        for name in ("price", "trigger", "distance")
    )
    exits = (0.0, 0.0, 0.0, 0.0, 0.0)
    tif = bars = ms = 0
    reduce_only = False
    if rules:
        _check_rules(kind, key, rules)
        tif, bars, ms = _time_in_force(rules.get("tif"), rules.get("expires"), post_only, key)
        reduce_only = _flag(rules.get("reduce_only", False), "reduce_only", key)
        exits = _exits(rules, price or trigger, sign, key, close)
        if reduce_only and any(exits):
            raise StrategyError(
                f"the order {key} only reduces and opens nothing to protect", "Leave reduce_only or the exits out"
            )
    unit, number, per_unit = _size(size, key, exits)
    codes = (sign, kind, unit, tif, bars, ms, _flag(post_only, "post_only", key), reduce_only, any(exits))
    return codes, [number, price, trigger, distance, per_unit, *exits]


def above_zero(value: object, what: str) -> float:
    """Returns a finite number above 0. Raises StrategyError."""
    number = plain_number(value) if not isinstance(value, (float, int)) else value
    if number is None or isinstance(number, bool):
        shown = (
            "missing"
            if value is None
            else f"{value!r}"
            if not isinstance(value, Operand)
            else f"an expression, {value.describe()}"
        )
        raise StrategyError(f"{what} is {shown}", "Give a plain number above 0")
    if not 0 < number < math.inf:
        raise StrategyError(f"{what} is {number:g}", "Give a number above 0, or do not ask")
    return float(number)


def _size(size: object, key: str, exits: Sequence[float]) -> tuple[int, float, float]:
    """Returns (unit, number, loss per unit)."""
    what = f"the size of the order {key}"
    if not isinstance(size, Size):
        number = above_zero(size, what)
        if number > MOST["weight"]:
            raise StrategyError(
                f"{what} is {number:g} times equity",
                f"Write b4.size.qty({number:g}) for base units, b4.size.notional(…) for quote units",
            )
        return 0, number, 0.0
    number = above_zero(constant(size.expression, what), what)
    if size.unit != "risk":
        return UNITS.index(size.unit), number, 0.0
    if size.per_unit is not None:
        return (
            3,
            number,
            above_zero(constant(size.per_unit, f"per_unit of the order {key}"), f"per_unit of the order {key}"),
        )
    per_unit = exits[0] or exits[1]
    if not per_unit:
        raise StrategyError(
            f"{what} is a risk, and nothing says what one unit loses",
            "Give stop=distance, or b4.size.risk(0.01, per_unit=…)",
        )
    return 3, number, per_unit


def constant(expression: Any, what: str) -> float:
    """Returns the number of a constant expression. Raises StrategyError for one that must be traced."""
    number = operands.known(expression)
    if number is None:
        raise StrategyError(
            f"{what} is an expression, {expression.describe()}, and an event class is not traced",
            "Compute it in Python, from ctx.history(symbol, n)",
        )
    return number


def _check_rules(kind: int, key: str, rules: dict[str, Any]) -> None:
    for name in rules:
        if name in RULES:
            continue
        if name in _FOREIGN:
            fix = _FOREIGN[name].format(key=key)
        else:
            meant = near(name, RULES)
            fix = f"Did you mean {meant}=?" if meant else "Rules are " + ", ".join(RULES)
        raise StrategyError(f"a {KINDS[kind]} order has no {name}: see the order {key}", fix)
    oco = rules.get("oco")
    if oco is not None and (not isinstance(oco, str) or not oco):
        raise StrategyError(f"oco of the order {key} is {oco!r}", "Write a name for the group, as text")


def _flag(value: object, name: str, key: str) -> bool:
    if value is not True and value is not False:
        raise StrategyError(f"{name} of the order {key} is {value!r}", f"Write {name}=True, or leave it out")
    return value


def _time_in_force(tif: object, expires: object, post_only: object, key: str) -> tuple[int, int, int]:
    """Returns (code, bars, ms)."""
    whose = f" of the order {key}"
    if tif is not None and tif not in TIFS:
        meant = near(tif, TIFS) if isinstance(tif, str) else None
        raise StrategyError(
            f"tif{whose} is {tif!r}", f'Write "{meant}"' if meant else 'Write "gtc", "ioc", "fok" or "gtd"'
        )
    if expires is None:
        if tif == "gtd":
            raise StrategyError(
                f'tif{whose} is "gtd" and does not say until when', 'Add expires=24 (bars) or expires="1d"'
            )
        if post_only and tif in ("ioc", "fok"):
            raise StrategyError(
                f"post_only and {tif} contradict each other{whose}: one only rests, the other never", "Keep one"
            )
        return (0 if tif is None else TIFS.index(tif)), 0, 0
    if tif not in (None, "gtd"):
        raise StrategyError(f'expires{whose} goes with tif="gtd", not with "{tif}"', "Leave tif out, or expires")
    length = window(expires, f"expires{whose}")
    return TIFS.index("gtd"), 0 if length.is_time else length.length, length.length if length.is_time else 0


def _exits(
    rules: dict[str, Any], waited: float, side: int, key: str, close: Close
) -> tuple[float, float, float, float, float]:
    """Returns stop, trail, take, stop_at, take_at; 0 = none."""
    whose = f" of the order {key}"
    stop, trail, take = distances(
        rules.get("stop"), rules.get("trail"), rules.get("take"), whose, lambda: waited or close()
    )[:3]
    at = [0.0, 0.0]
    for place, (name, sign) in enumerate((("stop_at", -side), ("take_at", side))):
        if (given := rules.get(name)) is None:
            continue
        at[place] = above_zero(given, name + whose)
        if (stop, take)[place]:
            pair = name.partition("_")[0]
            raise StrategyError(
                f"{pair} and {name} are both given{whose}", f"Keep {pair}= (a distance) or {name}= (a price)"
            )
        if waited and sign * (at[place] - waited) <= 0:
            wanted = "above" if sign > 0 else "below"
            raise StrategyError(
                f"{name}{whose} is {at[place]:g}, which is not {wanted} its price {waited:g}",
                f"The {name.partition('_')[0]} of a {'buy' if side > 0 else 'sell'} lies {wanted} its price",
            )
    if at[0] and at[1] and side * (at[1] - at[0]) <= 0:
        raise StrategyError(
            f"take_at {at[1]:g} is on the wrong side of stop_at {at[0]:g}{whose}",
            f"A {'buy' if side > 0 else 'sell'} takes {'above' if side > 0 else 'below'} its stop",
        )
    return stop, trail, take, at[0], at[1]


def distances(
    stop: object, trail: object, take: object, whose: str, base: Close
) -> tuple[float, float, float, tuple[int, int]]:
    """Returns the distances of stop, trail and take, 0 = none, and the age (bars, ms) of a time stop.

    A number is a price difference; what `b4.stop` and `b4.take` make is taken too, a fraction as one of `base()`.
    """
    found = {"fixed": 0.0, "trailing": 0.0}
    age = (0, 0)
    for name, kind, given in (("stop", "fixed", stop), ("trail", "trailing", trail)):
        for one in given if isinstance(given, (list, tuple)) else () if given is None else (given,):
            is_stop = isinstance(one, Stop)
            if is_stop and one.length is not None:
                if whose.startswith(" of the order"):
                    raise StrategyError(
                        f"{name}{whose} is a time stop, and the exits of an order wait for a price",
                        'Leave in on_timer: ctx.timer("leave", in_="3d")',
                    )
                age = (0, one.length.length) if one.length.is_time else (one.length.length, 0)
                continue
            own = one.kind if is_stop else kind
            if found[own]:
                raise StrategyError(f"there are two {own} stops{whose}", "Keep the nearer one")
            found[own] = _distance(one, name + whose, base)
    return found["fixed"], found["trailing"], 0.0 if take is None else _distance(take, "take" + whose, base), age


def _distance(given: object, what: str, base: Close) -> float:
    if isinstance(given, (Stop, Take)):
        if given.pct is not None:
            return given.pct * base()
        return above_zero(constant(given.distance, what), what)
    return above_zero(given, what)


def target(
    given: dict[str, object], stop: object, trail: object, take: object, band: object, rearm: str | int, close: Close
) -> tuple[tuple[int, int, int, int, int], list[float]]:
    """Returns a target's codes and numbers as the engine takes them. Raises StrategyError."""
    present = [(name, value) for name, value in given.items() if value is not None]
    if len(present) != 1:
        raise StrategyError(
            f"a target needs exactly one of weight, notional and qty, and got {' and '.join(n for n, _ in present) or 'none'}",
            "Write ctx.target(0.5), ctx.target(notional=…) or ctx.target(qty=…)",
        )
    name, value = present[0]
    number = plain_number(value)
    if number is None or isinstance(number, bool) or not math.isfinite(number):
        shown = f"an expression, {value.describe()}" if isinstance(value, Operand) else repr(value)
        raise StrategyError(
            f"the {name} of a target is {shown}", "Give a plain number; to hold what there is, do not call ctx.target"
        )
    if name == "weight" and abs(number) > MOST["weight"]:
        raise StrategyError(
            f"the weight of a target is {number:g} times equity", f"Write ctx.target(qty={number:g}) for base units"
        )
    fixed, trailing, taken, age = distances(stop, trail, take, " of a target", close)
    wait = rearm_of(rearm)
    mode = {"new_signal": 0, "immediate": 1}.get(wait.mode, 3 if wait.length is not None and wait.length.is_time else 2)
    span = 0 if wait.length is None else wait.length.length
    codes = (UNITS.index(name), mode, span, *age)
    return codes, [
        float(number),
        operands.fraction(band, "band of the target", 0.0, 10.0),
        fixed or NAN,
        trailing or NAN,
        taken or NAN,
    ]
