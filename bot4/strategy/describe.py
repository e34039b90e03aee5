"""Readable text of an expression, as a user would write it: `ema(close, 24) > ema(close, 168)`.

For messages only; two different expressions may read the same where parts are elided.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .catalogue import CATALOGUE
from .kinds import Kind, ScopeFamily
from .spans import span_text

if TYPE_CHECKING:
    from .core import Operand

LIMIT = 400
_PRECEDENCE = {
    "|": 1,
    "^": 2,
    "&": 3,
    "<": 0,
    "<=": 0,
    ">": 0,
    ">=": 0,
    "==": 0,
    "!=": 0,
    "+": 4,
    "-": 4,
    "*": 5,
    "/": 5,
    "**": 7,
}
_UNARY = 6
_ATOM = 9


def describe(x: Operand, depth: int = 8) -> str:
    """Returns the text of `x`, parts below `depth` levels as …, at most about 400 characters."""
    text, _ = _render(x, depth)
    return text if len(text) <= LIMIT else text[: LIMIT - 1] + "…"


def number_text(value: float) -> str:
    """Returns 24 for 24.0 and the shortest exact text otherwise."""
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)


def _render(x: Operand, depth: int) -> tuple[str, int]:
    leaf = _leaf(x)
    if leaf is not None:
        return leaf, _ATOM
    if depth <= 0:
        return "…", _ATOM
    op = CATALOGUE[x.op]
    if op.infix:
        strength = _PRECEDENCE[op.infix]
        left, right = (_render(i, depth - 1) for i in x.inputs)
        return f"{_wrap(left, strength)} {op.infix} {_wrap(right, strength + 1)}", strength
    if op.text in ("-", "~"):
        return op.text + _wrap(_render(x.inputs[0], depth - 1), _UNARY), _UNARY
    inner = [_render(i, depth - 1)[0] for i in x.inputs]
    return f"{op.text or op.name}({', '.join(inner + _parameters(x))})", _ATOM


def _wrap(part: tuple[str, int], strength: int) -> str:
    return part[0] if part[1] >= strength and part[1] > 0 else f"({part[0]})"


def _leaf(x: Operand) -> str | None:
    where = x.fixed_home.scope
    prefix = f"{where.symbol}." if where is not None and where.family is ScopeFamily.ONLY else ""
    if x.op == "const":
        return str(bool(x.f[0])) if x.kind is Kind.BOOL else number_text(x.f[0])
    if x.op == "col":
        clock = x.fixed_home.clock
        period = clock.period_ms if clock is not None else None
        return prefix + x.s + (f"@{span_text(period)}" if period is not None else "")
    if x.op == "clock":
        return f"clock.{x.s}()"
    if x.op in ("pos", "account"):
        return f"{prefix}{x.op}.{x.s}"
    if x.op == "sqrt" and x.inputs[0].op == "const" and x.inputs[0].f[0] == -1.0:
        return "missing"
    if x.op == "state":
        return f"state({bool(x.f[0]) if x.kind is Kind.BOOL else number_text(x.f[0])})"
    return "√year" if x.op == "annual_root" else None


def _parameters(x: Operand) -> list[str]:
    if x.s == "ms":
        return [span_text(int(x.f[0])), *_defaulted(x)]
    names = CATALOGUE[x.op].params
    if names == ("alpha",):
        return [f"alpha={x.f[0]:.6g}"]
    if x.op == "cs_scale":
        return (
            [f"gross={number_text(x.f[0])}"]
            if len(x.f) == 1
            else [f"long={number_text(x.f[0])}", f"short={number_text(x.f[1])}"]
        )
    return [number_text(v) for v in x.f[:1]] + _defaulted(x)


def _defaulted(x: Operand) -> list[str]:
    """Returns ddof where it is not the default 1."""
    return [f"ddof={number_text(x.f[1])}"] if len(x.f) == 2 and x.f[1] != 1.0 else []
