"""Small recordings made by hand, in Binance's own words."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

MS = 1_000_000


def line(local_ms: int, body: dict[str, Any]) -> str:
    return f"{local_ms * MS} {json.dumps(body, separators=(',', ':'))}"


def depth(local_ms: int, first: int, last: int, previous: int | None, bids=(), asks=(), at: int | None = None) -> str:
    at = local_ms - 5 if at is None else at
    data = {"e": "depthUpdate", "E": at, "s": "ABCUSDT", "U": first, "u": last}
    if previous is not None:
        data |= {"T": at, "pu": previous}
    data |= {"b": [[str(p), str(q)] for p, q in bids], "a": [[str(p), str(q)] for p, q in asks]}
    return line(local_ms, {"stream": "abcusdt@depth", "data": data})


def snapshot(local_ms: int, last: int, bids, asks, at: int | None = None) -> str:
    times = {} if at is None else {"E": at, "T": at}
    return line(
        local_ms, {"lastUpdateId": last} | times | {"bids": [list(r) for r in bids], "asks": [list(r) for r in asks]}
    )


def trade(local_ms: int, number: int, price: str, quantity: str, is_maker: bool, at: int | None = None) -> str:
    at = local_ms - 4 if at is None else at
    data = {"e": "trade", "E": at, "T": at, "s": "ABCUSDT", "t": number, "p": price, "q": quantity, "m": is_maker}
    return line(local_ms, {"stream": "abcusdt@trade", "data": data})


def best(local_ms: int, bid: tuple[str, str], ask: tuple[str, str], at: int | None = None) -> str:
    data = {"u": 1, "s": "ABCUSDT", "b": bid[0], "B": bid[1], "a": ask[0], "A": ask[1]}
    if at is not None:
        data |= {"e": "bookTicker", "E": at, "T": at}
    return line(local_ms, {"stream": "abcusdt@bookTicker", "data": data})


FUTURES = [
    depth(1000, 1, 3, 0, bids=[("10.4", "9")]),
    trade(1001, 70, "10.5", "0.002", False),
    snapshot(1010, 5, [("10.4", "1"), ("10.3", "2")], [("10.5", "3")], at=1004),
    depth(1005, 4, 6, 3, bids=[("10.4", "1.5")], at=1003),
    depth(1020, 7, 9, 6, bids=[("10.3", "0")], asks=[("10.5", "2.999"), ("10.6", "4")]),
    best(1021, ("10.4", "1.5"), ("10.5", "2.999"), at=1016),
    trade(1022, 71, "10.4", "0.5", True),
    depth(1030, 12, 13, 11, bids=[("10.4", "1")]),
]
"""A snapshot at number 5 with a message before, one across it that arrived earlier, and a gap before the last."""

SPOT = [
    depth(1000, 1, 5, None, bids=[("10.4", "9")]),
    snapshot(1010, 5, [("10.4", "1")], [("10.5", "3")]),
    depth(1020, 6, 7, None, bids=[("10.4", "1.25")]),
    best(1021, ("10.4", "1.25"), ("10.5", "3")),
    trade(1022, 71, "10.4", "0.5", True),
]


def write(folder: Path, lines: list[str], name: str = "usdm-abcusdt.gz") -> Path:
    path = folder / name
    text = ("\n".join(lines) + "\n").encode()
    path.write_bytes(gzip.compress(text) if name.endswith(".gz") else text)
    return path
