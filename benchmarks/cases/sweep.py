"""A sweep of the crossover on the engine: rows of statistics for every pair of windows, on one thread and on two, shared and not.

`run` times it on as many workers as asked; `scaling` sets one worker, two workers and the machine's own two-core gain side by side, each
repetition measuring all of them, so that a busy machine disturbs them alike.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from typing import Any

from benchmarks import strategies
from benchmarks.cases.native import memory_market, native_config
from benchmarks.clock import measure, peak_memory_bytes
from benchmarks.market import make_bars
from benchmarks.setting import SWEEP_FAST, SWEEP_SLOW

MB = 1_000_000
SINGLE_RUNS = 20
ARITHMETIC = (
    "import time; t = time.perf_counter()\nx = 0\nfor i in range(6_000_000): x += i & 3\nprint(time.perf_counter() - t)"
)


def programs(runs: int | None = None) -> list[str]:
    """Returns the programs of the grid in its order, or the first `runs` of them."""
    pairs = [(fast, slow) for fast in SWEEP_FAST for slow in SWEEP_SLOW]
    return [strategies.crossing.trace({"fast": fast, "slow": slow}).json for fast, slow in pairs[:runs]]


def run(
    rows: int, workers: int = 1, share: bool = True, single: bool = False, plain: bool = False, repeat: int = 5
) -> dict[str, Any]:
    """Returns the timing of the sweep with its statistics, or with `single` of a few single runs, as bars of all runs a second."""
    from bot4 import _engine
    from bot4.report.rows import row_stats

    baseline = peak_memory_bytes()
    market, texts = memory_market(make_bars(rows)), programs()
    config = native_config(market, plain)
    sweep = _engine.Sweep(market.native, config)

    def once() -> Any:
        if single:
            return [
                _engine.run(market.native, text, config)["equity"][-1] for text in texts[:: len(texts) // SINGLE_RUNS]
            ]
        return row_stats(sweep.run(texts, workers, share))

    taken = SINGLE_RUNS if single else len(texts)
    figures = measure(once, repeat).as_figures(rows * taken)
    peak_mb = (peak_memory_bytes() - baseline) / MB
    row = row_stats(sweep.run(texts, workers, True))
    return {
        **figures,
        "peak_mb": peak_mb,
        "version": _engine.__version__,
        "orders": int(row["fills"].sum()),
        "final_equity": float(row["final_equity"].mean()),
    }


def scaling(rows: int, repeat: int = 15) -> dict[str, Any]:
    """Returns how much faster two workers are than one, over the gain of two processes of pure arithmetic over one."""
    from bot4 import _engine

    market, texts = memory_market(make_bars(rows)), programs()
    sweep = _engine.Sweep(market.native, native_config(market))
    sweep.run(texts, 1)
    gains, ceilings = [], []
    for _ in range(repeat):
        one, two = _seconds(sweep, texts, 1), _seconds(sweep, texts, 2)
        gains.append(one / two)
        ceilings.append(2 * _arithmetic(1) / _arithmetic(2))
    gain, ceiling = statistics.median(gains), statistics.median(ceilings)
    line = f"two workers are {gain:.2f} × one, two processes of arithmetic {ceiling:.2f} × one"
    return {"rows": rows, "gain": gain, "ceiling": ceiling, "of_ceiling": gain / ceiling, "lines": [line]}


def _seconds(sweep: Any, texts: list[str], workers: int) -> float:
    start = time.perf_counter()
    sweep.run(texts, workers)
    return time.perf_counter() - start


def _arithmetic(processes: int) -> float:
    """Returns the seconds of a fixed loop in the slowest of so many processes at once."""
    command = [sys.executable, "-c", ARITHMETIC]
    started = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(processes)]
    return max(float(process.communicate()[0]) for process in started)


def memory(rows: int) -> dict[str, Any]:
    """Returns what a run of a sweep adds to the peak of memory, beside its daily closes: bytes, from 8,000 runs and from 32,000.

    Fewer runs would measure the allocator: pages freed by the sweep before are its own for a while, a few megabytes whatever was run.
    """
    from bot4 import _engine

    market, texts = memory_market(make_bars(rows)), programs()
    sweep = _engine.Sweep(market.native, native_config(market))
    days = len(sweep.run(texts[:1], 1)["day_ts"])
    few, many = texts * 8, texts * 32
    sweep.run(few, 1)
    before = peak_memory_bytes()
    found = sweep.run(many, 1)
    more = len(many) - len(few)
    each = (peak_memory_bytes() - before) / more - 8 * days
    line = f"{each:.0f} bytes a run beside its {days} daily closes ({len(found['bars']):,} runs)"
    return {"rows": rows, "bytes_each": each, "days": days, "lines": [line]}
