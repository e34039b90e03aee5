"""Clocks: the local time of a recording against the venue's.

A message cannot arrive before it was sent. Where the smallest recorded feed latency (local − venue) of any kind is below the stated
floor, the local clock is shifted, all kinds alike, so that the smallest one is the floor. One constant: a drift within the recording stays.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from bot4.data.ticks.recording import Finding, Recording

FLOOR_NS = 1_000_000  # 1 ms: less than any venue's feed takes to reach a machine outside its own hall


@dataclass(frozen=True)
class Clock:
    """How the local clock was corrected: `shift_ns` was added to every local time."""

    method: str
    shift_ns: int
    floor_ns: int
    recorded_min_ns: int
    recorded_median_ns: int
    min_ns: int
    median_ns: int


def correct(recording: Recording, floor_ns: int = FLOOR_NS) -> Clock:
    """Corrects the local clock of a recording in place and returns how; sets venue times that the recording does not hold."""
    latencies = [
        group.local_ns - group.exch_ns
        for name, group in (("depth", recording.depth), ("trades", recording.trades), ("best", recording.best))
        if group.rows and name not in recording.estimated
    ]
    if not latencies:
        return Clock("none: no venue times", 0, floor_ns, 0, 0, 0, 0)
    every = np.concatenate(latencies)
    least, median = int(every.min()), int(np.median(every))
    shift = floor_ns - least if least <= 0 else 0
    if shift:
        recording.depth = replace(recording.depth, local_ns=recording.depth.local_ns + shift)
        recording.trades = replace(recording.trades, local_ns=recording.trades.local_ns + shift)
        recording.best = replace(recording.best, local_ns=recording.best.local_ns + shift)
        recording.orders = replace(recording.orders, local_ns=recording.orders.local_ns + shift)
        recording.findings.append(
            Finding(
                "clock",
                1,
                f"the smallest feed latency was {least / 1e6:.3f} ms: {shift / 1e6:.3f} ms were added to every local time, so that it "
                f"is {floor_ns / 1e6:.3f} ms",
            )
        )
    if "best" in recording.estimated:
        best = recording.best
        recording.best = replace(
            best, exch_ns=np.where(best.exch_ns < 0, best.local_ns - (median + shift), best.exch_ns)
        )
    method = "shift by the smallest latency" if shift else "none needed"
    return Clock(method, shift, floor_ns, least, median, least + shift, median + shift)
