"""Values and forward returns as times × assets, from an expression and data.

Row t holds what is known at the close of the bars that opened at `ts[t]`. A forward return of h bars is what the engine could have had:
decided at that close, filled at the next open, left h bars later at an open: open[t+1+h] / open[t+1] − 1. With `price="close"` it is
close[t+h] / close[t] − 1, as alphalens counts, which nobody can trade. Where a bar is missing the return is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from ..errors import BacktestError

if TYPE_CHECKING:
    from bot4.data import Market
    from bot4.data.timeframe import TimeLike
    from bot4.report.columns import Floats, Ints

Price = Literal["open", "close"]
Across = Literal["assets", "time"]
Horizon = int | str
LEAST_ASSETS = 3
"""Assets at one time below which there is no cross-section to speak of."""


@dataclass(frozen=True, eq=False)
class Panel:
    """An expression's values and the prices beside them, each of shape (times, assets); NaN where there is none."""

    name: str
    symbols: tuple[str, ...]
    interval_ms: int
    ts: Ints
    """Opens of the bars, UTC ms, rising."""
    values: Floats
    opens: Floats
    closes: Floats

    @property
    def known_at(self) -> Ints:
        """Returns when each row is known: the close of its bars."""
        return self.ts + self.interval_ms

    @cached_property
    def is_cross_section(self) -> bool:
        """Returns whether enough assets stand side by side to compare them."""
        return len(self.symbols) >= LEAST_ASSETS

    def forward(self, bars: int, price: Price = "open") -> Floats:
        """Returns the forward returns over so many bars, shape (times, assets)."""
        levels, lead = (self.opens, 1) if price == "open" else (self.closes, 0)
        found = np.full(levels.shape, np.nan)
        last = len(levels) - bars - lead
        if last > 0:
            with np.errstate(divide="ignore", invalid="ignore"):
                found[:last] = levels[lead + bars : lead + bars + last] / levels[lead : lead + last] - 1.0
        return found


def panel_of(
    expression: Any,
    data: Any,
    timeframe: str | None = None,
    start: TimeLike | None = None,
    end: TimeLike | None = None,
    instruments: object = None,
) -> Panel:
    """Returns the panel of an expression over data (as `b4.peek` takes both). Raises StrategyError and DataError."""
    from bot4 import _engine
    from bot4.data import load
    from bot4.data.timeframe import parse_time
    from bot4.strategy import trace_expression

    market = load(data, timeframe=timeframe, end=end, instruments=instruments)
    program = trace_expression(expression, interval_ms=market.interval_ms, symbols=market.symbols)
    (name, node), *more = program.outputs.items()
    if more:
        raise BacktestError("several expressions were given; look at one at a time.")
    columns = _engine.evaluate(market.native, program.json, [node])
    found = {number: column for (_, number), column in columns.items() if len(column)}
    first = None if start is None else parse_time(start) - market.interval_ms
    return _panel(market, name, found, first)


def _panel(market: Market, name: str, found: dict[int, Floats], first_ms: int | None) -> Panel:
    kept = sorted(found)
    ts = np.unique(np.concatenate([market.columns[number].ts for number in kept]))
    shape = len(ts), len(kept)
    values, opens, closes = (np.full(shape, np.nan) for _ in range(3))
    for place, number in enumerate(kept):
        bars = market.columns[number]
        rows = np.searchsorted(ts, bars.ts)
        values[rows, place], opens[rows, place], closes[rows, place] = found[number], bars.open, bars.close
    from_row = 0 if first_ms is None else int(np.searchsorted(ts, first_ms))
    symbols = tuple(market.symbols[number] for number in kept)
    part = slice(from_row, None)
    return Panel(name, symbols, market.interval_ms, ts[part], values[part], opens[part], closes[part])


def bars_of(horizon: Horizon | Sequence[Horizon], interval_ms: int) -> list[int]:
    """Returns horizons as numbers of bars: 24 is itself, "1d" of hourly bars is 24. Raises BacktestError for anything below one bar."""
    from bot4.data.timeframe import format_interval, parse_interval

    given = [horizon] if isinstance(horizon, (int, str)) else list(horizon)
    found = []
    for one in given:
        bars, rest = divmod(parse_interval(one), interval_ms) if isinstance(one, str) else (one, 0)
        if isinstance(one, bool) or rest or bars < 1:
            unit = format_interval(interval_ms)
            raise BacktestError(
                f"the horizon {one!r} is not a number of bars of {unit}; give 24, or a multiple such as 1d."
            )
        found.append(int(bars))
    if not found:
        raise BacktestError("no horizon was given; give one, such as 24, or several, such as [1, 6, 24].")
    return found


def across_of(across: Across | None, panel: Panel) -> Across:
    """Returns how values are compared: across assets where there are enough, else over time. Raises BacktestError."""
    if across is None:
        return "assets" if panel.is_cross_section else "time"
    if across not in ("assets", "time"):
        raise BacktestError(f'across is {across!r}; it is "assets" or "time".')
    if across == "assets" and not panel.is_cross_section:
        count = len(panel.symbols)
        raise BacktestError(
            f'across="assets" needs {LEAST_ASSETS} assets or more, and there are {count}; use across="time".'
        )
    return across
