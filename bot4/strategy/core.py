"""The graph under the expressions: `Operand` (a node as the user built it), `apply` (the one way to make a node).

`apply` turns numbers into constants, checks kinds against the catalogue and remembers the user's line. Not here: clocks and
scopes (`homes`), sharing and order (`lowering`, `canonical`), the methods users call (`nodes/`, put together in `expr`).
"""

from __future__ import annotations

import math
import numbers
from typing import TYPE_CHECKING, Any

from .catalogue import CATALOGUE, Gives, Op, Takes
from .describe import describe
from .errors import NOWHERE, Origin, StrategyError, caller_frame, caller_origin
from .kinds import ANYWHERE, Home, Kind

if TYPE_CHECKING:
    from .expr import Expr

# Members of enumerations under names of their own: looking one up in its class takes longer than the rest of a check.
_ANY, _NUMBER, _BOOL, _GIVES_NUMBER = Takes.ANY, Takes.NUMBER, Takes.BOOL, Gives.NUMBER
_SCALAR, _KIND_NUMBER = Kind.SCALAR, Kind.NUMBER
_ARRAY_MODULES = frozenset({"numpy", "pandas", "polars", "pyarrow", "torch", "jax", "jaxlib", "cupy", "xarray"})


class Operand:
    """A node: operation, inputs, parameters, kind, and the user's line. Immutable; compared by identity."""

    __slots__ = ("__weakref__", "f", "fixed_home", "inputs", "kind", "op", "origin", "s")

    def __init__(
        self,
        op: str,
        inputs: tuple[Expr, ...] = (),
        f: tuple[float, ...] = (),
        s: str = "",
        *,
        kind: Kind,
        origin: Origin = NOWHERE,
        fixed_home: Home = ANYWHERE,
    ) -> None:
        self.op = op
        self.inputs = inputs
        self.f = f
        self.s = s
        self.kind = kind
        self.origin = origin
        self.fixed_home = fixed_home

    __hash__ = object.__hash__

    def describe(self, depth: int = 8) -> str:
        """Returns the expression as readable text, parts deeper than `depth` as …."""
        return describe(self, depth)

    @property
    def name(self) -> str:
        """The expression as readable text: `ema(close, 24) > ema(close, 168)`."""
        return describe(self)

    def __repr__(self) -> str:
        return describe(self)


def make(
    op: str, inputs: tuple[Expr, ...] = (), f: tuple[float, ...] = (), s: str = "", *, kind: Kind, home: Home = ANYWHERE
) -> Expr:
    """Returns a node with the user's line; no checks."""
    from .expr import Expr

    return Expr(op, inputs, f, s, kind=kind, origin=caller_origin(), fixed_home=home)


def apply(name: str, *operands: object, f: tuple[float, ...] = (), s: str = "", home: Home = ANYWHERE) -> Expr:
    """Returns the node `name` over `operands` (expressions or numbers). Raises StrategyError on a wrong kind."""
    op = CATALOGUE[name]
    inputs = tuple([as_expr(o) for o in operands])
    for takes, given in zip(op.takes, inputs, strict=True):
        if takes is not _ANY:
            _check_kind(op, takes, given)
    return make(name, inputs, f, s, kind=_result_kind(op, inputs), home=home)


def _check_kind(op: Op, takes: Takes, given: Expr) -> None:
    title = op.text or op.name
    if takes is _NUMBER and given.kind.is_bool:
        raise StrategyError(
            f"{given.describe()} is a condition (true or false), and {op.infix or title} needs a number",
            f"Write b4.where({given.describe()}, 1.0, 0.0) to turn it into a number",
        )
    if takes is _BOOL and given.kind.is_number:
        raise StrategyError(
            f"{given.describe()} is a number, and {op.infix or title} needs a condition (true or false)",
            f"Compare it first, for example ({given.describe()} > 0)",
        )


def _result_kind(op: Op, inputs: tuple[Expr, ...]) -> Kind:
    if op.gives is not _GIVES_NUMBER:
        return _other_kind(op, inputs)
    for i in inputs:
        if i.kind is not _SCALAR:
            return _KIND_NUMBER
    return _SCALAR if inputs else _KIND_NUMBER


