"""Runs the plan, one fresh process per job, one after the other, and keeps what they print together with what the machine was.

Not here: what is measured (plan.py) and how it is shown (table.py).
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks import environment
from benchmarks.plan import COMPARISONS, TIMES_VECTORBT, WANTED
from benchmarks.plan_sweep import SWEEP_RATIOS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from benchmarks.measurement import Comparison, Job

JOB_SCRIPT = Path(__file__).with_name("job.py")
THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMBA_NUM_THREADS",
    "POLARS_MAX_THREADS",
    "RAYON_NUM_THREADS",
)
VECTORBT = ("vectorbt", "vectorbt_numba", "vectorbt_rust")
Figures = dict[str, Any]


def interpreter(job: Job) -> str:
    """Returns the path of the interpreter that runs the job."""
    return sys.executable if job.environment == "bot4" else str(environment.python_of(job.environment))


def run_job(job: Job, changes: Mapping[str, Any]) -> Figures:
    """Returns the job's figures, or `{"error": sentence}`; the process works in an empty folder, so its run records vanish with it."""
    variables = dict(os.environ)
    if job.one_thread:
        variables |= dict.fromkeys(THREAD_VARIABLES, "1")
    command = [interpreter(job), str(JOB_SCRIPT), job.module, json.dumps({**job.settings, **changes})]
    with tempfile.TemporaryDirectory(prefix="bot4-bench-") as folder:
        variables["BOT4_HOME"] = folder
        done = subprocess.run(command, cwd=folder, env=variables, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines() or [f"exit code {done.returncode}, and nothing on stderr"]
        return {"error": lines[-1]}
    figures: Figures = json.loads(done.stdout.strip().splitlines()[-1])
    return figures


def run_plan(
    jobs: Iterable[Job], changes: Callable[[Job], Mapping[str, Any]], say: Callable[[str], None]
) -> dict[str, Figures]:
    """Returns the figures of every job by its key; `changes` overrides settings (fewer bars), `say` is told each start."""
    results = {}
    for job in jobs:
        say(f"{job.title} …")
        results[job.key] = run_job(job, changes(job))
    return results


def assess(results: Mapping[str, Figures]) -> list[Figures]:
    """Returns one row per wanted figure that was measured: title, value, bound, unit, at_least, met."""
    rows = []
    for wanted in WANTED:
        value = results.get(wanted.job, {}).get(wanted.figure)
        if value is None:
            continue
        row = {
            "title": wanted.title,
            "value": value,
            "bound": wanted.bound,
            "unit": wanted.unit,
            "at_least": wanted.at_least,
        }
        rows.append({**row, "met": wanted.met(value)})
    agreement = [row for comparison in COMPARISONS for row in _agreement(comparison, results)]
    return rows + _times_vectorbt(results) + _ratios(results) + agreement


def _times_vectorbt(results: Mapping[str, Figures]) -> list[Figures]:
    """Returns the ratio of the engine to each vectorbt in the run: steady state against steady state."""
    own = results.get("engine", {}).get("bars_per_s")
    rows = []
    for key in VECTORBT:
        peer = results.get(key, {})
        if own is None or "bars_per_s" not in peer:
            continue
        ratio = own / peer["bars_per_s"]
        title = f"times vectorbt {peer['version']} ({peer['engine']})"
        rows.append(
            {
                "title": title,
                "value": ratio,
                "bound": TIMES_VECTORBT,
                "unit": "×",
                "at_least": True,
                "met": ratio >= TIMES_VECTORBT,
            }
        )
    return rows


def _ratios(results: Mapping[str, Figures]) -> list[Figures]:
    """Returns the wanted ratios between jobs of this run."""
    rows = []
    for ratio in SWEEP_RATIOS:
        above, below = (results.get(key, {}).get(ratio.figure) for key in (ratio.above, ratio.below))
        if above is None or below is None:
            continue
        value = above / below
        row = {"title": ratio.title, "value": value, "bound": ratio.bound, "unit": "×", "at_least": True}
        rows.append({**row, "met": value >= ratio.bound})
    return rows


def _agreement(comparison: Comparison, results: Mapping[str, Figures]) -> list[Figures]:
    """Returns how far Bot4 without spread, impact and volume cap is from the first of the peers that simulate the same."""
    own = results.get(comparison.plain, {})
    peer = next((results[key] for key in comparison.peers if "orders" in results.get(key, {})), None)
    if peer is None or "orders" not in own or own["rows"] != peer["rows"]:
        return []
    orders = abs(own["orders"] - peer["orders"])
    equity = abs(own["final_equity"] / peer["final_equity"] - 1)
    found = (
        (f"{comparison.name}: orders apart from vectorbt", orders, comparison.orders, ""),
        (f"{comparison.name}: final equity apart from vectorbt", equity, comparison.equity, "relative"),
    )
    return [
        {"title": title, "value": value, "bound": bound, "unit": unit, "at_least": False, "met": value <= bound}
        for title, value, bound, unit in found
    ]


def machine() -> Figures:
    """Returns what the figures depend on: processor, cores, load before the run, versions, date and commit."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "load_before": os.getloadavg()[0],
        "system": platform.platform(),
        "python": platform.python_version(),
        "rustc": _first_line("rustc", "--version"),
        "commit": _first_line("git", "-C", str(environment.ROOT), "rev-parse", "--short", "HEAD"),
        "date": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    }


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    names = (
        [line.split(":", 1)[1].strip() for line in info.read_text().splitlines() if line.startswith("model name")]
        if info.exists()
        else []
    )
    return names[0] if names else platform.processor()


def _first_line(*command: str) -> str | None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return None
    return done.stdout.splitlines()[0] if done.returncode == 0 and done.stdout else None
