"""The life of an order as the engine has it, and client order ids read back (docs/orders.md)."""

from __future__ import annotations

from dataclasses import dataclass

from .errors import RecordsError


@dataclass(frozen=True, slots=True)
class Cell:
    """What an event does in a state: where it leads, and its effect."""

    event: str
    state: str
    next: str
    effect: str


@dataclass(frozen=True, slots=True)
class OrderTable:
    """The whole table: names by code, and one cell for each event in each state."""

    states: tuple[str, ...]
    events: tuple[str, ...]
    effects: tuple[str, ...]
    cells: tuple[Cell, ...]

    def cell(self, event: str, state: str) -> str:
        """Returns a cell as text: the next state, "·" where it stays, and the effect but for a mere note."""
        found = self.cells[self.events.index(event) * len(self.states) + self.states.index(state)]
        where = "·" if found.next == "stay" else found.next
        return where if found.effect == "note" else f"{where} ({found.effect})"


@dataclass(frozen=True, slots=True)
class OrderId:
    """A client order id: who made it in which epoch (`strategy`: first 8 digits of the identity), for which intent."""

    epoch: int
    strategy: str
    intent: int


def order_table() -> OrderTable:
    """Returns the engine's table of an order's life."""
    from bot4 import _engine

    found = _engine.order_table()
    cells = tuple(Cell(*cell) for cell in found["table"])
    return OrderTable(tuple(found["states"]), tuple(found["events"]), tuple(found["effects"]), cells)


def read_order_id(text: str) -> OrderId:
    """Reads an id that a venue shows, with or without the dashes of a UUID. Raises RecordsError where it is none of Bot4's."""
    from bot4 import _engine

    found = _engine.read_client_order_id(text.replace("-", "").lower())
    if found is None:
        raise RecordsError(f"{text} is no client order id of Bot4; give the 32 digits that the venue shows.")
    epoch, strategy, intent = found
    return OrderId(epoch, f"{strategy:08x}", intent)
