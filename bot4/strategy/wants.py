"""What a strategy returned, sorted by kind: targets, entries, orders, legs; and the checks between them.

An asset is addressed by targets, by entries or by orders, never by two of them. Not here: one thing's own checks (its module),
nodes (`build`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from . import entries as entered
from . import orders as ordered
from .entries import Entries
from .errors import Origin, StrategyError
from .expr import Expr
from .kinds import Kind
from .legs import Legs
from .order import Order
from .orders import Orders, meets
from .program import SourceLine
from .target import Target

Want = Target | Entries | Order | Orders | Legs
"""What a strategy may return, alone or in a list."""

Addressed = Target | Entries | Order
"""What leads an asset."""

WANTS = (Target, Entries, Order, Orders, Legs)


@dataclass(frozen=True, slots=True)
class Wants:
    """Everything a strategy asks for, resolved: targets and entries as given, orders by asset and key."""

    targets: tuple[Target, ...]
    entries: tuple[Entries, ...]
    orders: tuple[Order, ...]
    legs: tuple[Legs, ...]

    def each(self) -> tuple[Addressed, ...]:
        """Returns everything that addresses an asset, in the order of the program's lists."""
        return (*self.targets, *self.orders, *self.entries)

    def to_json(self, node: Callable[[Addressed, Expr], int]) -> dict[str, list[dict[str, Any]]]:
        """Returns the program's lists. `node` gives the position of an expression as seen from what uses it."""
        rows = {
            "targets": [t.to_json(lambda x, t=t: node(t, x)) for t in self.targets],  # type: ignore[misc]
            "orders": [o.to_json(lambda x, o=o: node(o, x)) for o in self.orders],  # type: ignore[misc]
            "entries": [e.to_json(lambda x, e=e: node(e, x)) for e in self.entries],  # type: ignore[misc]
            "legs": self._legs(),
        }
        return {name: found for name, found in rows.items() if found or name == "targets"}

    def lines(self) -> tuple[SourceLine, ...]:
        """Returns one line of text and source for each target, order, entries and group of legs, in the program's order."""
        return tuple(
            SourceLine(w.origin.file, w.origin.line, w.origin.source, w.describe()) for w in (*self.each(), *self.legs)
        )

    def warnings(self) -> Iterator[str]:
        """Yields what is allowed and rarely meant."""
        for t in self.targets:
            yield from _warnings_of_target(t)
        yield from ordered.warnings(self.orders)
        yield from (w for e in self.entries if (w := entered.warning(e)) is not None)

    def _legs(self) -> list[dict[str, Any]]:
        # A group's targets stand together at the end of the list, because `gather` put them there.
        first = len(self.targets) - sum(len(group.targets) for group in self.legs)
        rows = []
        for group in self.legs:
            rows.append(group.to_json(first))
            first += len(group.targets)
        return rows


def gather(wanted: object) -> Wants:
    """Returns what was asked for, sorted and checked. `wanted` is a list of wants. Raises StrategyError."""
    flat = list(flatten(wanted))
    groups = tuple(w for w in flat if isinstance(w, Legs))
    alone = [w for w in flat if isinstance(w, Target)]
    targets = tuple(t.resolved() for t in (*alone, *(t for group in groups for t in group.targets)))
    orders = [o for w in flat for o in (w.members if isinstance(w, Orders) else (w,)) if isinstance(o, Order)]
    entries = [w.resolved() for w in flat if isinstance(w, Entries)]
    entries.sort(key=lambda e: (e.asset is not None, e.asset or ""))
    wants = Wants(targets, tuple(entries), tuple(ordered.in_order(orders)), groups)
    _check_overlap(wants)
    _check_budgets(targets)
    _check_limits(entries)
    return wants


def flatten(wanted: object) -> Iterator[object]:
    """Yields what lists hold, however deep."""
    if isinstance(wanted, (list, tuple)):
        for part in wanted:
            yield from flatten(part)
    else:
        yield wanted


def _named(w: Addressed) -> str:
    return "orders" if isinstance(w, Order) else "entries" if isinstance(w, Entries) else "a target"


def _check_overlap(wants: Wants) -> None:
    everything = wants.each()
    for i, w in enumerate(everything):
        for other in everything[:i]:
            if isinstance(w, Order) and isinstance(other, Order):
                continue
            if meets(w.asset, other.asset):
                raise _overlap(*sorted((other, w), key=lambda x: x.origin.line))


def _overlap(first: Addressed, second: Addressed) -> StrategyError:
    whom = second.asset or first.asset or "every asset"
    lines = f"lines {first.origin.line} and {second.origin.line}"
    if type(first) is type(second):
        noun, fix = ("targets", "target") if isinstance(first, Target) else ("entries", "entries")
        told = f"two {noun} for {whom}: {lines}"
        return StrategyError(told, f'Return one {fix} for each asset; address them with asset="…"', second.origin)
    return StrategyError(
        f"{whom} has {_named(first)} and {_named(second)}: {lines}",
        "An asset is led by b4.target, by b4.entries or by b4.orders, one of them; leave by an order or by the exits of the others",
        second.origin,
    )


def _check_budgets(targets: tuple[Target, ...]) -> None:
    for t in targets:
        if t.budget != targets[0].budget:
            raise StrategyError(
                f"the targets' budgets differ: {targets[0].budget:g} and {t.budget:g}",
                "Give every target of one strategy the same budget",
                t.origin,
            )


def _check_limits(entries: list[Entries]) -> None:
    for e in entries:
        if e.max_positions != entries[0].max_positions:
            raise StrategyError(
                f"max_positions differs: {entries[0].max_positions} and {e.max_positions}",
                "Give all entries of one strategy the same max_positions: they share the places",
                e.origin,
            )


def _warnings_of_target(t: Target) -> Iterator[str]:
    """Yields what is allowed and rarely meant: an event used as a level."""
    waiting = [t.expression]
    while waiting:
        x = waiting.pop()
        if x.op == "where":
            if x.inputs[0].kind is Kind.EVENT and x.inputs[2].op == "const":
                yield (
                    f"{x.origin}: {x.inputs[0].describe()} is true on one bar only, so the target falls back to "
                    f"{x.inputs[2].describe()} on the next. Keep it with b4.latch(long=…, exit=…)."
                )
            waiting.extend(x.inputs[1:])
        elif x.op in ("mul", "div", "neg", "clip", "minimum", "maximum"):
            waiting.extend(x.inputs)


def addresses(wants: Wants) -> Iterator[tuple[str, Origin]]:
    """Yields the symbols that something is addressed to, with the line that says so."""
    for w in wants.each():
        if w.asset is not None:
            yield w.asset, w.origin
