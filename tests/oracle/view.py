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
            "cash": lambda: ledger.account_cash() / 1e8,
            "gross": lambda: sum(abs(weighed(ledger, b)) for b in values) / equity if equity else math.nan,
            "drawdown": lambda: equity / peak - 1.0,
        }
        return fields[name]()
    p, i, mark = ledger.positions[a], ledger.instruments[a], ledger.marks[a]
    side = sign(p.lots)
    if name == "pending":
        return float(in_flight * i.lot)
    if side == 0:
        return {"avg_price": math.nan, "first_fill": math.nan, "last_fill": math.nan, "flat": 1.0}.get(name, 0.0)
    average = float(i.average(p.lots, p.cost)) if i.inverse else p.cost / p.lots

    def change(ticks: int) -> float:
        return side * (1.0 - average / ticks if i.inverse else ticks / average - 1.0)

    fields = {
        "qty": lambda: float(p.lots * i.lot),
        "weight": lambda: weighed(ledger, a) / equity if equity else math.nan,
        "avg_price": lambda: average * float(i.tick),
        "first_fill": lambda: float(p.first_fill),
        "last_fill": lambda: float(p.last_fill),
        "units": lambda: float(len(p.orders)),
        "bars_held": lambda: float(p.bars_held),
        "pnl": lambda: change(mark),
        "mae": lambda: min(0.0, change(p.low if side > 0 else p.high)),
        "mfe": lambda: max(0.0, change(p.high if side > 0 else p.low)),
        "flat": lambda: 0.0,
        "is_open": lambda: 1.0,
    }
    return fields[name]()


def weighed(ledger: Ledger, a: int) -> int:
    """The value of a position in the account's currency, with the position's sign."""
    return ledger.instruments[a].directed(ledger.to_account(a, ledger.value(a)))
