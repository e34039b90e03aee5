"""Binance's own connector trades on a simulated exchange on this machine: REST, WebSocket API, streams.

Start the exchange in one terminal and this program in another:

    bot4 exchange serve --market synthetic
    python examples/binance_sdk_client.py

It finds address and keys by itself (`local_client.py`); they can also be given: `URL KEY SECRET`.

Needs `pip install binance-sdk-spot`. Only addresses are set: everything else is the connector as it trades on Binance.
"""

import asyncio
import sys
from typing import Any

from binance_common.configuration import (
    ConfigurationRestAPI,
    ConfigurationWebSocketAPI,
    ConfigurationWebSocketStreams,
)
from binance_common.errors import BadRequestError
from binance_sdk_spot.spot import Spot


def client(url: str, key: str, secret: str) -> Any:
    """Returns the connector, pointed at `url`."""
    streams = "ws" + url.removeprefix("http")
    return Spot(
        ConfigurationRestAPI(key, secret, base_path=url, retries=1),
        ConfigurationWebSocketAPI(key, secret, stream_url=f"{streams}/ws-api/v3"),
        ConfigurationWebSocketStreams(stream_url=streams),
    )


def trade(spot: Any) -> None:
    """Places, asks, cancels and is refused, over REST."""
    rest = spot.rest_api
    print("symbols:", len(rest.exchange_info().data().symbols))
    placed = rest.new_order(
        symbol="BTCUSDT", side="BUY", type="LIMIT", time_in_force="GTC", quantity=0.01, price=50_000
    ).data()
    print("placed:", placed.order_id, placed.status)
    print("open:", len(rest.get_open_orders(symbol="BTCUSDT").data()))
    print("cancelled:", rest.delete_order(symbol="BTCUSDT", order_id=placed.order_id).data().status)
    try:
        rest.new_order(symbol="BTCUSDT", side="BUY", type="LIMIT", time_in_force="GTC", quantity=0.01, price=0.001)
    except BadRequestError as error:
        print("refused:", error)


async def listen(spot: Any) -> None:
    """Hears of its own order over the WebSocket API, and of the book over a stream."""
    api, streams = spot.websocket_api, spot.websocket_streams
    heard: asyncio.Queue[Any] = asyncio.Queue()
    await api.create_connection()
    user = await api.user_data_stream_subscribe_signature()
    user.stream.on("message", lambda event: heard.put_nowait(event))
    await streams.create_connection()
    book = await streams.diff_book_depth(symbol="btcusdt", update_speed="100ms")
    book.on("message", lambda event: heard.put_nowait(event))
    await api.order_place(symbol="BTCUSDT", side="BUY", type="LIMIT", time_in_force="GTC", quantity=0.01, price=49_000)
    for _ in range(3):
        event = await asyncio.wait_for(heard.get(), 10)
        told = getattr(event, "actual_instance", None) or event
        print("heard:", getattr(told, "e", None) or type(told).__name__, str(told)[:80])
    await book.unsubscribe()
    await streams.close_connection()
    await api.close_connection()


if __name__ == "__main__":
    from local_client import found

    made = client(*found(sys.argv[1:]))
    trade(made)
    asyncio.run(listen(made))
