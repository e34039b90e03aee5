"""Checked operands of targets, orders and entries: a condition, a price, a distance, a fraction, a symbol.

Each takes what a user wrote and a few words that name the place, and returns an expression (or a plain value) or raises
StrategyError. Not here: kinds inside expressions (`core`).
"""

from __future__ import annotations

from .core import as_expr, missing, plain_number
from .errors import StrategyError
from .expr import Expr
from .functions import where


def condition(value: object, what: str) -> Expr:
    """Returns `value` as a condition. `what` names it: "when of the order dip"."""
    expression = as_expr(value)
    if not expression.kind.is_bool:
        shown = expression.describe()
        raise StrategyError(
            f"{what} is a number, {shown}, and needs a condition (true or false)",
            f"Compare it first, for example ({shown} > 0)",
        )
    return expression


def optional_condition(value: object, what: str) -> Expr | None:
    """Returns `value` as a condition, None as None."""
    return None if value is None else condition(value, what)


def price(value: object, what: str) -> Expr:
    """Returns `value` as a price in quote units: an expression, or a number above 0."""
    if value is None:
        raise StrategyError(f"{what} is missing", "Give a price in quote units, such as m.close - 2 * m.atr(14)")
    return _positive(
        value, what, "Give a price in quote units above 0", "Give a price, such as m.close - 2 * m.atr(14)"
    )


def distance(value: object, what: str, leave: str = "") -> Expr:
    """Returns `value` as a price difference in quote units: an expression, or a number above 0. `leave` ends the fix of a condition."""
    return _positive(
        value,
        f"the distance of {what}",
        "Give a price difference above 0; 5 % is pct=0.05",
        "Give a price difference, such as 3 * m.atr(14)" + leave,
    )


def _positive(value: object, what: str, positive: str, number_wanted: str) -> Expr:
    number = plain_number(value)
    if number is not None and not isinstance(number, bool) and number <= 0:
        raise StrategyError(f"{what} is {number:g}", positive)
    expression = as_expr(value)
    if expression.kind.is_bool:
        raise StrategyError(f"{what} is a condition, {expression.describe()}", number_wanted)
    return expression


def pct(value: object, what: str) -> float:
    """Returns a fraction between 0 and 1, both excluded."""
    number = None if isinstance(value, bool) else plain_number(value)
    if number is None or not 0 < number < 1:
        raise StrategyError(f"pct of {what} is {value!r}", "Give a fraction between 0 and 1: 5 % is pct=0.05")
    return float(number)


def fraction(value: object, what: str, low: float, high: float) -> float:
    """Returns a plain number in [low, high], a fraction of equity."""
    number = None if isinstance(value, bool) else plain_number(value)
    if number is None or not low <= number <= high:
        raise StrategyError(
            f"{what} is {value!r}",
            f"Give a fraction of equity from {low:g} to {high:g}, such as 0.01 for 1 %",
        )
    return float(number)


def symbol(value: object) -> str | None:
    """Returns the symbol of `asset=`, or None for every asset."""
    if value is None or (isinstance(value, str) and value):
        return value
    raise StrategyError(f"asset={value!r} does not name an asset", 'Write its symbol, as in asset="BTC/USDT"')


def known(expression: Expr | None) -> float | None:
    """Returns the value of a constant, None for everything else: for checks that need no data."""
    return expression.f[0] if expression is not None and expression.op == "const" else None


def masked(expression: Expr, shown: Expr | None) -> Expr:
    """Returns `expression` where `shown` is true and missing elsewhere; itself without a mask."""
    if shown is None:
        return expression
    # A missing condition gives missing as well: where nothing is known, nothing is asked for.
    return where(shown, expression, missing())
