"""Timing, the plan's bounds, the table and the job runner of the benchmark: its machinery, not its speeds."""

import io
import json
import subprocess
import sys
import time

import pytest
from rich.console import Console

from benchmarks import environment, plan, run, setting, suite, table
from benchmarks.clock import Spent, Timing, measure, peak_memory_bytes, spend
from benchmarks.measurement import Job

FIGURES = {
    "rows": 1_000_000,
    "first_wall_s": 0.05,
    "median_wall_s": 0.02,
    "median_cpu_s": 0.02,
    "bars_per_s": 50e6,
    "orders": 3,
    "final_equity": 1e6,
}


def test_waiting_costs_wall_time_and_no_cpu_time() -> None:
    timing = measure(lambda: time.sleep(0.02), repeat=3)
    assert len(timing.wall_s) == len(timing.cpu_s) == 3
    assert timing.median_wall_s >= 0.02
    assert timing.median_cpu_s < 0.01


def test_speeds_come_from_the_median_and_leave_the_first_run_out() -> None:
    figures = Timing(first_wall_s=10.0, wall_s=[1.0, 4.0, 2.0], cpu_s=[1.0, 1.0, 0.5]).as_figures(rows=100)
    assert (figures["bars_per_s"], figures["bars_per_cpu_s"], figures["first_bars_per_s"]) == (50.0, 100.0, 10.0)


def test_a_median_needs_a_repetition() -> None:
    with pytest.raises(ValueError, match="at least one repetition"):
        measure(lambda: None, repeat=0)


@pytest.mark.skipif(sys.platform != "linux", reason="peak memory is read from /proc")
def test_peak_memory_keeps_what_was_freed() -> None:
    before = peak_memory_bytes()
    block = b"\1" * (before + 50_000_000)
    del block
    assert peak_memory_bytes() >= before + 40_000_000


def test_every_wanted_figure_belongs_to_a_job() -> None:
    keys = [job.key for job in (plan.FLOOR, *plan.PEERS, *plan.CASES, plan.DEMO)]
    assert len(keys) == len(set(keys))
    assert {wanted.job for wanted in plan.WANTED} <= set(keys)


def test_comparisons_name_jobs_of_the_plan() -> None:
    keys = {job.key for job in (plan.FLOOR, *plan.PEERS, *plan.CASES)}
    for comparison in plan.COMPARISONS:
        assert {job.key for job in comparison.jobs} <= keys
        assert {*comparison.peers, *([comparison.plain] if comparison.plain else [])} <= {
            j.key for j in comparison.jobs
        }
    assert {job.key for job in plan.PEERS} <= {job.key for comparison in plan.COMPARISONS for job in comparison.jobs}


def test_every_job_has_its_module_and_its_environment_pinned_requirements() -> None:
    for job in (plan.FLOOR, *plan.PEERS, *plan.CASES, plan.DEMO):
        assert (environment.ROOT / "benchmarks" / f"{job.module.replace('.', '/')}.py").exists(), job.module
        if job.environment != "bot4":
            file = environment.ROOT / "benchmarks" / environment.REQUIREMENTS[job.environment]
            lines = [line for line in file.read_text().splitlines() if line and not line.startswith("#")]
            assert all("==" in line for line in lines)


def test_bounds_hold_in_their_own_direction() -> None:
    rows = suite.assess({"engine": {"bars_per_s": 50e6}, "process": {"worst_wall_s": 1.6, "import_wall_s": 0.2}})
    assert [(row["title"], row["met"]) for row in rows] == [
        ("EMA crossover, engine", True),
        ("process start to summary (worst)", False),
        ("import bot4 (median)", True),
    ]


def test_the_engine_is_compared_with_each_vectorbt_of_the_run() -> None:
    peer = {"bars_per_s": 9e6, "version": "1.2.0", "engine": "rust"}
    rows = suite.assess({"engine": {"bars_per_s": 50e6}, "vectorbt_rust": peer})
    assert rows[-1]["title"] == "times vectorbt 1.2.0 (rust)"
    assert rows[-1]["value"] == pytest.approx(50 / 9)
    assert rows[-1]["met"]


