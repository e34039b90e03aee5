"""Whole runs on ticks against an independent slow replay: venue and desk written again, fill for fill."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

import bot4 as b4
from tests.backtest.tick_market import made, real
from tests.backtest.tick_slow import slow_rows
from tests.backtest.tick_venue_slow import BUY, SELL, Said, SlowVenue

if TYPE_CHECKING:
    from bot4.data.ticks import Ticks

MS = 1_000_000
LATENCY_MS = 7
RECOVERY_NS = 1_000 * MS
Fill = tuple[int, int, int, int, bool]
"""Venue time, local time (ns), signed lots, price (ticks), whether it rested."""


@b4.strategy(on=b4.book(every="100ms"))
def maker(m, half: float = b4.param(1.25, 0.25, 100.0), size: float = b4.param(0.01, 0.001, 10.0), tick: float = 0.1):
    """Quotes around the mid, so many ticks to each side, at most three sizes long or short."""
    return b4.quotes(m.book.mid, 2 * half * tick, b4.size.qty(size), max_inventory=3 * size)


@b4.strategy(on=b4.book(every="200ms"))
def taker(m, size: float = b4.param(0.05, 0.001, 10.0)):
    """Long where bids weigh more, short where asks do, flat between."""
    lean = m.book.imbalance
    return b4.target(qty=b4.where(lean > 0.4, size, b4.where(lean < -0.4, -size, 0.0)), band=0.0)


@dataclass
class SlowDesk:
    """One position, orders by key: what docs/semantics.md, section 7 says of an unchanged, a changed and a missing key."""

    venue: SlowVenue
    position: int = 0
    fills: list[Fill] = field(default_factory=list)
    working: dict[str, tuple[int, int, int]] = field(default_factory=dict)
    sides: dict[int, int] = field(default_factory=dict)
    sent: int = 0
    cut: bool = False
    """Whether an order ended with lots left since the last decision."""

    def hear(self, said: Said) -> None:
        """Takes a report."""
        if said.word == "filled":
            lots = said.lots * self.sides[said.key]
            self.position += lots
            self.fills.append((said.venue_ns, said.local_ns, lots, said.ticks, said.maker))
        self.cut |= said.word == "expired"
        for key, (number, ticks, left) in list(self.working.items()):
            if number == said.key:
                left -= said.lots
                self.working[key] = (number, ticks, left)
                if said.word != "filled" or left == 0:
                    del self.working[key]

    def quote(self, now_ns: int, wanted: dict[str, tuple[int, int, int]]) -> None:
        """Decides: `wanted` are (side, ticks, lots) by key; keys in order, cancels first, then what reduces, then the rest."""
        sends = []
        for key in sorted({*self.working, *wanted}):
            order = wanted.get(key)
            if key in self.working:
                if order is not None and self.working[key][1] == order[1]:
                    continue
                self.venue.ask(now_ns, "cancel", self.working.pop(key)[0])
            if order is not None:
                sends.append((key, order))
        reduces = {
            key: order[0] == -math.copysign(1, self.position) if self.position else False for key, order in sends
        }
        for key, order in sorted(sends, key=lambda one: not reduces[one[0]]):
            self.send(now_ns, key, (*order, True))

    def send(self, now_ns: int, key: str, order: tuple[int, int | None, int, bool]) -> None:
        """Sends an order."""
        self.sides[self.sent] = order[0]
        self.venue.ask(now_ns, "new", self.sent, order)
        self.working[key] = (self.sent, order[1] if order[1] is not None else 0, order[2])
        self.sent += 1


def slow_run(ticks: Ticks, every_ms: int, decide: Any) -> SlowDesk:
    """Runs the slow venue and desk over every row that has a book."""
    begin = -(-ticks.span_ns[0] // (every_ms * MS)) * every_ms
    rows = int((ticks.span_ns[1] // MS - begin) // every_ms) + 1
    columns = slow_rows(ticks, begin, every_ms, rows)
    desk = SlowDesk(SlowVenue(ticks, LATENCY_MS * MS, RECOVERY_NS))
    for row in range(rows):
        now_ns = (begin + row * every_ms) * MS
        if math.isnan(columns["book.mid"][row]):
            continue
        for said in desk.venue.run(now_ns):
            desk.hear(said)
        decide(desk, now_ns, {name: column[row] for name, column in columns.items()})
    return desk


def quoting(tick: float, half: float, lots: int) -> Any:
    """Returns the maker's decision: in half ticks, so that nothing is left to rounding."""

    def decide(desk: SlowDesk, now_ns: int, row: dict[str, float]) -> None:
        mid2 = round(row["book.mid"] / tick * 2)
        wanted = {}
        if desk.position <= 2 * lots:
            wanted["quote-bid-1"] = (BUY, math.floor(mid2 / 2 - half), lots)
        if desk.position >= -2 * lots:
            wanted["quote-ask-1"] = (SELL, math.ceil(mid2 / 2 + half), lots)
        desk.quote(now_ns, wanted)

    return decide


def targeting(lots: int) -> Any:
    """Returns the taker's decision: a target acts when it is 0, changes sign or moves; what an order did not get is wanted anew."""
    acted = 0

    def decide(desk: SlowDesk, now_ns: int, row: dict[str, float]) -> None:
        nonlocal acted
        if desk.cut:
            acted, desk.cut = 0, False
        if desk.working:
            return  # one order at a time
        lean = row["book.imbalance"]
        target = lots if lean > 0.4 else -lots if lean < -0.4 else 0
        acts = desk.position != 0 if target == 0 else target != acted
        acted = target if acts or target == 0 else acted
        change = target - desk.position
        if acts and change:
            desk.send(now_ns, "target", (BUY if change > 0 else SELL, None, abs(change), False))

    return decide


def fills_of(result: Any) -> list[Fill]:
    fills, evidence = result.records["fills"], result.records["evidence"]
    columns = (evidence["venue_ns"], evidence["local_ns"], fills["lots"], fills["ticks"], fills["maker"])
    return [(int(v), int(n), int(q), int(p), bool(m)) for v, n, q, p, m in zip(*columns, strict=True)]


def run(strategy: Any, ticks: Ticks, **settings: Any) -> Any:
    return b4.backtest(strategy, ticks, latency_ms=LATENCY_MS, cash=1e7, record=False, **settings)


@pytest.mark.parametrize("seed", [3, 11])
def test_a_maker_is_filled_as_in_the_slow_replay(seed: int) -> None:
    ticks = made(seed)
    result = run(maker, ticks)
    slow = slow_run(ticks, 100, quoting(0.1, 1.25, 10))
    assert fills_of(result) == slow.fills
    assert len(slow.fills) >= 20
    assert {maker for *_, maker in slow.fills} == {True}
    rules = set(result.fills["rule"])
    assert rules == {"queue", "crossed"}, "both ways to be filled occur"


@pytest.mark.parametrize("seed", [3, 11])
def test_a_taker_is_filled_as_in_the_slow_replay(seed: int) -> None:
    ticks = made(seed)
    result = run(taker, ticks)
    slow = slow_run(ticks, 200, targeting(50))
    assert fills_of(result) == slow.fills
    assert len(slow.fills) > 50
    assert set(result.fills["rule"]) == {"took"}


def test_a_real_stretch_is_filled_as_in_the_slow_replay() -> None:
    ticks = real(seconds=30)
    result = run(maker, ticks, params={"half": 0.25})
    assert fills_of(result) == slow_run(ticks, 100, quoting(0.1, 0.25, 10)).fills
    assert len(result.fills) > 10
