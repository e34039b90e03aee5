from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot4.exchange import Exchange, serve
from tests.exchange.client import Client


@pytest.fixture
def exchange() -> Iterator[Exchange]:
    with serve() as running:
        yield running


@pytest.fixture
def alice(exchange: Exchange) -> Client:
    return client_of(exchange, "alice")


@pytest.fixture
def bob(exchange: Exchange) -> Client:
    return client_of(exchange, "bob")


def client_of(exchange: Exchange, account: str) -> Client:
    key = next(key for key in exchange.keys if key.account == account)
    return Client(exchange.url, key.key, key.secret or "")
