"""Many processes and a killed one: nothing is lost, nothing is doubled, and going on gives the same store."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import polars as pl
import pytest

from bot4.records.store import RecordStore, Trials

from .samples import BTC, DAY, row, sweep

ROOT = Path(__file__).parents[2]
WRITERS, EACH = 8, 100

APPEND = """
import os, sys
sys.path.insert(0, os.getcwd())
from tests.records.samples import record
from bot4.records.store import RecordStore
store = RecordStore(sys.argv[1])
import bot4.records.write, sqlalchemy.dialects.postgresql.psycopg  # once, before there are many
children = []
for who in range(int(sys.argv[2])):
    children.append(os.fork())
    if children[-1] == 0:
        for number in range(int(sys.argv[3])):
            store.append(record(f"{who}-{number}"))
        os._exit(0)
sys.exit(max(os.waitpid(child, 0)[1] for child in children))
"""

SWEEP = """
import os, sys, time
sys.path.insert(0, os.getcwd())
from tests.records.samples import row, sweep
from bot4.records.store import RecordStore
store = RecordStore(sys.argv[1])
found = store.find_group(sweep(1_000).spec_hash)
group = found.id if found else store.open_group(sweep(1_000))
known = set(store.group_ordinals(group))
for begin in range(0, 1_000, 20):
    missing = [number for number in range(begin, begin + 20) if number not in known]
    store.append_many(group, [row(number, daily_returns=[number / 7, -1 / 3]) for number in missing])
    time.sleep(float(sys.argv[2]))
store.close_group(group, "done")
"""


def started(code, *words):
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, words)], cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}
    )


def test_eight_processes_that_append_lose_nothing(url):
    assert started(APPEND, url, WRITERS, EACH).wait(120) == 0
    store = RecordStore(url)
    assert store.trials([BTC], 0, DAY) == Trials(WRITERS * EACH, WRITERS * EACH)
    found = {run["identity"] for run in store.runs(None)}
    assert found == {f"{who}-{number}" for who in range(WRITERS) for number in range(EACH)}
    assert store.audit().is_whole


def test_two_processes_that_run_the_same_sweep_write_each_run_once(url):
    group = RecordStore(url).open_group(sweep(1_000))
    workers = [started(SWEEP, url, 0) for _ in range(2)]
    assert [worker.wait(120) for worker in workers] == [0, 0]
    store = RecordStore(url)
    assert store.group_ordinals(group) == list(range(1_000))
    assert store.audit().is_whole
    assert store.trials([BTC], 0, DAY) == Trials(1_000, 1_000)


def test_killed_and_resumed_gives_the_same_store(url, tmp_path):
    for number in range(2):
        worker = started(SWEEP, url, 0.02)
        wait_for_runs(url, 100 * (number + 1))
        worker.send_signal(signal.SIGKILL)
        assert worker.wait(60) == -signal.SIGKILL
    assert started(SWEEP, url, 0).wait(120) == 0
    store, whole = RecordStore(url), RecordStore(tmp_path / "whole")
    assert [group.status for group in store.groups()] == ["done"], "one group, whatever happened on the way"
    group = whole.open_group(sweep(1_000))
    whole.append_many(group, [row(number, daily_returns=[number / 7, -1 / 3]) for number in range(1_000)])
    columns = pl.exclude("id")
    assert store.group_runs(store.groups()[0].id).select(columns).equals(whole.group_runs(group).select(columns))
    assert store.trials([BTC], 0, DAY) == whole.trials([BTC], 0, DAY) == Trials(1_000, 1_000)
    assert store.audit().is_whole


def wait_for_runs(url, count):
    """Waits until a sweep has recorded that many runs."""
    store = RecordStore(url)
    begun = time.monotonic()
    while time.monotonic() - begun < 60:
        groups = store.groups()
        if groups and groups[0].runs >= count:
            return
        time.sleep(0.02)
    pytest.fail(f"no {count} runs within a minute")
