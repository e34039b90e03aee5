"""Types of the ticks' part of `bot4._engine`; only a stub, kept apart so that each file fits in one read."""

from typing import Any

def ticks_parse_binance(text: bytes) -> dict[str, Any]:
    """Read Binance's recorded WebSocket lines: `changes`, `prints` and `tops` as columns of 1e-8 and ns, and what was counted."""
