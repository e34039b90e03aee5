"""Who is being traced right now. One fact, kept in a context variable so that threads do not mix."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from .kinds import ClockFamily


@dataclass(frozen=True, slots=True)
class Trace:
    """The function being traced: its name, whether it sees several assets, its parameters' values, what its rows are made of."""

    name: str
    sees_panel: bool
    parameters: dict[str, object]
    family: ClockFamily = ClockFamily.BAR


_current: ContextVar[Trace | None] = ContextVar("bot4_trace", default=None)


def current() -> Trace | None:
    """Returns the running trace; nothing outside of one (a free-standing expression in a notebook)."""
    return _current.get()


@contextmanager
def tracing(trace: Trace) -> Iterator[None]:
    """Makes `trace` the running one."""
    token = _current.set(trace)
    try:
        yield
    finally:
        _current.reset(token)
