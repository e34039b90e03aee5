"""Streams without sense: any event to any order in any state, as a venue gone mad or a bug would send them."""

from __future__ import annotations

from random import Random

from . import model as m
from .model import Row

OTHERS = (m.OPEN, m.OPEN, m.OPEN, m.QUESTION, m.FORGET, m.RESTART, m.DISCONNECT)


def rows(seed: int, stream: int) -> list[Row]:
    """Returns a stream of some twenty rows over three orders."""
    dice = Random(seed)
    made: list[Row] = [(stream, m.OPEN, 1, 0, 0, dice.choice((-5, 5)), 500, -1, 0)]
    now = 0
    for _ in range(dice.randrange(4, 30)):
        now += dice.choice((0, 1, 10, 60, 120, 1_100) if dice.random() < 0.2 else (0, 1, 10))
        what = dice.choice(OTHERS) if dice.random() < 0.15 else dice.randrange(20)
        number = dice.randrange(1, 4)
        lots = dice.randrange(1, 7)
        if what == m.OPEN:
            lots *= dice.choice((-1, 1))
        request, trade = dice.randrange(5), dice.randrange(1, 12)
        told = dice.choice((-1, -1, 0, 2, 5))
        made.append((stream, what, number, request, trade, lots, dice.choice((500, 501)), told, now))
    return made
