"""Client order ids: what every venue takes, the same for the same intent, and read back."""

from __future__ import annotations

import re
import uuid
from random import Random

import pytest

from bot4 import _engine
from bot4.records.errors import RecordsError
from bot4.records.orders import read_order_id

VENUES = {
    "binance": r"[a-zA-Z0-9-_]{1,36}",
    "okx": r"[a-zA-Z0-9]{1,32}",
    "bybit": r"[a-zA-Z0-9-_]{1,36}",
    "kraken": r"[0-9a-f]{32}",
}


def test_ids_fit_every_venue_are_uuids_and_are_read_back() -> None:
    dice = Random(1)
    seen = set()
    for _ in range(2_000):
        parts = (dice.randrange(2**32), dice.randrange(2**32), dice.randrange(2**40))
        text = _engine.client_order_id(*parts)
        assert all(re.fullmatch(form, text) for form in VENUES.values())
        assert uuid.UUID(text).version == 8
        assert uuid.UUID(text).variant == uuid.RFC_4122
        assert text == _engine.client_order_id(*parts)
        assert _engine.read_client_order_id(text) == parts
        seen.add(text)
    assert len(seen) == 2_000


def test_an_id_of_somebody_else_is_refused() -> None:
    text = _engine.client_order_id(3, 0xB4, 17)
    assert read_order_id(str(uuid.UUID(text)).upper()).intent == 17
    wrong = ("0" if text[5] != "0" else "1").join((text[:5], text[6:]))
    for other in (wrong, "x-abc", "", text[:-1]):
        with pytest.raises(RecordsError, match="is no client order id of Bot4"):
            read_order_id(other)
    with pytest.raises(_engine.EngineError, match="does not fit into an id"):
        _engine.client_order_id(1, 1, 2**40)
