"""A local book kept by Binance's rule ("How to manage a local order book correctly") from the streams alone equals the venue's."""

from __future__ import annotations

import random
from decimal import Decimal
from typing import Any

from bot4.exchange import Exchange
from tests.exchange.client import Client, Socket


class LocalBook:
    """The rule, step by step; `gaps` counts how often it had to begin anew."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.last = -1
        self.sides: dict[str, dict[Decimal, Decimal]] = {"b": {}, "a": {}}
        self.gaps = 0

    def begin(self) -> None:
        """Takes a snapshot."""
        book = self.client.ok("GET", "/api/v3/depth", symbol="BTCUSDT", limit=5000, signed=False)
        self.last = book["lastUpdateId"]
        self.sides = {
            name: {Decimal(price): Decimal(quantity) for price, quantity in book[side]}
            for name, side in (("b", "bids"), ("a", "asks"))
        }

    def take(self, event: dict[str, Any]) -> None:
        """Applies an event, or begins anew where one before it is missing."""
        if self.last < 0:
            self.begin()
        if event["u"] <= self.last:
            return
        if event["U"] > self.last + 1:
            self.gaps += 1
            self.begin()
            return
        for name, levels in self.sides.items():
            for price, quantity in event[name]:
                if Decimal(quantity) == 0:
                    levels.pop(Decimal(price), None)
                else:
                    levels[Decimal(price)] = Decimal(quantity)
        self.last = event["u"]

    def is_as(self, book: dict[str, Any]) -> bool:
        """Tells whether it equals a snapshot."""
        return self.sides == {
            name: {Decimal(price): Decimal(quantity) for price, quantity in book[side]}
            for name, side in (("b", "bids"), ("a", "asks"))
        }


def test_a_local_book_equals_the_venues_with_gaps_injected(exchange: Exchange, alice: Client, bob: Client) -> None:
    dice = random.Random(7)
    exchange.control.set_limits(False)
    socket = Socket(exchange.url, "/ws/btcusdt@depth@100ms")
    book, compared, dropped = LocalBook(alice), 0, 0
    for _ in range(25):
        for _ in range(dice.randint(1, 8)):
            client = dice.choice((alice, bob))
            side = dice.choice(("BUY", "SELL"))
            client.limit(
                side,
                str(60000 + dice.randint(-30, 30)),
                f"0.{dice.randint(1, 9)}",
                selfTradePreventionMode="EXPIRE_MAKER",
            )
        if dice.random() < 0.4:
            for row in alice.ok("GET", "/api/v3/openOrders")[:3]:
                alice.ok("DELETE", "/api/v3/order", symbol="BTCUSDT", orderId=row["orderId"])
        event = socket.next(lambda event: event["e"] == "depthUpdate")
        if dice.random() < 0.2:
            dropped += 1
            continue
        book.take(event)
        snapshot = alice.ok("GET", "/api/v3/depth", symbol="BTCUSDT", limit=5000, signed=False)
        while book.last < snapshot["lastUpdateId"]:
            book.take(socket.next(lambda event: event["e"] == "depthUpdate"))
        assert book.last == snapshot["lastUpdateId"]
        assert book.is_as(snapshot)
        compared += 1
    assert compared > 10
    assert dropped > 0
    assert book.gaps > 0
    socket.close()
