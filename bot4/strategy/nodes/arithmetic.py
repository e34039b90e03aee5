"""Arithmetic: + - * / ** and unary minus, row by row. A missing operand, a division by zero or an overflow gives missing."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING

from ..catalogue import Gives, N, Op, declare
from ..core import Operand, apply, plain_number
from ..errors import StrategyError

if TYPE_CHECKING:
    from ..expr import Expr

ADD = declare(Op("add", (N, N), Gives.NUMBER, commutes=True, infix="+", fold=operator.add))
SUB = declare(Op("sub", (N, N), Gives.NUMBER, infix="-", fold=operator.sub))
MUL = declare(Op("mul", (N, N), Gives.NUMBER, commutes=True, infix="*", fold=operator.mul))
DIV = declare(Op("div", (N, N), Gives.NUMBER, infix="/", fold=operator.truediv))
POW = declare(Op("pow", (N, N), Gives.NUMBER, infix="**"))
NEG = declare(Op("neg", (N,), Gives.NUMBER, text="-", fold=operator.neg))


def divide(a: object, b: object) -> Expr:
    """Returns a / b. Raises StrategyError where b is the constant 0."""
    divisor = plain_number(b)
    if divisor is not None and divisor == 0:
        raise StrategyError("this divides by the constant 0, which is missing on every row", "Give another divisor")
    return apply(DIV, a, b)


class Arithmetic(Operand):
    """The arithmetic operators of an expression."""

    __slots__ = ()

    def __add__(self, other: object) -> Expr:
        return apply(ADD, self, other)

    def __radd__(self, other: object) -> Expr:
        return apply(ADD, other, self)

    def __sub__(self, other: object) -> Expr:
        return apply(SUB, self, other)

    def __rsub__(self, other: object) -> Expr:
        return apply(SUB, other, self)

    def __mul__(self, other: object) -> Expr:
        return apply(MUL, self, other)

    def __rmul__(self, other: object) -> Expr:
        return apply(MUL, other, self)

    def __truediv__(self, other: object) -> Expr:
        return divide(self, other)

    def __rtruediv__(self, other: object) -> Expr:
        return divide(other, self)

    def __pow__(self, other: object) -> Expr:
        return apply(POW, self, other)

    def __rpow__(self, other: object) -> Expr:
        return apply(POW, other, self)

    def __neg__(self) -> Expr:
        return apply(NEG, self)

    def __pos__(self) -> Expr:
        return apply(MUL, self, 1.0)
