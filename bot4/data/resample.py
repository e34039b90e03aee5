"""Resampling: bars of a slower timeframe from faster ones, by the buckets of docs/semantics.md §2.

A bucket is [k·P, (k+1)·P) from the epoch, for weeks from Monday. It is complete when a bar of it closes at its end, or when a later
bar exists; so only the last bucket can be incomplete, and it is dropped.
"""

from __future__ import annotations

import numpy as np

from bot4.data.columns import Columns
from bot4.data.errors import DataError
from bot4.data.timeframe import anchor_ms, format_interval, format_time


def resample_columns(columns: Columns, interval_ms: int, target_ms: int, label: str) -> Columns:
    """Returns open = first, high = max, low = min, close = last, volume = sum of each complete bucket, `ts` its start.

    Raises `DataError` where the target is finer than the bars or no multiple of them, or where bars straddle the buckets.
    """
    bars, wanted = format_interval(interval_ms), format_interval(target_ms)
    if target_ms < interval_ms:
        raise DataError(
            f"{label}: the timeframe {wanted} is finer than the bars ({bars}); load finer data or ask for {bars} or slower."
        )
    if target_ms % interval_ms:
        raise DataError(f"{label}: the timeframe {wanted} is no multiple of the bars' {bars}; ask for a multiple.")
    anchor = anchor_ms(target_ms)
    if (int(columns.ts[0]) - anchor) % interval_ms:
        raise DataError(
            f"{label}: bars open at {format_time(int(columns.ts[0]))}, off the {bars} grid of UTC, so they straddle {wanted} buckets; "
            "use them at their own interval."
        )
    buckets = (columns.ts - anchor) // target_ms
    starts = np.concatenate(([0], np.flatnonzero(np.diff(buckets)) + 1))
    last = np.append(starts[1:], columns.rows) - 1
    ends = (buckets[starts] + 1) * target_ms + anchor
    complete = len(starts) if int(columns.ts[-1]) + interval_ms == ends[-1] else len(starts) - 1
    return Columns(
        ends[:complete] - target_ms,
        columns.open[starts[:complete]],
        np.maximum.reduceat(columns.high, starts)[:complete],
        np.minimum.reduceat(columns.low, starts)[:complete],
        columns.close[last[:complete]],
        np.add.reduceat(columns.volume, starts)[:complete],
    )
