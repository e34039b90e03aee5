"""Values of a policy file: read by the kind of their key, and refused in one sentence."""

from __future__ import annotations

import math
from typing import Any

from .errors import RiskError
from .keys import LIMITS, Key, key_of


def off_or_value(where: str, field: str, value: Any) -> Any:
    """Returns a value of the file as `Policy` holds it: None for a limit that is off. Raises RiskError."""
    if value is False and field in LIMITS:
        return None
    check(where, key_of(field), value)
    return value


def check(where: str, key: Key, value: object) -> None:
    """Raises RiskError, one sentence with key and fix, for a value that its key does not take."""
    if key.kind == "switch":
        if value is not True:
            raise RiskError(f"{where}: {key.address} is {value!r}; give {key.give}.")
        return
    if key.kind == "span":
        if not isinstance(value, str):
            raise RiskError(f"{where}: {key.address} is {value!r}; give {key.give}.")
        ms = _span(where, key, value)
        if not key.low <= ms <= key.high:
            raise RiskError(f"{where}: {key.address} is {value}; it must lie between 1s and 366d: give {key.give}.")
        return
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not is_number or (key.kind == "whole" and not isinstance(value, int)):
        raise RiskError(f"{where}: {key.address} is {value!r}; give {key.give}.")
    assert isinstance(value, (int, float)), "looked at above"
    if not (math.isfinite(value) and key.low <= value <= key.high):
        raise RiskError(
            f"{where}: {key.address} is {value:,g}; it must lie between {key.low:g} and {key.high:,g}: give {key.give}."
        )


def span_ms(text: str) -> int:
    """Returns the ms of a span that has been checked."""
    from bot4.data.timeframe import parse_interval

    return parse_interval(text)


def _span(where: str, key: Key, text: str) -> int:
    from bot4.data.errors import DataError

    try:
        return span_ms(text)
    except DataError:
        raise RiskError(f"{where}: {key.address} is {text!r}; give {key.give}.") from None
