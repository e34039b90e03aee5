"""Metrics: each of the catalogue is on the page, is driven by a real event, and the page is Prometheus' text format."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import bot4 as b4
from bot4 import _engine
from bot4.live.rehearse import rehearse
from bot4.observe.catalogue import METRICS, counters, stages
from bot4.observe.prometheus import page
from tests.backtest.markets import market, walk

SAMPLE = re.compile(r'^([a-z][a-z0-9_]*)(\{[a-z]+="[^"]*"(?:,[a-z]+="[^"]*")*\})? (\d[0-9.e+-]*|\+Inf)$')


@b4.strategy
def crossing(m):
    """Trades often."""
    return b4.target(b4.where(m.close.ema(5) > m.close.ema(20), 0.8, -0.5))


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> dict[str, float]:
    """The page that a paced rehearsal leaves behind, sample by sample."""
    file: Path = tmp_path_factory.mktemp("metrics") / "run.prom"
    rehearse(crossing, market(walk(20_000)), workers=1, metrics=file, compare=False)
    found = {}
    for line in file.read_text().splitlines():
        if not line.startswith("#"):
            matched = SAMPLE.match(line)
            assert matched, line
            found[matched[1] + (matched[2] or "")] = float(matched[3])
    return found


def test_every_counter_and_stage_of_the_engine_has_its_metric() -> None:
    assert sorted(m.counter for m in METRICS if m.counter) == sorted(name for name, _ in counters())
    assert len({m.name for m in METRICS}) == len(METRICS)
    assert all(m.name.endswith("_total") == (m.kind == "counter") for m in METRICS)
    assert all(m.meaning.endswith(".") for m in METRICS)
    assert {name for name, _ in stages()} >= {"feed_wait", "signals", "ring_wait", "desk", "record", "decision"}


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
def test_a_real_run_drives_every_metric(metric, samples: dict[str, float]) -> None:
    own = {
        key: value for key, value in samples.items() if re.match(rf"{metric.name}(_bucket|_sum|_count)?(\{{|$)", key)
    }
    assert own, "it is on the page"
    if metric.labels:
        for stage, _ in stages():
            assert any(f'stage="{stage}"' in key and value > 0 for key, value in own.items()), stage
    elif metric.counter in ("ring_full", "depot_empty", "journal_faults"):
        # What holds the others up comes when it must. Each is driven by its own event: a ring that is full below, a disk that fails in
        # tests/journal/test_disk.py, a depot with fewer objects than bars in engine/host/tests/pipeline.rs (a pipeline makes enough).
        assert all(value >= 0 for value in own.values())
    else:
        assert all(value > 0 for value in own.values())


def test_what_was_fed_was_counted_at_every_stage(samples: dict[str, float]) -> None:
    assert samples["bot4_ticks_total"] == samples["bot4_rows_total"] == 20_000
    for stage in ("feed_wait", "signals", "ring_wait", "desk", "decision"):
        assert samples[f'bot4_stage_seconds_count{{stage="{stage}"}}'] == 20_000
        buckets = [
            value for key, value in samples.items() if key.startswith(f'bot4_stage_seconds_bucket{{stage="{stage}"')
        ]
        assert buckets == sorted(buckets)
        assert buckets[-1] == 20_000


def test_a_full_ring_is_counted_where_the_desk_is_slow(tmp_path: Path) -> None:
    # Every row waits for the disk: the rings before it fill, and whoever feeds them finds them full.
    from bot4.backtest.journal import Journal

    done = rehearse(crossing, market(walk(30_000)), workers=2, journal=Journal(tmp_path / "j", "fsync"), compare=False)
    assert done.counters["ring_full"] > 0
    assert done.counters["ticks"] == 30_000


def test_the_page_says_of_each_metric_what_it_is() -> None:
    told = _engine.telemetry()
    empty = {
        "count": 0,
        "total_ns": 0,
        "max_ns": 0,
        "p50_ns": 0,
        "p99_ns": 0,
        "p999_ns": 0,
        "at_most": [0] * len(told["edges_ns"]),
    }
    seen = {
        "stages": {name: empty for name, _ in told["stages"]},
        "counters": {name: 0 for name, _ in told["counters"]},
    }
    text = page(seen, seen, 2, 2)
    for metric in METRICS:
        assert f"# HELP {metric.name} {metric.meaning}\n# TYPE {metric.name} {metric.kind}\n" in text
