"""Stores of other versions: older ones are migrated with everything in them, newer, foreign and damaged ones refused in a sentence."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot4.records import upgrade
from bot4.records.connect import make_engine, writing
from bot4.records.schema import metadata
from bot4.records.store import RecordsError, RecordStore, Trials
from bot4.records.url import FILE_NAME, find_place
from bot4.records.version import HEAD, VERSION_TABLE

from .old import write_old
from .samples import BTC, ETH, record, row, sweep

ROOT = Path(__file__).parents[2]


def rows_of(store, numbers):
    """Returns runs as rows of schema 1."""
    found = []
    for number in numbers:
        run = store.run(number)
        texts = ('{"cash":1}', run["seed"], run["data_hash"], '{"sharpe":null}', run["daily_start_ms"])
        assert (run["config"], run["stats"]) == ({"cash": 1}, {"sharpe": None})
        params = f'{{"fast":{run["params"]["fast"]}}}'
        first = tuple(run[key] for key in ("id", "at_ms", "kind", "identity", "name"))
        last = (params, run["interval_ms"], run["start_ms"], run["end_ms"])
        found.append((*first, *last, *texts, tuple(store.daily_returns(number)), run["version"]))
    return found


def tables(url):
    """Returns everything an inspector says about the tables, without the order of columns."""
    engine = make_engine(find_place(url))
    inspector = sa.inspect(engine)
    found = {}
    for name in inspector.get_table_names():
        columns = {column["name"]: (str(column["type"]), column["nullable"]) for column in inspector.get_columns(name)}
        found[name] = (
            columns,
            inspector.get_pk_constraint(name)["constrained_columns"],
            sorted((i["name"], i["column_names"], bool(i["unique"])) for i in inspector.get_indexes(name)),
            sorted((u["name"], u["column_names"]) for u in inspector.get_unique_constraints(name)),
            sorted(
                (f["name"], f["constrained_columns"], f["referred_table"], f["referred_columns"])
                for f in inspector.get_foreign_keys(name)
            ),
        )
    return found


def at_schema_1(url):
    """Makes the tables of schema 1 at a place, as the first migration does."""
    from alembic import command
    from alembic.config import Config

    place = find_place(url)
    if place.path is not None:
        place.path.parent.mkdir(parents=True)
    with writing(make_engine(place), place) as connection:
        config = Config()
        config.set_main_option("script_location", str(upgrade.SCRIPTS))
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")


def in_process(code, *words):
    """Starts Python on some code in a process of its own."""
    return subprocess.Popen([sys.executable, "-c", code, *words], cwd=ROOT)


# --- older ----------------------------------------------------------------------------------------------------------------------


def test_a_file_of_schema_1_is_migrated_with_everything_in_it(tmp_path):
    expected = write_old(tmp_path / FILE_NAME, 50)
    store = RecordStore(tmp_path)
    assert store.trials([BTC], 0, 10_000) == Trials(50, 7)
    assert store.trials([ETH], 0, 10_000) == Trials(25, 7)
    assert store.trials([BTC], 1_050, 10_000) == Trials(0, 0), "the last run ends at 1,050"
    assert store.trials([BTC], 0, 3) == Trials(2, 2)
    assert rows_of(store, range(1, 51)) == expected
    assert [store.run(n)["instruments"] for n in (1, 2)] == [[BTC], [BTC, ETH]]
    assert store.append(record()) == 51
    assert store.append_many(store.open_group(sweep()), [row(0)]) == [52]


def test_before_a_migration_a_copy_is_laid_beside_the_file(tmp_path):
    write_old(tmp_path / FILE_NAME, 3)
    (tmp_path / "records.sqlite.schema-1.bak").write_text("an earlier copy")
    assert len(RecordStore(tmp_path).runs()) == 3
    assert (tmp_path / "records.sqlite.schema-1.bak").read_text() == "an earlier copy"
    copy = sqlite3.connect(tmp_path / "records.sqlite.schema-1.2.bak")
    assert copy.execute("SELECT count(*), count(DISTINCT instrument) FROM run_instruments").fetchone() == (4, 2)
    assert copy.execute("PRAGMA user_version").fetchone() == (1,)
    copy.close()
    assert not list(tmp_path.glob("*.part"))


def test_an_old_store_without_runs_is_migrated(tmp_path):
    write_old(tmp_path / FILE_NAME, 0)
    assert RecordStore(tmp_path).runs() == []
    assert RecordStore(tmp_path).append(record()) == 1


def test_a_new_store_has_the_tables_that_the_migrations_make(url, request, tmp_path):
    RecordStore(url).append(record())
    is_sqlite = url.startswith("sqlite")
    other = (
        f"sqlite:///{tmp_path}/other/records.sqlite"
        if is_sqlite
        else request.getfixturevalue("postgres_server").new_database()
    )
    at_schema_1(other)
    RecordStore(other).append(record())
    assert tables(url) == tables(other)
    assert set(tables(url)) == {*metadata.tables, VERSION_TABLE}


def test_an_old_sqlite_file_gets_the_tables_of_a_new_one(tmp_path):
    write_old(tmp_path / "old" / FILE_NAME, 2)
    for home in ("old", "new"):
        RecordStore(tmp_path / home).append(record())
    assert tables(tmp_path / "old") == tables(tmp_path / "new")


def test_the_newest_migration_is_the_schema_this_bot4_reads():
    from alembic.script import ScriptDirectory

    assert ScriptDirectory(str(upgrade.SCRIPTS)).get_heads() == [f"{HEAD:04d}"]


MIGRATE = (
    "import sys; from bot4.records.store import RecordStore; assert len(RecordStore(sys.argv[1]).runs(None)) == 400"
)


def test_of_two_processes_that_migrate_one_waits_for_the_other(tmp_path):
    expected = write_old(tmp_path / FILE_NAME, 400)
    workers = [in_process(MIGRATE, str(tmp_path)) for _ in range(3)]
    assert [worker.wait(60) for worker in workers] == [0] * 3
    assert len(list(tmp_path.glob("*.bak"))) == 1
    assert rows_of(RecordStore(tmp_path), range(1, 401)) == expected


KILLED = """
import os, signal, sys
from bot4.records import upgrade
from bot4.records.store import RecordStore
whole = upgrade.migrate
def killed(*given):
    whole(*given)
    os.kill(os.getpid(), signal.SIGKILL)
