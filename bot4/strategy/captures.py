"""What a strategy must not capture: arrays of data, the wall clock, chance. Found in the function's code before tracing.

A captured column holds the future, a clock and chance make a strategy that is never the same twice. Reads names through the
byte code (nothing is executed) and follows helpers of the same module. Not here: operands (`core.as_expr` sees those).
"""

from __future__ import annotations

import builtins
import dis
import importlib
import random
from collections.abc import Callable, Iterator
from functools import lru_cache
from types import BuiltinFunctionType, CodeType, FunctionType, MethodType, ModuleType
from typing import Any
from weakref import WeakKeyDictionary

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


TIME_IN_EXPRESSIONS = "Count bars with cond.bars_since() or m.pos.bars_held; a schedule is rebalance=b4.every(…)"
TIME_IN_EVENTS = "The time of the data is ctx.now; to be called at a time, set ctx.timer(name, every=…)"


_Look = tuple[Callable[..., object], tuple[object, ...], object]
"""A look at a name: what looked, at what, and what it found."""
_checked: WeakKeyDictionary[FunctionType, list[_Look]] = WeakKeyDictionary()


def check_captures(function: FunctionType, time_fix: str = TIME_IN_EXPRESSIONS) -> None:
    """Raises StrategyError if `function` (or a helper of its module) refers to an array, a wall clock or chance."""
    known = _checked.get(function)
    if known is not None and all(look(*where) is value for look, where, value in known):
        return  # every name means what it meant when this function was found to be in order
    looked: list[_Look] = []
    seen: set[CodeType] = set()
    waiting = [function]
    while waiting:
        current = waiting.pop()
        if current.__code__ in seen:
            continue
        seen.add(current.__code__)
        for dotted, value, origin in _references(current, looked):
            _check(dotted, value, origin, function.__name__, time_fix)
            if isinstance(value, FunctionType) and value.__globals__ is function.__globals__:
                waiting.append(value)
    _checked[function] = looked


def _check(dotted: str, value: object, origin: Origin, strategy: str, time_fix: str) -> None:
    if is_array(value):
        raise array_error(f"{dotted} ({type(value).__name__})", origin)
    if _is_clock(dotted, value):
        raise StrategyError(
            f"{strategy} reads the wall clock through {dotted}, so a backtest would not repeat",
            time_fix,
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
    names = function.__globals__  # not the function: what is remembered of it must not keep it alive

    def find(name: str) -> object:
        if name in free:
            try:
                return free[name].cell_contents
            except ValueError:  # a cell that is filled later
                return _UNKNOWN
        return names.get(name, getattr(builtins, name, _UNKNOWN))

    return find


def _attribute(value: object, name: str) -> object:
    """Returns an attribute of a module or class; of anything else nothing, because a property would run code."""
    if isinstance(value, (ModuleType, type)):
        try:
            return getattr(value, name, _UNKNOWN)
        except Exception:  # lazy modules may fail to load; that is not ours to report
            return _UNKNOWN
    return _UNKNOWN


def _module(name: str) -> object:
    """Returns a module the function imports itself (which importing it now only anticipates)."""
    try:
        return importlib.import_module(name)
    except Exception:  # the function's own import will say what is wrong
        return _UNKNOWN


class _Reader:
    """Follows names through byte code: what each load would put on the stack, as far as that is known without running it."""

    def __init__(self, function: FunctionType, looked: list[_Look]) -> None:
        self._find = _lookup(function)
        self._looked = looked
        self._imported: dict[str, object] = {}  # names that the function's own import statements bind
        self._module = ""  # what a running `from … import` takes from
        self.dotted = ""
        self.value: object = _UNKNOWN

    def step(self, kind: str, name: str) -> bool:
        """Takes one instruction; tells whether it reads a name that is known."""
        if kind == "IMPORT_NAME":
            self._module, self.dotted = name, name.partition(".")[0]
            self.value = self._look(_module, self.dotted)
            return False
        if kind == "IMPORT_FROM":
            self.dotted, self.value = name, self._look(_attribute, self._look(_module, self._module), name)
            if self.value is _UNKNOWN:
                self.value = self._look(_module, self._module)  # `import a.b as c` takes b from a
            return False
        if kind in ("LOAD_ATTR", "LOAD_METHOD"):
            self.dotted, self.value = f"{self.dotted}.{name}", self._look(_attribute, self.value, name)
        elif kind.startswith("LOAD_") and kind not in ("LOAD_CONST", "LOAD_CLOSURE"):
            self.dotted, self.value = name, self._imported.get(name, _UNKNOWN)
            if self.value is _UNKNOWN and not kind.startswith("LOAD_FAST"):
                self.value = self._look(self._find, name)
        else:
            if kind.startswith("STORE_"):
                self._imported[name] = self.value
            self.value = _UNKNOWN
        return self.value is not _UNKNOWN

    def _look(self, look: Callable[..., object], *where: object) -> object:
        value = look(*where)
        if where[0] is not _UNKNOWN:
            self._looked.append((look, where, value))
        return value


def _references(function: FunctionType, looked: list[_Look]) -> Iterator[tuple[str, object, Origin]]:
    """Yields (dotted name, value, line) for each global, closure or imported name and the attributes read from it."""
    reader = _Reader(function, looked)
    for code in _codes(function.__code__):
        for kind, name, origin in _steps(code):
            if reader.step(kind, name):
                yield reader.dotted, reader.value, origin


@lru_cache(maxsize=1024)
def _steps(code: CodeType) -> tuple[tuple[str, str, Origin], ...]:
    """Returns (operation, name or nothing, line) of each instruction that matters; read once for all traces of a function."""
    found = []
    for step in dis.get_instructions(code):
        if step.opname not in ("CACHE", "PUSH_NULL", "PRECALL"):
            line = step.positions.lineno if step.positions else None
            name = step.argval if isinstance(step.argval, str) else ""
            found.append((step.opname, name, Origin(code.co_filename, line or code.co_firstlineno)))
    return tuple(found)
