"""A recording as the exchange's market: what the engine must know of it, from a store of ticks or a raw file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .errors import ExchangeError

if TYPE_CHECKING:
    from bot4.data.ticks import Ticks

DECIMALS = 8
ROWS_S = 50_000.0
"""Rows a second that the venue mirrors with ease: what `max` is for a recording."""
FASTEST = 200.0


@dataclass(frozen=True)
class Market:
    """A recording for the engine: what it is of, and its columns of level changes and of trades."""

    setting: dict[str, Any]
    columns: tuple[dict[str, Any], dict[str, Any]]
    fastest: float
    """Speed of `max`: venue seconds a second at which no more rows come than the venue mirrors with ease."""


def read(source: str | Path | Ticks, recovery_ms: float = 1000.0) -> Market:
    """Returns a recording for the engine. `source`: ticks, a folder of the store, or a raw recording (docs/ticks.md).

    recovery_ms: how long what clients take from the book needs to come back. Raises ExchangeError, or DataError for what cannot be read.
    """
    ticks = _one(source)
    instrument = ticks.instrument
    if instrument.contract is not None:
        raise ExchangeError(
            f"{ticks.name} is an inverse contract, counted in contracts and paid in its base; play a linear market."
        )
    setting = {
        "symbol": f"{instrument.base}{instrument.quote}",
        "base": instrument.base,
        "quote": instrument.quote,
        "tick": _decimal(*instrument.tick),
        "lot": _decimal(*instrument.lot),
        "recovery_ms": round(recovery_ms),
    }
    first, last = ticks.span_ns
    rows_s = (ticks.depth.rows + ticks.trades.rows) / max((last - first) / 1e9, 1.0)
    fastest = max(1.0, min(FASTEST, ROWS_S / max(rows_s, 1.0)))
    return Market(setting, (ticks.depth.columns(), ticks.trades.columns()), fastest)


def _one(source: str | Path | Ticks) -> Ticks:
    from bot4.data.ticks import load

    if not isinstance(source, (str, Path)):
        return source
    path = Path(source).expanduser()
    if not path.exists():
        raise ExchangeError(f"{path} is not there; name a recording, or a folder that `bot4 data import` wrote.")
    found = load(path)
    if len(found) != 1:
        names = ", ".join(ticks.name for ticks in found) or "none"
        raise ExchangeError(f"{path} holds {names}, and an exchange plays one market; name the folder of one.")
    return found[0]


def _decimal(number: int, decimals: int) -> str:
    digits = f"{number:0{decimals + 1}d}"
    return f"{digits[: len(digits) - decimals]}.{digits[len(digits) - decimals :] or '0'}"
