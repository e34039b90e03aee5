"""`b4.ladder.grid`: a limit at each level, taken at the next; rungs that were taken are set again."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Literal

from .. import operands
from ..errors import StrategyError, caller_origin
from ..expr import Expr
from ..order import Side, limit
from ..orders import Orders, orders
from ..size import Size
from ..stop import reference
from ..take import Take
from . import budget as budgets
from .levels import Spacing, levels_of


def grid(
    levels: Sequence[object] | None = None,
    *,
    low: object = None,
    high: object = None,
    rungs: int | None = None,
    spacing: Spacing = "linear",
    size: object,
    budget: float,
    side: Side = "buy",
    take: Literal["next"] | Take | Expr | None = "next",
    stop: object = None,
    stop_at: object = None,
    start: Literal["wait", "now"] = "wait",
    while_: object = None,
    until: object = None,
    post_only: bool = False,
    key: str = "grid",
    asset: str | None = None,
) -> Orders:
    """Returns a grid: limits at `levels` (from the lowest), or at `rungs` steps from `low` to `high`, each taken at the next level.

    `size` is one rung's, or a list of them; together they may not exceed `budget`, in the same unit. `take` is "next", a distance
    or None. A rung that price has passed waits until price is back on the other side of it; with `start="now"` it is bought at
    once, which a grid that begins in the middle of its range needs for the levels above. A grid of sells is taken at the level
    below. Keys are `grid-01` and so on. Raises StrategyError.
    """
    is_next = isinstance(take, str)
    if is_next and take != "next":
        raise StrategyError(f"take of the grid is {take!r}", 'Write take="next", b4.take.fixed(pct=0.01) or None')
    if start not in ("wait", "now"):
        raise StrategyError(f"start of the grid is {start!r}", 'Write start="wait" or start="now"')
    places = levels_of(levels, low, high, rungs, spacing, between=is_next)
    pairs = _pairs(places, side) if is_next else [(level, None) for level in places]
    sized = _sizes(size, len(pairs))
    budgets.check([number for _, number in sized], budget, f"the {len(pairs)} rungs of the grid")
    close = reference(operands.symbol(asset), caller_origin())
    shown = operands.optional_condition(while_, "while_ of the grid")
    common: dict[str, Any] = {"stop": stop, "stop_at": stop_at, "until": until, "asset": asset}
    made = []
    for number, ((level, out), (how_much, _)) in enumerate(zip(pairs, sized, strict=True), start=1):
        asked = _asked(close, level, side, shown) if start == "wait" else shown
        exits = {"take_at": out} if is_next else {"take": take}
        rules = common | exits | {"while_": asked}
        made.append(limit(f"{key}-{number:02d}", side, how_much, level, post_only=post_only, **rules))
    return orders(made)


def _pairs(places: list[Expr], side: object) -> list[tuple[Expr, Expr | None]]:
    """Returns (level, where it is taken) of each rung."""
    if side == "sell":
        return list(zip(places[1:], places[:-1], strict=True))
    return list(pairwise(places))


def _sizes(given: object, count: int) -> list[tuple[Size, float]]:
    if not isinstance(given, (list, tuple)):
        return [budgets.fixed_size(given, " of the grid")] * count
    if len(given) != count:
        raise StrategyError(f"the grid has {count} rungs and {len(given)} sizes", "Give one size, or one for each rung")
    sized = [budgets.fixed_size(x, f" of rung {i}") for i, x in enumerate(given, start=1)]
    if len({size.unit for size, _ in sized}) > 1:
        raise StrategyError("the sizes of the grid have different units", "Give all of them in the unit of the budget")
    return sized


def _asked(close: Expr, level: Expr, side: object, shown: Expr | None) -> Expr:
    """Returns when a rung is asked for: while price has not passed it (a limit beyond the market would take at once)."""
    before = close <= level if side == "sell" else close >= level
    return before if shown is None else before & shown