def test_disagreement_with_vectorbt_is_a_missed_figure() -> None:
    peer = {"rows": 1000, "bars_per_s": 9e6, "version": "1.2.0", "engine": "rust", "orders": 40, "final_equity": 100.0}
    rows = suite.assess({"plain": {"rows": 1000, "orders": 40, "final_equity": 99.0}, "vectorbt_rust": peer})
    assert [row["met"] for row in rows] == [True, False]
    assert rows[1]["value"] == pytest.approx(0.01)
    assert suite.assess({"plain": {"rows": 500, "orders": 20, "final_equity": 99.0}, "vectorbt_rust": peer}) == []


def test_a_failing_job_leaves_its_last_line_as_the_error() -> None:
    figures = suite.run_job(Job("floor", "", "market", "bot4"), {})
    assert "has no attribute 'run'" in figures["error"]


def test_a_job_prints_one_line_of_json_whatever_it_says_besides() -> None:
    script = environment.ROOT / "benchmarks" / "job.py"
    done = subprocess.run([sys.executable, str(script), "cases.process"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "Usage" in done.stderr


def test_the_table_shows_figures_errors_and_a_busy_machine() -> None:
    results: dict[str, suite.Figures] = {
        "engine": FIGURES,
        "vectorbt": {
            **FIGURES,
            "bars_per_s": 5e6,
            "median_wall_s": 0.2,
            "median_cpu_s": 0.1,
            "version": "1.0.0",
            "engine": "numba",
        },
        "nautilus": {"error": "No module named 'nautilus_trader'"},
        "process": {"lines": ["1,000,000 bars from Parquet: first 1.000 s"]},
    }
    machine = {
        "processor": "P",
        "cores": 2,
        "load_before": 0.1,
        "python": "3",
        "rustc": "r",
        "commit": "c",
        "date": "d",
    }
    out = io.StringIO()
    report = {"machine": machine, "results": results, "assessed": suite.assess(results)}
    table.show(report, Console(file=out, width=220))
    text = out.getvalue()
    assert "10 ×" in text
    assert "No module named 'nautilus_trader'" in text
    assert "first 1.000 s" in text
    assert "vectorbt 1.0 (Numba): wall time is 2.00 × CPU time" in text


def test_unknown_keys_are_refused_with_those_that_exist() -> None:
    with pytest.raises(SystemExit, match=r"--only names typo; there are floor, vectorbt"):
        run.chosen_jobs("typo", peers=True, demo=False)
    assert [job.key for job in run.chosen_jobs("engine,floor", peers=False, demo=False)] == ["floor", "engine"]


def test_the_demo_is_measured_only_on_request() -> None:
    assert plan.DEMO not in run.chosen_jobs(None, peers=True, demo=False)
    assert plan.DEMO in run.chosen_jobs(None, peers=False, demo=True)


def test_bot4_runs_the_same_strategy_as_the_peers() -> None:
    from benchmarks import strategies

    assert (strategies.FAST_BARS, strategies.SLOW_BARS) == (setting.FAST_BARS, setting.SLOW_BARS)
    assert strategies.WEIGHT == setting.WEIGHT
    program = json.loads(strategies.crossover.trace().json)
    assert [node["f"] for node in program["nodes"] if node["op"] == "ema"] == [[10.0], [30.0]]
    names = "MOMENTUM_BARS VOL_BARS BUCKETS SIDE_WEIGHT STOP TAKE ORDER_EVERY_BARS".split()
    names += "GRID_LEVELS GRID_STEP GRID_STOP GRID_DAY_BARS GRID_WEIGHT".split()
    assert [getattr(strategies, name) for name in names] == [getattr(setting, name) for name in names]
    schedule = json.loads(strategies.cross_section.trace().json)["rebalance"]
    assert schedule["period_ms"] == setting.REBALANCE_BARS * setting.PORTFOLIO_INTERVAL_MS
    assert setting.SETTLED_BARS == 10 * setting.SLOW_BARS


def test_what_a_run_spends_is_told_apart() -> None:
    def idle_and_work() -> int:
        time.sleep(0.05)
        return sum(range(200_000))

    result, spent = spend(idle_and_work)
    assert result == 19_999_900_000
    assert spent.wall_s >= 0.05
    assert 0 < spent.cpu_s < spent.wall_s
    assert spent.queued_s >= 0
    assert Spent(2.0, 0.5, 0.25).blocked_s == 1.25
    assert Spent(1.0, 0.9, 0.2).blocked_s == 0.0
    assert "0.50 at work, 0.25 waiting for a processor, 1.25 for anything else" in Spent(2.0, 0.5, 0.25).line()
