"""Types of the ticks' part of `bot4._engine`; only a stub, kept apart so that each file fits in one read."""

from typing import Any, ClassVar

import numpy.typing as npt

def ticks_parse_binance(text: bytes) -> dict[str, Any]:
    """Read Binance's recorded WebSocket lines: `changes`, `prints` and `tops` as columns of 1e-8 and ns, and what was counted."""

class TickReplay:
    """Real market data with our orders in it (docs/ticks.md); reads the columns in place, they must not be written to while it lives."""

    told_names: ClassVar[list[str]]
    why_names: ClassVar[list[str]]

    def __init__(
        self, depth: dict[str, npt.NDArray[Any]], trades: dict[str, npt.NDArray[Any]], config_json: str
    ) -> None: ...
    @property
    def now(self) -> int: ...
    @property
    def next_ns(self) -> int | None: ...
    @property
    def rows(self) -> tuple[int, int]: ...
    def submit(self, side: int, ticks: int | None, lots: int, force: str = "rest") -> int:
        """Send an order now and return its number; without `ticks` a market order."""

    def cancel(self, id: int) -> None: ...
    def amend(self, id: int, ticks: int, lots: int) -> None: ...
    def advance_to(self, local_ns: int) -> int:
        """Go on to a local time, ns; return how many reports arrived."""

    def advance_to_report(self, local_ns: int) -> int:
        """Go on until something is reported, at most to a local time, ns; return how many reports arrived."""

    def take_reports(self) -> dict[str, npt.NDArray[Any]]:
        """Return the reports since the last call as columns, and forget them."""

    def best(self) -> tuple[int, int, int, int]:
        """Return (bid ticks, bid lots, ask ticks, ask lots) as known locally; zeros for an empty side."""

    def levels(self, side: int, count: int) -> list[tuple[int, int]]: ...
    def lots_at(self, side: int, ticks: int) -> int: ...
    def mid(self) -> float | None: ...
    def microprice(self) -> float | None: ...
    def tape(self) -> tuple[int, int, int, int, int]:
        """Return (last ticks, last lots with the aggressor's sign, bought, sold, count) as known locally."""

    def book_hash(self) -> int: ...
