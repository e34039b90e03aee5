"""Types of the ticks' part of `bot4._engine`; only a stub, kept apart so that each file fits in one read."""

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from bot4._engine import Market

_Floats = npt.NDArray[np.float64]

def ticks_parse_binance(text: bytes) -> dict[str, Any]:
    """Read Binance's recorded WebSocket lines: `changes`, `prints` and `tops` as columns of 1e-8 and ns, and what was counted."""

def tick_rows(ticks: tuple[Any, Any, Any], grid: tuple[int, int, int], scale: tuple[float, float]) -> list[_Floats]:
    """Return the columns of tick data at (first ms, every ms, rows) of local time, in the order of `bot4.strategy.ticks.COLUMNS`."""

def run_ticks(
    market: Market,
    rows: list[_Floats],
    program_json: str,
    config_json: str,
    ticks: tuple[Any, Any, Any],
    terms_json: str,
    journal: tuple[str, str, tuple[str, int, int, int]] | None = None,
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
