"""What all rungs of a ladder may cost together: declared, and checked while the strategy is traced."""

from __future__ import annotations

import math
from collections.abc import Sequence

from .. import operands
from .. import size as sizes
from ..core import plain_number
from ..errors import StrategyError
from ..size import Size

BILLIONTH = 1e-9
"""Sizes may exceed the budget by this part of it: a third three times is not always one."""


def fixed_size(given: object, whose: str) -> tuple[Size, float]:
    """Returns the size and its number. Raises StrategyError for an expression: its sum could not be checked."""
    size = sizes.checked(given, whose)
    number = operands.known(size.expression)
    if number is None:
        raise StrategyError(
            f"the size{whose} changes from row to row, {size.expression.describe()}, so no budget can be kept",
            "Give a number or a b4.param; a weight follows equity by itself",
        )
    if size.unit == "risk":
        raise StrategyError(
            f"the size{whose} is a risk, and a budget is an amount", "Write a weight, b4.size.notional or b4.size.qty"
        )
    return size, number


def check(numbers: Sequence[float], budget: object, what: str) -> None:
    """Raises StrategyError where the sizes together are more than the budget. `what` names them: "the 20 rungs of the grid"."""
    allowed = None if isinstance(budget, bool) else plain_number(budget)
    if allowed is None or not 0 < allowed < math.inf:
        raise StrategyError(
            f"the budget of {what} is {budget!r}",
            "Give the most they may hold together, in the unit of the size, above 0",
        )
    total = math.fsum(numbers)
    if total > allowed * (1 + BILLIONTH):
        raise StrategyError(
            f"{what} come to {total:.6g}, more than the budget of {allowed:.6g}",
            f"Raise the budget, or make the sizes smaller: {allowed / len(numbers):.6g} each",
        )
