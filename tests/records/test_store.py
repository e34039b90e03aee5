"""The run records: what is written comes back, trials count overlap, several processes may write at once."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from bot4.records import warm
from bot4.records.store import RecordsError, RecordStore, Trials, default_home

from .samples import DAY, record, row, sweep

ROOT = Path(__file__).parents[2]


def test_a_record_comes_back_as_written(store):
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


def test_trials_count_overlap_of_instrument_and_time(store):
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


def test_a_place_that_cannot_be_used_is_said_in_one_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(RecordsError, match="set BOT4_HOME to a folder you can write"):
        RecordStore(tmp_path / "file").append(record())
    (tmp_path / "records.sqlite").write_text("this is not a database, but long enough to be read as one")
    with pytest.raises(RecordsError, match=r"are damaged \(file is not a database\); move the file away"):
        RecordStore(tmp_path).trials(["x"], 0, 1)


def test_a_failed_write_leaves_nothing(store):
    with pytest.raises(RecordsError):
        store.append(record(daily_start_ms=None))
    assert store.runs() == []


def test_home_comes_from_the_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("BOT4_HOME", str(tmp_path))
    assert default_home() == tmp_path
    monkeypatch.delenv("BOT4_HOME")
    assert default_home() == Path(".bot4")
    assert RecordStore().path == Path(".bot4/records.sqlite")


def test_numbers_come_back_to_the_bit(store):
    rng = np.random.default_rng(3)
    values = np.concatenate(
        [rng.standard_normal(300) * 10.0 ** rng.integers(-300, 300, 300), [5e-324, 1.7976931348623157e308, -0.0]]
    )
    stats = {f"s{number}": float(value) for number, value in enumerate(values)}
    group = store.open_group(sweep())
    number, _ = store.append_many(group, [row(0, stats=stats, daily_returns=values), row(1, stats=stats)])
    np.testing.assert_array_equal(store.daily_returns(number).view("i8"), values.view("i8"))
    frame = store.group_runs(group)
    np.testing.assert_array_equal(frame["daily"][0].to_numpy().view("i8"), values.view("i8"))
    for found in (store.run(number)["stats"], frame["stats"][0]):
        np.testing.assert_array_equal(np.array([found[name] for name in stats]).view("i8"), values.view("i8"))


def test_trials_agree_with_counting_every_run(store, monkeypatch):
    monkeypatch.setattr("bot4.records.count.MANY", 40)  # some counts below, some above
    rng = np.random.default_rng(5)
    names = [f"x:{letter}" for letter in "ABCD"]
    known = []
    for _ in range(8):
        made = []
        for ordinal in range(int(rng.integers(1, 30))):
            chosen = tuple(names[n] for n in rng.choice(4, int(rng.integers(1, 4)), replace=False))
            start, length = (int(n) for n in rng.integers(1, 50, 2))
            made.append(
                row(ordinal, identity=f"i{rng.integers(3)}", instruments=chosen, start=start, end=start + length)
            )
        store.append_many(store.open_group(sweep()), made)
        known += made
    for _ in range(30):
        wanted, (start, length) = set(rng.choice(names, 2)), (int(n) for n in rng.integers(0, 60, 2))
        hits = [
            (run.identity, run.params["fast"])
            for run in known
            if wanted & set(run.instruments) and run.start_ms < start + length and run.end_ms > start
        ]
        assert store.trials(sorted(wanted), start, start + length) == Trials(len(hits), len(set(hits)))


def test_numpy_values_are_written_as_their_own(store):
    number = store.append(record(params={"a": np.int64(3), "b": np.float64("nan"), "c": Path("x")}))
    assert store.run(number)["params"] == {"a": 3, "b": None, "c": "x"}


def test_importing_the_package_and_the_store_loads_no_database():
    code = "import sys, bot4, bot4.records.store; print([m for m in ('sqlalchemy', 'alembic', 'psycopg') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_a_run_loads_no_alembic_and_reading_an_empty_place_no_database(tmp_path):
    code = (
        "import sys; from bot4.records.store import RecordStore; s = RecordStore(sys.argv[1]); s.runs(); s.trials(['x'], 0, 1)\n"
        "print('sqlalchemy' in sys.modules)\n"
        "from tests.records.samples import record; s.append(record()); print('alembic' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout == "False\nFalse\n"


def test_what_was_begun_to_load_is_waited_for(monkeypatch):
    monkeypatch.setattr(warm, "_thread", None)
    warm.finish()
    warm.begin()
    first = warm._thread
    warm.begin()
    assert warm._thread is first
    warm.finish()
    assert first is not None
    assert not first.is_alive()