upgrade.migrate = killed
RecordStore(sys.argv[1]).runs()
"""


def test_a_migration_that_is_killed_leaves_the_old_store(tmp_path):
    expected = write_old(tmp_path / FILE_NAME, 20)
    assert in_process(KILLED, str(tmp_path)).wait(60) == -9
    database = sqlite3.connect(tmp_path / FILE_NAME)
    assert database.execute("SELECT count(*) FROM run_instruments").fetchone() == (30,)
    database.close()
    assert rows_of(RecordStore(tmp_path), range(1, 21)) == expected


# --- newer, foreign, damaged --------------------------------------------------------------------------------------------------------


def test_a_newer_store_is_refused_and_left_alone(url):
    store = RecordStore(url)
    store.append(record())
    with writing(make_engine(store.place), store.place) as connection:
        connection.exec_driver_sql(f"UPDATE {VERSION_TABLE} SET version_num = '0007'")
    newer = RecordStore(url)
    for call in (newer.runs, lambda: newer.append(record()), lambda: newer.trials([BTC], 0, 1)):
        with pytest.raises(
            RecordsError,
            match=rf"newer Bot4 \(schema 7, this one reads up to {HEAD}\); upgrade with pip install -U bot4",
        ):
            call()


def test_a_newer_file_that_carries_its_number_the_old_way_is_refused(tmp_path):
    write_old(tmp_path / FILE_NAME, 1)
    database = sqlite3.connect(tmp_path / FILE_NAME)
    database.execute("PRAGMA user_version = 9")
    database.close()
    with pytest.raises(RecordsError, match="schema 9"):
        RecordStore(tmp_path).runs()


@pytest.mark.parametrize(
    "statement", ["CREATE TABLE runs (id INTEGER)", f"CREATE TABLE {VERSION_TABLE} (version_num TEXT)"]
)
def test_tables_that_are_not_ours_are_not_touched(url, statement):
    place = find_place(url)
    if place.path is not None:
        place.path.parent.mkdir(parents=True)
    with writing(make_engine(place), place) as connection:
        connection.exec_driver_sql(statement)
    with pytest.raises(RecordsError, match=r"not Bot4's run records; give the records a (file|database) of their own"):
        RecordStore(url).append(record())
    assert len(tables(url)) == 1


def test_an_empty_file_is_a_new_store(tmp_path):
    (tmp_path / FILE_NAME).touch()
    store = RecordStore(tmp_path)
    assert store.runs() == []
    assert store.append(record()) == 1


def test_an_empty_database_is_a_new_store(postgres_url):
    store = RecordStore(postgres_url)
    assert store.runs() == []
    assert store.find_group("x") is None
    assert store.append(record()) == 1


def test_a_cut_file_is_said_to_be_damaged(tmp_path):
    store = RecordStore(tmp_path)
    store.append_many(store.open_group(sweep()), [row(n) for n in range(500)])
    whole = (tmp_path / FILE_NAME).read_bytes()
    (tmp_path / FILE_NAME).write_bytes(whole[: len(whole) // 2])
    with pytest.raises(
        RecordsError, match=r"are damaged .*move the file away and a new one is made, or put a backup there"
    ):
        RecordStore(tmp_path).runs()


def test_a_store_that_is_removed_while_a_process_runs_is_made_again(tmp_path):
    store = RecordStore(tmp_path)
    store.append(record())
    for file in tmp_path.iterdir():
        file.unlink()
    assert store.runs() == []
    assert store.append(record()) == 1


def test_a_lock_held_too_long_is_said(tmp_path, monkeypatch):
    store = RecordStore(tmp_path)
    store.append(record())
    monkeypatch.setattr("bot4.records.connect.LOCK_WAIT_S", 0.05)
    holder = sqlite3.connect(tmp_path / FILE_NAME, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(RecordsError, match=r"stayed locked for .*end the process that holds them"):
        RecordStore(tmp_path).append(record())
    assert len(RecordStore(tmp_path).runs()) == 1, "readers do not wait for a writer"
    holder.close()


def held(path, seconds):
    """Starts a process that holds the lock of a store for a while, and returns once it does."""
    code = (
        "import sqlite3, sys, time; d = sqlite3.connect(sys.argv[1], isolation_level=None); d.execute('BEGIN IMMEDIATE')\n"
        "print('held', flush=True); time.sleep(float(sys.argv[2]))"
    )
    holder = subprocess.Popen([sys.executable, "-c", code, str(path), str(seconds)], stdout=subprocess.PIPE, text=True)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    return holder


def test_a_migration_waits_longer_than_a_writer_does(tmp_path, monkeypatch):
    write_old(tmp_path / FILE_NAME, 2)
    monkeypatch.setattr("bot4.records.connect.LOCK_WAIT_S", 0.05)
    with held(tmp_path / FILE_NAME, 0.5):
        assert len(RecordStore(tmp_path).runs()) == 2


def test_a_migration_does_not_wait_for_ever(tmp_path, monkeypatch):
    write_old(tmp_path / FILE_NAME, 2)
    monkeypatch.setattr("bot4.records.connect.LOCK_WAIT_S", 0.05)
    monkeypatch.setattr("bot4.records.upgrade.MIGRATION_WAIT_S", 0.1)
    with held(tmp_path / FILE_NAME, 5) as holder:
        with pytest.raises(RecordsError, match="stayed locked"):
            RecordStore(tmp_path).runs()
        holder.kill()


def test_making_a_store_waits_for_another_process_that_does(tmp_path, monkeypatch):
    (tmp_path / FILE_NAME).touch()
    monkeypatch.setattr("bot4.records.upgrade.LOCK_WAIT_S", 0.05)
    with held(tmp_path / FILE_NAME, 30) as holder:
        with pytest.raises(RecordsError, match="stayed locked"):
            upgrade._use_log(find_place(tmp_path))
        holder.kill()
    assert RecordStore(tmp_path).append(record()) == 1
