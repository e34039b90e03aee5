"""The venue in exchange-core's mix of commands: the Rust example `exchange_bench`, built and run.

Every command goes through accounts, filters, client ids, fees and reports; a move is Binance's cancel-replace, so it is two commands to
the book. exchange-core's own figures (README, Xeon X5690) are of an open loop at 500,000 operations a second with risk checks: p50 0.6 µs,
p99 1.6 µs, p99.9 14 µs. Ours are of a closed loop, each time with a read of the clock in it, and of the same open loop beside theirs.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import Any

from benchmarks.environment import ROOT

EXAMPLE = (
    "cargo",
    "run",
    "--quiet",
    "--locked",
    "--release",
    "--package",
    "bot4-exchange",
    "--example",
    "exchange_bench",
)


def run() -> dict[str, Any]:
    """Returns commands a second and percentiles of the service time, ns. Raises RuntimeError if the example fails."""
    if shutil.which("cargo") is None:
        raise RuntimeError("cargo is not installed: the venue is a Rust example; install Rust (rustup.rs).")
    done = subprocess.run(EXAMPLE, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"exchange_bench failed: {(done.stderr.strip().splitlines() or ['without a word'])[-1]}")
    seen: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    tail = " / ".join(f"{seen[name]:,}" for name in ("p50_ns", "p99_ns", "p999_ns", "p9999_ns", "max_ns"))
    due = " / ".join(f"{seen[f'open_{name}_ns']:,}" for name in ("p50", "p99", "p999"))
    return {
        **seen,
        "lines": [
            f"{seen['median_per_s'] / 1e6:.2f} M commands/s (best {seen['best_per_s'] / 1e6:.2f}), {seen['reports']:,} reports and "
            f"{seen['trades']:,} trades of {seen['commands']:,} commands, {seen['allocations']} allocations",
            f"{seen['own_per_s'] / 1e6:.2f} M/s of the process's own time, {seen['whole_own_per_s'] / 1e6:.2f} with every order told whole",
            f"service ns {tail} (p50 / p99 / p99.9 / p99.99 / longest), a read of the clock ({seen['clock_p50_ns']} ns) in each",
            f"open loop at 500,000/s, ns after it was due: {due} (p50 / p99 / p99.9); exchange-core's own: 600 / 1,600 / 14,000",
        ],
    }
