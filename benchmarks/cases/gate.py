"""The risk gate with every control of a policy on, for orders that pass: the Rust example `gate_bench`, built and run.

Its service time is measured in batches of 16 and divided, for a read of the clock costs as much as some controls; single checks with the
clock in them stand beside. How many instructions a check takes is counted by `python -m scripts.instructions` (`instr_gate`).
"""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import Any

from benchmarks.environment import ROOT

EXAMPLE = ("cargo", "run", "--quiet", "--locked", "--release", "--package", "bot4-engine", "--example", "gate_bench")


def run() -> dict[str, Any]:
    """Returns checks per second of processor time and percentiles of the service time, ns. Raises RuntimeError if the example fails."""
    if shutil.which("cargo") is None:
        raise RuntimeError("cargo is not installed: the gate is a Rust example; install Rust (rustup.rs).")
    done = subprocess.run(EXAMPLE, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"gate_bench failed: {(done.stderr.strip().splitlines() or ['without a word'])[-1]}")
    figures: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    batched = f"p50 {figures['p50_ns']:.0f} ns, p99 {figures['p99_ns']:.0f} ns, p99.9 {figures['p999_ns']:.0f} ns"
    single = f"p50 {figures['single_p50_ns']:.0f} ns, p99 {figures['single_p99_ns']:.0f} ns"
    return {
        **figures,
        "lines": [
            f"{figures['checks_per_s'] / 1e6:.2f} M checks/s of processor time; in batches of {figures['batch']}: {batched}",
            f"one by one with the clock in them: {single}; without a policy p50 {figures['plain_p50_ns']:.0f} ns",
        ],
    }
