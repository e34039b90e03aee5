"""The rows of tick data again, an event at a time, from docs/language-ticks.md: slow, plain, sharing no code with the engine."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

from bot4.strategy.ticks import COLUMNS

NS_PER_MS = 1_000_000
BUY_SIDE = 1
FIRST, LAST, SNAPSHOT = 1, 2, 4


@dataclass
class SlowBook:
    """Levels by price, in ticks and lots."""

    bids: dict[int, int] = field(default_factory=dict)
    asks: dict[int, int] = field(default_factory=dict)

    def take(self, side: int, ticks: int, lots: int, flags: int) -> None:
        """Takes one row of the depth."""
        if flags & SNAPSHOT and flags & FIRST:
            self.bids.clear()
            self.asks.clear()
        levels = self.bids if side == BUY_SIDE else self.asks
        if lots:
            levels[ticks] = lots
            self._uncross(side, ticks)
        else:
            levels.pop(ticks, None)

    def _uncross(self, side: int, ticks: int) -> None:
        """The newest row wins: what it crosses on the other side is gone (docs/ticks.md)."""
        if side == BUY_SIDE:
            self.asks = {price: lots for price, lots in self.asks.items() if price > ticks}
        else:
            self.bids = {price: lots for price, lots in self.bids.items() if price < ticks}

    def best(self) -> tuple[int, int, int, int] | None:
        """Returns (bid, its lots, ask, its lots); nothing where a side is empty."""
        if not self.bids or not self.asks:
            return None
        bid, ask = max(self.bids), min(self.asks)
        return bid, self.bids[bid], ask, self.asks[ask]


def flow(before: tuple[int, int, int, int], now: tuple[int, int, int, int]) -> int:
    """Returns the order flow of one message (Cont, Kukanov and Stoikov 2014, equation 1), lots."""
    (bid0, bid_lots0, ask0, ask_lots0), (bid1, bid_lots1, ask1, ask_lots1) = before, now
    joined = (bid_lots1 if bid1 >= bid0 else 0) - (bid_lots0 if bid1 <= bid0 else 0)
    offered = (ask_lots1 if ask1 <= ask0 else 0) - (ask_lots0 if ask1 >= ask0 else 0)
    return joined - offered


def slow_rows(ticks: Any, first_ms: int, every_ms: int, rows: int) -> dict[str, list[float]]:
    """Returns every column of `COLUMNS` at the moments `first_ms + k · every_ms` of local time."""
    depth, trades = ticks.depth, ticks.trades
    tick = ticks.instrument.tick[0] / 10 ** ticks.instrument.tick[1]
    lot = ticks.instrument.lot[0] / 10 ** ticks.instrument.lot[1]
    book, before, ofi = SlowBook(), None, 0
    last, buys, sells, count = math.nan, 0, 0, 0
    at_depth = at_trade = 0
    found: dict[str, list[float]] = {name: [] for name in COLUMNS}
    for row in range(rows):
        now_ns = (first_ms + row * every_ms) * NS_PER_MS
        while at_depth < depth.rows and depth.local_ns[at_depth] <= now_ns:
            side, price, lots, flags = (int(getattr(depth, n)[at_depth]) for n in ("side", "ticks", "lots", "flags"))
            book.take(side, price, lots, flags)
            at_depth += 1
            if flags & LAST:
                best = book.best()
                if before is not None and best is not None:
                    ofi += flow(before, best)
                before = best
        while at_trade < trades.rows and trades.local_ns[at_trade] <= now_ns:
            lots = int(trades.lots[at_trade])
            if trades.buyer_is_maker[at_trade]:
                sells += lots
            else:
                buys += lots
            last, count, at_trade = int(trades.ticks[at_trade]) * tick, count + 1, at_trade + 1
        for name, value in _row(book.best(), tick, lot, ofi, (last, buys, sells, count)).items():
            found[name].append(value)
        ofi = buys = sells = count = 0
    return found


def _row(
    best: tuple[int, int, int, int] | None, tick: float, lot: float, ofi: int, traded: tuple[float, int, int, int]
) -> dict[str, float]:
    last, buys, sells, count = traded
    row = dict.fromkeys(COLUMNS, math.nan)
    row |= {
        "trades.last": last,
        "trades.volume": (buys + sells) * lot,
        "trades.buys": buys * lot,
        "trades.sells": sells * lot,
        "trades.count": float(count),
    }
    if count:
        row["trades.imbalance"] = (buys - sells) / (buys + sells)
    if best is not None:
        bid, bid_lots, ask, ask_lots = best
        row |= {
            "book.mid": (bid + ask) / 2 * tick,
            "book.microprice": (bid * ask_lots + ask * bid_lots) / (bid_lots + ask_lots) * tick,
            "book.spread": (ask - bid) * tick,
            "book.imbalance": (bid_lots - ask_lots) / (bid_lots + ask_lots),
            "book.ofi": ofi * lot,
            "book.bid": bid * tick,
            "book.ask": ask * tick,
            "book.bid_qty": bid_lots * lot,
            "book.ask_qty": ask_lots * lot,
        }
    return row
