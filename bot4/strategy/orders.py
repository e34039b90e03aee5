"""`b4.orders(…)`: the orders that should be working, each by its key. Not here: one order's own checks (`order`).

The order in the list means nothing: a program holds them by asset and key.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .errors import Origin, StrategyError, caller_origin, near
from .kinds import Kind
from .order import Order


@dataclass(frozen=True, slots=True, eq=False)
class Orders:
    """A set of orders; `b4.orders` and the ladders make it."""

    members: tuple[Order, ...]
    origin: Origin


def orders(*given: Order | Orders | Sequence[Order]) -> Orders:
    """Returns the set of `given` orders (or lists of orders, or sets such as a ladder). Raises StrategyError."""
    members = tuple(_members(given))
    if not members:
        raise StrategyError("b4.orders has no order", 'Write b4.orders(b4.order.limit("dip", "buy", 0.1, price))')
    return Orders(members, caller_origin())


def _members(given: object) -> Iterator[Order]:
    if isinstance(given, Order):
        yield given
    elif isinstance(given, Orders):
        yield from given.members
    elif isinstance(given, (list, tuple)):
        for part in given:
            yield from _members(part)
    else:
        raise StrategyError(
            f"b4.orders holds a {type(given).__name__}, which is not an order",
            'Write b4.order.limit("dip", "buy", 0.1, price) and the like',
        )


def meets(a: str | None, b: str | None) -> bool:
    """Tells whether two addresses have an asset in common; None is every asset."""
    return a is None or b is None or a == b


def in_order(members: Sequence[Order]) -> list[Order]:
    """Returns the orders as a program holds them, by asset and key. Raises StrategyError where they contradict each other."""
    ordered = sorted(members, key=lambda o: (o.asset is not None, o.asset or "", o.key))
    by_key: dict[str, list[Order]] = {}
    for o in ordered:
        for other in by_key.setdefault(o.key, []):
            if meets(o.asset, other.asset):
                raise _twice(other, o)
        by_key[o.key].append(o)
    for o in ordered:
        _check_after(o, by_key)
    return ordered


def _twice(a: Order, b: Order) -> StrategyError:
    first, second = sorted((a, b), key=lambda o: o.origin.line)
    sides = ["buy" if o.side > 0 else "sell" for o in (first, second)]
    told = f", as a {sides[0]} and as a {sides[1]}" if sides[0] != sides[1] else ""
    return StrategyError(
        f"the key {b.key} is used twice{told}: lines {first.origin.line} and {second.origin.line}",
        "Give each order a key of its own; the key is what it is remembered by",
        second.origin,
    )


def _check_after(o: Order, by_key: dict[str, list[Order]]) -> None:
    """Refuses an `after` that names no order of the same asset, and chains that lead back to their start."""
    seen = [o.key]
    current = o
    while current.after is not None:
        found = [x for x in by_key.get(current.after, []) if meets(x.asset, o.asset)]
        if current is o:
            _check_named(o, found, by_key)
        if not found:
            return
        current = found[0]
        seen.append(current.key)
        if current is o:
            raise StrategyError(
                f"no order of {' after '.join(seen)} can ever be sent: each waits for another",
                "Let one of them start without after=",
                o.origin,
            )
        if current.key in seen[:-1]:
            return  # a circle that does not hold `o`: reported at its own members


def _check_named(o: Order, found: list[Order], by_key: dict[str, list[Order]]) -> None:
    if not found:
        close = near(o.after or "", [k for k in by_key if k != o.key])
        raise StrategyError(
            f"the order {o.key} waits for {o.after!r} (after=), and no order of that asset has this key",
            f"Did you mean {close}?" if close else "Keys are " + ", ".join(by_key),
            o.origin,
        )
    if o.asset is None and all(x.asset is not None for x in found):
        raise StrategyError(
            f"the order {o.key} is of every asset, and waits for {o.after}, an order of {found[0].asset} alone",
            f'Address both: asset="{found[0].asset}"',
            o.origin,
        )


def warnings(members: Sequence[Order]) -> Iterator[str]:
    """Yields what is allowed and rarely meant: a group of one, a market order without a moment, an event as a state."""
    for o in members:
        group = [x for x in members if x.oco == o.oco and meets(x.asset, o.asset)]
        if o.oco is not None and len(group) == 1:
            yield (
                f"{o.origin}: the order {o.key} is alone in its group {o.oco}, so its fill cancels nothing. "
                f'Give another order oco="{o.oco}", or leave it out.'
            )
        if o.kind == "market" and o.when is None and o.after is None and not o.exits.named():
            yield (
                f"{o.origin}: the market order {o.key} has no when=, so it is sent again at every decision. "
                "Add when=cond, or exits (stop=, take=) that must close before the next."
            )
        mask = o.size.expression
        if mask.op == "where" and mask.inputs[0].kind is Kind.EVENT:
            yield (
                f"{o.origin}: {mask.inputs[0].describe()} is true on one bar only, so the order {o.key} is withdrawn on the "
                "next. Send it with when=, or keep the side with b4.latch(long=…, exit=…)."
            )
