"""What came of commands, and what circuit breakers did: as frames, and in sentences for the summary."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from bot4.report import text
from bot4.report.view import ControlRow

from .reasons import ACTIONS, BREAKER_KINDS, BREAKER_STATES, EFFECTS, GUARD_STATES, TRIPS

if TYPE_CHECKING:
    import polars as pl

    from .result import Result

FRACTIONS = ("error_rate", "loss", "drawdown", "price_gap", "slippage", "spread", "derived")
"""Sources that are measured in billionths."""
SHARES = ("error_rate", "loss", "drawdown", "price_gap", "derived")
"""Those that are shown in per cent; the other two are multiples."""
UNITS = {
    "stale_feed": "ms",
    "clock_skew": "ms",
    "cooled_down": "ms",
    "latency": "ns",
    "position_drift": "lots",
    "losing_streak": "trades in a row",
    "failures": "in a row",
    "reject_storm": "orders",
}


def commands_frame(result: Result) -> pl.DataFrame:
    """Returns `ts` (decision at which it was obeyed), `number`, `who`, `do`, `effect`, and the states `from` and `to`."""
    import polars as pl

    table = result.records["commands"]
    who = [command.who for command in result.config.commands]
    return pl.DataFrame(
        {
            "ts": pl.Series(np.ascontiguousarray(table["ts"], dtype=np.int64)).cast(pl.Datetime("ms", "UTC")),
            "number": table["number"],
            "who": pl.Series([who[int(number)] for number in table["number"]], dtype=pl.String),
            "do": _names(table["action"], ACTIONS),
            "effect": _names(table["effect"], EFFECTS),
            "from": _names(table["from"], GUARD_STATES),
            "to": _names(table["to"], GUARD_STATES),
        }
    )


def breakers_frame(result: Result) -> pl.DataFrame:
    """Returns `ts` (decision time), `kind`, `name` (venue or symbol), the states `from` and `to`, `source`, and `value` measured with its
    `limit` (fractions, multiples, ms, ns, lots or counts, as the source says)."""
    import polars as pl

    table = result.records["breakers"]
    sources = [TRIPS[int(code)] for code in table["trip"]]
    unit = np.array([1e-9 if source in FRACTIONS else 1.0 for source in sources])
    names = [_name(result, int(kind), int(index)) for kind, index in zip(table["kind"], table["index"], strict=True)]
    return pl.DataFrame(
        {
            "ts": pl.Series(np.ascontiguousarray(table["ts"], dtype=np.int64)).cast(pl.Datetime("ms", "UTC")),
            "kind": _names(table["kind"], BREAKER_KINDS),
            "name": pl.Series(names, dtype=pl.String),
            "from": _names(table["from"], BREAKER_STATES),
            "to": _names(table["to"], BREAKER_STATES),
            "source": pl.Series(sources, dtype=pl.String),
            "value": table["value"] * unit,
            "limit": table["limit"] * unit,
        }
    )


def operated_notes(result: Result) -> Iterator[str]:
    """Yields one sentence for each command, and one for each source that opened a breaker."""
    commands = result.records["commands"]
    for row in range(len(commands["ts"])):
        yield _command(result, commands, row)
    table = result.records["breakers"]
    opened = table["to"] == 2
    for code, source in TRIPS.items():
        rows = np.flatnonzero(opened & (table["trip"] == code))
        if len(rows):
            yield _opened(result, table, source, rows)


def control_rows(result: Result) -> list[ControlRow]:
    """Returns what stood above the strategy did, by time: layers of the guard, commands, circuit breakers."""
    from .guarded import COUNTED, OPERATOR
    from .reasons import LAYERS

    guard, breakers, commands = (result.records[table] for table in ("guard", "breakers", "commands"))
    rows = []
    for row in range(len(guard["ts"])):
        layer = LAYERS[int(guard["layer"][row])]
        if layer == OPERATOR:
            continue
        values = (int(guard[name][row]) for name in ("value", "limit"))
        measured, limit = (f"{value:,}" if layer in COUNTED else f"{value / 1e7:.4g} %" for value in values)
        before, after = (GUARD_STATES[int(guard[name][row])] for name in ("from", "to"))
        rows.append(ControlRow(int(guard["ts"][row]), "guard", layer, before, after, measured, limit))
    for row in range(len(commands["ts"])):
        command = result.config.commands[int(commands["number"][row])]
        before, after = (GUARD_STATES[int(commands[name][row])] for name in ("from", "to"))
        effect = EFFECTS[int(commands["effect"][row])]
        rows.append(
            ControlRow(int(commands["ts"][row]), "operator", f"{command.do} by {command.who}: {effect}", before, after)
        )
    for row in range(len(breakers["ts"])):
        kind, source = int(breakers["kind"][row]), TRIPS[int(breakers["trip"][row])]
        what = f"{BREAKER_KINDS[kind]} {_name(result, kind, int(breakers['index'][row]))}".strip()
        measured, limit = (_shown(source, int(breakers[name][row])) for name in ("value", "limit"))
        before, after = (BREAKER_STATES[int(breakers[name][row])] for name in ("from", "to"))
        rows.append(
            ControlRow(int(breakers["ts"][row]), "breaker", f"{what}: {source}", before, after, measured, limit)
        )
    return sorted(rows, key=lambda row: row.ts_ms)


def _command(result: Result, table: Any, row: int) -> str:
    command = result.config.commands[int(table["number"][row])]
    before, after = (GUARD_STATES[int(table[name][row])] for name in ("from", "to"))
    effect = EFFECTS[int(table["effect"][row])]
    came = {"applied": f"the guard went from {before} to {after}", "no_effect": f"it stayed {after}"}
    why = (
        "breakers would have tripped later, or were others"
        if command.do == "reload"
        else "everything was being flattened"
    )
    refused = f"it was refused: {why}"
    if command.do == "reload":
        came = {"applied": "breakers trip earlier from then on", "no_effect": "the settings were the same"}
    return f"Operator: {command.do} by {command.who} {text.minute(int(table['ts'][row]))}; {came.get(effect, refused)}."


def _opened(result: Result, table: Any, source: str, rows: np.ndarray) -> str:
    first = int(rows[0])
    kind, index = int(table["kind"][first]), int(table["index"][first])
    what = f"{BREAKER_KINDS[kind]} {_name(result, kind, index)}".strip()
    value, limit = (_shown(source, int(table[name][first])) for name in ("value", "limit"))
    times = "" if len(rows) == 1 else f"{text.count(len(rows))} times, first "
    return f"Breaker: {source} opened {times}{what} {text.minute(int(table['ts'][first]))} ({value}, limit {limit})."


def _shown(source: str, value: int) -> str:
    if source in SHARES:
        return f"{value / 1e7:.4g} %"
    return f"{value / 1e9:.4g} ×" if source in FRACTIONS else f"{value:,} {UNITS.get(source, '')}".strip()


def _name(result: Result, kind: int, index: int) -> str:
    """Returns the venue or symbol of a component; empty where there is only one of its kind."""
    if BREAKER_KINDS[kind] == "venue":
        return list(dict.fromkeys(i.venue for i in result.market.instruments))[index]
    return result.market.symbols[index] if BREAKER_KINDS[kind] in ("feed", "symbol") else ""


def _names(codes: Any, table: dict[int, str]) -> pl.Series:
    import polars as pl

    return pl.Series([table[int(code)] for code in codes], dtype=pl.String)
