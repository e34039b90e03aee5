"""`make bench`: measures Bot4 beside its peers in one run; prints tables and writes JSON.

python benchmarks/run.py                      everything
python benchmarks/run.py --only engine,vectorbt_rust
python benchmarks/run.py --quick --no-peers   does it work (one repetition, few bars; the speeds mean nothing)
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from benchmarks.measurement import Job

QUICK_ROWS = 5_000
LATEST = Path(__file__).with_name("results") / "latest.json"


def options(arguments: list[str]) -> argparse.Namespace:
    """Returns the parsed command line."""
    parser = argparse.ArgumentParser(description="Measures Bot4 beside its peers in one run.")
    parser.add_argument(
        "--json", type=Path, default=LATEST, metavar="FILE", help="where the figures go (default: %(default)s)"
    )
    parser.add_argument("--only", metavar="KEYS", help="comma-separated keys of jobs")
    parser.add_argument("--no-peers", action="store_true", help="leave the peers and the bare loop out")
    parser.add_argument("--demo", action="store_true", help="also time the second call of make demo")
    parser.add_argument("--repeat", type=int, default=5, help="repetitions after the first run (default: %(default)s)")
    parser.add_argument("--quick", action="store_true", help="one repetition over few bars: does everything run")
    parser.add_argument(
        "--check", action="store_true", help="exit with 1 when a wanted figure is missed or a job fails"
    )
    return parser.parse_args(arguments)


def chosen_jobs(only: str | None, peers: bool, demo: bool) -> list[Job]:
    """Returns the jobs to run, in order; raises SystemExit for a key that does not exist."""
    from benchmarks.plan import CASES, DEMO, FLOOR, PEERS

    everything = [FLOOR, *PEERS, *CASES, DEMO]
    if only is not None:
        keys = only.split(",")
        unknown = sorted(set(keys) - {job.key for job in everything})
        if unknown:
            raise SystemExit(
                f"--only names {', '.join(unknown)}; there are {', '.join(job.key for job in everything)}."
            )
        return [job for job in everything if job.key in keys]
    jobs = [*([FLOOR, *PEERS] if peers else []), *CASES]
    return [*jobs, DEMO] if demo else jobs


def main(arguments: list[str]) -> int:
    """Runs the benchmark; returns the exit code."""
    from rich.console import Console

    from benchmarks import environment, suite, table

    chosen = options(arguments)
    jobs = chosen_jobs(chosen.only, not chosen.no_peers, chosen.demo)
    for name in sorted({job.environment for job in jobs} - {"bot4"}):
        environment.ensure(name)

    def changes(job: Job) -> dict[str, Any]:
        rows = {"rows": QUICK_ROWS} if chosen.quick and "rows" in job.settings else {}
        return {**rows, "repeat": 1 if chosen.quick else chosen.repeat} if job.repeats else rows

    machine = suite.machine()
    results = suite.run_plan(jobs, changes, lambda text: print(text, file=sys.stderr, flush=True))
    report = {"machine": machine, "quick": chosen.quick, "results": results, "assessed": suite.assess(results)}
    chosen.json.parent.mkdir(parents=True, exist_ok=True)
    chosen.json.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    console = Console(width=None if sys.stdout.isatty() else 200)
    table.show(report, console)
    console.print(f"Figures in {chosen.json}")
    failed = any("error" in figures for figures in results.values()) or not all(
        row["met"] for row in report["assessed"]
    )
    return 1 if chosen.check and failed else 0


if __name__ == "__main__":
    here = str(Path(__file__).resolve().parent)
    sys.path[:] = [entry for entry in sys.path if entry != here] + [str(Path(__file__).resolve().parents[1])]
    sys.exit(main(sys.argv[1:]))
