"""The HTML report of seven years of hourly bars, whole: three realisms, every statistic, every plot, the bars with their decisions."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any

YEARS, HOURS_A_YEAR = 7, 8_760


def run(seed: int = 7) -> dict[str, Any]:
    """Returns wall and CPU seconds of a process's first report (imports included) and of its second, and the size of the page."""
    import bot4 as b4
    from bot4.backtest.source import load_strategy
    from bot4.data import synth

    strategy = load_strategy(str(Path(__file__).resolve().parents[2] / "examples" / "trend.py"))
    market = synth(coins=1, bars=YEARS * HOURS_A_YEAR, seed=seed)
    walls, cpus = [], []
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(2):
            result = b4.backtest(strategy, market, record=False)
            wall, cpu = time.perf_counter(), time.process_time()
            path = result.report(Path(folder) / "report.html")
            walls.append(time.perf_counter() - wall)
            cpus.append(time.process_time() - cpu)
        size_mb = path.stat().st_size / 1e6
    trades = f"{result.stats.trades:,} trades, {size_mb:.1f} MB"
    return {
        "first_wall_s": walls[0],
        "first_cpu_s": cpus[0],
        "second_wall_s": walls[1],
        "second_cpu_s": cpus[1],
        "size_mb": size_mb,
        "lines": [
            f"first {walls[0]:.2f} s (CPU {cpus[0]:.2f} s), second {walls[1]:.2f} s (CPU {cpus[1]:.2f} s); {trades}"
        ],
    }
