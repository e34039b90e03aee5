"""Functions of the language that are not methods: where, minimum, maximum, latch, state, and the reserved column."""

from __future__ import annotations

from typing import NoReturn

from .core import apply, as_expr, plain_number
from .errors import StrategyError, caller_origin
from .expr import Expr, State
from .kinds import Kind


def where(condition: object, yes: object, no: object) -> Expr:
    """Returns `yes` where `condition` is true, `no` where it is false, missing where it is missing. Only the chosen one counts."""
    return apply("where", condition, yes, no)


def minimum(a: object, b: object) -> Expr:
    """Returns the smaller of two, row by row; missing where either is missing."""
    return apply("minimum", a, b)


def maximum(a: object, b: object) -> Expr:
    """Returns the larger of two, row by row; missing where either is missing."""
    return apply("maximum", a, b)


def latch(long: object = None, short: object = None, exit: object = None) -> Expr:
    """Returns the side last asked for: 1 after `long`, −1 after `short`, 0 after `exit` and at the start.

    On each row `exit` is looked at first, then `long`, then `short`; a missing condition counts as false.
    """
    if long is None and short is None:
        raise StrategyError("latch has no entry", "Write b4.latch(long=cond, exit=cond), or with short=")
    return apply("latch", *(False if c is None else c for c in (long, short, exit)))


def state(init: float | bool) -> State:
    """Returns a memory of one value per asset: `init` on the first row, afterwards what `.next(expr)` said on the row before."""
    number = plain_number(init)
    if number is None:
        raise StrategyError(
            f"a state starts with one number, and got {type(init).__name__}", "Write b4.state(0.0) or b4.state(False)"
        )
    value = as_expr(init)
    kind = Kind.BOOL if value.kind is Kind.BOOL else Kind.NUMBER
    return State("state", (), value.f, kind=kind, origin=caller_origin())


def column(name: str, *, known_at: object = None) -> NoReturn:
    """Reserved: columns from outside, each row with the time at which it was known. Raises StrategyError."""
    raise StrategyError(
        f"b4.column({name!r}) is reserved: columns from outside, dated by when they were known, come with a later version",
        "Use the market's own columns: m.open, m.high, m.low, m.close, m.volume",
    )
