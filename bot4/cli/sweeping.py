"""The progress of a sweep: one line on standard error, for people alone (a terminal): how far, how fast, how long still."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, TextIO

from .progress import BETWEEN_S, QUIET_S, Progress

if TYPE_CHECKING:
    from bot4.backtest.sweep.progress import Progress as Told


class SweepProgress(Progress):
    """Shows what `b4.sweep` tells; as a context manager it clears its line at the end."""

    def __init__(self, stream: TextIO | None = None) -> None:
        super().__init__("sweep", sys.stderr if stream is None else stream)

    def __call__(self, told: Told) -> None:  # type: ignore[override]  # a sweep tells more than rows
        """Shows how far it is, at most ten times a second."""
        now = time.monotonic()
        if not self.is_shown or now - self.started < QUIET_S or now - self.last < BETWEEN_S:
            return
        self.last = now
        self.show(progress_line(told))


def progress_line(told: Told) -> str:
    """Returns the line: `sweep  42 %  462 of 1,100  83 runs/s  8 s left`."""
    from bot4.backtest.sweep.terminal import rate_text
    from bot4.report.text import seconds_text

    share = told.finished / told.total if told.total else 1.0
    parts = [f"sweep {share:4.0%}", f"{int(told.finished):,} of {told.total:,}"]
    if told.refused:
        parts.append(f"{told.refused:,} refused")
    if told.rate:
        parts.append(f"{rate_text(told.rate)} runs/s")
    left = told.remaining_s
    if left is not None:
        parts.append(f"{seconds_text(left)} left")
    return "  ".join(parts)
