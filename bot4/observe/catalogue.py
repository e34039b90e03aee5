"""Every metric, once: its name, kind, labels and meaning, and which of the engine's counters it shows.

`prometheus` writes them, docs/reference/telemetry.md lists them, and a test drives each by a real event. Names follow Prometheus'
conventions: base units, `_total` for counters. Not here: the metrics of a result (`bot4.report.stats`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["counter", "gauge", "histogram"]


@dataclass(frozen=True)
class Metric:
    """One metric. `counter` names the engine's counter that it shows; what has none is a stage's, or told by the run itself."""

    name: str
    kind: Kind
    labels: tuple[str, ...]
    meaning: str
    counter: str | None = None


STAGE_SECONDS = Metric(
    "bot4_stage_seconds",
    "histogram",
    ("stage",),
    "Time of a stage of the pipeline. Buckets add up over shards and machines.",
)
STAGE_QUANTILE = Metric(
    "bot4_stage_quantile_seconds",
    "gauge",
    ("stage", "quantile"),
    "Quantiles of a stage's time in the last second; buckets cannot show them finely.",
)
STAGE_MOST = Metric(
    "bot4_stage_max_seconds", "gauge", ("stage",), "Longest time of a stage in the last second; buckets cannot show it."
)
TICKS = Metric("bot4_ticks_total", "counter", (), "Bars fed.", "ticks")
ROWS = Metric("bot4_rows_total", "counter", (), "Rows of the time grid on which the desk has acted.", "rows")
ORDERS = Metric("bot4_orders_total", "counter", (), "Orders that ended at the desk.", "orders")
FILLS = Metric("bot4_fills_total", "counter", (), "Fills.", "fills")
RING_FULL = Metric(
    "bot4_ring_full_total", "counter", (), "Times that a ring was full where something was to be sent.", "ring_full"
)
DEPOT_EMPTY = Metric(
    "bot4_depot_empty_total", "counter", (), "Times that no object was free where one was to be lent.", "depot_empty"
)
JOURNAL_FAULTS = Metric(
    "bot4_journal_faults_total",
    "counter",
    (),
    "Times that the journal's disk failed (full, failed sync, read-only, too slow) and halted the desk.",
    "journal_faults",
)
THREADS = Metric("bot4_threads", "gauge", (), "Threads of the pipeline, the desk's among them.")
CORES = Metric("bot4_cores", "gauge", (), "Processors that the pipeline may use.")

METRICS: tuple[Metric, ...] = (
    STAGE_SECONDS,
    STAGE_QUANTILE,
    STAGE_MOST,
    TICKS,
    ROWS,
    ORDERS,
    FILLS,
    RING_FULL,
    DEPOT_EMPTY,
    JOURNAL_FAULTS,
    THREADS,
    CORES,
)
_EXCHANGE: tuple[tuple[str, Kind, str], ...] = (
    ("requests_total", "counter", "REST requests answered."),
    ("requests_refused_total", "counter", "REST requests refused: status 400 and above."),
    ("requests_limited_total", "counter", "REST requests refused by a limit: 429 and 418."),
    ("api_calls_total", "counter", "Messages of the WebSocket API answered."),
    ("stream_messages_total", "counter", "Messages on connections of market streams."),
    ("floods_total", "counter", "Connections ended for sending more than five messages a second."),
    ("commands_total", "counter", "Commands done since the start."),
    ("commands_restored", "gauge", "Commands done again from the journal at the start."),
    ("user_events_total", "counter", "User data events told."),
    ("stream_events_total", "counter", "Market stream events told."),
    ("connections", "gauge", "Open connections."),
    ("websockets", "gauge", "Open WebSocket connections."),
    ("subscriptions", "gauge", "Subscriptions to market streams."),
    ("time_seconds", "gauge", "The venue's time, seconds since 1970 UTC."),
)
EXCHANGE: tuple[Metric, ...] = tuple(
    Metric(f"bot4_exchange_{name}", kind, (), meaning) for name, kind, meaning in _EXCHANGE
)
"""What an exchange tells at `/metrics` (`engine/server/src/metrics.rs`)."""

QUANTILES: tuple[tuple[str, str], ...] = (
    ("0.5", "p50_ns"),
    ("0.99", "p99_ns"),
    ("0.999", "p999_ns"),
)
"""Quantiles that are published, and their keys in the engine's tables."""


def stages() -> tuple[tuple[str, str], ...]:
    """Returns every stage of the pipeline with its meaning, from the engine."""
    from bot4 import _engine

    return tuple((name, meaning) for name, meaning in _engine.telemetry()["stages"])


def counters() -> tuple[tuple[str, str], ...]:
    """Returns every counter of the engine with its meaning."""
    from bot4 import _engine

    return tuple((name, meaning) for name, meaning in _engine.telemetry()["counters"])
