"""Orders by key: `b4.order.limit("dip", "buy", 0.1, price, stop=…)` and its kinds; `b4.orders(…)` puts them together.

An order names a *key*; what it says is looked at anew at each decision. Without `when` it is a member of a set: it should be
working while its price and size are there. With `when` it is sent at the moment the condition becomes true. The rules of
both: docs/semantics.md, section 7. Not here: checks between orders (`orders`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, TypedDict, Unpack

from . import exits as brackets
from . import operands
from . import size as sizes
from .errors import Origin, StrategyError, caller_origin, near
from .exits import Exits
from .expr import Expr
from .size import Size
from .spans import Window, window
from .stop import NodeOf, reference

__all__ = ["limit", "market", "stop", "stop_limit", "take_profit", "trailing"]

OrderKind = Literal["market", "limit", "stop", "stop_limit", "take_profit", "trailing"]
Side = Literal["buy", "sell"]
Tif = Literal["gtc", "ioc", "fok", "gtd"]
TIFS = ("gtc", "ioc", "fok", "gtd")


class Rules(TypedDict, total=False):
    """What any order may be given by keyword, beside the numbers of its kind.

    `when` sends at the moment the condition becomes true; `while_` asks for the order only while it is true; `until` withdraws
    it. `tif` is "gtc" (default), "ioc", "fok" or "gtd" with `expires` (bars or a time). `oco` names a group of which one fill
    cancels the others; `after` the key whose order must have filled before. `stop`, `trail` and `take` are exits at a distance
    from the fill, `stop_at` and `take_at` at a price. `asset` addresses one asset.
    """

    when: object
    until: object
    while_: object
    tif: Tif | None
    expires: int | str | None
    reduce_only: bool
    oco: str | None
    after: str | None
    stop: object
    trail: object
    take: object
    stop_at: object
    take_at: object
    asset: str | None


@dataclass(frozen=True, slots=True, eq=False)
class Order:
    """A checked order; the functions of this module make it. `side` is 1 for a buy and −1 for a sell."""

    key: str
    side: int
    kind: OrderKind
    size: Size
    prices: tuple[tuple[str, Expr], ...]
    """What the kind waits for, by name: price, trigger, distance."""
    asset: str | None
    origin: Origin
    when: Expr | None = None
    until: Expr | None = None
    tif: Tif = "gtc"
    expires: Window | None = None
    post_only: bool = False
    reduce_only: bool = False
    oco: str | None = None
    after: str | None = None
    exits: Exits = field(default_factory=Exits)

    def to_json(self, node: NodeOf) -> dict[str, Any]:
        """Returns the program's form: what is absent is left out."""
        row: dict[str, Any] = {"key": self.key, "side": self.side, "kind": self.kind, "asset": self.asset}
        row["size"] = self.size.to_json(node)
        row |= {name: node(x) for name, x in self.prices}
        row |= {name: node(x) for name in ("when", "until") if (x := getattr(self, name)) is not None}
        row["tif"] = self.tif
        optional = {
            "expires": self.expires.to_json() if self.expires is not None else None,
            "post_only": self.post_only,
            "reduce_only": self.reduce_only,
            "oco": self.oco,
            "after": self.after,
            "exits": self.exits.to_json(node),
        }
        return row | {name: value for name, value in optional.items() if value}

    @property
    def title(self) -> str:
        """What an error calls it."""
        return f"a part of the order {self.key}"

    def describe(self) -> str:
        """Returns the order in words: `dip: buy 0.1 of equity, limit at close − 10`."""
        parts = [f"{name} {x.describe()}" for name, x in self.prices]
        parts += [f"{name} {x.describe()}" for name in ("when", "until") if (x := getattr(self, name)) is not None]
        parts += [f"{name} {x.describe()}" for name, x in self.exits.named()]
        if self.tif != "gtc":
            parts.append(self.tif + (f" {self.expires}" if self.expires is not None else ""))
        parts += [name for name in ("post_only", "reduce_only") if getattr(self, name)]
        parts += [f"{name} {text}" for name in ("oco", "after") if (text := getattr(self, name)) is not None]
        head = f"{self.key}: {self.kind} {'buy' if self.side > 0 else 'sell'} {self.size.describe()}"
        return ", ".join([head, *parts])


def market(key: str, side: Side, size: object, **rules: Unpack[Rules]) -> Order:
    """Returns a market order: it fills at the next open, as far as volume allows."""
    return _order("market", key, side, size, {}, dict(rules))


