"""A client of the exchange as small as can be: signed requests, sockets, nothing of Bot4's own code."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import time
import urllib.parse
from dataclasses import dataclass
from typing import Any

from websockets.sync.client import ClientConnection, connect


@dataclass
class Answer:
    """An answer of REST: status, JSON, headers (names in lower case)."""

    status: int
    body: Any
    headers: dict[str, str]


class Client:
    """Asks an exchange in the name of a key."""

    def __init__(self, url: str, key: str = "", secret: str = "") -> None:
        self.address = url.removeprefix("http://")
        self.key, self.secret = key, secret
        self.offset_ms = 0

    def ask(self, method: str, path: str, signed: bool | None = None, **params: Any) -> Answer:
        """Asks; signs where the client has a secret and nothing else is said."""
        if signed if signed is not None else bool(self.secret):
            params |= {"timestamp": self.now_ms()}
        query = urllib.parse.urlencode({name: value for name, value in params.items() if value is not None})
        if signed if signed is not None else bool(self.secret):
            query += "&signature=" + hmac.new(self.secret.encode(), query.encode(), hashlib.sha256).hexdigest()
        return self.raw(method, f"{path}?{query}" if query else path)

    def raw(self, method: str, target: str, body: bytes | None = None, **headers: str) -> Answer:
        """Asks with a target as it is."""
        connection = http.client.HTTPConnection(self.address, timeout=10)
        try:
            connection.request(method, target, body, {"X-MBX-APIKEY": self.key, **headers} if self.key else headers)
            answer = connection.getresponse()
            data = answer.read()
        finally:
            connection.close()
        body_of = json.loads(data) if answer.headers.get_content_type() == "application/json" else data.decode()
        return Answer(answer.status, body_of, {name.lower(): value for name, value in answer.getheaders()})

    def ok(self, method: str, path: str, **params: Any) -> Any:
        """Asks, and expects an answer that is no refusal."""
        answer = self.ask(method, path, **params)
        assert answer.status == 200, answer
        return answer.body

    def code(self, method: str, path: str, **params: Any) -> tuple[int, int, str]:
        """Asks, and returns status, code and text of the refusal."""
        answer = self.ask(method, path, **params)
        assert answer.status >= 400, answer
        return answer.status, answer.body["code"], answer.body["msg"]

    def limit(self, side: str, price: str, quantity: str, symbol: str = "BTCUSDT", **more: Any) -> Any:
        """Places a limit order."""
        fields = {
            "symbol": symbol,
            "side": side,
            "type": "LIMIT",
            "timeInForce": "GTC",
            "quantity": quantity,
            "price": price,
        }
        return self.ok("POST", "/api/v3/order", **fields | more)

    def now_ms(self) -> int:
        """Returns the time as the venue has it."""
        return int(time.time() * 1000) + self.offset_ms


class Socket:
    """A WebSocket of the exchange."""

    def __init__(self, url: str, path: str) -> None:
        self.context = connect("ws" + url.removeprefix("http") + path, compression=None, open_timeout=10)
        self.socket: ClientConnection = self.context.__enter__()
        self.number = 0

    def send(self, method: str, params: Any = None) -> Any:
        """Sends a message and returns its answer; events that come meanwhile are kept for `next`."""
        self.number += 1
        self.socket.send(
            json.dumps({"id": self.number, "method": method} | ({} if params is None else {"params": params}))
        )
        return self.next(lambda message: isinstance(message, dict) and message.get("id") == self.number)

    def signed(self, client: Client, method: str, **params: Any) -> Any:
        """Sends a signed message of the WebSocket API."""
        params |= {"apiKey": client.key, "timestamp": client.now_ms()}
        payload = "&".join(f"{name}={value}" for name, value in sorted(params.items()))
        params["signature"] = hmac.new(client.secret.encode(), payload.encode(), hashlib.sha256).hexdigest()
        return self.send(method, params)

    def next(self, wanted: Any = lambda _: True, timeout: float = 10.0) -> Any:
        """Returns the next message that is wanted; others are left out."""
        end = time.monotonic() + timeout
        while True:
            message = json.loads(self.socket.recv(timeout=max(end - time.monotonic(), 0.001)))
            if wanted(message):
                return message

    def close(self) -> None:
        """Ends it."""
        self.context.__exit__(None, None, None)
