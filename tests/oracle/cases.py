"""Which random cases run: `BOT4_ORACLE_CASES` of them (1,000 unless set), in ten batches, and every seed that ever failed."""

from __future__ import annotations

import os

CASES = int(os.environ.get("BOT4_ORACLE_CASES", "1000"))
SHARES = {"signals": 0.35, "desk": 0.45, "feedback": 0.2}
BATCHES = 10

# Seeds that once failed: values that differ in their last place across assets, two nodes reading one slow column, half a tick, a stale
# mark of an order in flight, a stop's order that a target replaced.
REGRESSIONS: dict[str, list[int]] = {
    "signals": [0, 5, 36],
    "desk": [1_000_005, 1_000_091, 1_000_279],
    "feedback": [2_000_005, 2_000_024],
}


def seeds(kind: str, batch: int) -> range:
    """Returns the seeds of one batch; kinds have seeds of their own so that no case is run twice."""
    first = {"signals": 0, "desk": 1_000_000, "feedback": 2_000_000}[kind]
    return range(first + batch, first + round(CASES * SHARES[kind]), BATCHES)
