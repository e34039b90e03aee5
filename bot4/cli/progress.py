"""One line of progress on standard error, from the second second on, and only for people (a terminal).

Not rich's bar: importing it would cost more than most runs last.
"""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import Self, TextIO

QUIET_S = 1.0
BETWEEN_S = 0.1


class Progress:
    """A callable that is told (done, total) of a unit; as a context manager it clears its line at the end."""

    def __init__(self, label: str, stream: TextIO | None = None, unit: str = "bars") -> None:
        self.label = label
        self.unit = unit
        self.stream = sys.stderr if stream is None else stream
        self.is_shown = self.stream.isatty()
        self.started = self.last = time.monotonic()
        self.width = 0

    def __call__(self, done: int, total: int) -> None:
        """Shows how far it is, at most ten times a second."""
        now = time.monotonic()
        if not self.is_shown or now - self.started < QUIET_S or now - self.last < BETWEEN_S:
            return
        self.last = now
        share = done / total if total else 1.0
        self.show(f"{self.label} {share:4.0%}  {done:,} of {total:,} {self.unit}")

    def show(self, line: str) -> None:
        """Writes a line over the last one."""
        self.stream.write("\r" + line.ljust(self.width))
        self.stream.flush()
        self.width = len(line)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Clears the line."""
        if self.width:
            self.stream.write("\r" + " " * self.width + "\r")
            self.stream.flush()
