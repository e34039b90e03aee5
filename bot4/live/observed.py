"""What a rehearsal lets the desk observe beside the bars: clock skew, latencies, spreads and drift, as spells of time (docs/rehearse.md).

A live host measures these; a rehearsal states them, in `[[observed]]` tables of its file of faults. The backtest that it is compared
with observes the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .errors import LiveError

E9 = 1_000_000_000
NS_PER_MS = 1_000_000
FORM = 'observed looks like [[observed]] with from = "2022-05-12", to = "2022-05-13" and clock_skew = "3s"'
SOURCES = {
    "clock_skew": ("feed", "clock_skew", "span"),
    "feed_latency": ("feed", "stale_feed", "span"),
    "order_latency": ("venue", "latency", "span"),
    "spread": ("symbol", "spread", "times"),
    "position_drift": ("account", "position_drift", "lots"),
}
"""Key → component, the breaker's source, how the value is given."""


@dataclass(frozen=True)
class Spell:
    """One source with its value (ms, times the normal, lots), from the decision at `from_ms` on until before `to_ms`; `symbols` empty: all
    instruments. A venue's latency is that of the symbols' venues."""

    from_ms: int
    to_ms: int
    source: str
    value: float
    symbols: tuple[str, ...] = ()

    def terms(self, symbols: Sequence[str], venues: Sequence[str]) -> list[dict[str, Any]]:
        """Returns what the engine reads, one entry a component. Raises LiveError for a symbol that the run has not."""
        if unknown := [symbol for symbol in self.symbols if symbol not in symbols]:
            raise LiveError(
                f"observed: the run has no symbol {unknown[0]}; its symbols are {', '.join(symbols)}: mend symbols."
            )
        kind, source, unit = SOURCES[self.source]
        chosen = [place for place, symbol in enumerate(symbols) if not self.symbols or symbol in self.symbols]
        numbers = {name: number for number, name in enumerate(dict.fromkeys(venues))}
        of_kind = {"venue": [numbers[venues[place]] for place in chosen], "account": [0]}
        indices = sorted(set(of_kind.get(kind, chosen)))
        scale = {"times": E9, "lots": 1}.get(unit, NS_PER_MS if source == "latency" else 1)
        common = {"from_ms": self.from_ms, "to_ms": self.to_ms, "kind": kind, "source": source}
        return [common | {"index": index, "value": round(self.value * scale)} for index in indices]


def read_observed(rows: object, where: str) -> tuple[Spell, ...]:
    """Returns the spells of `[[observed]]` tables. Raises LiveError: one sentence with place and fix."""
    if not isinstance(rows, (list, tuple)):
        raise LiveError(f"{where}: observed is {rows!r}; {FORM}.")
    return tuple(spell for row in rows for spell in ([row] if isinstance(row, Spell) else _spells(row, where)))


def _spells(row: object, where: str) -> list[Spell]:
    if not isinstance(row, Mapping) or not {"from", "to"} <= set(row):
        raise LiveError(f"{where}: {row!r} has no from and to; {FORM}.")
    if unknown := set(row) - {"from", "to", "symbols", *SOURCES}:
        raise LiveError(f"{where}: there is no key {min(unknown)} in observed; sources are {', '.join(SOURCES)}.")
    begin, end = (_moment(row[key], where, key) for key in ("from", "to"))
    if begin >= end:
        raise LiveError(f"{where}: observed ends at {row['to']}, before it begins at {row['from']}; turn them round.")
    symbols = row.get("symbols", ())
    if isinstance(symbols, str) or not all(isinstance(symbol, str) for symbol in symbols):
        raise LiveError(f'{where}: symbols is {symbols!r}; give a list such as ["BTC/USDT"].')
    found = [Spell(begin, end, key, _value(key, row[key], where), tuple(symbols)) for key in SOURCES if key in row]
    if not found:
        raise LiveError(f"{where}: nothing is observed; name one of {', '.join(SOURCES)}.")
    return found


def _value(key: str, value: object, where: str) -> float:
    from bot4.data.errors import DataError
    from bot4.data.timeframe import parse_interval

    unit = SOURCES[key][2]
    if unit == "span":
        try:
            if isinstance(value, str):
                return float(parse_interval(value))
        except DataError:
            pass
        raise LiveError(f"{where}: {key} is {value!r}; give a span such as 3s.")
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not is_number or not 0 < float(value) <= 1e6:  # type: ignore[arg-type]  # a number, looked at before
        raise LiveError(f"{where}: {key} is {value!r}; give a number above 0, at most 1,000,000.")
    return float(value)  # type: ignore[arg-type]  # a number


def _moment(value: Any, where: str, key: str) -> int:
    from bot4.data.errors import DataError
    from bot4.data.timeframe import parse_time

    try:
        return parse_time(value)
    except DataError as error:
        raise LiveError(f"{where}: {key}: {error}") from None
