"""The measurements of risk. Figures of issue 5."""

from __future__ import annotations

from benchmarks.measurement import Job, Wanted

RISK_CASES = [Job("gate", "risk gate, every control on", "cases.gate", "bot4")]

RISK_WANTED = [
    Wanted("risk gate, checks a second", "gate", "checks_per_s", 2e6, "checks/s", at_least=True),
    Wanted("risk gate, service time p50 in batches", "gate", "p50_ns", 150.0, "ns", at_least=False),
    Wanted("risk gate, service time p99 in batches", "gate", "p99_ns", 500.0, "ns", at_least=False),
]
