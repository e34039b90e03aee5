"""The run through the market's known crises: exact spans, shown only where the data covers them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from .. import formulas
from ..columns import DAY_MS, RunColumns
from .drawdowns import below_peak
from .exposure import Exposure
from .numbers import mean
from .series import Series


@dataclass(frozen=True)
class Crisis:
    """One window, from the close of a UTC day to the close of another."""

    name: str
    """Month and event."""
    start_ms: int
    """Close of the last day before the fall."""
    end_ms: int
    """Close of its last day."""
    source: str
    """Where the event is documented."""
    total: float
    """Return of the run, a fraction."""
    benchmark: float
    """Return of the benchmark."""
    max_drawdown: float
    """Deepest fall of equity inside the window, at every mark, ≤ 0; NaN after ruin."""
    mean_gross: float
    """Mean gross exposure at the days' closes."""


@dataclass(frozen=True)
class Crises:
    """Windows that lie wholly within the run, by time."""

    rows: tuple[Crisis, ...]
    """By time."""


@dataclass(frozen=True)
class Span:
    """A crisis by its first and last day (UTC dates): from the highest to the lowest daily close of Binance's BTC/USDT in between."""

    name: str
    last_high: date
    low: date
    source: str


WIKIPEDIA = "Wikipedia, 2018 cryptocurrency crash"
BIS_69 = "BIS Bulletin 69 (2023), Crypto shocks and retail losses"
SPANS = (
    Span(
        "2017-09 China bans ICOs", date(2017, 9, 1), date(2017, 9, 14), "People's Bank of China, notice of 2017-09-04"
    ),
    Span("2018-01 end of the ICO boom", date(2018, 1, 6), date(2018, 2, 5), WIKIPEDIA),
    Span("2018-11 below 4,000", date(2018, 11, 13), date(2018, 12, 15), WIKIPEDIA),
    Span("2020-03 COVID-19", date(2020, 3, 6), date(2020, 3, 12), "LedgerPrime (2020), Crypto's Black Thursday"),
    Span("2021-05 China and leverage", date(2021, 5, 8), date(2021, 5, 23), "The Straits Times, 2021-05-26"),
    Span("2022-05 Terra", date(2022, 5, 4), date(2022, 5, 12), BIS_69),
    Span("2022-06 Celsius", date(2022, 6, 6), date(2022, 6, 18), "Celsius Network, memo of 2022-06-12"),
    Span("2022-11 FTX", date(2022, 11, 5), date(2022, 11, 9), BIS_69),
    Span("2023-03 Silicon Valley Bank", date(2023, 3, 5), date(2023, 3, 10), "FDIC, PR-16-2023 of 2023-03-10"),
    Span("2024-08 yen carry trade", date(2024, 8, 1), date(2024, 8, 5), "BIS Bulletin 90 (2024)"),
    Span(
        "2025-10 tariffs",
        date(2025, 10, 9),
        date(2025, 10, 11),
        "yellow.com, research on the liquidations of 2025-10-10",
    ),
)
"""What the report shows. The source documents the event; the days are those of the data."""


def crises(run: RunColumns, series: Series, exposure: Exposure) -> Crises:
    """Returns the crises that lie wholly within the run's days."""
    if not series.days:
        return Crises(())
    covered = [s for s in SPANS if series.times[0] <= _close(s.last_high) and _close(s.low) <= series.times[-1]]
    return Crises(tuple(_crisis(run, series, exposure, span) for span in covered))


def _close(day: date) -> int:
    """Returns the time at which a UTC day closes."""
    return (day - date(1970, 1, 1)).days * DAY_MS + DAY_MS


def _crisis(run: RunColumns, series: Series, exposure: Exposure, span: Span) -> Crisis:
    start, end = _close(span.last_high), _close(span.low)
    first, last = (int(row) for row in np.searchsorted(series.times, (start, end), side="right") - 1)
    marks = slice(*np.searchsorted(run.equity_ts, (start, end), side="right") - (1, 0))
    return Crisis(
        name=span.name,
        start_ms=start,
        end_ms=end,
        source=span.source,
        total=formulas.total_return(float(series.equity[first]), float(series.equity[last])),
        benchmark=formulas.total_return(float(series.benchmark[first]), float(series.benchmark[last])),
        max_drawdown=float(below_peak(run.equity[marks].astype(np.float64)).min()),
        mean_gross=mean(exposure.gross[first : last + 1]),
    )
