"""`Axis`: one parameter of a sweep and what it may be: listed values, or a range that a search draws from.

The way of writing one: `5:50:5` (from, to, step; the end is in it where it falls on the grid), `10,20,40`, `log:1:1000:7` (that many
values in even steps of the logarithm), and, for a search, `5:50` (a range). Decimal texts are stepped as decimals, so that
`0.1:0.5:0.1` means what it says. Not here: how axes are combined (`space`).
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from ..errors import BacktestError

if TYPE_CHECKING:
    from bot4.strategy import Parameter

Value = int | float | str | bool

FORMS = "5:50:5 (from, to, step), 10,20,40 or log:1:1000:7 (from, to, how many)"
MOST_VALUES = 1_000_000


@dataclass(frozen=True, slots=True)
class Axis:
    """One parameter: `values` where they are listed; else a range from `low` to `high`, both in it, for a search."""

    name: str
    values: tuple[Value, ...] = ()
    low: float = 0.0
    high: float = 0.0
    step: float | None = None
    log: bool = False
    is_int: bool = False

    @property
    def is_range(self) -> bool:
        """Returns whether it is a range without a list of values."""
        return not self.values

    @property
    def is_number(self) -> bool:
        """Returns whether its values have an order that a distance means something on."""
        return self.is_range or all(isinstance(v, (int, float)) and not isinstance(v, bool) for v in self.values)

    def at(self, share: float) -> Value:
        """Returns the value at a share of the axis, 0 ≤ share < 1: equal shares are equally likely values.

        Of a range with `log` it is the logarithm that is even; whole numbers have equal shares of it each.
        """
        if self.values:
            return self.values[min(int(share * len(self.values)), len(self.values) - 1)]
        if self.step is not None:
            count = math.floor((self.high - self.low) / self.step + 1e-9) + 1
            return self.number(self.low + min(int(share * count), count - 1) * self.step)
        low, high = (self.low - 0.5, self.high + 0.5) if self.is_int else (self.low, self.high)
        if self.log:
            low = max(low, 0.5) if self.is_int else low
            value = math.exp(math.log(low) + share * (math.log(high) - math.log(low)))
        else:
            value = low + share * (high - low)
        return self.number(value)

    def number(self, value: float) -> Value:
        """Returns a number of the range in the parameter's own type."""
        inside = min(max(value, self.low), self.high)
        return round(inside) if self.is_int else float(inside)

    def as_spec(self) -> list[Value] | dict[str, object]:
        """Returns what identifies the axis, as plain data."""
        if self.values:
            return list(self.values)
        return {"low": self.low, "high": self.high, "step": self.step, "log": self.log, "int": self.is_int}


def ascending(axis: Axis) -> tuple[Value, ...]:
    """Returns the listed values of an axis of numbers in ascending order."""
    return tuple(sorted(axis.values, key=float))


def read_axis(parameter: Parameter, given: object, *, is_search: bool = False) -> Axis:
    """Returns the axis of a parameter from a text or from values. Raises BacktestError for what cannot be read or is empty,
    ParameterError for a value that the parameter does not allow."""
    if isinstance(given, str):
        return _from_text(parameter, given.strip(), is_search)
    if isinstance(given, (bool, int, float)):
        return _listed(parameter, [given])
    if not isinstance(given, Iterable):
        raise BacktestError(
            f"the grid of {parameter.name} is {given!r}; give a list of values, a range, or a text like {FORMS}."
        )
    return _listed(parameter, list(given))


def declared_axis(parameter: Parameter) -> Axis | None:
    """Returns the axis that `b4.param` or `b4.choice` declares for a search; None for a plain default."""
    if parameter.options:
        return Axis(parameter.name, parameter.options)
    if parameter.type is bool:
        return Axis(parameter.name, (False, True))
    if parameter.low is None or parameter.high is None or parameter.low == parameter.high:
        return None
    return _range(parameter, parameter.low, parameter.high)


