"""A slow ledger, written from docs/orders.md: exact fractions, lots one after the other, both costs.

It reads the fills of a result and knows nothing of the engine's books.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil

UNITS = 10**8


@dataclass
class Slow:
    """One instrument of one currency, by tick and lot as fractions of the quote and base currency."""

    tick: Fraction
    lot: Fraction
    lots: int = 0
    paid: int = 0
    average: list[int] = field(default_factory=lambda: [0, 0])
    fifo: list[int] = field(default_factory=lambda: [0, 0])
    queue: list[list[int]] = field(default_factory=list)

    def amount(self, lots: int, ticks: int) -> int:
        """Returns what signed lots cost, rounded against us."""
        return ceil(lots * self.lot * ticks * self.tick * UNITS)

    def fill(self, lots: int, ticks: int) -> None:
        """Takes a fill; [cost, realised] of both rules follow it."""
        closing = min(abs(lots), abs(self.lots)) if lots * self.lots < 0 else 0
        side = 1 if lots > 0 else -1
        whole = self.amount(lots, ticks)
        closed = whole if closing == abs(lots) else self.amount(side * closing, ticks)
        if closing:
            self._close(closing, closed)
        if abs(lots) > closing:
            opened = whole - closed
            self.average[0] += opened
            self.fifo[0] += opened
            self.queue.append([abs(lots) - closing, opened])
        self.lots += lots
        self.paid += whole

    def _close(self, lots: int, amount: int) -> None:
        carried = int(Fraction(self.average[0] * lots, abs(self.lots)))  # towards zero
        self.average[0] -= carried
        self.average[1] -= carried + amount
        carried, left = 0, lots
        while left:
            oldest = self.queue[0]
            taken = min(left, oldest[0])
            part = int(Fraction(oldest[1] * taken, oldest[0]))
            oldest[0] -= taken
            oldest[1] -= part
            carried += part
            left -= taken
            if not oldest[0]:
                self.queue.pop(0)
        self.fifo[0] -= carried
        self.fifo[1] -= carried + amount
