"""The measurements of rings, pools and the pipeline on threads. Figures of issue 5."""

from __future__ import annotations

from benchmarks.measurement import Job, Wanted

THREAD_CASES = [
    Job(
        "rings",
        "rings and pools",
        "cases.threads",
        "bot4",
        {"what": "rings", "size": 10},
        one_thread=False,
        repeats=False,
    ),
    Job(
        "pipeline",
        "shard → ring → desk",
        "cases.threads",
        "bot4",
        {"what": "pipeline", "size": 60},
        "500 k bars/s for 60 s, then as fast as they go",
        one_thread=False,
        repeats=False,
    ),
]

THREAD_WANTED = [
    Wanted("ring, same core, a push and pop", "rings", "ring_ns", 15.0, "ns", at_least=False),
    Wanted("ring, across cores, one way (median)", "rings", "ring_across_ns", 150.0, "ns", at_least=False),
    Wanted("pool, acquire and release", "rings", "pool_ns", 15.0, "ns", at_least=False),
    Wanted("depot, acquire and release", "rings", "depot_ns", 15.0, "ns", at_least=False),
    Wanted("allocations over 40 M events", "rings", "allocations", 0.0, "", at_least=False),
    Wanted("market row to decision, p99", "pipeline", "row_to_decision_p99_ns", 1_000.0, "ns", at_least=False),
    Wanted("decision to order bytes, p99", "pipeline", "decision_to_order_p99_ns", 5_000.0, "ns", at_least=False),
    Wanted("orders", "pipeline", "orders_per_s", 100e3, "orders/s", at_least=True),
    Wanted("500 k bars/s, desk's service, p99", "pipeline", "service_p99_ns", 1_600.0, "ns", at_least=False),
    Wanted("500 k bars/s, p99.9 over p99", "pipeline", "service_p999_over_p99", 3.0, "×", at_least=False),
    Wanted("saturation", "pipeline", "saturation_per_s", 2.7e6, "bars/s", at_least=True),
]
