"""Streams for the engine and the model: half a world with faults, half without sense; one seed each."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import numpy as np

from bot4 import _engine

from . import chaos
from .model import Answer, Model, Row
from .world import World

BATCH = 2_000


@dataclass
class Told:
    """What a number of streams came to."""

    streams: int = 0
    submitted: int = 0
    rows: int = 0
    effects: Counter[int] = field(default_factory=Counter)
    states: Counter[int] = field(default_factory=Counter)
    pairs: set[tuple[int, int]] = field(default_factory=set)

    def add(self, other: Told) -> None:
        self.streams += other.streams
        self.submitted += other.submitted
        self.rows += other.rows
        self.effects += other.effects
        self.states += other.states
        self.pairs |= other.pairs


def follow(first: int, count: int) -> Told:
    """Runs the streams of `count` seeds from `first` on through both. Raises AssertionError with the seed where anything differs."""
    told = Told()
    for begin in range(first, first + count, BATCH):
        rows: list[Row] = []
        answers: list[Answer] = []
        for seed in range(begin, min(begin + BATCH, first + count)):
            told.streams += 1
            if seed % 2:
                made = chaos.rows(seed, seed)
                model = Model()
                rows += made
                answers += [model.take(row) for row in made]
                continue
            world = World(seed, seed)
            try:
                world.run()
            except AssertionError as wrong:
                raise AssertionError(f"seed {seed}: {wrong}") from wrong
            told.submitted += world.submitted
            rows += world.rows
            answers += world.answers
        _compare(np.array(rows, dtype=np.int64), np.array(answers, dtype=np.int64))
        told.rows += len(rows)
        found = np.array(answers, dtype=np.int64)
        kinds = np.array([row[1] for row in rows])
        events = kinds < 20
        told.effects.update(found[events, 0].tolist())
        told.states.update(found[events, 2].tolist())
        told.pairs.update(zip(kinds[events].tolist(), found[events, 1].tolist(), strict=True))
    return told


def _compare(rows: np.ndarray, expected: np.ndarray) -> None:
    found = _engine.follow_orders(rows)
    wrong = np.flatnonzero((found != expected).any(axis=1))
    if len(wrong):
        at = int(wrong[0])
        seed = rows[at, 0]
        here = np.flatnonzero(rows[:, 0] == seed)
        lines = "\n".join(f"{rows[i].tolist()} -> {found[i].tolist()}" for i in here if i <= at)
        raise AssertionError(
            f"seed {seed}: the engine answers {found[at].tolist()}, the model {expected[at].tolist()}\n{lines}"
        )
