"""`b4.ladder.dca`: a first order at the market, steps at falling prices, one take (and stop) for all of it."""

from __future__ import annotations

from .. import operands
from .. import take as takes
from ..core import plain_number
from ..errors import StrategyError
from ..expr import Expr
from ..order import Order, Side, limit, market
from ..orders import Orders, orders
from ..size import Size, qty
from ..spans import rows
from ..stop import Stop
from ..take import Take
from ..view import Position
from ..view import asset as market_of
from ..view import market as every_market
from . import budget as budgets


def dca(
    when: object,
    *,
    size: object,
    steps: int,
    step: float,
    take: Take | Expr,
    budget: float,
    multiplier: float = 1.0,
    step_scale: float = 1.0,
    stop: Stop | None = None,
    side: Side = "buy",
    key: str = "dca",
    asset: str | None = None,
) -> Orders:
    """Returns a first market order of `size` when `when` becomes true and nothing is held, and `steps` limits below it.

    Step k lies `step` (a fraction of the first price) below the one before, times `step_scale` each, and is `multiplier` times as
    large. One limit takes the whole position at `take` from its average price; `stop`, a fixed one, is an exit of each order at
    a distance from the first price. All sizes together may not exceed `budget`. What was not filled is withdrawn when the position
    is closed; then it may begin again. Keys are `dca-first`, `dca-step-1` and so on, `dca-take`. Raises StrategyError.
    """
    start = operands.condition(when, "when of the dca")
    first, number = budgets.fixed_size(size, " of the dca")
    count = rows(steps, "steps of the dca")
    growth, scale = _factor(multiplier, "multiplier"), _factor(step_scale, "step_scale")
    depths = _depths(_step(step), scale, count)
    numbers = [number * growth**i for i in range(count + 1)]
    budgets.check(numbers, budget, f"the {count + 1} orders of the dca")
    pos = (every_market() if operands.symbol(asset) is None else market_of(str(asset))).pos
    sign = -1 if side == "sell" else 1
    entry = pos.avg_price.hold_when(pos.units > 1)  # the price of the first order, while steps have been added to it
    last = _stop_at(entry, sign, stop, depths[-1])
    made = [market(f"{key}-first", side, first, when=start & pos.flat, stop=stop, asset=asset)]
    for i, depth in enumerate(depths, start=1):
        part = Size(first.unit, operands.price(numbers[i], "a step"), None, first.origin)
        price = entry * (1 - sign * depth)
        made.append(
            limit(f"{key}-step-{i}", side, part, price, after=f"{key}-first", until=pos.flat, stop_at=last, asset=asset)
        )
    return orders(made, _take(pos, sign, take, key, asset))


def _take(pos: Position, sign: int, take: object, key: str, asset: str | None) -> Order:
    """Returns the limit that takes everything; what it leaves, the orders' own stops close."""
    profit = takes.checked(take)
    if profit is None:
        raise StrategyError("the dca has no take", "Write take=b4.take.fixed(pct=0.02): from the average price")
    gain = profit.resolved(pos.avg_price).distance
    assert gain is not None  # resolved
    at = pos.avg_price + gain if sign > 0 else pos.avg_price - gain
    return limit(f"{key}-take", "sell" if sign > 0 else "buy", qty(pos.qty.abs()), at, reduce_only=True, asset=asset)


def _stop_at(entry: Expr, sign: int, stop: object, deepest: float) -> Expr | None:
    """Returns the price of the common stop: the steps fill and stop in one bar where price falls through both."""
    if stop is None:
        return None
    if not isinstance(stop, Stop) or stop.kind != "fixed":
        raise StrategyError(
            "stop of the dca is not a fixed stop", "Write stop=b4.stop.fixed(pct=0.25): from the first price"
        )
    if stop.pct is not None and stop.pct <= deepest:
        raise StrategyError(
            f"the stop of the dca, {stop.pct:g} from the first price, comes before its last step at {deepest:.6g}",
            "Put the stop beyond the last step, or make fewer or smaller steps",
        )
    loss = stop.resolved(entry).distance
    assert loss is not None  # resolved
    return entry - loss if sign > 0 else entry + loss


def _step(step: object) -> float:
    number = None if isinstance(step, bool) else plain_number(step)
    if number is None or not 0 < number < 1:
        raise StrategyError(f"step of the dca is {step!r}", "Give a fraction of the first price: 2 % is step=0.02")
    return float(number)


def _factor(value: object, name: str) -> float:
    number = None if isinstance(value, bool) else plain_number(value)
    if number is None or not 0 < number <= 100:
        raise StrategyError(f"{name} of the dca is {value!r}", "Give a number above 0; 1 is the same each time")
    return float(number)


def _depths(step: float, scale: float, count: int) -> list[float]:
    """Returns how far below the first price each step lies, as fractions of it."""
    depths = [step * sum(scale**k for k in range(i)) for i in range(1, count + 1)]
    if depths[-1] >= 1:
        raise StrategyError(
            f"the last step of the dca lies {depths[-1]:.6g} of the first price away",
            "Make fewer or smaller steps: below 1",
        )
    return depths
