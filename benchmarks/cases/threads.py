"""Rings and pools beside crossbeam's and rtrb's, and the pipeline on threads: the Rust examples `ring_bench` and `pipeline_bench`.

Service times are the desk's own; the waiting time comes from them by Lindley's recursion at the rate, so that it is what a machine of its
own would show. Wall-clock tails are told and not judged.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import Any

from benchmarks.environment import ROOT

RUN = ("cargo", "run", "--quiet", "--locked", "--release", "--package", "bot4-host", "--example")


def run(what: str, size: int) -> dict[str, Any]:
    """Returns the figures of `rings` (million events) or `pipeline` (seconds at 500,000 bars a second)."""
    return rings(example("ring_bench", size)) if what == "rings" else pipeline(example("pipeline_bench", size))


def example(name: str, size: int) -> dict[str, Any]:
    """Builds and runs an example of `engine/host`; returns what it printed. Raises RuntimeError if it fails."""
    if shutil.which("cargo") is None:
        raise RuntimeError("cargo is not installed: rings and pipeline are Rust examples; install Rust (rustup.rs).")
    done = subprocess.run([*RUN, name, "--", str(size)], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{name} failed: {(done.stderr.strip().splitlines() or ['without a word'])[-1]}")
    return dict(json.loads(done.stdout.strip().splitlines()[-1]))


def rings(seen: dict[str, Any]) -> dict[str, Any]:
    """Names the figures of rings and pools: the best batch, which measures the code, beside the median."""
    best = {key.removesuffix("_ns"): value[0] for key, value in seen.items() if key.endswith("_ns")}
    same = ", ".join(f"{key} {best[key]:.1f}" for key in ("ring", "queue", "pool", "depot"))
    others = ", ".join(f"{key} {best[key]:.1f}" for key in ("rtrb", "crossbeam_array_queue", "crossbeam_channel"))
    return {
        "ring_ns": best["ring"],
        "pool_ns": best["pool"],
        "depot_ns": best["depot"],
        "ring_across_ns": best["ring_across"],
        "allocations": seen["allocations"],
        "lines": [
            f"one core, ns a push and pop: {same}; {others}; {seen['allocations']} allocations over {seen['events']:,} events",
            f"two cores, one way, median ns: ring {best['ring_across']:.0f}, rtrb {best['rtrb_across']:.0f} (spinning)",
        ],
    }


def pipeline(seen: dict[str, Any]) -> dict[str, Any]:
    """Names the figures of the pipeline."""
    service, waiting, full, wall = seen["service"], seen["lindley"], seen["saturated"], seen["wall"]["decision"]
    row, order, system = seen["row_to_decision"], seen["decision_to_order"], seen["system"]
    return {
        "service_p99_ns": service["p99"],
        "service_p999_over_p99": service["p999"] / max(service["p99"], 1),
        "saturation_per_s": seen["saturation_per_s"],
        "row_to_decision_p99_ns": row["p99"],
        "decision_to_order_p99_ns": order["p99"],
        "orders_per_s": seen["orders_per_s"],
        "lines": [
            f"{seen['rate']:,} bars/s for {seen['seconds']:.0f} s: service ns {_tail(service)}; waiting by Lindley ns {_tail(waiting)}",
            f"rows in which nothing is sent or filled ns {_tail(seen['quiet'])}; the others ns {_tail(seen['acting'])}",
            f"the same fixed work each time, as a control, ns {_tail(seen['control'])}; "
            f"the desk's page faults {system['page_faults']:,}, its processor taken away {system['taken_away']:,} times",
            f"wall clock from due to acted ns {_tail(wall)} (the machine's other work with it)",
            f"saturation {seen['saturation_per_s'] / 1e6:.2f} M bars/s, service ns {_tail(full)}",
            f"market row to decision, 72 nodes, ns {_tail(row)}",
            f"decision to order bytes with its records in memory, ns {_tail(order)}; {seen['orders_per_s'] / 1e3:.0f} k orders/s",
        ],
    }


def _tail(times: dict[str, int]) -> str:
    parts = ("p50", "p99", "p999", "p9999", "max")
    return " / ".join(f"{times[part]:,}" for part in parts) + " (p50 / p99 / p99.9 / p99.99 / longest)"
