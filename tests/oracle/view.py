"""What a strategy sees of its own book: `m.pos` and `b4.account`, at decision time, after all fills up to t."""

from __future__ import annotations

import math
from collections.abc import Callable

from .money import Ledger, sign


def view(ledger: Ledger, peak: int, in_flight: int, a: int, kind: str, name: str) -> float:
    """A field of `m.pos` or `b4.account` at decision time."""
    equity = ledger.equity()
    if kind == "account":
        values = range(len(ledger.instruments))
        fields: dict[str, Callable[[], float]] = {
            "equity": lambda: equity / 1e8,
            "cash": lambda: ledger.spot_cash() / 1e8,
            "gross": lambda: sum(abs(ledger.value(b)) for b in values) / equity if equity else math.nan,
            "drawdown": lambda: equity / peak - 1.0,
        }
        return fields[name]()
    p, i, mark = ledger.positions[a], ledger.instruments[a], ledger.marks[a]
    side = sign(p.lots)
    if name == "pending":
        return float(in_flight * i.lot)
    if side == 0:
        return {"avg_price": math.nan, "first_fill": math.nan, "last_fill": math.nan, "flat": 1.0}.get(name, 0.0)
    average = p.cost / p.lots
    up, down = p.high / average - 1.0, p.low / average - 1.0
    fields = {
        "qty": lambda: float(p.lots * i.lot),
        "weight": lambda: ledger.value(a) / equity if equity else math.nan,
        "avg_price": lambda: average * float(i.tick),
        "first_fill": lambda: float(p.first_fill),
        "last_fill": lambda: float(p.last_fill),
        "units": lambda: float(len(p.orders)),
        "bars_held": lambda: float(p.bars_held),
        "pnl": lambda: side * (p.lots * mark / p.cost - 1.0),
        "mae": lambda: min(0.0, down if side > 0 else -up),
        "mfe": lambda: max(0.0, up if side > 0 else -down),
        "flat": lambda: 0.0,
        "is_open": lambda: 1.0,
    }
    return fields[name]()
