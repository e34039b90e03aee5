"""Connections to the store: SQLite with a write-ahead log and a wait for the lock, PostgreSQL through psycopg.

A connection lives for one operation: nothing is kept open between runs, across a fork, or while a notebook sits idle.
Every failure of a database becomes a RecordsError without the password.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from .errors import RecordsError, StoreLocked
from .url import Place

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

LOCK_WAIT_S = 10.0
"""How long a writer waits for another one; an append takes milliseconds."""
CONNECT_WAIT_S = 10


def make_engine(place: Place) -> Engine:
    """Returns SQLAlchemy's engine for a place; nothing is opened yet. Raises RecordsError where a driver is missing."""
    from sqlalchemy import create_engine
    from sqlalchemy.exc import ArgumentError
    from sqlalchemy.pool import NullPool

    if place.path is not None:
        from sqlalchemy import URL, event

        # The driver begins no transaction by itself: `writing` takes the lock first, so that two writers never wait for each other.
        options: dict[str, Any] = {"timeout": LOCK_WAIT_S, "isolation_level": None}
        engine = create_engine(URL.create("sqlite", database=str(place.path)), poolclass=NullPool, connect_args=options)
        event.listen(engine, "connect", _set_up_sqlite)
        return engine
    try:
        return create_engine(place.url, poolclass=NullPool, connect_args={"connect_timeout": CONNECT_WAIT_S})
    except ImportError as error:
        raise RecordsError(
            f'The run records in {place.shown} need the PostgreSQL driver; install it with: pip install "bot4[postgres]".'
        ) from error
    except (ArgumentError, ValueError):
        raise RecordsError(
            f"The run records' URL {place.shown} cannot be read; use postgresql://user:password@host/database."
        ) from None


def _set_up_sqlite(connection: Any, _: object) -> None:
    connection.execute("PRAGMA synchronous = NORMAL")


@contextlib.contextmanager
def reading(engine: Engine, place: Place) -> Iterator[Connection]:
    """Gives a connection that sees one state of the store throughout. Raises RecordsError."""
    with _translated(place), engine.connect() as connection:
        if is_sqlite(connection):
            connection.exec_driver_sql("BEGIN")
        else:
            connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        yield connection
        connection.rollback()


@contextlib.contextmanager
def writing(engine: Engine, place: Place) -> Iterator[Connection]:
    """Gives a connection in one transaction: all of it is written at the end, or nothing. Raises RecordsError."""
    with _translated(place), engine.connect() as connection:
        if is_sqlite(connection):
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        yield connection
        connection.commit()


def is_sqlite(connection: Connection) -> bool:
    """Returns whether the connection is to a SQLite file."""
    return connection.dialect.name == "sqlite"


@contextlib.contextmanager
def _translated(place: Place) -> Iterator[None]:
    from sqlalchemy.exc import DBAPIError

    try:
        yield
    except (
        DBAPIError,
        OSError,
        UnicodeDecodeError,
    ) as error:  # the last: a message about a text that is damaged itself
        raise unusable(place, error) from (error if place.path is not None else None)


def unusable(place: Place, error: Exception) -> RecordsError:
    """Returns the sentence for a store that the database refuses: damaged, locked, out of reach or not to be written."""
    cause = getattr(error, "orig", None) or error
    said = " ".join(place.scrubbed(str(cause)).split()).rstrip(".")
    if place.path is None:
        return RecordsError(
            f"The run records in {place.shown} cannot be used ({said}); check BOT4_RECORDS and the server."
        )
    if any(words in said for words in ("malformed", "not a database", "disk image", "decode")):
        return RecordsError(
            f"The run records in {place.shown} are damaged ({said}); move the file away and a new one is made, or put a backup there."
        )
    if "locked" in said:
        return StoreLocked(
            f"The run records in {place.shown} stayed locked for {LOCK_WAIT_S:.0f} s ({said}); end the process that holds them, and repeat."
        )
    return RecordsError(
        f"The run records in {place.shown} cannot be used ({said}); set BOT4_HOME to a folder you can write."
    )
