"""The checks of the gate, one subject a file: each a pure function of the evidence that returns a finding, with no verdict.

Order: `inputs.require_sound` refuses what nothing can be judged from; then `CHECKS`, in the order of the report. What follows from the
findings is in `bot4.gate.verdict`. docs/gate.md explains each.
"""

from __future__ import annotations

from collections.abc import Callable

from ..evidence import Evidence
from ..finding import Finding
from . import (
    benchmarks,
    concentration,
    costs,
    diagnostics,
    history,
    neighbourhood,
    proof,
    provenance,
    regimes,
    ruin,
    sizing,
    tail,
)

CHECKS: tuple[Callable[[Evidence], Finding], ...] = (
    provenance.check,
    history.check_length,
    history.check_activity,
    regimes.check,
    proof.check_evidence,
    proof.check_deflated,
    neighbourhood.check,
    benchmarks.check_cash,
    benchmarks.check_holding,
    costs.check_doubled,
    costs.check_delayed,
    costs.check_capacity,
    concentration.check,
    tail.check_risk,
    tail.check_drawdown,
    sizing.check,
    ruin.check,
    diagnostics.check,
)
"""Every check, in the order of the report."""
