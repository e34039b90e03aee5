"""What Python lets one write but an expression cannot mean: if/and/not, max(), m.close[-1], len(), np.log().

An expression stands for a whole column, so it has no truth value, no length and no items. Each trap names the mistake and
what to write. Not here: misspelt names (`names`), wrong kinds (`core`), captured data (`captures`).
"""

from __future__ import annotations

import ast
import itertools
import linecache
import operator
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any, NoReturn

from .core import Operand, is_array, plain_number
from .errors import StrategyError, caller_frame

_BUILTIN_FIXES = {
    "max": "b4.maximum(a, b) takes the larger of two; x.rolling(n).max() the largest over time",
    "min": "b4.minimum(a, b) takes the smaller of two; x.rolling(n).min() the smallest over time",
    "any": "Join conditions with |; over time: cond.rolling(n).sum() > 0",
    "all": "Join conditions with &; over time: cond.rolling(n).mean() == 1",
    "sorted": "Order over time is x.rolling(n).rank(), across assets x.cs.rank()",
    "bool": "Use the condition itself",
}

_TRUTH_FIXES = {
    "if": ("if needs one answer now", "Choose row by row with b4.where(cond, a, b)"),
    "while": ("while needs one answer now", "Keep state with b4.latch(…) or b4.state(init).next(…)"),
    "assert": ("assert needs one answer now", "Use b4.require on parameters; expressions cannot be asserted"),
    "and": ("and needs one answer now", "Write (a) & (b), each side in parentheses"),
    "or": ("or needs one answer now", "Write (a) | (b), each side in parentheses"),
    "not": ("not needs one answer now", "Write ~(cond)"),
    "chain": ("a < b < c is two comparisons joined by and", "Write x.between(low, high), or (a < b) & (b < c)"),
    "in": ("in needs one answer now", "Write (x == a) | (x == b)"),
}

_Region = tuple[int, int, int, int]


def _region(node: ast.AST) -> _Region:
    return (node.lineno, node.col_offset, node.end_lineno or 0, node.end_col_offset or 0)  # type: ignore[attr-defined]


def _contains(outer: _Region, inner: _Region) -> bool:
    return outer[:2] <= inner[:2] and inner[2:] <= outer[2:]


def _candidates(tree: ast.AST) -> Iterator[tuple[str, _Region]]:
    """Yields every construct that asks an expression for its truth, with the region in which it does."""
    for node in ast.walk(tree):
        match node:
            case ast.If(test=test) | ast.IfExp(test=test):
                yield "if", _region(test)
            case ast.While(test=test):
                yield "while", _region(test)
            case ast.Assert(test=test):
                yield "assert", _region(test)
            case ast.comprehension(ifs=ifs):
                yield from (("if", _region(test)) for test in ifs)
            case ast.BoolOp(op=op):
                yield ("and" if isinstance(op, ast.And) else "or"), _region(node)
            case ast.UnaryOp(op=ast.Not()):
                yield "not", _region(node)
            case ast.Compare(ops=[ast.In() | ast.NotIn()]):
                yield "in", _region(node)
            case ast.Compare(ops=[_, _, *_]):
                yield "chain", _region(node)
            case ast.Call(func=ast.Name(id=name)) if name in _BUILTIN_FIXES:
                yield name, _region(node)


