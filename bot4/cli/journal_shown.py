"""A record of a journal in one line: codes by their names, times as times. JSON keeps both as they were written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bot4.records.journal import JournalRecord

HIDDEN = ("program", "config", "instruments")
NAMED = ("reason", "cause", "status", "rule", "evidence", "tif", "action", "layer", "trip")
"""Fields whose codes are listed under their own name."""
NONE = 2**32 - 1
"""How a place says that it has none."""
STATES = {"guard": "guard_state", "obeyed": "guard_state", "breaker": "breaker_state"}
KINDS = {"keyed": "kind", "sent": "kind", "breaker": "breaker_kind"}


def line(record: JournalRecord) -> str:
    """Returns number, time, kind and fields."""
    from bot4.data.timeframe import format_time

    shown = "  ".join(
        f"{name}={_value(record.kind, name, value)}" for name, value in record.fields.items() if name not in HIDDEN
    )
    return f"{record.number:>9}  {format_time(record.time_ms)}  {record.kind:8} {shown}"


def _value(kind: str, name: str, value: Any) -> str:
    from bot4.data.timeframe import format_time

    if isinstance(value, int) and (listed := _listed(kind, name)) is not None:
        return listed.get(value, str(value))
    if value == NONE and name in ("key", "capped_row", "parent", "evidence_row", "asset"):
        return "none"
    if isinstance(value, int) and (name in ("ts", "due") or name.endswith("_ts")) and value > 0:
        return format_time(value).replace(" ", "T")
    if isinstance(value, tuple):
        value = f"[{', '.join(str(v) for v in value[:3])}{', …' if len(value) > 3 else ''}]"
    text = str(value)
    return text if len(text) <= 64 else text[:16] + "…"


def _listed(kind: str, name: str) -> dict[int, str] | None:
    """Returns the names of a field's codes; None where it is a number, or has its name already."""
    from bot4 import _engine

    table = name if name in NAMED else None
    if name in ("from", "to"):
        table = STATES.get(kind)
    elif name == "kind":
        table = KINDS.get(kind)
    elif name == "effect" and kind == "obeyed":
        table = "effect"
    return None if table is None else dict(_engine.reason_codes()[table])
