"""The one error of the language: file, line, what is wrong, what to write instead.

Not here: the checks themselves (they live beside what they check). Order of operations: a check finds a mistake, asks
`caller_origin` which line of the user's own code led here, and raises `StrategyError` with one sentence each for cause and fix.
"""

from __future__ import annotations

import difflib
import linecache
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FrameType

_PACKAGE = str(Path(__file__).resolve().parent)
_LIBRARY = str(Path(__file__).resolve().parent / "library")
_internal: dict[str, bool] = {}
_MOST_ORIGINS = 1 << 16


@dataclass(frozen=True, slots=True)
class Origin:
    """A line of the user's code."""

    file: str
    line: int

    @property
    def source(self) -> str:
        """Returns the line's text, stripped; empty where the source is not at hand (`python -c`)."""
        return linecache.getline(self.file, self.line).strip()

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


NOWHERE = Origin("<unknown>", 0)
_origins: dict[
    tuple[int, int], tuple[CodeType, Origin]
] = {}  # by (id of code, instruction); the code kept alive is the proof


class StrategyError(Exception):
    """A mistake in a strategy: `file`, `line`, `cause` (one sentence) and `fix` (one sentence)."""

    def __init__(self, cause: str, fix: str, origin: Origin | None = None) -> None:
        self.origin = origin or caller_origin()
        self.file = self.origin.file
        self.line = self.origin.line
        self.cause = cause.rstrip(".")
        self.fix = fix.rstrip(".")
        end = "" if self.fix.endswith("?") else "."
        super().__init__(f"{self.origin}: {self.cause}. {self.fix}{end}")


class UnknownNameError(StrategyError, AttributeError):
    """A misspelt method, column or field; also an `AttributeError`, so that `hasattr` keeps its meaning."""


class RequirementError(StrategyError):
    """`b4.require` did not hold for this combination of parameters; a sweep skips the combination."""


class ParameterError(StrategyError, ValueError):
    """A parameter's value is unknown, of the wrong type or out of its range."""


def _is_internal(file: str) -> bool:
    # Strategies of the library are user code: their lines are what an error should show.
    known = _internal[file] = file.startswith(_PACKAGE) and not file.startswith(_LIBRARY)
    return known


def caller_frame() -> FrameType | None:
    """Returns the innermost frame outside this package: the user's own."""
    frame: FrameType | None = sys._getframe(1)
    known = _internal
    while frame is not None:
        file = frame.f_code.co_filename
        if not (known[file] if file in known else _is_internal(file)):
            return frame
        frame = frame.f_back
    return None


def caller_origin() -> Origin:
    """Returns the line of the user's code that led here.

    Asked for every node of every trace: an instruction's line is worked out once and remembered beside its code object.
    """
    frame = caller_frame()
    if frame is None:
        return NOWHERE
    code, key = frame.f_code, (id(frame.f_code), frame.f_lasti)
    known = _origins.get(key)
    if known is not None and known[0] is code:
        return known[1]
    if len(_origins) >= _MOST_ORIGINS:
        _origins.clear()
    origin = Origin(code.co_filename, frame.f_lineno)
    _origins[key] = code, origin
    return origin


def near(name: str, known: Iterable[str]) -> str | None:
    """Returns the known name closest to `name`, or nothing if none is close (case is ignored)."""
    by_lower = {k.lower(): k for k in known}
    found = difflib.get_close_matches(name.lower(), by_lower, n=1, cutoff=0.6)
    return by_lower[found[0]] if found else None
