"""What stood above the strategy did: layers of the guard, commands of people, circuit breakers; each change with what was measured."""

from __future__ import annotations

from collections import Counter

from .. import text
from ..page import Page
from ..tear import TearSheet
from ..view import RunView

SHOWN = 200


def controls(page: Page, view: RunView, _tear: TearSheet) -> None:
    """Adds every change of the guard and of breakers, and every command; nothing where none came."""
    if not view.controls:
        return
    rows = [
        [text.minute(row.ts_ms), row.part, row.what, row.before, row.after, row.measured, row.limit]
        for row in view.controls[:SHOWN]
    ]
    of_part = Counter(row.part for row in view.controls)
    told = ", ".join(f"{text.count(count)} of the {part}" for part, count in sorted(of_part.items()))
    more = f" The first {SHOWN} are shown." if len(view.controls) > SHOWN else ""
    head = ["Time", "Part", "What", "From", "To", "Measured", "Limit"]
    table = page.table(head, rows, left=5, name="Changes of the guard and the breakers", sortable=True)
    page.section("Guard and breakers", table, f"{told}.{more}")
