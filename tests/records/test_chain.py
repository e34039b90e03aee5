"""What is deleted, changed or swapped in the records is found, with the number of its entry."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sqlite3
import stat
from dataclasses import asdict, replace
from typing import Any, cast

import pytest
from sqlalchemy import Connection

from bot4.records.chain import head
from bot4.records.chain.key import FILE_NAME as KEY_FILE
from bot4.records.chain.key import machine_key
from bot4.records.chain.read import every
from bot4.records.connect import make_engine, reading
from bot4.records.store import RecordsError, RecordStore
from bot4.records.url import FILE_NAME
from tests.records.old import write_old
from tests.records.samples import ETH, record, row, sweep


@pytest.fixture
def filled(tmp_path):
    """A store of six entries: two runs, a group of five in two appends, one that the gate would write, and another run."""
    store = RecordStore(tmp_path)
    store.append(record())
    store.append(record("b", (ETH,)))
    group = store.open_group(sweep())
    store.append_many(group, [row(n) for n in range(3)])
    store.append_many(group, [row(n) for n in range(2, 5)])
    store.append_entry("registration", {"id": "x"}, 7)
    store.append(record("c"))
    return store


def sql(store, *statements):
    """Changes the file as anyone could."""
    database = sqlite3.connect(store.path)
    for statement in statements:
        database.execute(statement)
    database.commit()
    database.close()


def words(store):
    """Returns the first fault, with the number of its entry."""
    found = RecordStore(store.path.parent).audit()
    assert not found.is_whole
    return found.faults[0].number, found.faults[0].words


def test_a_store_that_nobody_touched_is_whole(store):
    store.append(record())
    group = store.open_group(sweep())
    assert store.append_many(group, [row(n) for n in range(3)]) == [2, 3, 4]
    assert store.append_many(group, [row(n) for n in range(3)]) == [2, 3, 4], "nothing new, and no entry"
    told = []
    found = store.audit(lambda done, total: told.append((done, total)))
    assert (found.entries, found.runs, found.faults) == (2, 4, ())
    assert told == [(1, 2), (2, 2)]


def test_no_store_is_whole(tmp_path):
    assert RecordStore(tmp_path).audit().is_whole
    assert RecordStore(tmp_path).entries() == []


def test_an_entry_carries_its_content(filled):
    (entry,) = filled.entries()
    assert (entry.number, entry.kind, entry.at_ms, entry.content) == (5, "registration", 7, {"id": "x"})


@pytest.mark.parametrize(("run", "entry"), [(1, 1), (2, 2), (4, 3), (5, 3), (7, 4), (8, 6)])
def test_a_deleted_run_is_found(filled, run, entry):
    sql(filled, f"DELETE FROM runs WHERE id = {run}")
    assert words(filled)[0] == entry


def test_the_words_say_what_is_missing(filled):
    sql(filled, "DELETE FROM runs WHERE id = 4")
    assert words(filled)[1] == "entry 3 of the registry stands for 3 runs (numbers 3 to 5), and 2 are there"


@pytest.mark.parametrize("entry", [1, 3, 5])
def test_a_deleted_entry_is_found(filled, entry):
    sql(filled, f"DELETE FROM chain WHERE number = {entry}")
    assert words(filled) == (entry, f"entry {entry} of the registry is gone")


@pytest.mark.parametrize("last", [1, 2, 5])
def test_entries_cut_off_the_end_are_found_with_their_runs(filled, last):
    sql(
        filled,
        f"DELETE FROM chain WHERE number > {6 - last}",
        "DELETE FROM runs WHERE id = 8",
        "DELETE FROM trials WHERE id = 5",
    )
    found = RecordStore(filled.path.parent).audit()
    assert any(fault.number == 7 - last and fault.words.endswith("is gone") for fault in found.faults)


def test_the_end_may_not_be_forgotten_either(filled):
    path = head.path_of(filled.path.parent, filled.place)
    kept = path.read_text()
    path.unlink()
    assert words(filled)[1].endswith("is gone")
    path.write_text(kept.replace('"number": 6', '"number": 5'))
    assert "signature" in words(filled)[1]
    path.write_text("{}")
    assert "was changed" in words(filled)[1]


CHANGES = [
    ("UPDATE runs SET params = '{}' WHERE id = 1", 1),
    ("UPDATE runs SET daily_returns = zeroblob(length(daily_returns)) WHERE id = 4", 3),
    ("UPDATE runs SET start_ms = start_ms + 1 WHERE id = 2", 2),
    ("UPDATE runs SET universe_id = 1 WHERE id = 2", 2),
    ("UPDATE trials SET trial_keys = zeroblob(length(trial_keys)) WHERE id = 3", 3),
    ("UPDATE trials SET end_ms = 0 WHERE id = 1", 1),
    ("DELETE FROM trials WHERE id = 2", 2),
    ("DELETE FROM universe_instruments WHERE instrument = 'binance:ETH/USDT'", 2),
    ("UPDATE chain SET body = replace(body, 'x', 'y') WHERE number = 5", 5),
    ("UPDATE chain SET at_ms = at_ms - 1 WHERE number = 4", 4),
    ("UPDATE chain SET signature = (SELECT signature FROM chain WHERE number = 1) WHERE number = 2", 2),
    ("UPDATE chain SET key = iif(substr(key, 1, 1) = '0', '1', '0') || substr(key, 2) WHERE number = 2", 2),
    ("UPDATE runs SET id = 100 WHERE id = 8", 6),
    ("INSERT INTO universe_instruments SELECT 'binance:X/USDT', id FROM universes WHERE id = 2", 2),
]


@pytest.mark.parametrize(("change", "entry"), CHANGES)
def test_a_change_is_found(filled, change, entry):
    sql(filled, "PRAGMA ignore_check_constraints = 1", change)
    assert words(filled)[0] == entry


def test_swapped_entries_are_found(filled):
    sql(
        filled,
        "UPDATE chain SET number = 100 WHERE number = 1",
        "UPDATE chain SET number = 1 WHERE number = 2",
        "UPDATE chain SET number = 2 WHERE number = 100",
    )
    assert words(filled)[0] == 1


def test_a_run_that_was_put_in_is_found(filled):
    columns = (
        "at_ms, kind, identity, name, params, interval_ms, start_ms, end_ms, config, data_hash, stats, daily_start_ms, "
        "daily_returns, version, universe_id"
    )
    sql(filled, f"INSERT INTO runs ({columns}) SELECT {columns} FROM runs WHERE id = 1")
    assert words(filled) == (0, "1 run stand in the records without an entry of the registry")


def test_a_chain_written_anew_with_another_key_is_found(filled):
    folder = filled.path.parent
    (folder / KEY_FILE).unlink()
    sql(filled, "DELETE FROM chain", "DELETE FROM runs WHERE id = 1", "DELETE FROM trials WHERE id = 1")
    RecordStore(folder).append(record("d"))
    number, said = words(filled)
    assert number == 4
    assert said.endswith("is gone") or "another than the one" in said


def test_runs_of_before_the_chain_are_taken_in(tmp_path):
    write_old(tmp_path / FILE_NAME, 1_200)
    store = RecordStore(tmp_path)
    assert store.audit().is_whole
    assert store.append(record()) == 1_201
    found = store.audit()
    assert (found.runs, found.faults) == (1_201, ())
    sql(store, "DELETE FROM runs WHERE id = 1100")
    assert words(store)[0] == 2


def test_what_a_check_raises_leaves_the_chain_as_it_is(filled):
    seen = []

    def refuse(entries):
        seen.extend(entries)
        raise RecordsError("no")

    with pytest.raises(RecordsError, match="no"):
        filled.append_entry("opening", {}, 8, refuse)
    assert [entry.kind for entry in seen] == ["registration"]
    assert filled.audit().entries == 6


def test_the_key_is_its_owners_alone_and_stays(tmp_path):
    first = machine_key(tmp_path)
    assert stat.S_IMODE((tmp_path / KEY_FILE).stat().st_mode) == 0o600
    assert machine_key(tmp_path) == first
    assert first.seed.hex() not in repr(first)
    assert os.listdir(tmp_path) == [KEY_FILE]
    (tmp_path / KEY_FILE).write_text("short")
    with pytest.raises(RecordsError, match="is damaged"):
        machine_key(tmp_path)


def test_every_changed_character_of_an_entry_is_found(filled):
    with reading(make_engine(filled.place), filled.place) as connection:
        entries = list(every(connection))
    assert len(entries) == 6
    for entry in entries:
        assert entry.fault() == ""
        for name in ("kind", "body", "previous", "key", "digest", "signature"):
            text = getattr(entry, name)
            for place in range(len(text)):
                changed = text[:place] + chr(ord(text[place]) ^ 1 << place % 6) + text[place + 1 :]
                assert replace(entry, **{name: changed}).fault() != ""
        for name in ("number", "at_ms"):
            assert replace(entry, **{name: getattr(entry, name) ^ 1}).fault() != ""


class Stuck:
    """A connection to a file whose index is damaged: whatever is asked for, the same entry comes (found by changing bytes at random)."""

    def __init__(self, entry):
        self.rows, self.asked = [asdict(entry)], 0

    def execute(self, query):
        self.asked += 1
        assert self.asked < 10, "it asks without end"
        return self

    def mappings(self):
        return self

    def all(self):
        return self.rows


def test_entries_whose_numbers_do_not_rise_are_read_once_more_and_no_further(filled):
    with reading(make_engine(filled.place), filled.place) as connection:
        first = next(every(connection))
    assert list(every(cast(Connection, Stuck(first)))) == [first, first]
    number: Any = "one"
    damaged = replace(first, number=number)
    assert list(every(cast(Connection, Stuck(damaged)))) == [damaged]


def contents(path):
    """Everything that a judgement reads."""
    database = sqlite3.connect(path)
    try:
        tables = ("runs", "trials", "chain", "universe_instruments")
        return [database.execute(f"SELECT * FROM {table} ORDER BY 1, 2").fetchall() for table in tables]
    finally:
        database.close()


def test_a_changed_byte_of_the_file_is_found_or_changes_nothing_that_is_read(filled, tmp_path):
    data, before = filled.path.read_bytes(), contents(filled.path)
    folder = tmp_path / "copy"
    shutil.copytree(tmp_path, folder, ignore=shutil.ignore_patterns("copy"))
    path, found = folder / FILE_NAME, 0
    for place in [at for at, byte in enumerate(data) if byte][::67]:
        changed = bytearray(data)
        changed[place] ^= 1 << place % 8
        path.write_bytes(changed)
        try:
            is_found = not RecordStore(folder).audit().is_whole
        except RecordsError:
            is_found = True
        found += is_found
        assert is_found or contents(path) == before
        for rest in folder.glob(f"{FILE_NAME}-*"):
            rest.unlink()
    assert found > 60


def test_a_text_that_became_a_number_is_damage_and_no_crash(filled):
    with contextlib.closing(sqlite3.connect(filled.path)) as connection, connection:
        table = next(
            name
            for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            if "signature" in {row[1] for row in connection.execute(f"PRAGMA table_info({name})")}
        )
        connection.execute(f"UPDATE {table} SET signature = 14434 WHERE rowid = 1")
        connection.execute(f"UPDATE {table} SET signature = CAST(x'ff00' AS BLOB) WHERE rowid = 2")
    found = RecordStore(filled.path.parent).audit()
    assert not found.is_whole
    assert found.faults[0].number == 1


def test_every_changed_byte_of_the_head_is_found_or_says_the_same(filled):
    path = head.path_of(filled.path.parent, filled.place)
    data = path.read_bytes()
    said = json.loads(data)
    for place in range(len(data)):
        changed = bytearray(data)
        changed[place] ^= 1 << place % 7
        path.write_bytes(changed)
        found = head.read(path)
        assert found is None or not found.is_genuine or vars(found) == said
