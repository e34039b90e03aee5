"""Brings a store to this Bot4's schema: makes a new one, migrates an older one, refuses a newer or foreign one.

One cheap query tells which schema a store has; Alembic is loaded only where a migration is due. Of several processes that come at
the same time one makes or migrates the store, and the others wait for it and find it done. Before a SQLite file is migrated, a copy
is laid beside it.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from .connect import LOCK_WAIT_S, is_sqlite, reading, unusable, writing
from .errors import RecordsError, StoreLocked
from .url import Place
from .version import HEAD, VERSION_TABLE, revision

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

NEW, FOREIGN = 0, -1
"""Schema numbers of a place without tables, and of one whose tables are not Bot4's."""
MIGRATION_WAIT_S = 600.0
"""How long a process waits for another one's migration: a million runs take a minute or two."""
ADVISORY_LOCK = int.from_bytes(b"bot4recs")
"""PostgreSQL's lock for making and migrating, a number of our own choice."""
SCRIPTS = Path(__file__).with_name("migrations")


def bring_up(engine: Engine, place: Place, *, create: bool) -> bool:
    """Returns whether there is a store with this Bot4's schema, after making one (`create`) or migrating an older one.

    Raises RecordsError for a newer store, for tables that are not Bot4's, and for a place that cannot be used.
    """
    if place.path is not None and not place.path.exists():
        if not create:
            return False
        _make_folder(place)
    with reading(engine, place) as connection:
        number = schema_number(connection)
    if number == HEAD:
        return True
    _check(place, number)
    if number == NEW and not create:
        return False
    if place.path is not None and number == NEW:
        _use_log(place)
    with writing_alone(engine, place) as connection:
        number = schema_number(connection)
        _check(place, number)
        if number == NEW:
            make(connection)
        elif number < HEAD:
            if place.path is not None:
                back_up(place.path, number)
            migrate(connection, number)
    return True


def schema_number(connection: Connection) -> int:
    """Returns the number of the schema found: NEW where there are no tables, FOREIGN where they are not Bot4's."""
    if is_sqlite(connection):
        found = {name for (name,) in connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'")}
    else:
        query = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() AND tablename IN ('runs', 'groups', %s)"
        found = {name for (name,) in connection.exec_driver_sql(query, (VERSION_TABLE,))}
    if VERSION_TABLE in found:
        row = connection.exec_driver_sql(f"SELECT version_num FROM {VERSION_TABLE}").first()
        return int(row[0]) if row is not None and str(row[0]).isdecimal() else FOREIGN
    # Files of before the migrations carry their number, 1, in SQLite's own field.
    number = connection.exec_driver_sql("PRAGMA user_version").scalar_one() if is_sqlite(connection) else 0
    if not found and number == 0:
        return NEW
    is_ours = "runs" in found and number >= 1
    return int(number) if is_ours else FOREIGN


def make(connection: Connection, number: int = HEAD) -> None:
    """Makes the tables of HEAD in an empty place, and notes their number."""
    from .schema import metadata

    metadata.create_all(connection)
    note(connection, number)


def note(connection: Connection, number: int) -> None:
    """Writes the number of the schema into the store, where Alembic reads it."""
    from .schema import stamp

    stamp.create(connection, checkfirst=True)
    connection.execute(stamp.delete())
    connection.execute(stamp.insert().values(version_num=revision(number)))


def migrate(connection: Connection, number: int) -> None:
    """Brings the tables from a schema number to HEAD, within the connection's transaction."""
    from alembic import command
    from alembic.config import Config

    note(connection, number)
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, revision(HEAD))


def back_up(path: Path, number: int) -> Path:
    """Copies a SQLite store, with what its log still holds, to a file beside it and returns that file."""
    copy = path.with_name(f"{path.name}.schema-{number}.bak")
    count = 1
    while copy.exists():
        count += 1
        copy = path.with_name(f"{path.name}.schema-{number}.{count}.bak")
    part = copy.with_name(f"{copy.name}.part")
    part.unlink(missing_ok=True)
    source, target = sqlite3.connect(path), sqlite3.connect(part)
    try:
        source.backup(target)
    finally:
        target.close()
        source.close()
    os.replace(part, copy)
    return copy


@contextlib.contextmanager
def writing_alone(engine: Engine, place: Place) -> Iterator[Connection]:
    """Gives a connection as `writing` does, once every other process that makes or migrates the same store is done."""
    with contextlib.ExitStack() as held:
        connection = _held_alone(engine, place, held)
        if not is_sqlite(connection):
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(%s)", (ADVISORY_LOCK,))
        yield connection


def _held_alone(engine: Engine, place: Place, held: contextlib.ExitStack) -> Connection:
    begun = time.monotonic()
    while True:
        try:
            return held.enter_context(writing(engine, place))
        except StoreLocked:
            if time.monotonic() - begun > MIGRATION_WAIT_S:
                raise


def _check(place: Place, number: int) -> None:
    if number == FOREIGN:
        raise RecordsError(
            f"{place.shown} holds tables that are not Bot4's run records; give the records a "
            f"{'database' if place.path is None else 'file'} of their own with {'BOT4_RECORDS' if place.path is None else 'BOT4_HOME'}."
        )
    if number > HEAD:
        raise RecordsError(
            f"The run records in {place.shown} were written by a newer Bot4 (schema {number}, this one reads up to {HEAD}); "
            "upgrade with pip install -U bot4, or name another store with BOT4_RECORDS."
        )


def _make_folder(place: Place) -> None:
    assert place.path is not None, "only files have folders"
    try:
        place.path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise unusable(place, error) from error


def _use_log(place: Place) -> None:
    """Turns on the write-ahead log, which stays on with the file; another process that does the same is waited for."""
    assert place.path is not None, "only files have a log"
    begun = time.monotonic()
    while True:
        try:
            database = sqlite3.connect(place.path, timeout=LOCK_WAIT_S)
            try:
                database.execute("PRAGMA journal_mode = WAL")
                return
            finally:
                database.close()
        except sqlite3.Error as error:
            # Changing the mode may be refused at once and not after the wait.
            if "locked" not in str(error) or time.monotonic() - begun > LOCK_WAIT_S:
                raise unusable(place, error) from error
            time.sleep(0.01)
