"""Which days are out of sample: windows of a walk-forward, or one part held out. Whole UTC days, computed from lengths alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from bot4.backtest.walkforward.splits import Span
from bot4.report.columns import DAY_MS

from ..errors import GateError

DESIGNS = ("walk-forward", "holdout")


@dataclass(frozen=True)
class Plan:
    """The split of one registration, UTC ms. Tests follow one another without a hole, and go on behind `out_end_ms` as data grow."""

    design: str
    inside_start_ms: int
    out_start_ms: int
    out_end_ms: int
    """End of the last whole day at the time of registration."""
    train_ms: int
    test_ms: int
    """Of a walk-forward; 0 of a part held out."""
    gap_ms: int
    """Purge and embargo: left out between training and test."""
    anchored: bool
    metric: str
    """What chooses in each training."""

    @property
    def first_days(self) -> int:
        """Returns T₀, the days out of sample at the time of registration."""
        return max(self.out_end_ms - self.out_start_ms, 0) // DAY_MS

    @property
    def inside(self) -> Span:
        """Returns the days in sample."""
        return Span(self.inside_start_ms, self.out_start_ms - self.gap_ms)

    def as_split(self) -> dict[str, object]:
        """Returns what a registration holds of it."""
        return {name: value for name, value in asdict(self).items() if name != "design"}

    def windows(self, end_ms: int) -> Iterator[tuple[Span | None, Span]]:
        """Yields (training, test) up to an end; no training where the parameters stay as they are. The last test may be short."""
        if self.design == "holdout":
            yield None, Span(self.out_start_ms, end_ms)
            return
        start = self.out_start_ms
        while start < end_ms:
            begin = self.inside_start_ms if self.anchored else start - self.train_ms
            yield Span(begin, start - self.gap_ms), Span(start, min(start + self.test_ms, end_ms))
            start += self.test_ms


def plan_of(design: str, split: Mapping[str, Any]) -> Plan:
    """Returns the plan that a registration holds. Raises GateError where it is none."""
    try:
        return Plan(design=design, **split)
    except TypeError:
        raise GateError("the registration's split was made by another version of Bot4; register again") from None
