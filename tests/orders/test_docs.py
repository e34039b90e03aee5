"""docs/orders.md explains every state, event and effect of the engine's table, which docs/reference/orders.md draws."""

from __future__ import annotations

from pathlib import Path

from bot4.records.orders import order_table

DOCS = Path(__file__).parents[2] / "docs"


def test_every_name_is_explained() -> None:
    text = (DOCS / "orders.md").read_text(encoding="utf-8")
    life = order_table()
    missing = [name for name in (*life.states, *life.events, *life.effects) if f"`{name}`" not in text]
    assert not missing


def test_every_cell_is_drawn() -> None:
    lines = (DOCS / "reference" / "orders.md").read_text(encoding="utf-8").splitlines()
    life = order_table()
    for event in life.events:
        drawn = next(line for line in lines if line.startswith(f"| {event} |"))
        assert drawn == "| " + " | ".join([event, *(life.cell(event, state) for state in life.states)]) + " |"
