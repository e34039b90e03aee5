"""Run records: every backtest leaves a row, so that the next one can say how many were tried before.

One SQLite file, `records.sqlite` in `BOT4_HOME` or else in `./.bot4`, made with the first record. Processes may write at the same
time: a write-ahead log and a wait of ten seconds for the lock. Trials are counted by overlap of (instrument, time span), not by file
name: a renamed or cut file hides nothing. Not here: what a result is worth after so many trials (that will be the gate's).
"""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FILE_NAME = "records.sqlite"
LOCK_WAIT_S = 10.0
SCHEMA_VERSION = 1

_SCHEMA = """
CREATE TABLE IF NOT EXISTS runs (
    id INTEGER PRIMARY KEY,
    at_ms INTEGER NOT NULL,
    kind TEXT NOT NULL,
    identity TEXT NOT NULL,
    name TEXT NOT NULL,
    params TEXT NOT NULL,
    interval_ms INTEGER NOT NULL,
    start_ms INTEGER NOT NULL,
    end_ms INTEGER NOT NULL,
    config TEXT NOT NULL,
    seed INTEGER,
    data_hash TEXT NOT NULL,
    stats TEXT NOT NULL,
    daily_start_ms INTEGER NOT NULL,
    daily_returns BLOB NOT NULL,
    version TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS run_instruments (
    run_id INTEGER NOT NULL REFERENCES runs(id),
    instrument TEXT NOT NULL,
    PRIMARY KEY (instrument, run_id)
) WITHOUT ROWID;
"""


class RecordsError(Exception):
    """The store cannot be read or written: one sentence with the place and the fix. A run goes on without its record."""


@dataclass(frozen=True)
class RunRecord:
    """What is remembered of one run. Times are UTC ms; `daily_returns` are fractions, one per UTC day from `daily_start_ms` on."""

    at_ms: int
    identity: str
    name: str
    params: Mapping[str, Any]
    instruments: tuple[str, ...]
    """`venue:symbol`, for example `binance:BTC/USDT`."""
    interval_ms: int
    start_ms: int
    end_ms: int
    config: Mapping[str, Any]
    data_hash: str
    stats: Mapping[str, Any]
    daily_returns: Sequence[float]
    daily_start_ms: int
    version: str
    seed: int | None = None
    kind: str = "backtest"


@dataclass(frozen=True)
class Trials:
    """How often the same markets and times were tried: `runs` in all, `distinct` different (identity, parameters)."""

    runs: int
    distinct: int


