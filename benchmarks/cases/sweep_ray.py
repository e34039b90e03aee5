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
    """Returns medians and ratios: on Ray with the market put anew, and where it is there already. The cluster is up before."""
    import ray

    from bot4.backtest.setup import prepare
    from bot4.backtest.sweep import on_ray
    from bot4.backtest.sweep.shared import Shared

    setup = prepare(strategies.every_bar_by, memory_market(make_bars(rows)), account())  # type: ignore[arg-type]
    programs = [setup.trace({"weight": 0.001 + number / 100_000}) for number in range(RUNS)]
    on_ray.start_here(CORES, log_to_driver=False, logging_level=logging.ERROR)
    here, anew, again = [], [], []
    try:
        for _ in range(repeat + 1):  # the first one warms all up
            here.append(_seconds(lambda: Shared(setup, CORES), programs))
            on_ray._put.clear()
            anew.append(_seconds(lambda: on_ray.OnRay(setup), programs))
            again.append(_seconds(lambda: on_ray.OnRay(setup), programs))
    finally:
        ray.shutdown()
    local = statistics.median(here[1:])
    first, ratio = (
        statistics.median(far / near for near, far in zip(here[1:], there[1:], strict=True)) for there in (anew, again)
    )
    each = local * CORES / RUNS
    line = f"{RUNS} runs of {each:.2f} s, {local:.2f} s here; on Ray {first:.3f} ×, {ratio:.3f} × with the market there"
    return {
        "rows": rows,
        "local_s": local,
        "run_s": each,
        "first_ratio": first,
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
