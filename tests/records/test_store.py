"""The run records: what is written comes back, trials count overlap, several processes may write at once."""

from __future__ import annotations

import multiprocessing
import sqlite3
from pathlib import Path

import numpy as np
import pytest

from bot4.records.store import RecordsError, RecordStore, Trials, default_home

from .samples import DAY, record


def test_a_record_comes_back_as_written(tmp_path):
    store = RecordStore(tmp_path / "home")
    number = store.append(record(instruments=("b:ETH", "a:BTC"), seed=7))
    (row,) = store.runs()
    assert (row["id"], row["identity"], row["params"], row["seed"]) == (number, "a", {"fast": 24}, 7)
    assert row["instruments"] == ["a:BTC", "b:ETH"]
    assert row["stats"] == {"sharpe": None, "list": [1.0, None]}
    np.testing.assert_array_equal(store.daily_returns(number), [0.5, -0.25, 1e-17])


def test_nothing_is_created_by_reading(tmp_path):
    store = RecordStore(tmp_path / "home")
    assert store.trials(["binance:BTC/USDT"], 0, DAY) == Trials(0, 0)
    assert store.runs() == []
    with pytest.raises(RecordsError, match="no run 1"):
        store.daily_returns(1)
    assert not (tmp_path / "home").exists()


def test_trials_count_overlap_of_instrument_and_time(tmp_path):
    store = RecordStore(tmp_path)
    store.append(record("a"))
    store.append(record("a"))
    store.append(record("a", params={"fast": 25}))
    store.append(record("b", instruments=("binance:BTC/USDT", "binance:ETH/USDT"), start=9 * DAY, end=20 * DAY))
    store.append(record("c", instruments=("binance:ETH/USDT",)))
    btc, eth = ["binance:BTC/USDT"], ["binance:ETH/USDT"]
    assert store.trials(btc, 0, 5 * DAY) == Trials(3, 2)
    assert store.trials(btc, 0, 30 * DAY) == Trials(4, 3)
    assert store.trials(btc, 10 * DAY, 30 * DAY) == Trials(1, 1), "a run that ends where the span begins shares no time"
    assert store.trials(eth, 0, 30 * DAY) == Trials(2, 2)
    assert store.trials([*btc, *eth], 0, 30 * DAY) == Trials(5, 4), "a run that shares two instruments counts once"
    assert store.trials(["kraken:BTC/USD"], 0, 30 * DAY) == Trials(0, 0)
    assert store.trials([], 0, 30 * DAY) == Trials(0, 0)


def _append_many(home: str, who: int) -> None:
    store = RecordStore(Path(home))
    for number in range(5):
        store.append(record(f"{who}-{number}"))


def test_processes_write_at_the_same_time(tmp_path):
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_append_many, args=(str(tmp_path), who)) for who in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert [worker.exitcode for worker in workers] == [0] * 4
    assert RecordStore(tmp_path).trials(["binance:BTC/USDT"], 0, DAY) == Trials(20, 20)


def test_a_place_that_cannot_be_used_is_said_in_one_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(RecordsError, match="set BOT4_HOME to a folder you can write"):
        RecordStore(tmp_path / "file").append(record())
    (tmp_path / "records.sqlite").write_text("this is not a database, but long enough to be read as one")
    with pytest.raises(RecordsError, match=r"are damaged \(file is not a database\); move the file away"):
        RecordStore(tmp_path).trials(["x"], 0, 1)


def test_a_failed_write_leaves_nothing(tmp_path):
    store = RecordStore(tmp_path)
    with pytest.raises((RecordsError, sqlite3.Error)):
        store.append(record(daily_start_ms=None))
    assert store.runs() == []


def test_home_comes_from_the_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("BOT4_HOME", str(tmp_path))
    assert default_home() == tmp_path
    monkeypatch.delenv("BOT4_HOME")
    assert default_home() == Path(".bot4")
    assert RecordStore().path == Path(".bot4/records.sqlite")
