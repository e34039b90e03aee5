"""The measurements of sweeps: a thousand crossovers over 100,000 bars, shared and not, on one core and two. Figures of issue 4."""

from __future__ import annotations

from benchmarks.measurement import Comparison, Job, Ratio, Wanted

ROWS = 100_000
NOTE = "1,000 runs with their statistics"
SWEEP = {"rows": ROWS}

SWEEP_CASES = [
    Job("sweep", "Bot4 sweep, two workers", "cases.sweep", "bot4", {**SWEEP, "workers": 2}, NOTE, one_thread=False),
    Job("sweep_one", "Bot4 sweep, one worker", "cases.sweep", "bot4", SWEEP, NOTE),
    Job("sweep_apart", "Bot4 sweep, nothing shared", "cases.sweep", "bot4", {**SWEEP, "share": False}, NOTE),
    Job(
        "sweep_single",
        "Bot4 single runs",
        "cases.sweep",
        "bot4",
        {**SWEEP, "single": True},
        "records kept, no statistics",
    ),
    Job(
        "sweep_plain",
        "Bot4 sweep, fees alone",
        "cases.sweep",
        "bot4",
        {**SWEEP, "plain": True},
        "what the peers simulate",
    ),
    Job("sweep_sharing", "sweep shared and not, in turn", "cases.sweep_sharing", "bot4", SWEEP),
    Job("sweep_scaling", "sweep on two cores", "cases.sweep_scaling", "bot4", SWEEP, one_thread=False),
    Job("sweep_memory", "sweep memory", "cases.sweep_memory", "bot4", SWEEP, one_thread=False, repeats=False),
]

SWEEP_PEERS = [
    Job(
        f"sweep_vectorbt{name}",
        title,
        "peers.vectorbt_sweep",
        environment,
        {**SWEEP, "repeat": 1, **engine},
        "columns of one matrix; no lots, fills whole; one repetition",
        repeats=False,
    )
    for name, title, environment, engine in (
        ("", "vectorbt 1.0 (Numba)", "venv", {}),
        ("_numba", "vectorbt 1.2 (Numba)", "vectorbt", {"engine": "numba"}),
        ("_rust", "vectorbt 1.2 (Rust)", "vectorbt", {"engine": "rust"}),
    )
]

SWEEP_COMPARISONS = [
    Comparison(
        "sweep",
        "1,000 EMA crossovers (25 by 40 windows), bars of all runs",
        (*SWEEP_CASES[:5], *SWEEP_PEERS),
        "sweep",
        plain="sweep_plain",
        peers=tuple(job.key for job in SWEEP_PEERS),
        orders=1_000,
    ),
]

SWEEP_WANTED = [
    Wanted("sweep, shared over not, in turn (CPU time)", "sweep_sharing", "ratio", 3.0, "×", at_least=True),
    Wanted("the same, the least of five pairs", "sweep_sharing", "least_ratio", 3.0, "×", at_least=True),
    Wanted(
        "sweep, two workers over one, of the machine's own gain", "sweep_scaling", "of_ceiling", 0.9, "×", at_least=True
    ),
    Wanted("sweep, bytes a run beside its daily closes", "sweep_memory", "bytes_each", 1024.0, "B", at_least=False),
]

SWEEP_RATIOS = [
    *(
        ratio
        for peer in SWEEP_PEERS
        for ratio in (
            Ratio(f"sweep over {peer.title}", "sweep", peer.key, "bars_per_s", 10.0),
            Ratio(f"memory of {peer.title} over the sweep's", peer.key, "sweep", "peak_mb", 10.0),
        )
    ),
]
