"""Reads entries as they stand, without judging them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import sqlalchemy as sa

from ..schema import chain
from .entry import RUNS, Entry

if TYPE_CHECKING:
    from sqlalchemy import Connection

AT_ONCE = 1_000


def contents(connection: Connection) -> list[Entry]:
    """Returns the entries that carry their content whole, in order."""
    query = sa.select(chain).where(chain.c.kind != RUNS).order_by(chain.c.number)
    return [Entry(**row) for row in connection.execute(query).mappings()]


def every(connection: Connection) -> Iterator[Entry]:
    """Yields all entries in order, some at a time.

    Ends where numbers do not rise, as in a file whose index is damaged: whoever judges has seen it by then.
    """
    after = None
    while True:
        query = sa.select(chain) if after is None else sa.select(chain).where(chain.c.number > after)
        found = connection.execute(query.order_by(chain.c.number).limit(AT_ONCE)).mappings().all()
        if not found:
            return
        for row in found:
            yield Entry(**row)
        last = found[-1]["number"]
        if not isinstance(last, int) or (after is not None and last <= after):
            return
        after = last


def count(connection: Connection) -> int:
    """Returns the number of entries."""
    return int(connection.execute(sa.select(sa.func.count()).select_from(chain)).scalar_one())
