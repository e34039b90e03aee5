"""How far a sweep is, how fast it goes, how long it will still take. Not here: how that is shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass
class Progress:
    """How far a sweep is: of `total` combinations `done` were run (`known` of them before a stop), `refused` by `b4.require` and
    `repeated` by a search; of the `running` ones a `share` is through. `seconds` count from this session's start."""

    total: int
    done: int = 0
    refused: int = 0
    repeated: int = 0
    known: int = 0
    running: int = 0
    share: float = 0.0
    seconds: float = 0.0

    @property
    def finished(self) -> float:
        """Returns how many combinations are through, the running ones in proportion."""
        return min(self.done + self.refused + self.repeated + self.running * self.share, self.total)

    @property
    def rate(self) -> float:
        """Returns runs a second of this session; 0 while there are none."""
        fresh = self.done - self.known + self.running * self.share
        return fresh / self.seconds if self.seconds > 0 else 0.0

    @property
    def remaining_s(self) -> float | None:
        """Returns about how many seconds are left, refusals expected as before; None while that is unknown."""
        passed = self.finished - self.known
        return (self.total - self.finished) * self.seconds / passed if passed > 0 and self.rate > 0 else None


ProgressTold = Callable[[Progress], object]
