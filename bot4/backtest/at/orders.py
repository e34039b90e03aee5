"""Keyed orders at one bar: the numbers the decision read, and what each key did or why it did nothing (docs/semantics.md, section 7)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from bot4.report import text

from .decision import NAN, NodeValue, OrderWish
from .rows import sent_rows

if TYPE_CHECKING:
    from .gather import Bar

Nodes = Mapping[int, NodeValue]


def wishes(bar: Bar, values: Nodes) -> tuple[OrderWish, ...]:
    """Returns each key of the asset, in the order of the keys."""
    found = [one for one in bar.program.get("orders", ()) if one["asset"] in (None, bar.columns.symbol)]
    return tuple(_wish(bar, one, values) for one in sorted(found, key=lambda one: str(one["key"])))


def _wish(bar: Bar, order: Mapping[str, Any], values: Nodes) -> OrderWish:
    def value(name: str) -> float:
        node = order.get(name)
        return NAN if node is None else values[node].value

    lane = _lane(bar.after, order["key"])
    return OrderWish(
        key=order["key"],
        side="buy" if order["side"] > 0 else "sell",
        kind=order["kind"],
        size=values[order["size"]["node"]].value,
        price=value("price"),
        trigger=value("trigger"),
        when=None if order.get("when") is None else value("when") == 1.0,
        until=None if order.get("until") is None else value("until") == 1.0,
        held=0.0 if lane is None else float(lane["held"]),
        why=_why(bar, order, values),
    )


def _lane(look: Mapping[str, Any], key: str) -> Mapping[str, Any] | None:
    return next((lane for lane in look["lanes"] if lane["key"] == key), None)


def _why(bar: Bar, order: Mapping[str, Any], values: Nodes) -> str:
    """Returns a sentence about the key at this decision: what the records and the desk show first, then what kept it from being sent."""
    key = order["key"]
    sent = _sent(bar, key)
    before = {one["id"] for one in bar.before["working"] if one["key"] == key}
    after = {one["id"] for one in bar.after["working"] if one["key"] == key}
    if sent:
        return sent
    if before - after:
        return f"order {min(before - after)} was cancelled"
    kept = [one for one in bar.after["working"] if one["key"] == key]
    if kept:
        return f"order {kept[0]['id']} works on"
    return _idle(bar, order, values)


def _sent(bar: Bar, key: str) -> str:
    table, keys = bar.run.table("orders"), bar.run.keys
    for row in sent_rows(bar.run, bar.asset, bar.ts):
        number = int(table["key"][row])
        if number >= 0 and keys[number] == key:
            from ..reasons import CAUSES, MEANINGS, STATUSES

            cause = CAUSES[int(table["cause"][row])]
            if STATUSES[int(table["status"][row])] == "rejected":
                return f"order {int(table['id'][row])} was refused ({cause}): {MEANINGS.get(cause, cause)}"
            return f"order {int(table['id'][row])} was sent"
    return ""


def _idle(bar: Bar, order: Mapping[str, Any], values: Nodes) -> str:
    """Returns why a key without an order sent none."""
    lane = _lane(bar.after, order["key"])
    until, when = order.get("until"), order.get("when")
    if not bar.look["is_open"]:
        return "decisions have not begun"
    if until is not None and values[until].value == 1.0:
        return "until= is true, so it is withdrawn"
    if lane is not None and lane["held"]:
        return f"it holds {text.price(abs(lane['held']))} until its exit, and sends nothing meanwhile"
    absent = _absent(order, values)
    if absent:
        return absent
    if lane is not None and lane["needs_right"] and not lane["rights"]:
        return f"it waits until {order['after']} has filled completely"
    if when is not None:
        if values[when].value != 1.0:
            return "when= is not true"
        earlier = _lane(bar.before, order["key"])
        if earlier is not None and earlier["was"]:
            return "when= was true already at the decision before, and a moment counts once"
    return "nothing was sent"


def _absent(order: Mapping[str, Any], values: Nodes) -> str:
    parts = {"size": order["size"]["node"], "per_unit": order["size"].get("per_unit")}
    parts |= {name: order.get(name) for name in ("price", "trigger", "distance")} | dict(order.get("exits") or {})
    for name, node in parts.items():
        if node is None:
            continue
        if math.isnan(values[node].value):
            return f"its {name.replace('_', ' ')} is missing, so the key is absent"
        if values[node].value <= 0 and not name.endswith("_at"):
            return f"its {name.replace('_', ' ')} is not above 0, so the key is absent"
    return ""
