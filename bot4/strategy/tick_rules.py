"""Which columns and wishes fit which clock: bars know no book, ticks no bars, and not everything runs on ticks yet.

Looked at once, when a program is built, with the user's line for each refusal. Not here: the columns (`ticks`), whether the data is of
that kind (`bot4.backtest.ticks`).
"""

from __future__ import annotations

from collections.abc import Iterable

from .errors import StrategyError
from .expr import Expr
from .kinds import ClockFamily
from .spans import span_text
from .ticks import COLUMNS
from .wants import Wants

_INSTEAD = {
    "open": "m.book.mid.shift(1)",
    "high": "m.book.mid.rolling(…).max()",
    "low": "m.book.mid.rolling(…).min()",
    "close": "m.book.mid, or m.trades.last",
    "volume": "m.trades.volume",
}


def check_columns(order: Iterable[Expr], family: ClockFamily, name: str, interval_ms: int) -> None:
    """Refuses columns of the other kind of data, and tick columns on a slower clock. Raises StrategyError."""
    for x in order:
        if x.op != "col":
            continue
        if family is ClockFamily.BAR:
            if x.s in COLUMNS:
                raise StrategyError(
                    f"m.{x.s} is a column of tick data, and {name} runs on bars of {span_text(interval_ms)}",
                    'Write on=b4.book(every="100ms") and give tick data, or use m.close',
                    x.origin,
                )
            continue
        if x.s not in COLUMNS:
            raise StrategyError(
                f"m.{x.s} is a column of bars, and {name} runs on ticks",
                f"Write {_INSTEAD.get(x.s, 'a column of m.book or m.trades')}",
                x.origin,
            )


def check_wants(wants: Wants, name: str) -> None:
    """Refuses what does not run on ticks yet. Raises StrategyError."""
    for t in wants.targets:
        if t.take is not None:
            raise StrategyError(
                f"the target of {name} has a take, which does not run on ticks yet",
                "Say it in the target, b4.where(m.pos.pnl > 0.01, 0.0, weight), or quote the exit as an order with reduce_only=True",
                t.origin,
            )
    for e in wants.entries:
        raise StrategyError(
            f"{name} returns entries, which do not run on ticks yet",
            "Return b4.target, b4.orders or b4.quotes",
            e.origin,
        )
    for group in wants.legs:
        raise StrategyError(
            f"{name} returns legs, which do not run on ticks yet",
            "Return b4.target, b4.orders or b4.quotes",
            group.origin,
        )
    for o in wants.orders:
        if o.kind not in ("market", "limit"):
            raise StrategyError(
                f"the order {o.key} is a {o.kind} order, which does not run on ticks yet",
                f'Write b4.order.market("{o.key}", …, when=m.book.mid < level)',
                o.origin,
            )
        if o.exits.named():
            raise StrategyError(
                f"the order {o.key} has {o.exits.named()[0][0]}=, and exits do not run on ticks yet",
                "Write the exit as an order of its own, with reduce_only=True",
                o.origin,
            )
