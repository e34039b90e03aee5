"""One clock for a venue and the bots on it: it stands while a bot works, and is moved on to the earliest time that a bot sleeps until.

Bots take turns, so a run is the same each time. Which bot says what: `launch.py`.
"""

from __future__ import annotations

import socket
from dataclasses import dataclass, field
from typing import TextIO

from bot4.exchange import Exchange

PATIENCE_S = 120.0
STEP_MS = 60_000


@dataclass
class Sleeper:
    """A bot that waits to be woken: when, and the line to it."""

    name: str
    wakes_ms: int
    line: TextIO


@dataclass
class Clockwork:
    """Wakes bots in the order of their times and moves the venue's clock along."""

    exchange: Exchange
    now_ms: int = 0
    sleepers: list[Sleeper] = field(default_factory=list)
    turns: int = 0

    def __post_init__(self) -> None:
        """Listens for bots."""
        self.now_ms = self.exchange.control.state()["time_ms"]
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.settimeout(PATIENCE_S)

    @property
    def port(self) -> int:
        """Returns where bots say that they sleep."""
        return int(self.listener.getsockname()[1])

    def join(self) -> Sleeper:
        """Waits for a bot that was started, and lets it begin; returns once it sleeps for the first time."""
        connection, _ = self.listener.accept()
        connection.settimeout(PATIENCE_S)
        line = connection.makefile("rw", encoding="ascii")
        connection.close()  # The line holds it.
        sleeper = Sleeper("", self.now_ms, line)
        self._heard(sleeper)
        self.sleepers.append(sleeper)
        self.wake(sleeper)
        return sleeper

    def next(self) -> Sleeper:
        """Returns the bot that wakes first."""
        return min(self.sleepers, key=lambda sleeper: (sleeper.wakes_ms, sleeper.name))

    def advance(self, to_ms: int) -> None:
        """Moves the venue's clock on, a minute at a time: its agents do all of a step before it is answered."""
        while to_ms > self.now_ms:
            self.now_ms = self.exchange.control.advance(min(to_ms - self.now_ms, STEP_MS))["time_ms"]

    def turn(self) -> Sleeper:
        """Moves the clock to the next time a bot wakes at, and returns the bot once it sleeps again."""
        sleeper = self.next()
        self.advance(sleeper.wakes_ms)
        self.wake(sleeper)
        self.turns += 1
        return sleeper

    def wake(self, sleeper: Sleeper) -> None:
        """Lets a bot work until it sleeps again."""
        sleeper.line.write(f"{self.now_ms}\n")
        sleeper.line.flush()
        self._heard(sleeper)

    def stop(self, sleeper: Sleeper) -> None:
        """Ends a bot as Ctrl-C does."""
        self.sleepers.remove(sleeper)
        sleeper.line.write("stop\n")
        sleeper.line.flush()
        sleeper.line.close()

    def drop(self, sleeper: Sleeper) -> None:
        """Forgets a bot that was killed."""
        self.sleepers.remove(sleeper)
        sleeper.line.close()

    def close(self) -> None:
        """Ends it."""
        for sleeper in self.sleepers:
            sleeper.line.close()
        self.listener.close()

    def _heard(self, sleeper: Sleeper) -> None:
        said = sleeper.line.readline().split()
        if len(said) != 2:
            raise AssertionError(f"{sleeper.name} ended instead of going to sleep")
        sleeper.name, sleeper.wakes_ms = said[0], self.now_ms + int(said[1])
