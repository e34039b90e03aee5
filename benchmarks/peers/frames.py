"""The benchmark's market as the frames that the peers read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

if TYPE_CHECKING:
    from benchmarks.market import Bars


def ohlcv(bars: Bars, interval_ms: int = 0, capital: bool = False, utc: bool = False) -> Any:
    """Returns the bars as a frame indexed by their open, or by their close if the interval is given; `capital` writes `Open`."""
    names = ("open", "high", "low", "close", "volume")
    index = pd.to_datetime(bars.ts + interval_ms, unit="ms", utc=utc)
    return pd.DataFrame({name.capitalize() if capital else name: getattr(bars, name) for name in names}, index=index)
