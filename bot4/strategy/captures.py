"""What a strategy must not capture: arrays of data, the wall clock, chance. Found in the function's code before tracing.

A captured column holds the future, a clock and chance make a strategy that is never the same twice. Reads names through the
byte code (nothing is executed) and follows helpers of the same module. Not here: operands (`core.as_expr` sees those).
"""

from __future__ import annotations

import builtins
import dis
import random
import sys
from collections.abc import Callable, Iterator
from types import BuiltinFunctionType, CodeType, FunctionType, MethodType, ModuleType
from typing import Any

from .core import array_error, is_array
from .errors import Origin, StrategyError

_CLOCKS = frozenset(
    {
        "time",
        "time_ns",
        "monotonic",
        "monotonic_ns",
        "perf_counter",
        "perf_counter_ns",
        "process_time",
        "localtime",
        "gmtime",
    }
)
_NOW = frozenset({"now", "utcnow", "today"})
_CHANCE_MODULES = frozenset({"random", "secrets", "uuid"})


def check_captures(function: FunctionType) -> None:
    """Raises StrategyError if `function` (or a helper of its module) refers to an array, a wall clock or chance."""
    seen: set[CodeType] = set()
    waiting = [function]
    while waiting:
        current = waiting.pop()
        if current.__code__ in seen:
            continue
        seen.add(current.__code__)
        for dotted, value, origin in _references(current):
            _check(dotted, value, origin, function.__name__)
            if isinstance(value, FunctionType) and value.__globals__ is function.__globals__:
                waiting.append(value)


def _check(dotted: str, value: object, origin: Origin, strategy: str) -> None:
    if is_array(value):
        raise array_error(f"{dotted} ({type(value).__name__})", origin)
    if _is_clock(dotted, value):
        raise StrategyError(
            f"{strategy} reads the wall clock through {dotted}, so a backtest would not repeat",
            "Count bars with cond.bars_since() or m.pos.bars_held; a schedule is rebalance=b4.every(…)",
            origin,
        )
    if _is_chance(value):
        raise StrategyError(
            f"{strategy} draws chance through {dotted}, so a backtest would not repeat",
            "Leave it out, or draw once and write the number down",
            origin,
        )


def _is_clock(dotted: str, value: object) -> bool:
    if not isinstance(value, (BuiltinFunctionType, MethodType, FunctionType)):
        return False
    if getattr(value, "__module__", None) == "time":
        return value.__name__ in _CLOCKS
    return dotted.rpartition(".")[2] in _NOW and isinstance(getattr(value, "__self__", None), type)


def _is_chance(value: object) -> bool:
    if isinstance(value, (ModuleType, type)):
        return False
    owner = getattr(value, "__self__", None)
    homes = {getattr(value, "__module__", None) or "", type(owner).__module__, type(value).__module__}
    is_numpy_chance = any(home.startswith("numpy.random") for home in homes)
    return is_numpy_chance or bool(homes & _CHANCE_MODULES) or isinstance(owner, random.Random)


def _codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _codes(constant)


_UNKNOWN: Any = object()


def _lookup(function: FunctionType) -> Callable[[str], object]:
    free = dict(zip(function.__code__.co_freevars, function.__closure__ or (), strict=False))

    def find(name: str) -> object:
        if name in free:
            try:
                return free[name].cell_contents
            except ValueError:  # a cell that is filled later
                return _UNKNOWN
        return function.__globals__.get(name, getattr(builtins, name, _UNKNOWN))

    return find


def _attribute(value: object, name: str) -> object:
    """Returns an attribute of a module or class; of anything else nothing, because a property would run code."""
    if isinstance(value, (ModuleType, type)):
        try:
            return getattr(value, name, _UNKNOWN)
        except Exception:  # lazy modules may fail to load; that is not ours to report
            return _UNKNOWN
    return _UNKNOWN


def _references(function: FunctionType) -> Iterator[tuple[str, object, Origin]]:
    """Yields (dotted name, value, line) for each global, closure or imported name and the attributes read from it."""
    find = _lookup(function)
    for code in _codes(function.__code__):
        imported: dict[str, object] = {}
        value: object = _UNKNOWN
        module: object = _UNKNOWN  # what a running `from … import` takes from
        dotted = ""
        for step in dis.get_instructions(code):
            name = step.argval if isinstance(step.argval, str) else ""
            kind = step.opname
            if kind == "CACHE" or kind == "PUSH_NULL":
                continue
            if kind in ("LOAD_GLOBAL", "LOAD_NAME", "LOAD_DEREF", "LOAD_CLASSDEREF"):
                dotted, value = name, find(name)
            elif kind.startswith("LOAD_FAST"):
                dotted, value = name, imported.get(name, _UNKNOWN)
            elif kind == "IMPORT_NAME":
                dotted, value = name, sys.modules.get(name, _UNKNOWN)
                module = value
            elif kind == "IMPORT_FROM":
                dotted, value = name, _attribute(module, name)
            elif kind in ("LOAD_ATTR", "LOAD_METHOD"):
                dotted, value = f"{dotted}.{name}", _attribute(value, name)
            else:
                if kind.startswith("STORE_FAST") and value is not _UNKNOWN:
                    imported[name] = value
                value = _UNKNOWN
            if value is not _UNKNOWN:
                line = step.positions.lineno if step.positions else None
                yield dotted, value, Origin(code.co_filename, line or code.co_firstlineno)
