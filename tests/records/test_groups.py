"""Groups of runs: each ordinal once, what is unfinished is found again, and every combination counts as a trial."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from bot4.records.store import GroupRecord, RecordsError, RecordStore, Trials

from .samples import BTC, DAY, ETH, record, row, sweep


def test_a_group_goes_from_running_to_done(store):
    group = store.open_group(sweep(3), command="bot4 sweep trend.py")
    found = store.find_group(sweep(3).spec_hash)
    assert (found.id, found.status, found.runs, found.total) == (group, "running", 0, 3)
    assert found.spec == {"grid": {"fast": [1, 2]}}
    assert found.command == "bot4 sweep trend.py"
    store.append_many(group, [row(0), row(1)])
    store.close_group(group, "stopped")
    assert store.find_group(sweep(3).spec_hash).runs == 2
    store.append_many(group, [row(2)])
    store.close_group(group, "done")
    assert store.find_group(sweep(3).spec_hash) is None
    assert (store.group(group).status, store.group(group).runs) == ("done", 3)
    assert store.group(group).updated_ms >= store.group(group).created_ms > 0


def test_the_newest_unfinished_group_of_a_specification_is_found(store):
    assert store.find_group(sweep().spec_hash) is None
    first, other, second = store.open_group(sweep()), store.open_group(sweep(seed=1)), store.open_group(sweep())
    assert store.find_group(sweep().spec_hash).id == second > first
    assert store.find_group(sweep(seed=1).spec_hash).id == other


def test_a_specification_s_hash_does_not_depend_on_the_order_of_its_keys():
    one = GroupRecord("sweep", "t", {"a": 1, "b": [1, 2]}, 4)
    assert one.spec_hash == GroupRecord("sweep", "t", {"b": [1, 2], "a": 1}, 9).spec_hash
    others = [
        GroupRecord("search", "t", one.spec, 4),
        GroupRecord("sweep", "u", one.spec, 4),
        GroupRecord("sweep", "t", {"a": 1}, 4),
    ]
    assert len({one.spec_hash, *(other.spec_hash for other in others)}) == 4


def test_a_piece_of_work_done_twice_counts_once(store):
    group = store.open_group(sweep())
    first = store.append_many(group, [row(0), row(1), row(2)])
    again = store.append_many(group, [row(1, stats={"sharpe": -1.0}), row(2), row(3)])
    assert again[:2] == first[1:]
    assert len({*first, *again}) == 4
    assert store.group(group).runs == 4
    assert store.trials([BTC], 0, DAY) == Trials(4, 4)
    assert store.run(first[1])["stats"] == {"sharpe": 0.1}, "what was there stays as it was"


def test_the_same_ordinal_twice_in_one_call_is_written_once(store):
    group = store.open_group(sweep())
    one, two = store.append_many(group, [row(5), row(5, params={"fast": 6})])
    assert one == two
    assert store.run(one)["params"] == {"fast": 5}
    assert store.append_many(group, []) == []


def test_runs_of_a_group_come_back_by_ordinal(store):
    group = store.open_group(sweep())
    store.append_many(group, [row(3, daily_returns=[0.1, -0.2]), row(1, daily_returns=[])])
    frame = store.group_runs(group)
    assert frame["ordinal"].to_list() == [1, 3]
    assert frame.unnest("params")["fast"].to_list() == [1, 3]
    assert frame["stats"].struct.field("sharpe").to_list() == [0.1, 0.3]
    assert frame["daily"].to_list() == [[], [0.1, -0.2]]
    assert frame.schema["start"] == pl.Datetime("ms", "UTC")
    assert store.group_ordinals(group) == [1, 3]


def test_a_group_without_runs_is_a_frame_with_the_same_columns(store):
    empty, full = store.open_group(sweep()), store.open_group(sweep())
    store.append_many(full, [row(0)])
    assert store.group_runs(empty).columns == store.group_runs(full).columns
    assert store.group_runs(empty).height == 0


def test_parameters_of_different_types_share_a_column(store):
    group = store.open_group(sweep())
    store.append_many(
        group, [row(0, params={"stop": "none"}), row(1, params={"stop": 0.5}), row(2, params={"k": None})]
    )
    assert store.group_runs(group)["params"].struct.field("stop").to_list() == ["none", "0.5", None]


def test_one_run_is_appended_to_a_group_by_itself(store):
    group = store.open_group(sweep())
    number = store.append(row(4, group=group))
    assert store.append(row(4, group=group)) == number
    assert (store.run(number)["group"], store.run(number)["ordinal"]) == (group, 4)


def test_every_combination_is_a_trial_and_a_sweep_can_leave_itself_out(store):
    group = store.open_group(sweep())
    store.append_many(group, [row(n) for n in range(100)])
    store.append(record(params={"fast": 7}))
    assert store.trials([BTC], 0, DAY) == Trials(101, 100)
    assert store.trials([BTC], 0, DAY, without=group) == Trials(1, 1)
    assert store.trials([ETH], 0, DAY) == Trials(0, 0)


def test_runs_with_spans_of_their_own_are_counted_each_by_its_own(store):
    group = store.open_group(sweep())
    spans = [row(n, start=n * DAY, end=(n + 2) * DAY) for n in range(50)]
    store.append_many(group, spans)
    rng = np.random.default_rng(0)
    for _ in range(20):
        start, length = int(rng.integers(-5, 60)) * DAY, int(rng.integers(1, 20)) * DAY
        expected = sum(one.start_ms < start + length and one.end_ms > start for one in spans)
        assert store.trials([BTC], start, start + length) == Trials(expected, expected)


def test_instruments_are_stored_once_for_each_list(store):
    names = tuple(f"binance:C{n}/USDT" for n in range(50))
    group = store.open_group(sweep())
    store.append_many(group, [row(n, instruments=names) for n in range(20)])
    store.append(record(instruments=names[::-1]))
    assert store.trials(names[:1], 0, DAY) == Trials(21, 21)
    assert store.runs(1)[0]["instruments"] == sorted(names)
    from sqlalchemy import func, select

    from bot4.records.connect import reading
    from bot4.records.schema import universe_instruments

    with reading(store._known_engine, store.place) as connection:
        assert connection.execute(select(func.count()).select_from(universe_instruments)).scalar_one() == 50


def test_a_group_that_is_not_there_is_said(store):
    for call in (
        lambda: store.append_many(9, [row(0)]),
        lambda: store.close_group(9, "done"),
        lambda: store.group(9),
        lambda: store.group_runs(9),
    ):
        with pytest.raises(RecordsError, match=r"There is no group 9 in .*bot4 runs list"):
            call()


def test_a_run_of_a_group_needs_an_ordinal(store):
    group = store.open_group(sweep())
    with pytest.raises(RecordsError, match="has no ordinal"):
        store.append_many(group, [record()])


def test_reading_groups_creates_nothing(tmp_path):
    store = RecordStore(tmp_path / "home")
    assert store.find_group("x") is None
    assert store.groups() == []
    with pytest.raises(RecordsError, match="no group 1"):
        store.group_ordinals(1)
    assert not (tmp_path / "home").exists()
