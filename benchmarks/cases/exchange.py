"""The exchange's server under load: the Rust example `load`, built and run. Client and server share the machine's cores.

Signed orders through the WebSocket API over loopback, limits off: one connection with four in flight, ten connections with four each (each
order placed is cancelled, so there are twice as many requests), and 200 streams to 50 clients while two accounts trade.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import Any

from benchmarks.environment import ROOT

SECONDS = 60
EXAMPLE = ("cargo", "run", "--quiet", "--locked", "--release", "--package", "bot4-server", "--example", "load", "--")


def run() -> dict[str, Any]:
    """Returns orders a second, times of answers (ns), lost stream messages and memory (kB). Raises RuntimeError if the example fails."""
    if shutil.which("cargo") is None:
        raise RuntimeError("cargo is not installed: the load generator is a Rust example; install Rust (rustup.rs).")
    done = subprocess.run([*EXAMPLE, str(SECONDS)], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"load failed: {(done.stderr.strip().splitlines() or ['without a word'])[-1]}")
    seen: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    grown = seen["memory_after_kb"] - seen["memory_halfway_kb"]
    return {
        **seen,
        "memory_growth_kb": grown,
        "lines": [
            _told(seen, "one", "one connection"),
            _told(seen, "ten", "ten connections"),
            f"200 streams to 50 clients, {SECONDS} s: {seen['stream_messages']:,} messages, {seen['stream_missing']} missing, "
            f"{seen['stream_orders']:,} orders; memory {seen['memory_after_kb'] / 1024:,.0f} MB, {grown:+,} kB in the second half",
        ],
    }


def _told(seen: dict[str, Any], which: str, name: str) -> str:
    p50, p99 = (seen[f"{which}_{of}_ns"] / 1e3 for of in ("p50", "p99"))
    return f"{name}: {seen[f'{which}_per_s']:,} orders/s, answers p50 {p50:,.0f} µs, p99 {p99:,.0f} µs"
