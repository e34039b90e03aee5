"""Every answer and event has the keys and kinds of the real venue's: twins made by hand, and recordings where BOT4_TEST_DATA has them."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot4.exchange import serve
from tests.exchange.conftest import client_of
from tests.exchange.shapes import collect, differences
from tests.exchange.twins import TWINS

DATA = Path(os.environ.get("BOT4_TEST_DATA", Path(__file__).parents[3] / "shared" / "data")) / "messages"
CONDITIONAL = {".stopPrice", "[0].stopPrice", ".W"}
"""Keys only some orders have: a stop price, a time since which it works."""
SPOT = "nautilus/crates/adapters/binance/test_data/spot"
RECORDED = {
    "http_json/account_response": "account",
    "http_json/account_trades_response": "my_trades",
    "http_json/all_orders_response": "all_orders",
    "http_json/avg_price_response": "avg_price",
    "http_json/book_ticker_response": "book_ticker",
    "http_json/cancel_open_orders_response": "cancel_all",
    "http_json/cancel_order_response": "cancel",
    "http_json/depth_response": "depth",
    "http_json/klines_response": "klines",
    "http_json/new_order_full_response": "new_order",
    "http_json/open_orders_response": "open_orders",
    "http_json/order_response": "order",
    "http_json/ping_response": "ping",
    "http_json/server_time_response": "time",
    "http_json/ticker_24hr_response": "ticker_24hr",
    "http_json/ticker_price_response": "ticker_price",
    "http_json/trades_response": "trades",
    "user_data_json/account_position": "outboundAccountPosition",
    "user_data_json/balance_update": "balanceUpdate",
    "user_data_json/execution_report_wrapped": "executionReport/NEW",
    "user_data_json/list_status_wrapped": "listStatus",
}
EXCUSED: dict[str, set[str]] = {
    # The documents' examples leave these out; the venue sends them.
    "executionReport/NEW": {".Q is too many", ".W is too many", ".V is too many"},
}


@pytest.fixture(scope="module")
def ours() -> Iterator[dict[str, Any]]:
    with serve() as exchange:
        yield collect(exchange, client_of(exchange, "alice"), client_of(exchange, "bob"))


@pytest.mark.parametrize("name", TWINS)
def test_what_we_say_has_the_shape_of_its_twin(ours: dict[str, Any], name: str) -> None:
    found = [text for text in differences(ours[name], TWINS[name]) if text.split(" is ")[0] not in CONDITIONAL]
    assert found == []


def unpacked(archive: str, folder: Path, *names: str) -> Path:
    """Returns a folder with the files of a recording; skips where it is not there."""
    path = DATA / archive
    if not path.exists():
        pytest.skip(f"{path} is not there: set BOT4_TEST_DATA")
    if subprocess.run(["tar", "xf", str(path), "-C", str(folder), *names], check=False, capture_output=True).returncode:
        pytest.skip("tar cannot read zstd here")
    return folder


@pytest.fixture(scope="module")
def examples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return unpacked("nautilus.tar.zst", tmp_path_factory.mktemp("nautilus"), SPOT) / SPOT


@pytest.mark.parametrize("file", RECORDED)
def test_what_we_say_has_the_shape_of_what_others_kept(ours: dict[str, Any], examples: Path, file: str) -> None:
    name = RECORDED[file]
    theirs = json.loads((examples / f"{file}.json").read_text())
    theirs = theirs.get("event", theirs) if isinstance(theirs, dict) else theirs
    found = {text for text in differences(ours[name], theirs) if text.split(" is ")[0] not in CONDITIONAL}
    assert found <= EXCUSED.get(name, set())


def test_streams_have_the_shape_of_a_recorded_session(ours: dict[str, Any], tmp_path: Path) -> None:
    folder = unpacked("cryptofeed.tar.zst", tmp_path, "cryptofeed/BINANCE.ws.1.0", "cryptofeed/BINANCE.http.0.0")
    seen: dict[str, int] = {}
    for line in (folder / "cryptofeed" / "BINANCE.ws.1.0").read_text().splitlines():
        _, colon, text = line.partition(": ")
        if not colon or not text.startswith("{"):
            continue
        message = json.loads(text)
        topic = message["stream"].partition("@")[2]
        assert list(differences(ours[f"@{topic}"], message["data"])) == [], topic
        seen[topic] = seen.get(topic, 0) + 1
    assert set(seen) >= {"depth@100ms", "bookTicker", "kline_1m", "aggTrade"}
    book = (folder / "cryptofeed" / "BINANCE.http.0.0").read_text().partition(": ")[2].splitlines()[0]
    assert list(differences(ours["depth"], json.loads(book))) == []


def test_a_difference_is_found_and_named() -> None:
    theirs = {"a": "1", "b": [[1, "x"]], "c": True}
    ours = {"a": 1, "b": [["1", "x"]], "d": 1}
    assert list(differences(ours, theirs)) == [
        ".c is missing",
        ".d is too many",
        ".a is a number, not a text",
        ".b[0][0] is a text, not a number",
    ]
