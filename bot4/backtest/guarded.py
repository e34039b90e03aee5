"""What the guard of a policy did, as a frame and in sentences: which layer acted when, and what it measured."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from bot4.report import text

from .reasons import GUARD_STATES, LAYERS

if TYPE_CHECKING:
    import polars as pl

    from .result import Result

AMOUNT = 1e-8
COUNTED = {"losing_streak": "trades", "repeated_orders": "orders"}
"""Layers that count, and what; all others measure a loss."""
LATCHED = (3, 4)
"""Codes of the states in which the strategy is not read: emergency and killed."""
CUTTING = ("var_breach", "correlation_break")
"""Layers that cut positions beside."""
OVER = ("hour_over", "day_over", "eased")
HOST = "journal"
"""The layer of a desk whose journal cannot be written: it measures nothing."""
OPERATOR = "operator"
"""The layer of commands, which have sentences of their own (`operated`)."""
FLATTENS = (16, 100)
"""Codes of the reasons of orders that flatten."""
DID = {
    "reduced": "halved what opens until the hour was over",
    "paused": "let nothing open",
    "emergency": "flattened everything",
    "killed": "had flattened everything",
}


def guard_frame(result: Result) -> pl.DataFrame:
    """Returns `ts` (decision time), `from` and `to` (states), `layer`, `value` measured and its `limit` (fractions, or counts),
    `equity` in account currency."""
    import polars as pl

    table = result.records["guard"]
    names = [LAYERS[int(code)] for code in table["layer"]]
    unit = np.array([1.0 if name in (*COUNTED, OPERATOR) else 1e-9 for name in names])
    return pl.DataFrame(
        {
            "ts": pl.Series(np.ascontiguousarray(table["ts"], dtype=np.int64)).cast(pl.Datetime("ms", "UTC")),
            "from": pl.Series([GUARD_STATES[int(code)] for code in table["from"]], dtype=pl.String),
            "to": pl.Series([GUARD_STATES[int(code)] for code in table["to"]], dtype=pl.String),
            "layer": pl.Series(names, dtype=pl.String),
            "value": table["value"] * unit,
            "limit": table["limit"] * unit,
            "equity": table["equity"] * AMOUNT,
        }
    )


def guard_at(result: Result, t: int) -> tuple[str, str, int]:
    """Returns the guard's state after the decision at `t` (ms), which layer led there, and since when; normal, "" and 0 before any."""
    table = result.records["guard"]
    changed = np.flatnonzero((table["ts"] <= t) & (table["to"] != table["from"]))
    if not len(changed):
        return GUARD_STATES[0], "", 0
    last = int(changed[-1])
    return GUARD_STATES[int(table["to"][last])], LAYERS[int(table["layer"][last])], int(table["ts"][last])


def guard_sentence(result: Result, t: int) -> str:
    """Returns what the guard lets through at the decision at `t`; empty where it is everything."""
    state, layer, since = guard_at(result, t)
    if state == GUARD_STATES[0]:
        return ""
    read = "; the strategy is not read any more" if state in ("emergency", "killed") else ""
    return f"The policy's guard stands at {state} since {text.minute(since)} ({layer}){read}."


def guard_notes(result: Result) -> Iterator[str]:
    """Yields one sentence for each layer that acted, gravest last, and one for what was flattened."""
    parts = [(f"Policy ({name})", part) for name, part in result.parts.items()] if result.program.sleeves else []
    for whose, part in parts or [("Policy", result)]:
        table = part.records["guard"]
        for code, name in LAYERS.items():
            rows = np.flatnonzero(table["layer"] == code)
            if len(rows) and name not in (*OVER, OPERATOR, HOST):
                said = _flat(part, table, int(rows[0])) if name == "flat" else _layer(table, name, rows)
                yield f"{whose}: {said}"


def _layer(table: Any, name: str, rows: np.ndarray) -> str:
    first = int(rows[0])
    value, limit = int(table["value"][first]), int(table["limit"][first])
    if name in COUNTED:
        measured = f"{value} {COUNTED[name]} in a row, limit {limit}"
    elif name == "correlation_break":
        measured = f"{value / 1e9:.2f}, limit {limit / 1e9:g}"
    else:
        measured = f"{value / 1e7:.2f} %, limit {limit / 1e7:g} %"
    times = "" if len(rows) == 1 else f" {text.count(len(rows))} times, first"
    did = DID[GUARD_STATES[int(table["to"][first])]] + (" and cut positions" if name in CUTTING else "")
    return f"{name} acted{times} {text.minute(int(table['ts'][first]))} ({measured}); the guard {did}."


def _flat(result: Result, table: Any, row: int) -> str:
    orders = result.records["orders"]
    sent = int(np.count_nonzero(np.isin(orders["reason"], FLATTENS)))
    return (
        f"everything was flat {text.minute(int(table['ts'][row]))} after {text.plural(sent, 'order')} of the guard, at an "
        f"equity of {text.amount(float(table['equity'][row]) * AMOUNT)}; nothing was sent from then on, unless a person resumed."
    )
