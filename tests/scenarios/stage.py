"""Plays a scenario through the engine: bars of one asset, and what the strategy says on each of them.

One asset, tick 1, lot 1: a price of 100 is 100 ticks, an amount of 5 is 5 lots. A number that changes from bar to bar is a list with one
value for each bar (None: missing); a plain number holds on all bars. Nothing here is shared with the oracle.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Sequence
from typing import Any

HOUR = 3_600_000
UNIT = 10**8
Bar = tuple[float, ...]  # open, high, low, close[, volume]
Value = float | None | Sequence[float | None]
CONFIG: dict[str, Any] = {
    "cash": 1000 * UNIT,
    "latency_ms": 0,
    "trade_from_ms": None,
    "half_spread_e9": 0,
    "impact": 0.0,
    "volume_share_e9": 10**9,
    "collar_e9": 10**9,
    "max_leverage_e9": 10 * 10**9,
    "max_notional": None,
    "realism": "strict",
}
COSTS: dict[str, Any] = {"taker_e9": 0, "maker_e9": 0, "min_lots": 1, "min_notional": 0}
NODES = ("price", "trigger", "distance", "when", "until")


class Script:
    """Nodes that say what was written for each bar."""

    def __init__(self) -> None:
        # Counts the bars: 0 on the first, one more on each. `state` reads a later node.
        self.nodes: list[dict[str, Any]] = [
            {"op": "state", "in": [2], "f": [0.0]},
            {"op": "const", "in": [], "f": [1.0]},
            {"op": "add", "in": [0, 1]},
        ]

    def add(self, op: str, *sources: int, **more: Any) -> int:
        self.nodes.append({"op": op, "in": list(sources), **more})
        return len(self.nodes) - 1

    def number(self, value: float | None) -> int:
        if value is None:
            return self.add("sqrt", self.number(-1.0))
        return self.add("const", f=[float(value)])

    def series(self, value: Value) -> int:
        """A node with one value for each bar; the last one holds on."""
        if value is None or isinstance(value, int | float):
            return self.number(value)
        node = self.number(value[-1])
        for bar in range(len(value) - 2, -1, -1):
            if value[bar] != value[bar + 1] or bar == 0:
                here = self.add("le", 0, self.number(float(bar)))
                node = self.add("where", here, self.number(value[bar]), node)
        return node


def key(script: Script, name: str, side: str, kind: str, size: Value, **more: Any) -> dict[str, Any]:
    """A keyed order in the program; sizes are quantities unless `unit` says otherwise."""
    out: dict[str, Any] = {"key": name, "side": 1 if side == "buy" else -1, "kind": kind, "asset": None}
    per_unit = more.pop("per_unit", None)
    out["size"] = {"unit": more.pop("unit", "qty"), "node": script.series(size)}
    out["size"]["per_unit"] = None if per_unit is None else script.series(per_unit)
    for name_ in NODES:
        if name_ in more:
            out[name_] = script.series(more.pop(name_))
    exits = {n: script.series(more.pop(n)) for n in ("stop", "trail", "take", "stop_at", "take_at") if n in more}
    if exits:
        out["exits"] = exits
    return out | more


def stops(script: Script, **distances: Value) -> list[dict[str, Any]]:
    """Stops of a target or of entries: `fixed`, `trailing` (distances) and `time` (bars)."""
    return [
        {"kind": k, "bars": d} if k == "time" else {"kind": k, "node": script.series(d)} for k, d in distances.items()
    ]


def target(script: Script, value: Value, kind: str = "qty", take: Value = None, **distances: Value) -> dict[str, Any]:
    """A target for the asset."""
    out = {
        "node": script.series(value),
        "kind": kind,
        "asset": None,
        "band": 0.0,
        "budget": 10.0,
        "rearm": {"mode": "new_signal"},
        "stops": stops(script, **distances),
    }
    return out if take is None else out | {"take": script.series(take)}


def entries(script: Script, says: str, size: Value, take: Value = None, **more: Any) -> dict[str, Any]:
    """Entries; `says` has a letter for each bar: L long, S short, X exit, anything else nothing."""
    out: dict[str, Any] = {"asset": None, "rearm": {"mode": "new_signal"}}
    for name, letter in (("long", "L"), ("short", "S"), ("exit", "X")):
        out[name] = script.series([float(c == letter) for c in says])
    out["size"] = {"unit": more.pop("unit", "qty"), "node": script.series(size), "per_unit": None}
    out["stops"] = stops(script, **{k: more.pop(k) for k in ("fixed", "trailing", "time") if k in more})
    if take is not None:
        out["take"] = script.series(take)
    return out | more


def play(
    bars: Sequence[Bar], script: Script, program: dict[str, Any], kind: str = "linear", **changes: Any
) -> dict[str, Any]:
    """Runs the engine and returns its records; `changes` go to the configuration, the costs, or to `run` (funding)."""
    import numpy as np

    engine = importlib.import_module("bot4._engine")
    market = engine.Market(json.dumps([instrument(kind)]), HOUR, [columns(bars)])
    costs = COSTS | {k: v for k, v in changes.items() if k in COSTS or k in ("margin", "borrow_e9")}
    more: dict[str, Any] = {}
    if "funding" in changes:
        times, rates = zip(*changes.pop("funding"), strict=True)
        more["funding"] = [(np.array(times, dtype=np.int64), np.array(rates, dtype=np.float64))]
    config = CONFIG | {k: v for k, v in changes.items() if k not in costs} | {"instruments": [costs]}
    whole = {"version": 1, "kind": "portfolio", "interval_ms": HOUR, "clocks": [HOUR], "rebalance": None}
    whole |= {"nodes": script.nodes, "targets": [], **program}
    found: dict[str, Any] = engine.run(market, json.dumps(whole), json.dumps(config), **more)
    return found


def instrument(kind: str) -> dict[str, Any]:
    symbol = "A/Q" if kind == "spot" else "A/Q:Q"
    return {
        "symbol": symbol,
        "venue": "v",
        "kind": kind,
        "base": "A",
        "quote": "Q",
        "tick": [1, 0],
        "lot": [1, 0],
    }


def columns(bars: Sequence[Bar]) -> Any:
    """Times and prices; a bar without a volume has 1,000."""
    import numpy as np

    rows = [(*bar, 1000.0)[:5] if len(bar) == 4 else bar for bar in bars]
    return (
        np.arange(len(rows), dtype=np.int64) * HOUR,
        *(np.array([row[k] for row in rows], dtype=np.float64) for k in range(5)),
    )
