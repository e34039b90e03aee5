"""Parameters: `b4.param`, `b4.choice`, `b4.require`. Plain Python values while a strategy is traced.

A `Parameter` stands as a default in the function's signature; tracing replaces it by its value. Not here: which combinations a
sweep tries (`bot4.backtest`).
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar, cast

from .core import Operand, plain_number
from .errors import Origin, ParameterError, RequirementError, StrategyError, caller_origin, near
from .tracing import current

Value = int | float | str | bool
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter's default and what values it may take. `options` for a choice, `low` and `high` for a number."""

    default: Value
    low: float | None = None
    high: float | None = None
    step: float | None = None
    log: bool = False
    options: tuple[Value, ...] = ()
    name: str = ""
    origin: Origin | None = None

    @property
    def type(self) -> type[Value]:
        """Returns int, float, bool or str: the type of the default."""
        return type(self.default)

    def range_text(self) -> str:
        """Returns what is allowed, in words."""
        if self.options:
            return "one of " + ", ".join(repr(o) for o in self.options)
        noun = {int: "an integer", float: "a number", bool: "True or False", str: "a text"}[self.type]
        return noun if self.low is None else f"{noun} from {self.low:g} to {self.high:g}"

    def check(self, value: object) -> Value:
        """Returns `value` in the parameter's own type. Raises ParameterError with name, value and range."""
        accepted = self._accept(value)
        if accepted is None:
            raise ParameterError(
                f"parameter {self.name} is {value!r}, but must be {self.range_text()}",
                f"Its default is {self.default!r}",
                self.origin,
            )
        return accepted

    def parse(self, text: str) -> Value:
        """Returns the value a command line's text stands for. Raises ParameterError."""
        wanted: Sequence[Value] = self.options or (self.default,)
        for option in wanted:
            if str(option) == text:
                return self.check(option)
        if self.type is bool and text.lower() in ("true", "false"):
            return self.check(text.lower() == "true")
        readers: tuple[Callable[[str], Value], ...] = (int, float)
        for read in readers:
            try:
                return self.check(read(text))
            except ParameterError:
                if read is float:
                    raise
            except ValueError:
                continue
        return self.check(text)

    def _accept(self, value: object) -> Value | None:
        if self.options:
            return next((o for o in self.options if o == value and type(o) is type(value)), None)
        if self.type in (bool, str):
            return value if isinstance(value, self.type) else None
        number = None if isinstance(value, bool) else plain_number(value)
        if number is None or not math.isfinite(number):
            return None
        if self.type is int and not (hasattr(value, "__index__") and float(number).is_integer()):
            return None
        if self.low is not None and self.high is not None and not self.low <= number <= self.high:
            return None
        return int(number) if self.type is int else float(number)


N = TypeVar("N", int, float)


def param(default: N, low: N, high: N, *, step: N | None = None, log: bool = False) -> N:
    """Declares a number a sweep may vary: `fast: int = b4.param(24, 5, 100)`.

    Integers if all given numbers are integers, floats otherwise. `step` and `log` (even steps of the logarithm) guide sweeps.
    """
    given = [v for v in (default, low, high, step) if v is not None]
    if any(isinstance(v, bool) or plain_number(v) is None or not math.isfinite(v) for v in given):
        raise StrategyError(
            f"b4.param needs numbers, and got {given}", "Write b4.param(default, low, high); for texts use b4.choice"
        )
    if low > high or not low <= default <= high:
        raise StrategyError(
            f"b4.param({default}, {low}, {high}): the default is not between low and high",
            "Write b4.param(default, low, high)",
        )
    if step is not None and step <= 0:
        raise StrategyError(f"the step of b4.param is {step}", "Give a step above 0")
    if log and low <= 0:
        raise StrategyError(f"log=True needs a range above 0, and low is {low}", "Raise low, or leave log out")
    is_int = all(isinstance(v, int) for v in given)
    value: Value = int(default) if is_int else float(default)
    made = Parameter(value, float(low), float(high), None if step is None else float(step), log, origin=caller_origin())
    return cast(N, made)  # seen as a number by editors and mypy: that is what the function receives


def choice(*options: T, default: T | None = None) -> T:
    """Declares one of several values: `side: str = b4.choice("long", "both")`. The first is the default unless `default` is given."""
    if not options:
        raise StrategyError("b4.choice has no options", 'Write b4.choice("a", "b")')
    if not all(isinstance(o, (bool, int, float, str)) for o in options):
        raise StrategyError(
            "b4.choice takes numbers, texts and True or False", "Choose by name and look the thing up in a dictionary"
        )
    if default is not None and default not in options:
        raise StrategyError(
            f"the default {default!r} is not among the options {list(options)}", "Add it to the options"
        )
    first: Any = options[0] if default is None else default
    made = Parameter(first, options=cast(tuple[Value, ...], options), origin=caller_origin())
    return cast(T, made)  # seen as a value, for the same reason as in `param`


def require(condition: bool | Operand, message: str | None = None) -> None:
    """Raises RequirementError unless `condition` holds for this combination of parameters; a sweep skips such combinations."""
    if isinstance(condition, Operand):
        raise StrategyError(
            f"b4.require is for parameters, and {condition.describe()} has a value on every row",
            "Choose row by row with b4.where(cond, a, b)",
        )
    if condition:
        return
    trace = current()
    origin = caller_origin()
    values = ", ".join(f"{k}={v!r}" for k, v in trace.parameters.items()) if trace else ""
    said = message or origin.source or "b4.require(…)"
    raise RequirementError(
        f"{said} does not hold" + (f" for {values}" if values else ""), "Choose other values for the parameters", origin
    )


def declared(function: Callable[..., Any], views: int) -> dict[str, Parameter]:
    """Returns the parameters of a function's signature after its first `views` arguments. Raises StrategyError."""
    found: dict[str, Parameter] = {}
    origin = Origin(function.__code__.co_filename, function.__code__.co_firstlineno)
    for p in list(inspect.signature(function).parameters.values())[views:]:
        default = p.default
        if p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD):
            raise StrategyError(f"{function.__name__} takes *{p.name}", "Name every parameter, with a default", origin)
        if isinstance(default, Parameter):
            found[p.name] = replace(default, name=p.name)
        elif isinstance(default, (bool, int, float, str)):
            found[p.name] = Parameter(default, name=p.name, origin=origin)
        else:
            raise StrategyError(
                f"the argument {p.name} of {function.__name__} has no usable default",
                f"Write {p.name}=b4.param(default, low, high), b4.choice(…), or a plain number",
                origin,
            )
    return found


def resolve(parameters: Mapping[str, Parameter], given: Mapping[str, object], strategy: str) -> dict[str, Value]:
    """Returns every parameter's value: the one given, checked, or the default. Raises ParameterError."""
    for name in given:
        if name not in parameters:
            close = near(name, parameters)
            known = f"Did you mean {close}?" if close else "Known: " + (", ".join(parameters) or "none")
            origin = next((p.origin for p in parameters.values()), None)
            raise ParameterError(f"{strategy} has no parameter {name!r}", known, origin)
    return {name: p.check(given[name]) if name in given else p.default for name, p in parameters.items()}


def parse_texts(
    texts: Iterable[str], parameters: Mapping[str, Parameter], strategy: str, origin: Origin
) -> dict[str, Value]:
    """Returns parameters from a command line's `name=value` texts. Raises ParameterError."""
    given: dict[str, Value] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals:
            raise ParameterError(f"the parameter {text!r} has no value", "Write it as name=value", origin)
        given[name] = parameters[name].parse(value) if name in parameters else value
    resolve(parameters, given, strategy)
    return given
