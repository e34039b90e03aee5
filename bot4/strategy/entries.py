"""`b4.entries(long=, short=, exit=, …)`: positions opened and closed by conditions, with units, stops and a limit on their number.

Market orders only; a position in the making at a price is `b4.orders`. When an entry is taken: docs/semantics.md, section 8.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from . import operands
from . import size as sizes
from . import stop as stops
from . import take as takes
from .core import as_expr
from .errors import Origin, StrategyError, caller_origin
from .expr import Expr
from .size import Size
from .spans import Window, rows, window
from .stop import NodeOf, Stop, reference
from .take import Take
from .target import Rearm, rearm_of


@dataclass(frozen=True, slots=True, eq=False)
class Entries:
    """Checked entries; `b4.entries` makes them."""

    long: Expr | None
    short: Expr | None
    exit: Expr | None
    size: Size
    max_units: int
    stops: tuple[Stop, ...]
    take: Take | None
    max_positions: int | None
    priority: Expr | None
    rearm: Rearm
    cooldown: Window | None
    asset: str | None
    origin: Origin

    def resolved(self) -> Entries:
        """Returns the entries with fractions of the close as distances, and the fixed stop's distance as the unit of a risk."""
        fixed = [s.resolved(reference(self.asset, s.origin)) for s in self.stops]
        take = self.take.resolved(reference(self.asset, self.take.origin)) if self.take is not None else None
        size = self.size
        if size.unit == "risk" and size.per_unit is None:
            size = replace(size, per_unit=next(s.distance for s in fixed if s.kind == "fixed"))
        return replace(self, stops=tuple(fixed), take=take, size=size)

    def to_json(self, node: NodeOf) -> dict[str, Any]:
        """Returns the program's form (of resolved entries)."""
        row: dict[str, Any] = {"asset": self.asset}
        row |= {name: node(x) for name in ("long", "short", "exit") if (x := getattr(self, name)) is not None}
        row |= {"size": self.size.to_json(node), "max_units": self.max_units}
        row["stops"] = [s.to_json(node) for s in self.stops]
        if self.take is not None and self.take.distance is not None:
            row["take"] = node(self.take.distance)
        row["rearm"] = self.rearm.to_json()
        if self.cooldown is not None:
            row["cooldown"] = self.cooldown.to_json()
        if self.max_positions is not None:
            row["max_positions"] = self.max_positions
        if self.priority is not None:
            row["priority"] = node(self.priority)
        return row

    @property
    def title(self) -> str:
        """What an error calls it."""
        return "a part of the entries"

    def describe(self) -> str:
        """Returns the entries in words: `entries of 0.1 of equity, long rsi(close, 2) < 10`."""
        parts = [
            f"{name} {x.describe()}" for name in ("long", "short", "exit") if (x := getattr(self, name)) is not None
        ]
        parts += [f"up to {self.max_units} units"] if self.max_units > 1 else []
        parts += [f"up to {self.max_positions} positions"] if self.max_positions is not None else []
        return ", ".join([f"entries of {self.size.describe()}", *parts])


def entries(
    *,
    long: object = None,
    short: object = None,
    exit: object = None,
    size: object = None,
    max_units: int = 1,
    stop: Stop | Sequence[Stop] | None = None,
    take: Take | Expr | None = None,
    max_positions: int | None = None,
    priority: object = None,
    rearm: str | int = "new_signal",
    cooldown: str | int | None = None,
    asset: str | None = None,
) -> Entries:
    """Returns entries: `long` or `short` true opens a unit of `size`, `exit` or the other side closes the position.

    A signal that is true again adds a unit, up to `max_units`. `size` is a weight or what `b4.size` makes; a risk without
    per_unit is measured to the fixed stop. `max_positions` limits how many assets are held at once, those of the largest
    `priority` first. `rearm` says when an entry may follow a stop or take, `cooldown` how long after any exit. Raises StrategyError.
    """
    sides = [operands.optional_condition(x, f"{name} of the entries") for name, x in (("long", long), ("short", short))]
    if long is None and short is None:
        raise StrategyError("the entries have no side", "Write b4.entries(long=cond, exit=cond, size=0.1), or short=")
    if size is None:
        raise StrategyError("the entries have no size", "Write size=0.1 (a tenth of equity) or size=b4.size.risk(0.01)")
    protection = stops.checked(stop)
    how_much = sizes.checked(size, " of the entries")
    if how_much.unit == "risk" and how_much.per_unit is None and all(s.kind != "fixed" for s in protection):
        raise StrategyError(
            "the size of the entries is a risk, and nothing says what one unit loses",
            "Write b4.size.risk(0.01, per_unit=3 * m.atr(14)), or give stop=b4.stop.fixed(…)",
        )
    return Entries(
        long=sides[0],
        short=sides[1],
        exit=operands.optional_condition(exit, "exit of the entries"),
        size=how_much,
        max_units=rows(max_units, "max_units"),
        stops=protection,
        take=takes.checked(take),
        max_positions=None if max_positions is None else rows(max_positions, "max_positions"),
        priority=_priority(priority, max_positions),
        rearm=rearm_of(rearm),
        cooldown=None if cooldown is None else window(cooldown, "cooldown"),
        asset=operands.symbol(asset),
        origin=caller_origin(),
    )


def _priority(given: object, max_positions: object) -> Expr | None:
    if given is None:
        return None
    if max_positions is None:
        raise StrategyError(
            "priority without max_positions decides nothing", "Add max_positions=5, or leave priority out"
        )
    expression = as_expr(given)
    if expression.kind.is_bool:
        raise StrategyError(
            f"priority is a condition, {expression.describe()}, and orders assets by a number",
            "Write priority=m.close.returns(20): the largest comes first",
        )
    return expression


def warning(e: Entries) -> str | None:
    """Returns what is allowed and rarely meant: entries that nothing ever closes."""
    if e.exit is None and not e.stops and e.take is None and (e.long is None or e.short is None):
        return (
            f"{e.origin}: the entries have no exit, no stop and no take, so the first position is held to the end. "
            "Add exit=cond, stop= or take=."
        )
    return None
