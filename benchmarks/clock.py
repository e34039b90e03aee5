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


@dataclass(frozen=True)
class Spent:
    """Seconds of one run by the clock, on a processor, waiting for a processor that somebody else had, and the rest: waiting for a disk or
    for another thread. `queued_s` is 0 where the system does not count it."""

    wall_s: float
    cpu_s: float
    queued_s: float

    @property
    def blocked_s(self) -> float:
        """What is neither work nor another's turn; of one thread."""
        return max(0.0, self.wall_s - self.cpu_s - self.queued_s)

    def line(self) -> str:
        """Says all four in one line."""
        return (
            f"{self.wall_s:.2f} s by the clock: {self.cpu_s:.2f} at work, {self.queued_s:.2f} waiting for a processor, "
            f"{self.blocked_s:.2f} for anything else"
        )


def spend(run: Callable[[], object]) -> tuple[Any, Spent]:
    """Runs once and returns the result with what the calling thread spent."""
    queued, cpu, wall = _queued_s(), time.thread_time(), time.perf_counter()
    result = run()
    spent = (time.perf_counter() - wall, time.thread_time() - cpu, _queued_s() - queued)
    return result, Spent(*spent)


def _queued_s() -> float:
    """Returns how long the calling thread has waited for a processor (Linux: second field of schedstat, ns)."""
    try:
        with open("/proc/thread-self/schedstat", encoding="ascii") as counted:
            return int(counted.read().split()[1]) / 1e9
    except OSError:
        return 0.0


def peak_memory_bytes() -> int:
    """Returns the largest resident size of this process so far (VmHWM; Linux only)."""
    with open("/proc/self/status", encoding="ascii") as status:
        for line in status:
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    raise OSError("/proc/self/status has no line VmHWM: peak memory can only be read on Linux.")
