"""The second call of `make demo`: everything is built, so it is what a user waits for from then on."""

from __future__ import annotations

from typing import Any

from benchmarks.cases.process import fresh
from benchmarks.environment import ROOT


def run() -> dict[str, Any]:
    """Returns the wall and CPU seconds of the first and the second call; the first may build."""
    first_wall_s, _ = fresh(["make", "-C", str(ROOT), "demo"])
    second_wall_s, second_cpu_s = fresh(["make", "-C", str(ROOT), "demo"])
    return {
        "first_wall_s": first_wall_s,
        "second_wall_s": second_wall_s,
        "second_cpu_s": second_cpu_s,
        "lines": [f"first call {first_wall_s:.2f} s, second {second_wall_s:.2f} s (CPU {second_cpu_s:.2f} s)"],
    }
