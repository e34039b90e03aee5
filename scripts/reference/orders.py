"""docs/reference/orders.md: the life of an order, drawn from the engine's table."""

from __future__ import annotations

from bot4.records.orders import OrderTable, order_table
from scripts.reference.markdown import code, table

INTRO = """# The life of an order

What each event does to an order in each state, as the engine has it; what the words mean stands in [orders](../orders.md).
`·` is the state as it was, and in brackets stands the effect where it is not a mere note.
"""
BY_LOTS = {
    "by_lots": ("working", "partly_filled", "filled"),
    "filled_or_stay": ("filled",),
    "filled_or_unknown": ("filled", "unknown"),
}


def page() -> str:
    """Returns the page."""
    life = order_table()
    cells = [[event, *(life.cell(event, state) for state in life.states)] for event in life.events]
    whole = table(["event", *life.states], cells)
    rows = [
        (code(state), code(to), ", ".join(events)) for state in life.states for to, events in _ways(life, state).items()
    ]
    ways = table(["from", "to", "by"], rows)
    return (
        f"{INTRO}\n{whole}\n`by_lots` leads by what is filled: nothing → `working`, a part → `partly_filled`, all → `filled`. "
        f"`filled_or_stay` is `filled` once all is, `filled_or_unknown` is `unknown` until all its trades are known.\n\n## Ways\n\n{ways}"
    )


def _ways(life: OrderTable, state: str) -> dict[str, list[str]]:
    """Returns where a state leads, and by which events."""
    found: dict[str, list[str]] = {}
    for cell in life.cells:
        if cell.state == state and cell.next != "stay":
            for to in BY_LOTS.get(cell.next, (cell.next,)):
                if to != state:
                    found.setdefault(to, []).append(cell.event)
    return found
