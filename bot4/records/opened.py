"""Which runs saw some days of some instruments, and their daily returns: what a strategy is judged beside.

Not here: how many independent trials they count as (the gate's).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from .encode import trial_key, unpack_returns
from .schema import runs, universe_instruments

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from sqlalchemy import Connection

AT_ONCE = 500
GATE = "gate"
"""Kind of the runs that the gate makes."""


@dataclass(frozen=True)
class Seen:
    """Runs that share an instrument and some time with the days in question: numbers of the runs of each distinct trial."""

    runs: int
    trials: dict[bytes, list[int]]
    """By hash of identity and parameters (`encode.trial_key`)."""


def find_seen(
    connection: Connection, instruments: Sequence[str], start_ms: int, end_ms: int, registration: str
) -> Seen:
    """Returns the runs that share an instrument and some time with [start_ms, end_ms), except those that checks of a registration made.

    These say so in their own settings: of a run, unlike of its group, the chain knows whether it was changed.
    """
    shared = sa.select(universe_instruments.c.universe_id).where(universe_instruments.c.instrument.in_(instruments))
    own = sa.case((runs.c.kind == GATE, runs.c.config), else_=None)
    query = sa.select(runs.c.id, runs.c.identity, runs.c.params, own).where(
        runs.c.universe_id.in_(shared), runs.c.start_ms < end_ms, runs.c.end_ms > start_ms
    )
    count, found = 0, dict[bytes, list[int]]()
    for number, identity, params, config in connection.execute(query.order_by(runs.c.id)):
        if config is None or json.loads(config).get("registration") != registration:
            count += 1
            found.setdefault(trial_key(identity, params), []).append(number)
    return Seen(count, found)


def returns_of(connection: Connection, numbers: Sequence[int]) -> dict[int, tuple[int, NDArray[np.float64]]]:
    """Returns (end of the first day in UTC ms, daily returns) of runs, by number."""
    found = {}
    for at in range(0, len(numbers), AT_ONCE):
        query = sa.select(runs.c.id, runs.c.daily_start_ms, runs.c.daily_returns).where(
            runs.c.id.in_(numbers[at : at + AT_ONCE])
        )
        for number, start_ms, packed in connection.execute(query):
            found[int(number)] = (int(start_ms), unpack_returns(bytes(packed)))
    return found
