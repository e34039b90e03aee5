"""A small world in which orders go wrong: a venue that is right, a connection that is not, a driver that wishes.

The driver wishes one order a *purpose*. It acts only on what the model answers, so the rows it writes are what a host would do; the
engine is given the same rows afterwards and has to answer the same. What the venue holds in the end is the truth that both are compared
with: every lot counted once, and no purpose that ever had two orders in the book.
"""

from __future__ import annotations

from heapq import heappop, heappush
from random import Random
from typing import Any

from . import model as m
from .model import Model, Row

TIMEOUT = 40
QUIET = 2_000
MOST_TRIES = 4

Reply = tuple[int, int, int, int, int, int, int]


class Venue:
    """What the venue knows: for each id [lots, ticks, filled, status, trades]; status as in the model."""

    def __init__(self, dice: Random, window: int) -> None:
        self.dice, self.window = dice, window
        self.orders: dict[int, list[Any]] = {}
        self.trade = 0

    def send(self, number: int, lots: int, ticks: int, sent: int, now: int) -> int:
        """Takes an order unless its time stamp is too old; returns what it answers."""
        if now > sent + self.window or self.dice.random() < 0.05:
            return m.REFUSED
        assert number not in self.orders, "one id came twice"
        self.orders[number] = [abs(lots), ticks, 0, m.WORKING, []]
        return m.ACCEPTED

    def trades(self, number: int, lots: int) -> tuple[int, int] | None:
        """Fills up to so many lots; returns the trade."""
        order = self.orders.get(number)
        if order is None or order[3] != m.WORKING:
            return None
        lots = min(lots, order[0] - order[2])
        order[2] += lots
        self.trade += 1
        order[4].append((self.trade, lots))
        if order[2] == order[0]:
            order[3] = m.FILLED
        return self.trade, lots

    def end(self, number: int, status: int) -> bool:
        order = self.orders.get(number)
        if order is None or order[3] != m.WORKING:
            return False
        order[3] = status
        return True

    def replace(self, number: int, lots: int, ticks: int) -> bool:
        order = self.orders.get(number)
        if order is None or order[3] != m.WORKING or lots <= order[2]:
            return False
        order[0], order[1] = lots, ticks
        return True

    def found(self, number: int) -> tuple[int, int, int, int]:
        """Answers a question: (event, lots, ticks, filled)."""
        order = self.orders.get(number)
        if order is None:
            return m.NOT_FOUND, 0, -1, -1
        event = {m.WORKING: m.FOUND_OPEN, m.FILLED: m.FOUND_FILLED, m.CANCELLED: m.FOUND_CANCELLED}
        return event.get(order[3], m.FOUND_EXPIRED), order[0], order[1], order[2]