@dataclass
class RecordStore:
    """The run records in one folder. Nothing is created before the first `append`."""

    home: Path = field(default_factory=lambda: default_home())

    @property
    def path(self) -> Path:
        """Returns the database file, whether it exists or not."""
        return self.home / FILE_NAME

    def append(self, record: RunRecord) -> int:
        """Writes a record in one transaction and returns its number. Raises RecordsError where the place cannot be written."""
        with self._connect(create=True) as db:
            return _insert(db, record)

    def trials(self, instruments: Sequence[str], start_ms: int, end_ms: int) -> Trials:
        """Counts runs that share an instrument and some time with [start_ms, end_ms). Raises RecordsError if unreadable."""
        if not self.path.exists() or not instruments:
            return Trials(0, 0)
        marks = ",".join("?" * len(instruments))
        query = f"""
            SELECT count(*), count(DISTINCT identity || char(0) || params) FROM runs
            WHERE start_ms < ? AND end_ms > ? AND id IN (SELECT run_id FROM run_instruments WHERE instrument IN ({marks}))
        """
        with self._connect(create=False) as db:
            row = db.execute(query, (end_ms, start_ms, *instruments)).fetchone()
        return Trials(int(row[0]), int(row[1]))

    def runs(self, limit: int = 100) -> list[dict[str, Any]]:
        """Returns the latest records, newest first, as plain dictionaries without the daily returns."""
        if not self.path.exists():
            return []
        with self._connect(create=False) as db:
            rows = db.execute("SELECT * FROM runs ORDER BY id DESC LIMIT ?", (limit,)).fetchall()
            return [_readable(db, row) for row in rows]

    def daily_returns(self, run_id: int) -> NDArray[np.float64]:
        """Returns a run's daily returns, shape (days,). Raises RecordsError if there is no such run."""
        import numpy as np

        row = None
        if self.path.exists():
            with self._connect(create=False) as db:
                row = db.execute("SELECT daily_returns FROM runs WHERE id = ?", (run_id,)).fetchone()
        if row is None:
            raise RecordsError(f"There is no run {run_id} in {self.path}; `runs()` lists the known ones.")
        return np.frombuffer(zlib.decompress(row[0]), dtype="<f8").astype(np.float64)

    @contextlib.contextmanager
    def _connect(self, *, create: bool) -> Iterator[sqlite3.Connection]:
        try:
            if create:
                self.home.mkdir(parents=True, exist_ok=True)
            db = sqlite3.connect(self.path, timeout=LOCK_WAIT_S, isolation_level="IMMEDIATE")
        except (OSError, sqlite3.Error) as error:
            raise self._unusable(error) from error
        try:
            db.row_factory = sqlite3.Row
            db.execute("PRAGMA synchronous = NORMAL")
            if create and db.execute("PRAGMA user_version").fetchone()[0] == 0:
                db.execute("PRAGMA journal_mode = WAL")
                db.executescript(f"BEGIN IMMEDIATE; {_SCHEMA} PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;")
            with db:
                yield db
        except sqlite3.Error as error:
            raise self._unusable(error) from error
        finally:
            db.close()

    def _unusable(self, error: Exception) -> RecordsError:
        return RecordsError(
            f"The run records in {self.path} cannot be used ({error}); set BOT4_HOME to a folder you can write."
        )


def default_home() -> Path:
    """Returns the folder of the records: `BOT4_HOME`, or `.bot4` in the working directory."""
    home = os.environ.get("BOT4_HOME")
    return Path(home).expanduser() if home else Path(".bot4")


def _insert(db: sqlite3.Connection, record: RunRecord) -> int:
    import numpy as np

    daily = zlib.compress(np.asarray(record.daily_returns, dtype="<f8").tobytes(), 6)
    values = {
        "at_ms": record.at_ms,
        "kind": record.kind,
        "identity": record.identity,
        "name": record.name,
        "params": _canonical(record.params),
        "interval_ms": record.interval_ms,
        "start_ms": record.start_ms,
        "end_ms": record.end_ms,
        "config": _canonical(record.config),
        "seed": record.seed,
        "data_hash": record.data_hash,
        "stats": _canonical(record.stats),
        "daily_start_ms": record.daily_start_ms,
        "daily_returns": daily,
        "version": record.version,
    }
    names, marks = ", ".join(values), ", ".join(f":{name}" for name in values)
    cursor = db.execute(f"INSERT INTO runs ({names}) VALUES ({marks})", values)
    run_id = cursor.lastrowid
    assert run_id is not None, "SQLite numbers every inserted row"
    db.executemany(
        "INSERT INTO run_instruments VALUES (?, ?)", [(run_id, name) for name in sorted(set(record.instruments))]
    )
    return run_id


def _readable(db: sqlite3.Connection, row: sqlite3.Row) -> dict[str, Any]:
    known = {key: row[key] for key in row.keys() if key != "daily_returns"}  # noqa: SIM118  # iterating a Row gives values
    for key in ("params", "config", "stats"):
        known[key] = json.loads(known[key])
    instruments = db.execute("SELECT instrument FROM run_instruments WHERE run_id = ? ORDER BY 1", (row["id"],))
    known["instruments"] = [name for (name,) in instruments]
    return known


def _canonical(value: Mapping[str, Any]) -> str:
    """Returns one spelling per content: sorted keys, no blanks, NaN as null."""
    return json.dumps(_finite(value), sort_keys=True, separators=(",", ":"), allow_nan=False, default=str)


def _finite(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _finite(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(inner) for inner in value]
    if isinstance(value, float) and not abs(value) < float("inf"):
        return None
    return value
