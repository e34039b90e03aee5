"""The slow model of an order's life, written from the sentences of docs/orders.md and not from the engine's table.

Everything is recomputed from what was ever heard: positions are sums over trades, lots in flight sums over orders. It answers each row of a
stream with the nine numbers that `_engine.follow_orders` gives: effect, from, to, booked, missing, request, position, lots in flight to buy
and to sell.
"""

from __future__ import annotations

from dataclasses import dataclass, field

NEW, PENDING, WORKING, PART, CANCELLING, REPLACING, FILLED, CANCELLED, REJECTED, EXPIRED, UNKNOWN = range(11)
(SEND, NOT_SENT, NO_ANSWER, CANCEL, REPLACE, ACCEPTED, REFUSED, FILL, WAS_CANCELLED, CANCEL_REFUSED) = range(10)
(REPLACED, REPLACE_REFUSED, WAS_EXPIRED, FOUND_OPEN, FOUND_FILLED, FOUND_CANCELLED) = range(10, 16)
(FOUND_EXPIRED, FOUND_REJECTED, NOT_FOUND_YET, NOT_FOUND) = range(16, 20)
OPEN, QUESTION, FORGET, RESTART, DISCONNECT = range(20, 25)
(NOTE, IGNORE, REFUSE, DROP, BOOK, BOOK_LATE, ASK, COMMIT, REVERT, LOST, CONFLICT, FOREIGN, FULL) = range(13)
KNOWN, STALE, NO_ROOM, FENCED = 13, 14, 15, 16

OVER = {FILLED, CANCELLED, REJECTED, EXPIRED}
ANSWERS = {FOUND_OPEN, FOUND_FILLED, FOUND_CANCELLED, FOUND_EXPIRED, FOUND_REJECTED, NOT_FOUND_YET, NOT_FOUND}
# What shows that the venue has, or had, the order.
SHOWS = {
    ACCEPTED, FILL, WAS_CANCELLED, WAS_EXPIRED, REPLACED, FOUND_OPEN, FOUND_FILLED, FOUND_CANCELLED, FOUND_EXPIRED,
}  # fmt: skip
ENDS = {
    WAS_CANCELLED: CANCELLED, FOUND_CANCELLED: CANCELLED, WAS_EXPIRED: EXPIRED, FOUND_EXPIRED: EXPIRED,
}  # fmt: skip

Row = tuple[int, int, int, int, int, int, int, int, int]
Answer = tuple[int, int, int, int, int, int, int, int, int]


@dataclass
class Followed:
    """One order, with everything ever heard of it."""

    number: int
    side: int
    lots: int
    ticks: int
    epoch: int
    state: int = NEW
    trades: list[int] = field(default_factory=list)
    told: int = 0
    wanted: tuple[int, int] | None = None
    last: int = 0
    send: int = 0
    cancel: int = 0
    replace: int = 0
    ask: int = 0
    is_shown: bool = False
    deadline: int = 2**63 - 1
    asked: int = -(2**63)
    ended: int = 0

    @property
    def filled(self) -> int:
        return sum(self.trades)

    @property
    def most(self) -> int:
        """The most lots it may come to: of both terms while a change is not answered."""
        return self.lots if self.wanted is None else max(self.lots, self.wanted[0])

    @property
    def missing(self) -> int:
        return max(0, self.told - self.filled)

    @property
    def flies(self) -> int:
        end = self.told if self.state in OVER else max(self.most, self.told)
        return max(0, end - self.filled)

    def by_lots(self) -> int:
        if self.filled <= 0:
            return WORKING
        return PART if self.filled < self.most else FILLED

    def filled_or(self, state: int) -> int:
        return FILLED if self.filled >= self.most else state