def _other_kind(op: Op, inputs: tuple[Expr, ...]) -> Kind:
    if op.gives is Gives.BOOL:
        return Kind.BOOL
    if op.gives is Gives.EVENT:
        return Kind.EVENT
    if op.gives is Gives.SAME:
        return inputs[0].kind
    return _branch_kind(inputs[-2], inputs[-1]) if op.gives is Gives.BRANCH else _logic_kind(op, inputs)


def _branch_kind(yes: Expr, no: Expr) -> Kind:
    if yes.kind.is_bool and no.kind.is_bool:
        return Kind.EVENT if yes.kind is no.kind is Kind.EVENT else Kind.BOOL
    if yes.kind.is_bool or no.kind.is_bool:
        raise StrategyError(
            f"one value is a condition and the other a number: {yes.describe()} and {no.describe()}",
            "Give two numbers or two conditions",
        )
    return Kind.SCALAR if yes.kind is no.kind is Kind.SCALAR else Kind.NUMBER


def _logic_kind(op: Op, inputs: tuple[Expr, ...]) -> Kind:
    events = [i.kind is Kind.EVENT for i in inputs]
    is_event = any(events) if op.name == "and" else all(events) and op.name == "or"
    return Kind.EVENT if is_event else Kind.BOOL


def constant(value: float, kind: Kind = Kind.SCALAR) -> Expr:
    """Returns a constant. -0.0 becomes 0.0: one spelling of zero in a program."""
    return make("const", (), (value + 0.0,), kind=kind)


def missing() -> Expr:
    """Returns "missing" as an expression: √−1, because a program may not hold a non-finite number."""
    return make("sqrt", (constant(-1.0),), kind=Kind.SCALAR)


def is_array(value: object) -> bool:
    """Tells whether `value` is a column of data (NumPy, pandas, Polars, Arrow …), without importing those packages."""
    if type(value).__module__.partition(".")[0] not in _ARRAY_MODULES:
        return False
    shape = getattr(value, "shape", None)
    return bool(shape) if isinstance(shape, tuple) else hasattr(value, "__len__") or hasattr(value, "collect")


def as_expr(value: object) -> Expr:
    """Returns `value` as an expression. Raises StrategyError for what cannot be one (arrays, lists, text, NaN)."""
    if isinstance(value, Operand):
        return value  # type: ignore[return-value]  # Expr is the only concrete Operand
    number = plain_number(value)
    if number is None:
        raise _not_an_operand(value)
    if isinstance(number, bool):
        return constant(float(number), Kind.BOOL)
    if not math.isfinite(number):
        raise StrategyError(
            f"{number} cannot stand in an expression",
            "For a missing value leave out the branch: x.where(cond) is missing where cond is false",
        )
    return constant(number)


def plain_number(value: object) -> float | bool | None:
    """Returns a Python bool or float for Python and NumPy scalars, and nothing for anything else."""
    if isinstance(value, bool):
        return value
    if isinstance(value, numbers.Real):
        try:
            return float(value)
        except OverflowError:  # an integer beyond the range of floats
            return math.inf
    if type(value).__module__ == "numpy" and getattr(value, "shape", None) == ():
        item: Any = value.item()  # type: ignore[attr-defined]  # a NumPy scalar
        return item if isinstance(item, bool) else float(item) if isinstance(item, (int, float)) else None
    return None


def variable_name(value: object) -> str | None:
    """Returns the name under which the user's frame knows `value`, for error messages."""
    frame = caller_frame()
    if frame is None:
        return None
    for scope in (frame.f_locals, frame.f_globals):
        for name, known in scope.items():
            if known is value:
                return name
    return None


def _not_an_operand(value: object) -> StrategyError:
    name = variable_name(value)
    shown = f"{name} ({type(value).__name__})" if name else f"a {type(value).__name__}"
    if is_array(value):
        return array_error(shown)
    if value is None:
        return StrategyError(
            f"{name or 'an operand'} is None", "Check that the helper that made it returns an expression"
        )
    fix = "Use numbers and expressions only"
    if callable(value):
        fix = f"Call it: {name or 'f'}(…)"
    return StrategyError(f"{shown} cannot stand in an expression", fix)


def array_error(shown: str, origin: Origin | None = None) -> StrategyError:
    """Returns the error for a captured array: it would know the whole history, the future included."""
    return StrategyError(
        f"{shown} holds a whole column of data, and inside a strategy that can reach into the future",
        "Compute it from m's columns; outside columns come as b4.column(name, known_at=…) in a later version",
        origin,
    )