def _from_text(parameter: Parameter, text: str, is_search: bool) -> Axis:
    if any(str(option) == text for option in parameter.options):
        return _listed(parameter, [parameter.parse(text)])
    if text.startswith("log:"):
        return _listed(parameter, _even_logarithms(parameter, text))
    parts = text.split(":")
    if len(parts) == 1:
        words = [word.strip() for word in text.split(",")]
        return _listed(parameter, [parameter.parse(word) for word in words if word])
    if len(parts) > 3 or parameter.type in (str, bool):
        raise _unreadable(parameter, text)
    numbers = [_decimal(parameter, text, part) for part in parts]
    if len(numbers) == 3:
        return _listed(parameter, _stepped(parameter, text, *numbers))
    if is_search:
        low, high = (parameter.check(_typed(parameter, n)) for n in numbers)
        if not low < high:  # type: ignore[operator]  # a parameter of numbers checks to numbers
            raise BacktestError(
                f"{parameter.name}={text} is an empty range; write the lower end first, as in {parameter.name}=5:50."
            )
        return _range(parameter, float(low), float(high))
    if parameter.step is not None:
        return _listed(parameter, _stepped(parameter, text, numbers[0], numbers[1], Decimal(repr(parameter.step))))
    raise BacktestError(
        f"{parameter.name}={text} has no step; write {parameter.name}={text}:STEP for a grid, or add --search random to draw from "
        "the range."
    )


def _range(parameter: Parameter, low: float, high: float) -> Axis:
    return Axis(parameter.name, (), low, high, parameter.step, parameter.log, parameter.type is int)


def _listed(parameter: Parameter, values: Iterable[object]) -> Axis:
    checked = tuple(dict.fromkeys(parameter.check(value) for value in values))
    if not checked:
        raise BacktestError(
            f"the grid of {parameter.name} is empty; give at least one value, such as {parameter.name}={parameter.default}."
        )
    return Axis(parameter.name, checked)


def _stepped(parameter: Parameter, text: str, low: Decimal, high: Decimal, step: Decimal) -> list[Value]:
    if step <= 0:
        raise BacktestError(f"the step of {parameter.name}={text} is {step}; give a step above 0.")
    count = int((high - low) / step) + 1 if high >= low else 0
    if count > MOST_VALUES:
        raise BacktestError(
            f"{parameter.name}={text} has {count:,} values, more than {MOST_VALUES:,}; give a larger step."
        )
    if not count:
        raise BacktestError(
            f"{parameter.name}={text} is an empty grid; write the lower end first: {parameter.name}={high}:{low}:{step}."
        )
    return [_typed(parameter, low + step * k) for k in range(count)]


def _even_logarithms(parameter: Parameter, text: str) -> list[Value]:
    parts = text.split(":")[1:]
    if len(parts) != 3 or parameter.type in (str, bool):
        raise _unreadable(parameter, text)
    low, high = (float(_decimal(parameter, text, part)) for part in parts[:2])
    many = _decimal(parameter, text, parts[2])
    if not 0 < low < high or many != int(many) or not 2 <= many <= MOST_VALUES:
        raise BacktestError(
            f"{parameter.name}={text} is no scale; write log:FROM:TO:COUNT with 0 < FROM < TO and at least 2 values, as in log:1:1000:7."
        )
    count = int(many)
    shares = [k / (count - 1) for k in range(count)]
    values = [low, *(low * (high / low) ** share for share in shares[1:-1]), high]
    return [round(v) if parameter.type is int else v for v in values]


def _typed(parameter: Parameter, number: Decimal) -> Value:
    if parameter.type is int and number == number.to_integral_value():
        return int(number)
    return float(number)


def _decimal(parameter: Parameter, text: str, part: str) -> Decimal:
    try:
        found = Decimal(part.strip())
    except InvalidOperation:
        raise _unreadable(parameter, text) from None
    if not found.is_finite():
        raise _unreadable(parameter, text)
    return found


def _unreadable(parameter: Parameter, text: str) -> BacktestError:
    if parameter.type in (str, bool):
        return BacktestError(
            f"{parameter.name}={text} cannot be read; {parameter.name} is {parameter.range_text()}: write values with commas."
        )
    return BacktestError(f"{parameter.name}={text} cannot be read; write {FORMS}.")
