"""What every statistic asks of its input, and of the libraries of the extra `gate`: refused with a sentence, never repaired."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from bot4.report.columns import Floats

from ..errors import GateError

LARGEST, SMALLEST = 1e70, 1e-70
"""Beyond these the fourth powers that kurtosis takes overflow or vanish."""


def series(values: ArrayLike, least: int, what: str = "the series", varies: bool = True) -> Floats:
    """Returns a one-dimensional series as float64, shape (T,).

    Raises GateError for other shapes, text, fewer than `least` values, NaN or infinity, values whose fourth powers are no numbers any more,
    and, with `varies`, for a constant.
    """
    found = _numbers(values, what)
    if found.ndim != 1:
        raise GateError(f"{what} has {found.ndim} dimensions; give one column of numbers")
    if len(found) < least:
        raise GateError(f"{what} has {len(found):,} values; this statistic needs at least {least:,}")
    _finite(found, what)
    if len(found) and np.max(np.abs(found)) > LARGEST:
        raise GateError(f"{what} reaches {np.max(np.abs(found)):g}; give it in larger units")
    if varies and not _varies(found):
        raise GateError(f"{what} is {found[0]:g} throughout; a constant has no distribution to test")
    if varies and np.ptp(found) < SMALLEST:
        raise GateError(f"{what} varies by {np.ptp(found):g} only; give it in smaller units")
    return found


def table(values: ArrayLike, least: int, columns: int = 1, what: str = "the table") -> Floats:
    """Returns a table of series side by side as float64, shape (T, N); a single series is one column.

    Raises GateError as `series` does, naming the column (from 1), and for fewer than `columns` columns.
    """
    found = _numbers(values, what)
    if found.ndim == 1:
        found = found[:, None]
    if found.ndim != 2:
        raise GateError(f"{what} has {found.ndim} dimensions; give rows of numbers, one column for each series")
    if found.shape[1] < columns:
        raise GateError(f"{what} has {found.shape[1]} series; this statistic needs at least {columns}")
    for place in range(found.shape[1]):
        series(found[:, place], least, f"series {place + 1} of {what}")
    return found


def same_length(**named: Floats) -> None:
    """Raises GateError unless all series are equally long."""
    lengths = {name: len(values) for name, values in named.items()}
    if len(set(lengths.values())) > 1:
        said = ", ".join(f"{name} has {count:,}" for name, count in lengths.items())
        raise GateError(f"the series belong row to row and differ in length: {said} values; give them the same rows")


def between(name: str, value: float, low: float, high: float) -> float:
    """Returns a setting that lies strictly between two bounds. Raises GateError otherwise."""
    if not low < value < high:
        raise GateError(f"{name} is {value:g}; give it a value between {low:g} and {high:g}")
    return float(value)


def at_least(name: str, value: float, low: float) -> float:
    """Returns a setting that is not below a bound. Raises GateError otherwise."""
    if not value >= low:
        raise GateError(f"{name} is {value:g}; give it {low:g} or more")
    return value


def one_of(name: str, value: str, known: Sequence[str]) -> str:
    """Returns a word that is among the known ones. Raises GateError otherwise."""
    if value not in known:
        raise GateError(f"{name} is {value!r}; it is one of {', '.join(known)}")
    return value


def extra(module: str) -> Any:
    """Returns a module of the extra `gate` (arch, statsmodels, scipy). Raises GateError with the command that installs it."""
    try:
        return importlib.import_module(module)
    except ImportError:
        raise GateError(
            f'this statistic needs {module.split(".")[0]}, which is not installed; run: pip install "bot4[gate]"'
        ) from None


def _numbers(values: ArrayLike, what: str) -> Floats:
    try:
        return np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise GateError(f"{what} holds something that is no number; give numbers, one row for each time") from None


def _finite(values: Floats, what: str) -> None:
    wrong = np.flatnonzero(~np.isfinite(values))
    if len(wrong):
        first = "NaN" if np.isnan(values[wrong[0]]) else "infinite"
        raise GateError(
            f"{what} has {len(wrong):,} values that are no finite number, the first in row {wrong[0] + 1:,} ({first}); "
            "remove or fill them first"
        )


def _varies(values: Floats) -> bool:
    """Tells whether a series is more than one number and its rounding."""
    return bool(np.ptp(values) > 1e-14 * max(float(np.max(np.abs(values))), 1e-300))
