"""Telemetry as Prometheus' text format (version 0.0.4): what a scrape, or a node exporter's text file collector, reads.

`page` takes what `bot4._engine.rehearse` tells once a second: everything since the start, and the last second alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .catalogue import CORES, METRICS, QUANTILES, STAGE_MOST, STAGE_QUANTILE, STAGE_SECONDS, THREADS, Metric

NS = 1e-9


def page(total: Mapping[str, Any], last: Mapping[str, Any], threads: int, cores: int) -> str:
    """Returns the page. `total` and `last` hold `stages` and `counters` as the engine tells them; times are in ns there, in s here."""
    lines: list[str] = []
    for metric in METRICS:
        lines += (f"# HELP {metric.name} {metric.meaning}", f"# TYPE {metric.name} {metric.kind}")
        lines += _samples(metric, total, last, threads, cores)
    return "\n".join(lines) + "\n"


def _samples(
    metric: Metric, total: Mapping[str, Any], last: Mapping[str, Any], threads: int, cores: int
) -> Iterator[str]:
    if metric.counter is not None:
        yield f"{metric.name} {total['counters'][metric.counter]}"
    elif metric is THREADS or metric is CORES:
        yield f"{metric.name} {threads if metric is THREADS else cores}"
    elif metric is STAGE_SECONDS:
        for stage, times in total["stages"].items():
            yield from _buckets(metric.name, stage, times)
    elif metric is STAGE_MOST:
        for stage, times in last["stages"].items():
            yield f'{metric.name}{{stage="{stage}"}} {_seconds(times["max_ns"])}'
    elif metric is STAGE_QUANTILE:
        for stage, times in last["stages"].items():
            for part, key in QUANTILES:
                yield f'{metric.name}{{stage="{stage}",quantile="{part}"}} {_seconds(times[key])}'


def _buckets(name: str, stage: str, times: Mapping[str, Any]) -> Iterator[str]:
    from bot4 import _engine

    for edge, count in zip(_engine.telemetry()["edges_ns"], times["at_most"], strict=True):
        yield f'{name}_bucket{{stage="{stage}",le="{_seconds(edge)}"}} {count}'
    yield f'{name}_bucket{{stage="{stage}",le="+Inf"}} {times["count"]}'
    yield f'{name}_sum{{stage="{stage}"}} {_seconds(times["total_ns"])}'
    yield f'{name}_count{{stage="{stage}"}} {times["count"]}'


def _seconds(ns: int) -> str:
    return f"{ns * NS:.9g}"