class Model:
    """The orders of one stream."""

    def __init__(self, orders: int = 64, trades: int = 512, retention: int = 1_000, window: int = 100) -> None:
        self.room, self.trade_room, self.retention, self.window = orders, trades, retention, window
        self.orders: dict[int, Followed] = {}
        self.seen: dict[int, int] = {}
        self.line: list[int] = []
        self.newest = -1
        self.epoch = 1
        self.position = 0

    def take(self, row: Row) -> Answer:
        """Takes one row of a stream."""
        _, what, number, request, trade, lots, ticks, filled, ts = row
        if what == OPEN:
            first = (self._open(number, lots, ticks), 0, 0, 0, 0, 0)
        elif what == FORGET:
            first = (0, 0, 0, 0, self._forget(ts), 0)
        elif what in (RESTART, DISCONNECT):
            self.epoch += what == RESTART
            first = (0, 0, 0, 0, self._lose(ts), 0)
        elif what == QUESTION:
            first = (0, 0, 0, 0, 0, self._question(number, ts))
        elif number not in self.orders:
            first = (FOREIGN, UNKNOWN, UNKNOWN, 0, 0, 0)
        elif what == SEND and self.orders[number].epoch != self.epoch:
            first = (FENCED, 0, 0, 0, 0, 0)  # Nothing of an earlier epoch is sent.
        else:
            first = self._order(self.orders[number], what, request, trade, lots, ticks, filled, ts)
        buys = sum(o.flies for o in self.orders.values() if o.side > 0)
        sells = sum(o.flies for o in self.orders.values() if o.side < 0)
        return (*first, self.position, buys, sells)

    def _open(self, number: int, lots: int, ticks: int) -> int:
        if number in self.orders:
            return KNOWN
        if number <= self.newest:
            return STALE
        if self.trade_room - len(self.seen) <= self.trade_room // 8 or len(self.orders) >= self.room:
            return NO_ROOM
        self.orders[number] = Followed(number, 1 if lots > 0 else -1, abs(lots), ticks, self.epoch)
        self.newest = number
        return NOTE

    def _forget(self, ts: int) -> int:
        freed = 0
        for _ in range(len(self.line)):
            order = self.orders[self.line[0]]
            if order.state in OVER and order.ended + self.retention > ts:
                break
            self.line.pop(0)
            if order.state not in OVER:
                continue  # It lives again.
            if order.missing:
                order.ended = ts
                self.line.append(order.number)
                continue
            del self.orders[order.number]
            self.seen = {trade: owner for trade, owner in self.seen.items() if owner != order.number}
            freed += 1
        return freed

    def _lose(self, ts: int) -> int:
        lost = [order for order in self.orders.values() if order.state not in OVER]
        for order in lost:
            if order.state == NEW:
                order.deadline = ts + self.window  # Nobody knows whether it left.
            order.state, order.ask = UNKNOWN, 0
        return len(lost)

    def _question(self, number: int, ts: int) -> int:
        order = self.orders.get(number)
        if order is None:
            return 0
        order.last += 1
        order.ask, order.asked = order.last, ts
        return order.ask

    def _order(
        self, o: Followed, what: int, request: int, trade: int, lots: int, ticks: int, filled: int, ts: int
    ) -> tuple[int, int, int, int, int, int]:
        before, was = o.filled, o.state
        if what in (SEND, CANCEL, REPLACE):
            effect, number = self._act(o, what, (lots, ticks), ts)
            self._settle(o, was, ts)
            return (effect, was, o.state, 0, o.missing, number)
        # It is certainly lost only where the question was asked after the message could arrive and the venue never showed it.
        if what == NOT_FOUND and not (o.asked > o.deadline and not o.is_shown and not o.trades):
            what = NOT_FOUND_YET
        if self._is_old(o, what, request):
            return (IGNORE, was, was, 0, o.missing, 0)
        if what == FILL:
            if trade in self.seen:
                return (IGNORE, was, was, 0, o.missing, 0)
            if len(self.seen) == self.trade_room:
                return (FULL, was, was, 0, o.missing, 0)
            self.seen[trade] = o.number
            o.trades.append(lots)
        o.told = max(o.told, filled, o.filled)
        if what == FOUND_OPEN and o.wanted == (lots, ticks):
            (o.lots, o.ticks), o.wanted = o.wanted, None
        if what == FOUND_FILLED and o.wanted is not None:
            # What is filled whole is not changed any more: its lots say at which terms.
            if o.wanted[0] == lots:
                o.lots, o.ticks = o.wanted
            o.wanted = None
        o.is_shown |= what in SHOWS
        self._answered(o, what, request)
        effect = self._told(o, what)
        self._settle(o, was, ts)
        booked = o.side * (o.filled - before)
        self.position += booked
        return (effect, was, o.state, booked, o.missing, 0)

    def _settle(self, o: Followed, was: int, ts: int) -> None:
        if o.state == UNKNOWN != was:
            o.ask = 0  # Answers to what was asked before say nothing about now.
        if o.state in OVER:
            o.wanted = None
            if was not in OVER:
                o.ended = ts
            if o.number not in self.line:
                self.line.append(o.number)

    def _act(self, o: Followed, what: int, terms: tuple[int, int], ts: int) -> tuple[int, int]:
        """What we do ourselves: returns effect and request; 0 where nothing goes out."""
        if what == SEND:
            if o.state != NEW:
                return REFUSE, 0
            o.state, o.deadline = PENDING, ts + self.window
            o.last += 1
            o.send = o.last
            return NOTE, o.last
        if what == CANCEL:
            if o.state in OVER:
                return REFUSE, 0
            if o.state == NEW:
                o.state = CANCELLED
                return DROP, 0
            o.state = UNKNOWN if o.state == UNKNOWN else CANCELLING
            o.last += 1
            o.cancel = o.last
            return NOTE, o.last
        if o.state not in (WORKING, PART):
            return REFUSE, 0
        o.state, o.wanted = REPLACING, terms
        o.last += 1
        o.replace = o.last
        return NOTE, o.last

    @staticmethod
    def _is_old(o: Followed, what: int, request: int) -> bool:
        """Whether it answers a request that does not wait for an answer."""
        if what == CANCEL_REFUSED:
            return o.cancel == 0 or request != o.cancel
        if what in (REPLACED, REPLACE_REFUSED):
            return o.wanted is None or request != o.replace
        if what in ANSWERS:
            return o.ask == 0 or request != o.ask
        if what == NO_ANSWER:
            return request not in (0, o.send, o.cancel, o.replace, o.ask)
        return False

    @staticmethod
    def _answered(o: Followed, what: int, request: int) -> None:
        if what in (ACCEPTED, REFUSED):
            o.send = 0
        elif what == CANCEL_REFUSED:
            o.cancel = 0
        elif what == NO_ANSWER and request:
            o.send = 0 if o.send == request else o.send
            o.cancel = 0 if o.cancel == request else o.cancel
            o.ask = 0 if o.ask == request else o.ask

    def _told(self, o: Followed, what: int) -> int:
        """What the transport or the venue says: moves the state, returns the effect."""
        is_over = o.state in OVER
        if what == FILL:
            if is_over:
                return BOOK_LATE
            # While something is asked for or unknown, only the last lot says more than it did.
            decides = o.state in (NEW, PENDING, WORKING, PART)
            o.state = o.by_lots() if decides else o.filled_or(o.state)
            return BOOK
        if is_over:
            return self._told_after_the_end(o, what)
        if what == NOT_SENT:
            if o.state in (NEW, PENDING):
                o.state = REJECTED
                return NOTE
            return IGNORE
        if what == NO_ANSWER:
            o.state = UNKNOWN
            return ASK
        if what == ACCEPTED:
            if o.state == UNKNOWN:
                return ASK
            if o.state in (NEW, PENDING):
                o.state = o.by_lots()
                return NOTE
            return IGNORE
        if what in ENDS:
            o.state = ENDS[what]
            return NOTE
        if what == CANCEL_REFUSED:
            if o.state in (CANCELLING, UNKNOWN):
                o.state = UNKNOWN
                return ASK
            return IGNORE
        if what in (REPLACED, REPLACE_REFUSED):
            return self._changed(o, what)
        if what == FOUND_OPEN:
            o.state = o.state if o.state in (CANCELLING, REPLACING) else o.by_lots()
            return NOTE
        if what == FOUND_FILLED:
            o.state = o.filled_or(UNKNOWN)
            return NOTE
        # Refused or not found: what was in the book cannot be either.
        if o.state in (WORKING, PART, REPLACING):
            o.state = UNKNOWN
            return CONFLICT
        if what == NOT_FOUND_YET:
            return ASK
        o.state = REJECTED
        return LOST if what == NOT_FOUND else NOTE

    @staticmethod
    def _changed(o: Followed, what: int) -> int:
        if o.state in (NEW, PENDING):
            return IGNORE
        if what == REPLACED and o.wanted is not None:
            o.lots, o.ticks = o.wanted
        o.wanted = None
        o.state = o.filled_or(o.state) if o.state in (CANCELLING, UNKNOWN) else o.by_lots()
        return COMMIT if what == REPLACED else REVERT

    @staticmethod
    def _told_after_the_end(o: Followed, what: int) -> int:
        """An ended order is contradicted only where it never reached the book and is found there."""
        if o.state == REJECTED and what == FOUND_OPEN:
            o.state = o.by_lots()
            return CONFLICT
        if o.state == REJECTED and what == FOUND_FILLED:
            o.state = UNKNOWN
            return CONFLICT
        return IGNORE
