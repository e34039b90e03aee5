"""`b4.quotes(mid, spread, size, …)`: post-only limits on both sides, moved and thinned by what is held already.

Lowers to orders; the inventory is the position, so quotes run row by row. On ticks an unchanged quote keeps its place in the queue.
"""

from __future__ import annotations

from . import operands
from . import size as sizes
from .core import plain_number
from .errors import StrategyError
from .expr import Expr
from .kinds import ClockFamily
from .order import Order, Side, limit
from .orders import Orders, orders
from .size import Size
from .spans import rows
from .tracing import current
from .view import asset as market_of
from .view import market


def quotes(
    mid: object,
    spread: object,
    size: object,
    *,
    levels: int = 1,
    step: object = None,
    skew: float | None = None,
    max_inventory: object = None,
    short: bool = True,
    while_: object = None,
    key: str = "quote",
    asset: str | None = None,
) -> Orders:
    """Returns bids and asks around `mid` (quote units), `spread` apart, `step` between `levels` (the spread unless given).

    `max_inventory` is in the unit of `size`: a level is shown while its fill would stay within it. `skew` is the part of the half
    spread by which a full inventory moves all quotes, down when long: with 1 the reducing side then stands at the mid, never
    beyond it. `short=False` asks only for what is held (spot). Keys are `quote-bid-1`, `quote-ask-1` and so on. Raises StrategyError.
    """
    centre = operands.price(mid, "the mid of the quotes")
    half = operands.distance(spread, "the spread of the quotes") / 2
    how_much = sizes.checked(size, " of the quotes")
    if how_much.unit == "risk":
        raise StrategyError(
            "the size of the quotes is a risk", "Quotes have no stop: write a weight, b4.size.qty or b4.size.notional"
        )
    count = rows(levels, "levels of the quotes")
    gap = half * 2 if step is None else operands.distance(step, "the step of the quotes")
    most = None if max_inventory is None else operands.distance(max_inventory, "max_inventory of the quotes")
    if skew is not None and most is None:
        raise StrategyError("skew without max_inventory has no measure", "Add max_inventory=, in the unit of the size")
    held = _held(how_much, operands.symbol(asset), centre)
    if skew is not None and most is not None:
        centre = centre - half * _skew(skew) * (held / most)
    shown = operands.optional_condition(while_, "while_ of the quotes")
    made: list[Order] = []
    for i in range(count):
        reach = half if i == 0 else half + gap * i
        sides: list[tuple[Side, str, Expr]] = [("buy", "bid", centre - reach), ("sell", "ask", centre + reach)]
        for side, name, at in sides:
            room = _room(held, how_much, i + 1, most, is_bid=side == "buy", short=short)
            both = room if shown is None else shown if room is None else shown & room
            made.append(limit(f"{key}-{name}-{i + 1}", side, how_much, at, post_only=True, while_=both, asset=asset))
    return orders(made)


def _skew(given: object) -> float:
    number = None if isinstance(given, bool) else plain_number(given)
    if number is None or not 0 < number <= 1:
        raise StrategyError(f"skew of the quotes is {given!r}", "Give a part of the half spread above 0, up to 1")
    return float(number)


def _held(size: Size, symbol: str | None, mid: Expr) -> Expr:
    """Returns the signed inventory in the unit of the size; in quote units at the close, on ticks at the quotes' mid."""
    view = market() if symbol is None else market_of(symbol)
    if size.unit == "weight":
        return view.pos.weight
    if size.unit == "qty":
        return view.pos.qty
    trace = current()
    on_bars = trace is None or trace.family is ClockFamily.BAR
    return view.pos.qty * (view.close if on_bars else mid)


def _room(held: Expr, size: Size, fills: int, most: Expr | None, *, is_bid: bool, short: bool) -> Expr | None:
    """Returns the condition that `fills` more orders of one side stay within the limit (on spot: within what is held)."""
    known, most_known = operands.known(size.expression), operands.known(most)
    # Rounded where both are numbers: 0.3 − 3 × 0.1 is 0 to whoever wrote it.
    if not is_bid and not short:
        return held >= (size.expression * fills if known is None else round(known * fills, 12))
    if most is None:
        return None
    if known is not None and most_known is not None:
        room: Expr | float = round(most_known - known * fills, 12)
    else:
        room = most - size.expression * fills
    return held <= room if is_bid else held >= -room
