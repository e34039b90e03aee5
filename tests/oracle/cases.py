"""Which random cases run: `BOT4_ORACLE_CASES` of them (3,200 unless set), in ten batches, and every seed that ever failed."""

from __future__ import annotations

import os
from collections.abc import Callable

from . import account_cases, orders, programs, strategies
from .generate import Case

CASES = int(os.environ.get("BOT4_ORACLE_CASES", "3200"))
BATCHES = 10

# Each kind with its first seed, so that no case is run twice, its share of the cases, and what makes it.
KINDS: dict[str, tuple[int, float, Callable[[int], Case]]] = {
    "signals": (0, 350 / 3200, programs.signal_case),
    "desk": (1_000_000, 450 / 3200, lambda seed: strategies.desk_case(seed, False)),
    "feedback": (2_000_000, 200 / 3200, lambda seed: strategies.desk_case(seed, True)),
    "realism": (3_000_000, 300 / 3200, orders.realism_case),
    "orders": (4_000_000, 800 / 3200, orders.orders_case),
    "entries": (5_000_000, 400 / 3200, orders.entries_case),
    "legs": (6_000_000, 150 / 3200, orders.legs_case),
    "accounts": (7_000_000, 300 / 3200, account_cases.account_case),
    "margin": (8_000_000, 250 / 3200, account_cases.lever_case),
}

# Seeds that once failed: values that differ in their last place across assets, two nodes reading one slow column, half a tick, a stale
# mark of an order in flight, a stop's order that a target replaced.
REGRESSIONS: dict[str, list[int]] = {
    "signals": [0, 5, 36],
    "desk": [1_000_005, 1_000_091, 1_000_279],
    "feedback": [2_000_005, 2_000_024],
    # A stop within the spread under `neutral`; an average entry that moves its stop beyond the price.
    "realism": [182, 105, 0, 132],
    # A moment that rose twice; a bracket's price beyond the market; a notional in fractions of a unit.
    "orders": [11, 0, 12, 10],
    "entries": [11, 21, 54],
    "accounts": [3, 23, 75],
    "margin": [0, 3],
}


def seeds(kind: str, batch: int) -> range:
    """Returns the seeds of one batch."""
    first, share, _ = KINDS[kind]
    return range(first + batch, first + round(CASES * share), BATCHES)


def case(kind: str, seed: int) -> Case:
    return KINDS[kind][2](seed)
