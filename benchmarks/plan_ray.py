"""The measurement of a sweep on Ray beside the same sweep on this machine's own threads. Figures of issue 4."""

from __future__ import annotations

from benchmarks.measurement import Job, Wanted

ROWS = 8_000_000
"""Bars at which one run, an order on every bar, takes about a second."""

RAY_CASES = [
    Job(
        "sweep_ray",
        "sweep on a local Ray cluster over the same sweep here, two cores",
        "cases.sweep_ray",
        "bot4",
        {"rows": ROWS},
        "an order on every bar; the market's way into the object store counted, the cluster's start not",
        one_thread=False,
    )
]

RAY_WANTED = [
    Wanted("Ray over local, runs of a second", "sweep_ray", "ratio", 1.10, "×", at_least=False),
]
