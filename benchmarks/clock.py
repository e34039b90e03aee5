"""Repeated timing with wall and process CPU time side by side, and the peak memory of this process.

The machine may be shared: a wall time far above the CPU time says that somebody else was running, a CPU time above the wall time that
more than one thread was.
"""

from __future__ import annotations

import gc
import statistics
import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True)
class Timing:
    """Seconds of each repetition after the first run, and of the first run itself."""

    first_wall_s: float
    wall_s: list[float]
    cpu_s: list[float]

    @property
    def median_wall_s(self) -> float:
        """Median wall time of the repetitions."""
        return statistics.median(self.wall_s)

    @property
    def median_cpu_s(self) -> float:
        """Median process CPU time of the repetitions."""
        return statistics.median(self.cpu_s)

    def as_figures(self, rows: int) -> dict[str, Any]:
        """Returns the timing with bars per second for a run over `rows` bars (JSON-ready)."""
        return {
            **asdict(self),
            "rows": rows,
            "median_wall_s": self.median_wall_s,
            "median_cpu_s": self.median_cpu_s,
            "bars_per_s": rows / self.median_wall_s,
            "bars_per_cpu_s": rows / max(self.median_cpu_s, 1e-9),
            "first_bars_per_s": rows / self.first_wall_s,
        }


def measure(run: Callable[[], object], repeat: int = 5) -> Timing:
    """Returns the timing of one first run and of `repeat` further ones; results are dropped between the runs, outside the clock."""
    if repeat < 1:
        raise ValueError(f"repeat is {repeat}: at least one repetition is needed for a median.")
    first_wall_s, _ = _once(run)
    seconds = [_once(run) for _ in range(repeat)]
    return Timing(first_wall_s, [wall for wall, _ in seconds], [cpu for _, cpu in seconds])


def _once(run: Callable[[], object]) -> tuple[float, float]:
    gc.collect()
    cpu, wall = time.process_time(), time.perf_counter()
    result = run()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    del result
    return wall, cpu


def peak_memory_bytes() -> int:
    """Returns the largest resident size of this process so far (VmHWM; Linux only)."""
    with open("/proc/self/status", encoding="ascii") as status:
        for line in status:
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    raise OSError("/proc/self/status has no line VmHWM: peak memory can only be read on Linux.")
