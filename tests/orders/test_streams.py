"""The engine's orders against the slow model: random streams, half of a world with faults and half without sense."""

from __future__ import annotations

import numpy as np
import pytest

from bot4 import _engine

from . import model as m
from .streams import follow

STREAMS = 20_000


def test_random_streams_end_at_the_truth_and_the_engine_answers_as_the_slow_model() -> None:
    told = follow(10_000_000, STREAMS)
    assert told.streams == STREAMS
    assert len(told.pairs) == 220, "every event was met in every state"
    # Faults were met: lost and found anew, contradicted, late, held back by the fence.
    least = {m.ASK: 5_000, m.LOST: 1_000, m.CONFLICT: 50, m.BOOK_LATE: 300, m.COMMIT: 100, m.REVERT: 100, m.FENCED: 100}
    assert all(told.effects[effect] > count for effect, count in least.items()), told.effects
    assert told.submitted > STREAMS / 2


def test_a_model_that_counted_a_trade_twice_would_be_found() -> None:
    rows = [(0, m.OPEN, 1, 0, 0, 5, 500, -1, 0), (0, m.SEND, 1, 0, 0, 0, -1, -1, 0)]
    rows += [(0, m.FILL, 1, 0, 9, 2, -1, -1, at) for at in (1, 2)]
    found = _engine.follow_orders(np.array(rows, dtype=np.int64))
    assert found[:, 6].tolist() == [0, 0, 2, 2], "the same trade counts once"
    assert found[:, 0].tolist() == [m.NOTE, m.NOTE, m.BOOK, m.IGNORE]


def test_a_small_room_refuses_and_never_forgets_a_trade() -> None:
    model = m.Model(orders=2, trades=8)
    rows = [(0, m.OPEN, number, 0, 0, 5, 500, -1, 0) for number in (1, 2, 3)]
    rows += [(0, m.FILL, 1, 0, trade, 1, -1, -1, 1) for trade in range(10)]
    rows += [(0, m.WAS_CANCELLED, 1, 0, 0, 0, -1, -1, 2), (0, m.FORGET, 0, 0, 0, 0, -1, -1, 2_000)]
    rows += [(0, m.OPEN, 4, 0, 0, 5, 500, -1, 2_001), (0, m.FILL, 4, 0, 3, 1, -1, -1, 2_002)]
    found = _engine.follow_orders(np.array(rows, dtype=np.int64), orders=2, trades=8)
    assert found.tolist() == [list(model.take(row)) for row in rows]
    assert (found[2, 0], found[12, 0], found[14, 4]) == (m.NO_ROOM, m.FULL, 1)


def test_rows_that_are_no_stream_are_refused() -> None:
    with pytest.raises(_engine.EngineError, match="a row of a stream has 9 numbers, not 3"):
        _engine.follow_orders(np.zeros((1, 3), dtype=np.int64))
    with pytest.raises(_engine.EngineError, match="there is no event 99"):
        _engine.follow_orders(np.array([[0, 99, 1, 0, 0, 0, 0, 0, 0]], dtype=np.int64))
