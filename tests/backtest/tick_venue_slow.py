"""The venue of ticks again, slow and plain: orders in a queue of levels, two-sided latency, `strict` and pessimistic.

Written from docs/language-ticks.md and docs/ticks.md; it shares no code with the engine, keeps lists and looks through all of them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.backtest.tick_slow import SlowBook

BUY, SELL = 1, -1


@dataclass
class Own:
    """An order of ours at the venue; `ahead` are the lots before it at its price."""

    key: int
    side: int
    ticks: int
    left: int
    ahead: int


@dataclass(frozen=True)
class Said:
    """What the venue says: `word` is filled, cancelled, expired or would_take."""

    local_ns: int
    venue_ns: int
    key: int
    word: str
    lots: int = 0
    ticks: int = 0
    maker: bool = False


@dataclass
class Taken:
    """Lots that we took from a level, which come back evenly."""

    side: int
    ticks: int
    lots: int
    at_ns: int


@dataclass
class SlowVenue:
    """Market data and requests in the venue's time."""

    ticks: Any
    latency_ns: int
    recovery_ns: int
    book: SlowBook = field(default_factory=SlowBook)
    own: list[Own] = field(default_factory=list)
    taken: list[Taken] = field(default_factory=list)
    requests: list[tuple[int, str, int, Any]] = field(default_factory=list)
    said: list[Said] = field(default_factory=list)
    events: list[tuple[int, int, int, int, int]] = field(default_factory=list)
    at: int = 0

    def __post_init__(self) -> None:
        """Puts level changes and trades in the venue's order: by its time, then by arrival, trades first."""
        depth, trades = self.ticks.depth, self.ticks.trades
        both = [(int(t), int(a), 1, row) for row, (t, a) in enumerate(zip(depth.exch_ns, depth.local_ns, strict=True))]
        both += [
            (int(t), int(a), 0, row) for row, (t, a) in enumerate(zip(trades.exch_ns, trades.local_ns, strict=True))
        ]
        self.events = sorted((t, a, kind, row, 0) for t, a, kind, row in both)

    def ask(self, now_ns: int, what: str, key: int, order: Any = None) -> None:
        """Sends a request: it arrives after the latency."""
        self.requests.append((now_ns + self.latency_ns, what, key, order))

    def run(self, until_ns: int) -> list[Said]:
        """Lets everything happen up to a time; returns what is known by then."""
        while True:
            data = self.events[self.at][0] if self.at < len(self.events) else until_ns + 1
            request = self.requests[0][0] if self.requests else until_ns + 1
            if min(data, request) > until_ns:
                break
            if data <= request:
                _, _, kind, row, _ = self.events[self.at]
                self.at += 1
                self._level(row) if kind else self._trade(row)
            else:
                self._serve(*self.requests.pop(0))
        known = [one for one in self.said if one.local_ns <= until_ns]
        self.said = [one for one in self.said if one.local_ns > until_ns]
        return known

    def _say(self, now: int, key: int, word: str, **rest: Any) -> None:
        self.said.append(Said(now + self.latency_ns, now, key, word, **rest))

    def _fill(self, now: int, order: Own, lots: int) -> None:
        order.left -= lots
        self._say(now, order.key, "filled", lots=lots, ticks=order.ticks, maker=True)

    def _missing(self, side: int, ticks: int, now: int) -> int:
        mine = [t for t in self.taken if (t.side, t.ticks) == (side, ticks) and now - t.at_ns < self.recovery_ns]
        return sum(t.lots - t.lots * (now - t.at_ns) // self.recovery_ns for t in mine)

    def _level(self, row: int) -> None:
        depth = self.ticks.depth
        side, ticks, lots, flags = (int(getattr(depth, n)[row]) for n in ("side", "ticks", "lots", "flags"))
        now = int(depth.exch_ns[row])
        if flags & 5 == 5:
            self.taken.clear()
        self.book.take(side, ticks, lots, flags)
        for order in self.own:
            if (order.side, order.ticks) == (side, ticks):
                order.ahead = min(order.ahead, lots)
        over = self._missing(side, ticks, now) - lots
        for t in self.taken:
            if (t.side, t.ticks) == (side, ticks) and over > 0:
                cut = min(over, t.lots)
                t.lots, over = t.lots - cut, over - cut
        self.taken = [t for t in self.taken if t.lots > 0 and now - t.at_ns < self.recovery_ns]
        if lots:
            left = lots - self._missing(side, ticks, now)
            for order in self._best_first(-side):
                if side * (ticks - order.ticks) < 0 or left <= 0:
                    break
                filled = min(order.left, left)
                left -= filled
                self._fill(now, order, filled)
                self.taken.append(Taken(side, ticks, filled, now))
            self.own = [order for order in self.own if order.left]

    def _best_first(self, side: int) -> list[Own]:
        return sorted((o for o in self.own if o.side == side), key=lambda o: -side * o.ticks)

    def _trade(self, row: int) -> None:
        trades = self.ticks.trades
        ticks, left, now = int(trades.ticks[row]), int(trades.lots[row]), int(trades.exch_ns[row])
        side = BUY if trades.buyer_is_maker[row] else SELL
        for order in self._best_first(side):
            if side * (order.ticks - ticks) < 0 or left == 0:
                break
            if order.ticks == ticks:
                order.ahead -= left
                reached = max(0, -order.ahead)
                if reached:
                    order.ahead = 0
                reached = min(reached, left)
                if not reached:
                    continue
                filled = min(order.left, reached)
            else:
                filled = min(order.left, left)
            left -= filled
            self._fill(now, order, filled)
        self.own = [order for order in self.own if order.left]

    def _serve(self, now: int, what: str, key: int, order: Any) -> None:
        if what == "cancel":
            there = [o for o in self.own if o.key == key]
            if there:
                self.own.remove(there[0])
                self._say(now, key, "cancelled")
            return
        side, ticks, lots, post_only = order
        levels = self.book.asks if side == BUY else self.book.bids
        meets = [p for p in sorted(levels, reverse=side == SELL) if ticks is None or side * (ticks - p) >= 0]
        if meets and post_only:
            self._say(now, key, "would_take")
            return
        for price in meets:
            filled = min(lots, max(0, levels[price] - self._missing(-side, price, now)))
            if filled:
                lots -= filled
                self._say(now, key, "filled", lots=filled, ticks=price)
                self.taken = [t for t in self.taken if now - t.at_ns < self.recovery_ns]
                self.taken.append(Taken(-side, price, filled, now))
        if lots and ticks is None:
            self._say(now, key, "expired")
        elif lots:
            same = self.book.bids if side == BUY else self.book.asks
            self.own.append(Own(key, side, ticks, lots, same.get(ticks, 0)))
