"""From the start of a process to the printed summary, over one-minute bars from Parquet, as a user waits for it.

Every call is a fresh process with nothing prepared but the file; the first one counts like the others. Beside it: `import bot4`, and
the interpreter alone, which is the floor of both.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.environment import ROOT
from benchmarks.market import make_bars

STRATEGY = Path(__file__).resolve().parents[1] / "strategies.py"


def run(rows: int, repeat: int = 5) -> dict[str, Any]:
    """Returns wall and CPU seconds of `bot4 backtest`, of the import and of the bare interpreter (works in the current folder)."""
    file = write_parquet(rows, Path.cwd() / "synthetic-BTCUSDT-1m.parquet")
    python = [sys.executable]
    backtest = [
        *python,
        "-m",
        "bot4.cli.main",
        "backtest",
        f"{STRATEGY}:crossover",
        "--data",
        str(file),
        "--fee-bps",
        "10",
    ]
    whole = [fresh(backtest) for _ in range(repeat + 1)]
    imports = [fresh([*python, "-c", "import bot4"]) for _ in range(repeat + 1)]
    floor = [fresh([*python, "-c", "pass"]) for _ in range(repeat + 1)]
    walls = [wall for wall, _ in whole]
    figures = {
        "rows": rows,
        "wall_s": walls,
        "cpu_s": [cpu for _, cpu in whole],
        "worst_wall_s": max(walls),
        "median_wall_s": statistics.median(walls),
        "import_wall_s": statistics.median(wall for wall, _ in imports),
        "floor_wall_s": statistics.median(wall for wall, _ in floor),
    }
    cpu_s = statistics.median(cpu for _, cpu in whole)
    figures["lines"] = [
        f"{rows:,} bars from Parquet: first {walls[0]:.3f} s, median {figures['median_wall_s']:.3f} s (CPU {cpu_s:.3f} s)",
        f"import bot4 {figures['import_wall_s']:.3f} s, of which the interpreter alone {figures['floor_wall_s']:.3f} s",
    ]
    return figures


def write_parquet(rows: int, file: Path) -> Path:
    """Writes the benchmark's market as a Parquet file; returns its path."""
    import polars as pl

    bars = make_bars(rows)
    columns = {"ts_ms": bars.ts, "open": bars.open, "high": bars.high, "low": bars.low, "close": bars.close}
    pl.DataFrame({**columns, "volume": bars.volume}).write_parquet(file)
    return file


def fresh(command: list[str]) -> tuple[float, float]:
    """Returns wall and CPU seconds of one process, from its start to its end; raises RuntimeError with its last line if it fails."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment_variables())
    wall = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode != 0:
        lines = (done.stderr or done.stdout).strip().splitlines() or [f"exit code {done.returncode}"]
        raise RuntimeError(f"{' '.join(command[:4])} failed: {lines[-1].strip()}")
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def environment_variables() -> dict[str, str]:
    """Returns this process's variables; where Bot4 is built in place and not installed, Python is told where it is."""
    installed = Path(sys.executable).with_name("bot4").exists()
    return dict(os.environ) | ({} if installed else {"PYTHONPATH": str(ROOT)})