def limit(
    key: str, side: Side, size: object, price: object = None, *, post_only: bool = False, **rules: Unpack[Rules]
) -> Order:
    """Returns a limit order at `price` (quote units); `post_only` cancels it where it would take at its first bar."""
    return _order("limit", key, side, size, {"price": price}, dict(rules), post_only)


def stop(key: str, side: Side, size: object, trigger: object = None, **rules: Unpack[Rules]) -> Order:
    """Returns a stop order: a market order once price reaches `trigger` (a buy from below, a sell from above)."""
    return _order("stop", key, side, size, {"trigger": trigger}, dict(rules))


def stop_limit(
    key: str, side: Side, size: object, trigger: object = None, price: object = None, **rules: Unpack[Rules]
) -> Order:
    """Returns a stop-limit order: a limit order at `price` once price reaches `trigger`."""
    return _order("stop_limit", key, side, size, {"price": price, "trigger": trigger}, dict(rules))


def take_profit(key: str, side: Side, size: object, trigger: object = None, **rules: Unpack[Rules]) -> Order:
    """Returns a take-profit order: a market order once price reaches `trigger` (a sell from below, a buy from above)."""
    return _order("take_profit", key, side, size, {"trigger": trigger}, dict(rules))


def trailing(key: str, side: Side, size: object, distance: object = None, **rules: Unpack[Rules]) -> Order:
    """Returns a trailing stop order: it follows the best price since its first bar at `distance`, and never loosens."""
    return _order("trailing", key, side, size, {"distance": distance}, dict(rules))


_KNOWN = tuple(Rules.__annotations__)
_FOREIGN = {
    "post_only": "post_only is of limit orders: b4.order.limit(…, post_only=True)",
    "price": "a price is of limit and stop_limit orders: b4.order.limit(key, side, size, price)",
    "trigger": "a trigger is of stop, stop_limit and take_profit orders: b4.order.stop(key, side, size, trigger)",
    "distance": "a distance is of trailing orders: b4.order.trailing(key, side, size, distance)",
    **{n: f"size=b4.size.{n}(…)" for n in ("qty", "notional", "weight", "risk")},
    **{n: "stop=b4.stop.fixed(…)" for n in ("sl", "stop_loss", "stoploss", "stopLoss")},
    **{n: "take=b4.take.fixed(…)" for n in ("tp", "take_profit", "takeProfit", "profit")},
    **{n: "trail=b4.stop.trailing(…)" for n in ("trailing", "trailing_stop")},
    "stop_price": "b4.order.stop(key, side, size, trigger)",
    **{n: 'tif="gtc", "ioc", "fok" or "gtd"' for n in ("time_in_force", "timeInForce")},
    **{n: 'expires=5 (bars) or expires="1d"' for n in ("expire", "expiry", "ttl", "timeout", "gtd")},
    "if_": "when=cond",
    "symbol": 'asset="BTC/USDT"',
}


def _order(
    kind: OrderKind,
    key: object,
    side: object,
    size: object,
    waits: dict[str, object],
    rules: dict[str, Any],
    post_only: bool = False,
) -> Order:
    if not isinstance(key, str) or not key.strip():
        raise StrategyError(
            f"the key of a {kind} order is {key!r}", f'Give it a name: b4.order.{kind}("dip", "buy", …)'
        )
    whose = f" of the order {key}"
    sign = sign_of(side, whose)
    for name in rules:
        _check_rule(name, kind, whose)
    asset = operands.symbol(rules.get("asset"))
    prices = tuple((n, _waited(n, v, whose)) for n, v in waits.items())
    limit = next((x for name in ("price", "trigger") for n, x in prices if n == name), None)
    base = reference(asset, caller_origin()) if limit is None else limit
    exits = brackets.checked(rules, base, limit, sign, whose)
    when, while_, until = _moments(rules, whose)
    tif, expires = _time_in_force(rules.get("tif"), rules.get("expires"), post_only, whose)
    _check_flags(rules, post_only, exits, whose)
    return Order(
        key=key,
        side=sign,
        kind=kind,
        size=_sized(size, while_, exits, whose),
        prices=prices,
        asset=asset,
        origin=caller_origin(),
        when=when,
        until=until,
        tif=tif,
        expires=expires,
        post_only=post_only,
        reduce_only=bool(rules.get("reduce_only")),
        oco=rules.get("oco"),
        after=rules.get("after"),
        exits=exits,
    )


