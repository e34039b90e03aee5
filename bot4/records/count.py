"""Counts trials: how many runs touched the same instruments and span, and how many of them were different.

By overlap of (instrument, time span), not by file name: a renamed or cut file hides nothing. Reads one row for each append, not one
for each run. Not here: what a result is worth after so many trials (that will be the gate's).
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import sqlalchemy as sa

from .record import Trials
from .schema import trials, universe_instruments

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from sqlalchemy import Connection


MANY = 50_000


def count_trials(
    connection: Connection, instruments: Sequence[str], start_ms: int, end_ms: int, without: int | None
) -> Trials:
    """Counts runs that share an instrument and some time with [start_ms, end_ms), except those of the group `without`."""
    shared = sa.select(universe_instruments.c.universe_id).where(universe_instruments.c.instrument.in_(instruments))
    every_one = sa.and_(trials.c.late_start_ms < end_ms, trials.c.early_end_ms > start_ms)
    spans_needed = sa.case((every_one, None), else_=trials.c.spans)
    query = sa.select(trials.c.trial_keys, spans_needed).where(
        trials.c.universe_id.in_(shared), trials.c.start_ms < end_ms, trials.c.end_ms > start_ms
    )
    if without is not None:
        query = query.where(sa.or_(trials.c.group_id.is_(None), trials.c.group_id != without))
    whole: list[bytes] = []
    parts: list[NDArray[np.uint64]] = []
    for keys, spans in connection.execute(query):
        if spans is None:
            whole.append(bytes(keys))
        else:
            parts.append(_overlapping(keys, spans, start_ms, end_ms))
    found = np.concatenate([np.frombuffer(b"".join(whole), dtype="<u8"), *parts])
    return Trials(len(found), _distinct(found))


def _overlapping(keys: bytes, spans: bytes, start_ms: int, end_ms: int) -> NDArray[np.uint64]:
    """Returns the keys of an append's runs whose own span overlaps."""
    own = np.frombuffer(zlib.decompress(spans), dtype="<i8").reshape(-1, 2)
    overlaps = (own[:, 0] < end_ms) & (own[:, 1] > start_ms)
    found: NDArray[np.uint64] = np.frombuffer(keys, dtype="<u8")[overlaps]
    return found


def _distinct(keys: NDArray[np.uint64]) -> int:
    if len(keys) > MANY:
        import polars as pl  # hashes on all cores, in half the time of a sort

        return pl.Series(keys).n_unique()
    if not len(keys):
        return 0
    ordered = np.sort(keys)
    return 1 + int(np.count_nonzero(ordered[1:] != ordered[:-1]))
