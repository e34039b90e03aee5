"""The same block of runs by the engine's threads and by tasks of a local Ray cluster, one after the other in each repetition."""

from __future__ import annotations

import logging
import statistics
import time
from typing import Any

from benchmarks import strategies
from benchmarks.cases.native import account, memory_market
from benchmarks.market import make_bars

RUNS = 8
CORES = 2


def run(rows: int, repeat: int = 5) -> dict[str, Any]:
    """Returns both medians and their ratio. Each time on Ray puts the market anew; the cluster is up before."""
    import ray

    from bot4.backtest.setup import prepare
    from bot4.backtest.sweep.on_ray import OnRay, start_here
    from bot4.backtest.sweep.shared import Shared

    setup = prepare(strategies.every_bar_by, memory_market(make_bars(rows)), account())  # type: ignore[arg-type]
    programs = [setup.trace({"weight": 0.001 + number / 100_000}) for number in range(RUNS)]
    start_here(CORES, log_to_driver=False, logging_level=logging.ERROR)
    here, there = [], []
    try:
        for _ in range(repeat + 1):  # the first one warms both up
            here.append(_seconds(lambda: Shared(setup, CORES), programs))
            there.append(_seconds(lambda: OnRay(setup), programs))
    finally:
        ray.shutdown()
    local, on_ray = statistics.median(here[1:]), statistics.median(there[1:])
    ratio = statistics.median(far / near for near, far in zip(here[1:], there[1:], strict=True))
    line = f"{RUNS} runs of {local * CORES / RUNS:.2f} s each: {local:.2f} s here, {on_ray:.2f} s on Ray, {ratio:.3f} ×"
    return {
        "rows": rows,
        "local_s": local,
        "ray_s": on_ray,
        "run_s": local * CORES / RUNS,
        "ratio": ratio,
        "lines": [line],
    }


def _seconds(make: Any, programs: Any) -> float:
    start = time.perf_counter()
    runner = make()
    runner.run(programs, lambda share: None)
    seconds = time.perf_counter() - start
    runner.close()
    return seconds
