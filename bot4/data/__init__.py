"""Market data: instruments, sources and their validation, quality reports, and a synthetic market.

    market = load("bars/binance-*-1h.parquet", timeframe="4h", start="2021-01-01")
    report = check("bars/binance-BTCUSDT-1h.parquet")
    market = synth(coins=6, bars=26_000, seed=7)

Names are imported when first used: Polars and NumPy cost half a second that `import bot4` must not pay.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot4.data.columns import Columns
    from bot4.data.errors import DataError
    from bot4.data.instrument import Instrument
    from bot4.data.listing import list_files
    from bot4.data.loader import load
    from bot4.data.market import Market
    from bot4.data.quality import Report, check
    from bot4.data.synthetic import synth

_HOMES = {
    "Columns": "columns",
    "DataError": "errors",
    "Instrument": "instrument",
    "Market": "market",
    "Report": "quality",
    "check": "quality",
    "list_files": "listing",
    "load": "loader",
    "synth": "synthetic",
}

__all__ = ["Columns", "DataError", "Instrument", "Market", "Report", "check", "list_files", "load", "synth"]


def __getattr__(name: str) -> object:
    """Imports a public name from its module when it is first asked for."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """Returns the public names, for completion."""
    return __all__
