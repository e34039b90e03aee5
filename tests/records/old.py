"""Stores as Bot4 wrote them before there were migrations: the statements of that version, word for word."""

from __future__ import annotations

import json
import sqlite3
import zlib
from pathlib import Path

import numpy as np

SCHEMA = """
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


def write_old(path: Path, runs: int) -> list[tuple[object, ...]]:
    """Writes a store of schema 1 with `runs` runs and returns their rows (daily returns unpacked).

    Run n (from 1) has `fast` = n modulo 7, instruments BTC and, if n is even, ETH, and three daily returns.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    database = sqlite3.connect(path, isolation_level="IMMEDIATE")
    database.execute("PRAGMA journal_mode = WAL")
    database.executescript(f"BEGIN IMMEDIATE; {SCHEMA} PRAGMA user_version = 1; COMMIT;")
    expected: list[tuple[object, ...]] = []
    for number in range(1, runs + 1):
        returns = np.array([0.1, -1 / 3, number / 7])
        params = json.dumps({"fast": number % 7}, separators=(",", ":"))
        row = (number, 5, "backtest", "identity", "trend", params, 3_600_000, number, 1_000 + number)
        rest = ('{"cash":1}', None if number % 3 else 9, "data", '{"sharpe":null}', 0)
        packed = zlib.compress(returns.astype("<f8").tobytes(), 6)
        with database:
            database.execute(f"INSERT INTO runs VALUES ({','.join('?' * 16)})", (*row, *rest, packed, "0.1.0"))
            names = ["binance:BTC/USDT", "binance:ETH/USDT"][: 2 - number % 2]
            database.executemany("INSERT INTO run_instruments VALUES (?, ?)", [(number, name) for name in names])
        expected.append((*row, *rest, tuple(returns), "0.1.0"))
    database.close()
    return expected
