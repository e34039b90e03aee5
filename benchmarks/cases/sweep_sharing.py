"""What sharing is worth: a sweep shared and the same with nothing shared, in turn in one process: a busy machine disturbs both alike."""

from __future__ import annotations

import gc
import statistics
import time
from typing import Any

from benchmarks.cases.native import memory_market, native_config
from benchmarks.cases.sweep import programs
from benchmarks.market import make_bars


def run(rows: int, repeat: int = 5) -> dict[str, Any]:
    """Returns the CPU seconds of both on one worker, statistics included, and of each pair what the unshared takes over the shared."""
    from bot4 import _engine
    from bot4.report.rows import row_stats

    market, texts = memory_market(make_bars(rows)), programs()
    sweep = _engine.Sweep(market.native, native_config(market))

    def seconds(share: bool) -> float:
        gc.collect()
        start = time.process_time()
        row_stats(sweep.run(texts, 1, share))
        return time.process_time() - start

    seconds(True)
    pairs = [(seconds(True), seconds(False)) for _ in range(repeat)]
    ratios = [apart / shared for shared, apart in pairs]
    shared, apart = (statistics.median(side) for side in zip(*pairs, strict=True))
    line = f"{len(texts):,} runs: shared {shared:.3f} s CPU, apart {apart:.3f} s, ratios {', '.join(f'{ratio:.2f}' for ratio in ratios)}"
    return {
        "rows": rows,
        "shared_cpu_s": [shared for shared, _ in pairs],
        "apart_cpu_s": [apart for _, apart in pairs],
        "least_ratio": min(ratios),
        "ratio": statistics.median(ratios),
        "lines": [line],
    }
