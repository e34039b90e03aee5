"""Types of the ticks' part of `bot4._engine`; only a stub, kept apart so that each file fits in one read."""

from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from bot4._engine import Market

_Floats = npt.NDArray[np.float64]

def ticks_parse_binance(text: bytes) -> dict[str, Any]:
    """Read Binance's recorded WebSocket lines: `changes`, `prints` and `tops` as columns of 1e-8 and ns, and what was counted."""

def ticks_levels(orders: dict[str, npt.NDArray[Any]]) -> dict[str, npt.NDArray[Any]]:
    """Play rows of orders: `row`, `side`, `ticks`, `lots` of each level that changes; `is_good` and `order_…` of each row."""

def ticks_of_agents(seconds: int, seed: int, start_us: int, tick: int) -> dict[str, Any]:
    """Let the exchange's agents trade: `orders` and `trades` as columns of 1e-8 and ns; `tick` in 1e-8, 0 for the profile's."""

class TickReplay:
    """Real market data with our orders in it (docs/ticks.md); reads the columns in place, they must not be written to while it lives."""

    told_names: ClassVar[list[str]]
    why_names: ClassVar[list[str]]

    def __init__(
        self,
        depth: dict[str, npt.NDArray[Any]],
        trades: dict[str, npt.NDArray[Any]],
        config_json: str,
        orders: dict[str, npt.NDArray[Any]] | None = None,
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

def ticks_features(
    depth: dict[str, npt.NDArray[Any]],
    trades: dict[str, npt.NDArray[Any]],
    best: dict[str, npt.NDArray[Any]] | None,
    every_ns: int,
    levels: int,
) -> dict[str, npt.NDArray[Any]]:
    """Sample ticks every so many ns of local time (0: at every arrival), in ticks and lots; with `best` from the venue's own quotes."""

def run_ticks(
    market: Market,
    rows: list[_Floats],
    program_json: str,
    config_json: str,
    ticks: tuple[Any, ...],
    terms_json: str,
    journal: tuple[str, str, tuple[str, int, int, int, bool]] | None = None,
    progress: Callable[[int], object] | None = None,
) -> dict[str, Any]:
    """Run a program over ticks. Returns what `run` does, and `reports` and `evidence` (docs/language-ticks.md)."""

def evaluate_ticks(
    market: Market,
    rows: list[_Floats],
    program_json: str,
    nodes: list[int],
    config_json: str | None = None,
    told: dict[str, Any] | None = None,
) -> dict[tuple[int, int], _Floats]:
    """Return the columns of nodes over rows of ticks; with a configuration and reports those of the feedback part too."""