def _moments(rules: dict[str, Any], whose: str) -> tuple[Expr | None, Expr | None, Expr | None]:
    when, while_, until = (
        operands.optional_condition(rules.get(name), name + whose) for name in ("when", "while_", "until")
    )
    if when is not None and while_ is not None:
        raise StrategyError(
            f"when and while_{whose} contradict each other: one sends at a moment, the other asks all the time",
            "Keep one; with when=a & b an order is sent at the moment both are true, until=c withdraws it",
        )
    return when, while_, until


def sign_of(side: object, whose: str) -> int:
    """Returns 1 for "buy" and -1 for "sell". Raises StrategyError for anything else; `whose` ends "the side" in it."""
    if side not in ("buy", "sell"):
        other = (
            {"long": "buy", "short": "sell", 1: "buy", -1: "sell"}.get(side) if isinstance(side, (str, int)) else None
        )
        near_side = other or (near(side, ("buy", "sell")) if isinstance(side, str) else None)
        raise StrategyError(
            f"the side{whose} is {side!r}", f'Write "{near_side}"' if near_side else 'Write "buy" or "sell"'
        )
    return 1 if side == "buy" else -1


def _check_rule(name: str, kind: str, whose: str) -> None:
    if name in _KNOWN:
        return
    if name in _FOREIGN:
        fix = (
            f"Write {_FOREIGN[name]}"
            if not _FOREIGN[name].startswith(("a ", "post_only"))
            else _FOREIGN[name].capitalize()
        )
    else:
        close = near(name, _KNOWN)
        fix = f"Did you mean {close}=?" if close else "Rules are " + ", ".join(_KNOWN)
    raise StrategyError(f"a {kind} order has no {name}: see the rules{whose}", fix)


def _waited(name: str, value: object, whose: str) -> Expr:
    if name == "distance":
        if value is None:
            raise StrategyError(f"the distance{whose} is missing", "Give a price difference, such as 3 * m.atr(14)")
        return operands.distance(value, whose.removeprefix(" of "))
    return operands.price(value, f"the {name}{whose}")


def _time_in_force(tif: object, expires: object, post_only: bool, whose: str) -> tuple[Tif, Window | None]:
    if tif is not None and tif not in TIFS:
        close = near(tif, TIFS) if isinstance(tif, str) else None
        raise StrategyError(
            f"tif{whose} is {tif!r}", f'Write "{close}"' if close else 'Write "gtc", "ioc", "fok" or "gtd"'
        )
    if tif == "gtd" and expires is None:
        raise StrategyError(f'tif{whose} is "gtd" and does not say until when', 'Add expires=24 (bars) or expires="1d"')
    if tif not in (None, "gtd") and expires is not None:
        raise StrategyError(f'expires{whose} goes with tif="gtd", not with "{tif}"', "Leave tif out, or expires")
    if post_only and tif in ("ioc", "fok"):
        raise StrategyError(
            f"post_only and {tif} contradict each other{whose}: one only rests, the other never", "Keep one"
        )
    if expires is not None:
        return "gtd", window(expires, f"expires{whose}")
    return ("gtc" if tif is None else tif), None  # type: ignore[return-value]  # one of TIFS


def _check_flags(rules: dict[str, Any], post_only: object, exits: Exits, whose: str) -> None:
    for name, value in (("reduce_only", rules.get("reduce_only", False)), ("post_only", post_only)):
        if not isinstance(value, bool):
            raise StrategyError(f"{name}{whose} is {value!r}", f"Write {name}=True, or leave it out")
    for name in ("oco", "after"):
        value = rules.get(name)
        if value is not None and (not isinstance(value, str) or not value):
            wanted = "a name for the group" if name == "oco" else "the key of another order"
            raise StrategyError(f"{name}{whose} is {value!r}", f"Write {wanted}, as text")
    if rules.get("reduce_only") and exits.named():
        raise StrategyError(
            f"reduce_only and {exits.named()[0][0]} do not go together{whose}: what only reduces opens nothing to protect",
            "Leave one of them out",
        )


def _sized(size: object, while_: Expr | None, exits: Exits, whose: str) -> Size:
    found = sizes.checked(size, whose)
    per_unit = found.per_unit
    if found.unit == "risk" and per_unit is None:
        per_unit = exits.stop if exits.stop is not None else exits.trail
        if per_unit is None:
            raise StrategyError(
                f"the size{whose} is a risk, and nothing says what one unit loses",
                "Write b4.size.risk(0.01, per_unit=3 * m.atr(14)), or give the order stop=",
            )
    return Size(found.unit, operands.masked(found.expression, while_), per_unit, found.origin)