class World:
    """One stream."""

    def __init__(self, seed: int, stream: int, window: int = 100) -> None:
        self.dice = Random(seed)
        self.stream = stream
        self.model = Model(window=window)
        self.venue = Venue(self.dice, window)
        self.rows: list[Row] = []
        self.answers: list[m.Answer] = []
        self.heap: list[tuple[Any, ...]] = []
        self.turn = 0
        self.now = 0
        self.is_quiet = False
        self.purposes: dict[int, int] = {}
        self.tries: dict[int, int] = {}
        self.live: dict[int, int] = {}
        self.sides: dict[int, int] = {}
        self.submitted = 0
        self.next = 0
        self.waiting: set[tuple[int, int]] = set()

    def run(self) -> None:
        """Lets it go wrong for a while, then lets everything be found out, and compares with the truth."""
        for purpose in range(1 + (self.dice.random() < 0.4)):
            self._at(self.dice.randrange(30), self._wish, purpose)
        if self.dice.random() < 0.25:
            self._at(self.dice.randrange(200), self._lose, m.RESTART if self.dice.random() < 0.6 else m.DISCONNECT)
        while self.heap:
            self.now, _, act, args = heappop(self.heap)
            act(*args)
        self._find_out()
        self._compare()

    def _at(self, delay: int, act, *args) -> None:
        self.turn += 1
        heappush(self.heap, (self.now + delay, self.turn, act, args))

    def _row(self, what: int, number: int = 0, request=0, trade=0, lots=0, ticks=-1, filled=-1) -> m.Answer:
        row = (self.stream, what, number, request, trade, lots, ticks, filled, self.now)
        self.rows.append(row)
        answer = self.model.take(row)
        self.answers.append(answer)
        if what < m.OPEN and number:
            self._react(number, answer)
        return answer

    def _react(self, number: int, answer: m.Answer) -> None:
        effect, missing = answer[0], answer[4]
        if effect in (m.ASK, m.CONFLICT):
            self._at(1 + self.dice.randrange(30), self._ask, number)
        elif effect == m.LOST or (effect == m.NOTE and answer[2] == m.REJECTED):
            self._at(1, self._wish, self.purposes[number])
        if missing and not self.is_quiet:
            self._at(1 + self.dice.randrange(30), self._fetch, number)

    # What the driver does.

    def _wish(self, purpose: int) -> None:
        if self.is_quiet or self.tries.get(purpose, 0) == MOST_TRIES:
            return
        self.tries[purpose] = self.tries.get(purpose, 0) + 1
        self.next += 1
        number = self.next
        self.purposes[number] = purpose
        lots = self.dice.randrange(1, 7) * (1 if self.dice.random() < 0.5 else -1)
        self.sides[number] = 1 if lots > 0 else -1
        assert self._row(m.OPEN, number, lots=lots, ticks=500)[0] == m.NOTE
        self.submitted += 1
        if self.dice.random() < 0.03:
            self._lose(m.RESTART)  # Recorded, and nobody knows whether it left.
            assert self._row(m.OPEN, number, lots=lots, ticks=500)[0] == m.KNOWN
            return
        request = self._row(m.SEND, number)[5]
        if self.dice.random() < 0.03:
            self._row(m.NOT_SENT, number)
            return
        self._goes(self._arrives, number, lots, request, self.now)
        self._wait(number, request)
        if self.dice.random() < 0.5:
            self._at(self.dice.randrange(1, 120), self._cancel, number)
        if self.dice.random() < 0.3:
            self._at(self.dice.randrange(1, 80), self._replace, number)

    def _cancel(self, number: int) -> None:
        answer = self._row(m.CANCEL, number)
        if answer[0] == m.NOTE:
            self._goes(self._cancels, number, answer[5])
            self._wait(number, answer[5])

    def _replace(self, number: int) -> None:
        lots = self.dice.randrange(1, 9)
        answer = self._row(m.REPLACE, number, lots=lots, ticks=501)
        if answer[0] == m.NOTE:
            self._goes(self._replaces, number, lots, answer[5])
            self._wait(number, answer[5])

    def _ask(self, number: int) -> None:
        request = self._row(m.QUESTION, number)[5]
        if request:
            self._goes(self._asked, number, request)
            self._wait(number, request)

    def _fetch(self, number: int) -> None:
        if self.dice.random() < 0.1:
            self._at(20, self._fetch, number)
            return
        for trade, lots in self.venue.orders[number][4]:
            self._row(m.FILL, number, trade=trade, lots=lots)

    def _lose(self, how: int) -> None:
        self._row(how)
        for number, order in list(self.model.orders.items()):
            if order.state == m.UNKNOWN:
                self._at(1 + self.dice.randrange(30), self._ask, number)

    def _wait(self, number: int, request: int) -> None:
        self.waiting.add((number, request))
        self._at(TIMEOUT, self._times_out, number, request)

    def _times_out(self, number: int, request: int) -> None:
        if (number, request) in self.waiting:
            self.waiting.discard((number, request))
            self._row(m.NO_ANSWER, number, request)

    # What the connection does.

    def _goes(self, act, *args) -> None:
        """A message to the venue: sometimes lost, sometimes late, sometimes later than the venue takes it."""
        if self.dice.random() < 0.08:
            return
        self._at(self._delay(), act, *args)

    def _comes(self, number: int, event: int, request=0, trade=0, lots=0, ticks=-1, filled=-1) -> None:
        """A report: sometimes lost, sometimes twice, each time late by itself."""
        chance = self.dice.random()
        if chance < 0.1:
            return
        for _ in range(2 if chance < 0.2 else 1):
            self._at(self._delay(), self._told, number, event, request, trade, lots, ticks, filled)

    def _delay(self) -> int:
        return self.dice.randrange(1, 12) if self.dice.random() < 0.85 else self.dice.randrange(12, 160)

    def _told(self, number: int, event: int, request: int, trade: int, lots: int, ticks: int, filled: int) -> None:
        self.waiting.discard((number, request))
        self._row(event, number, request, trade, lots, ticks, filled)

    # What the venue does.

    def _arrives(self, number: int, lots: int, request: int, sent: int) -> None:
        event = self.venue.send(number, lots, 500, sent, self.now)
        if event == m.ACCEPTED:
            purpose = self.purposes[number]
            self.live[purpose] = self.live.get(purpose, 0) + 1
            for _ in range(self.dice.randrange(4)):
                self._at(self.dice.randrange(150), self._trades, number)
            if self.dice.random() < 0.12:
                status = m.EXPIRED if self.dice.random() < 0.5 else m.CANCELLED
                self._at(self.dice.randrange(150), self._ends, number, status)
        self._comes(number, event, request)

    def _trades(self, number: int) -> None:
        trade = self.venue.trades(number, self.dice.randrange(1, 5))
        if trade:
            told = self.venue.orders[number][2] if self.dice.random() < 0.5 else -1
            self._comes(number, m.FILL, trade=trade[0], lots=trade[1], filled=told)

    def _ends(self, number: int, status: int) -> None:
        if self.venue.end(number, status):
            event = m.WAS_EXPIRED if status == m.EXPIRED else m.WAS_CANCELLED
            self._comes(number, event, filled=self.venue.orders[number][2])

    def _cancels(self, number: int, request: int) -> None:
        if self.venue.end(number, m.CANCELLED):
            self._comes(number, m.WAS_CANCELLED, request, filled=self.venue.orders[number][2])
        else:
            self._comes(number, m.CANCEL_REFUSED, request)

    def _replaces(self, number: int, lots: int, request: int) -> None:
        taken = self.venue.replace(number, lots, 501)
        self._comes(number, m.REPLACED if taken else m.REPLACE_REFUSED, request)

    def _asked(self, number: int, request: int) -> None:
        event, lots, ticks, filled = self.venue.found(number)
        self._comes(number, event, request, lots=lots, ticks=ticks, filled=filled)

    # How it ends.

    def _find_out(self) -> None:
        """Connects anew, without faults, and asks until nothing is open."""
        self.is_quiet = True
        self.now += QUIET
        self._row(m.DISCONNECT)
        for number, order in list(self.model.orders.items()):
            if order.state == m.UNKNOWN:
                request = self._row(m.QUESTION, number)[5]
                event, lots, ticks, filled = self.venue.found(number)
                self._row(event, number, request, lots=lots, ticks=ticks, filled=filled)
            if order.missing:
                for trade, lots in self.venue.orders[number][4]:
                    self._row(m.FILL, number, trade=trade, lots=lots)

    def _compare(self) -> None:
        truth = sum(self.sides[number] * order[2] for number, order in self.venue.orders.items())
        assert self.model.position == truth, f"position {self.model.position}, in truth {truth}"
        for number, order in self.model.orders.items():
            held = self.venue.orders.get(number)
            expected = m.REJECTED if held is None else held[3]
            if held is not None and held[3] == m.WORKING:
                expected = m.PART if held[2] else m.WORKING
            is_dropped = held is None and order.state == m.CANCELLED and order.last == 0
            assert order.state == expected or is_dropped, f"order {number} is {order.state}, in truth {expected}"
            assert order.filled == (held[2] if held else 0)
        assert all(count == 1 for count in self.live.values()), "a purpose had two orders in the book"
