"""Comparison and logic: < <= > >= == !=, & | ^ ~. Comparison with missing is missing; & and | follow Kleene."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING

from ..catalogue import A, B, Gives, N, Op, declare
from ..core import Operand, apply, as_expr, is_array, plain_number
from ..errors import StrategyError

if TYPE_CHECKING:
    from ..expr import Expr

LT = declare(Op("lt", (N, N), Gives.BOOL, infix="<", fold=operator.lt))
LE = declare(Op("le", (N, N), Gives.BOOL, infix="<=", fold=operator.le))
GT = declare(Op("gt", (N, N), Gives.BOOL, infix=">", fold=operator.gt))
GE = declare(Op("ge", (N, N), Gives.BOOL, infix=">=", fold=operator.ge))
EQ = declare(Op("eq", (A, A), Gives.BOOL, commutes=True, infix="==", fold=operator.eq))
NE = declare(Op("ne", (A, A), Gives.BOOL, commutes=True, infix="!=", fold=operator.ne))
AND = declare(Op("and", (B, B), Gives.LOGIC, commutes=True, infix="&", fold=min))
OR = declare(Op("or", (B, B), Gives.LOGIC, commutes=True, infix="|", fold=max))
NOT = declare(Op("not", (B,), Gives.BOOL, text="~", fold=operator.not_))


def _same_family(a: object, b: object, symbol: str) -> None:
    left, right = as_expr(a), as_expr(b)
    if left.kind.is_bool != right.kind.is_bool:
        condition = left if left.kind.is_bool else right
        raise StrategyError(
            f"{left.describe()} {symbol} {right.describe()} compares a condition with a number",
            f"Use the condition itself: {condition.describe()}, or ~({condition.describe()})",
        )


def _logical(a: object, b: object, symbol: str) -> tuple[Expr, Expr]:
    """Returns both operands as conditions; a number here nearly always means missing parentheses."""
    for given in (a, b):
        is_number = given.kind.is_number if isinstance(given, Operand) else not isinstance(given, bool)
        if is_number and not is_array(given) and (isinstance(given, Operand) or plain_number(given) is not None):
            raise StrategyError(
                f"{symbol} joins {_shown(a)} and {_shown(b)}, but {_shown(given)} is a number: {symbol} binds tighter than < and >",
                f"Put each comparison in parentheses: (a > b) {symbol} (c < d)",
            )
    return as_expr(a), as_expr(b)


def _shown(value: object) -> str:
    return as_expr(value).describe()


class Logic(Operand):
    """The comparison and logic operators of an expression."""

    __slots__ = ()

    __hash__ = object.__hash__

    def __lt__(self, other: object) -> Expr:
        return apply(LT, self, other)

    def __le__(self, other: object) -> Expr:
        return apply(LE, self, other)

    def __gt__(self, other: object) -> Expr:
        return apply(GT, self, other)

    def __ge__(self, other: object) -> Expr:
        return apply(GE, self, other)

    def __eq__(self, other: object) -> Expr:  # type: ignore[override]  # an expression, as in every column language
        _same_family(self, other, "==")
        return apply(EQ, self, other)

    def __ne__(self, other: object) -> Expr:  # type: ignore[override]
        _same_family(self, other, "!=")
        return apply(NE, self, other)

    def __and__(self, other: object) -> Expr:
        return apply(AND, *_logical(self, other, "&"))

    def __rand__(self, other: object) -> Expr:
        return apply(AND, *_logical(other, self, "&"))

    def __or__(self, other: object) -> Expr:
        return apply(OR, *_logical(self, other, "|"))

    def __ror__(self, other: object) -> Expr:
        return apply(OR, *_logical(other, self, "|"))

    def __xor__(self, other: object) -> Expr:
        return apply(NE, *_logical(self, other, "^"))

    def __rxor__(self, other: object) -> Expr:
        return apply(NE, *_logical(other, self, "^"))

    def __invert__(self) -> Expr:
        if self.kind.is_number:
            raise StrategyError(
                f"~ turns a condition around, and {_shown(self)} is a number",
                f"Write ~(…) around a comparison, or -{_shown(self)}",
            )
        return apply(NOT, self)