def _position(frame: FrameType) -> _Region | None:
    """Returns the region of source that the frame is executing (PEP 657)."""
    found = next(itertools.islice(frame.f_code.co_positions(), frame.f_lasti // 2, None), None)
    if found is None or None in found:
        return None
    line, end_line, column, end_column = found
    return (line or 0, column or 0, end_line or 0, end_column or 0)


def _construct(frame: FrameType | None) -> str | None:
    """Returns the construct of the user's code that asked for a truth value; nothing if the source is not at hand."""
    position = _position(frame) if frame is not None else None
    if frame is None or position is None:
        return None
    try:
        tree = ast.parse("".join(linecache.getlines(frame.f_code.co_filename)))
    except SyntaxError:
        return None
    found = [(name, region) for name, region in _candidates(tree) if _contains(region, position)]
    # The innermost region is the one that starts last and, among those, ends first.
    found.sort(key=lambda pair: (pair[1][:2], tuple(-p for p in pair[1][2:])))
    return found[-1][0] if found else None


def _refuse(cause: str, fix: str) -> NoReturn:
    raise StrategyError(cause, fix)


_UFUNC_OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "add": operator.add,
    "subtract": operator.sub,
    "multiply": operator.mul,
    "divide": operator.truediv,
    "true_divide": operator.truediv,
    "power": operator.pow,
    "less": operator.lt,
    "less_equal": operator.le,
    "greater": operator.gt,
    "greater_equal": operator.ge,
    "equal": operator.eq,
    "not_equal": operator.ne,
    "bitwise_and": operator.and_,
    "bitwise_or": operator.or_,
    "bitwise_xor": operator.xor,
}

_NUMPY_FIXES = {
    "where": "Write b4.where(cond, a, b)",
    "maximum": "Write b4.maximum(a, b)",
    "minimum": "Write b4.minimum(a, b)",
    "absolute": "Write x.abs()",
    "isnan": "Write x.is_missing()",
}


class Pitfalls(Operand):
    """The traps of an expression; each raises StrategyError."""

    __slots__ = ()

    def __bool__(self) -> bool:
        construct = _construct(caller_frame())
        if construct in _BUILTIN_FIXES:
            _refuse(
                f"{construct}() compares whole columns: an expression has no single value", _BUILTIN_FIXES[construct]
            )
        why, fix = _TRUTH_FIXES.get(
            construct or "",
            (
                "if, and, or, not, max() and a < b < c need one answer now",
                "Use b4.where, &, |, ~, b4.maximum or x.between(low, high)",
            ),
        )
        _refuse(f"{why}, and {self.describe()} has a value on every row", fix)

    def __getitem__(self, index: object) -> NoReturn:
        if isinstance(index, slice):
            _refuse(
                f"{self.describe()}[…] cuts a column, and an expression has no rows yet",
                "Look back with .shift(k), over a window with .rolling(n)",
            )
        number = plain_number(index)
        if number is not None and float(number).is_integer() and not isinstance(index, bool):
            back = -int(number) - 1 if number < 0 else int(number)
            now = " (the row of now, which is the expression itself)" if back == 0 else ""
            _refuse(
                f"{self.describe()}[{index}] picks a row, and an expression has no rows yet",
                f"Write .shift({back or 1}) for an earlier row{now}",
            )
        _refuse(
            f"{self.describe()}[{index!r}] cannot be looked up", "Look back with .shift(k), mask with x.where(cond)"
        )

    def __abs__(self) -> NoReturn:
        _refuse(
            f"abs() is Python's, for one number, and {self.describe()} has a value on every row",
            f"Write ({self.describe()}).abs()",
        )

    def __round__(self, digits: int | None = None) -> NoReturn:
        _refuse(
            f"round() is Python's, for one number, and {self.describe()} has a value on every row",
            "Leave the rounding out: orders are rounded to the instrument's tick and lot by the engine",
        )

    def __len__(self) -> int:
        _refuse(
            f"len() of {self.describe()}: an expression has no rows yet",
            "Count rows with cond.rolling(n).sum() or cond.bars_since()",
        )

    def __iter__(self) -> Iterator[Any]:
        _refuse(
            f"{self.describe()} cannot be looped over: an expression has no rows yet",
            "Write the rule for one row; keep state with b4.state(init).next(…)",
        )

    def __contains__(self, item: object) -> bool:
        _refuse(f"in needs one answer now, and {self.describe()} has a value on every row", "Write (x == a) | (x == b)")

    def _no_value(self) -> NoReturn:
        _refuse(
            f"float() and int() need one number, and {self.describe()} has a value on every row",
            "Keep it an expression; fixed numbers are b4.param",
        )

    def __float__(self) -> float:
        self._no_value()

    def __int__(self) -> int:
        self._no_value()

    def __index__(self) -> int:
        _refuse(
            f"{self.describe()} stands where a whole number is needed (a window, range(), an index)",
            "Use an integer or a b4.param; windows are fixed while tracing",
        )

    def __floordiv__(self, other: object) -> NoReturn:
        _refuse("// is not in the catalogue", "Write x / y, and compare or clip the result")

    __rfloordiv__ = __floordiv__

    def __mod__(self, other: object) -> NoReturn:
        _refuse("% is not in the catalogue", "Schedules are rebalance=b4.every(…); counting is b4.state(init).next(…)")

    __rmod__ = __mod__

    def __array__(self, *unused: object, **options: object) -> NoReturn:
        _refuse(
            f"{self.describe()} was given to a NumPy or pandas function, which needs the values now",
            "Use the expression's own methods, such as .log() or .rolling(n).mean()",
        )

    def __array_function__(self, function: Any, *unused: object) -> NoReturn:
        name = getattr(function, "__name__", "function")
        _refuse(
            f"np.{name} needs the values now, and {self.describe()} has none yet",
            _NUMPY_FIXES.get(name, "Use the expression's own methods, such as .rolling(n).mean()"),
        )

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: object) -> Any:
        """Keeps `np.float64(2) * x` working, and refuses `np.log(x)` and arrays with the right words."""
        name = str(ufunc.__name__)
        infix = _UFUNC_OPERATORS.get(name)
        if method == "__call__" and len(inputs) == 2 and infix is not None and not options:
            # A NumPy scalar arrives as itself; an array goes on as it is, and the operator refuses it by name.
            left, right = (i if is_array(i) or isinstance(i, Operand) else plain_number(i) for i in inputs)
            return infix(left, right) if isinstance(left, Operand) else _reflected(infix, name, left, right)
        near_method = f"Write x.{name}()" if hasattr(type(self), name) else "Use the expression's own methods"
        _refuse(
            f"np.{name} needs the values now, and {self.describe()} has none yet", _NUMPY_FIXES.get(name, near_method)
        )


_MIRROR = {"less": "greater", "less_equal": "greater_equal", "greater": "less", "greater_equal": "less_equal"}
_REFLECTED = {"divide": "__rtruediv__", "true_divide": "__rtruediv__", "subtract": "__rsub__", "multiply": "__rmul__"}
_REFLECTED |= {
    "add": "__radd__",
    "power": "__rpow__",
    "bitwise_and": "__rand__",
    "bitwise_or": "__ror__",
    "bitwise_xor": "__rxor__",
}


def _reflected(infix: Callable[[Any, Any], Any], name: str, left: Any, right: Any) -> Any:
    """Returns left ∘ right with the expression on the right, without asking NumPy again."""
    if name in _REFLECTED:
        return getattr(right, _REFLECTED[name])(left)
    return _UFUNC_OPERATORS[_MIRROR.get(name, name)](right, left)
