"""Where each expression lives: its clock and scope, joined from what it is made of.

Rules: equal clocks stay, different clocks meet on the base clock, and so do different assets; each asset wins over one asset,
and of two named assets the first one's rows are used (the other is seen from there); constants adapt. States are joined by
repetition, because what follows a state may use the state. Not here: the carry and pick nodes that this implies (`lowering`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .core import Operand
from .errors import StrategyError
from .expr import Expr, State
from .kinds import ANYWHERE, BASE, EACH, Clock, Home, Scope


def reachable(roots: Iterable[Expr]) -> list[Expr]:
    """Returns every expression under `roots`, inputs before users (what follows a state comes after the state)."""
    order: list[Expr] = []
    seen: set[int] = set()
    waiting = list(roots)
    while waiting:
        stack: list[tuple[Expr, bool]] = [(waiting.pop(0), False)]
        while stack:
            x, is_done = stack.pop()
            if is_done:
                order.append(x)
                continue
            key = id(x)
            if key in seen:
                continue
            seen.add(key)
            if not x.inputs:
                order.append(x)
            else:
                stack.append((x, True))
                stack.extend([(i, False) for i in reversed(x.inputs) if id(i) not in seen])
            if x.op == "state" and isinstance(x, State):
                waiting.append(_following(x))
    return order


def _following(state: State) -> Expr:
    if state.following is None:
        raise StrategyError(
            "this state never changes: it has no next value",
            "Write s = b4.state(0.0) and then s.next(expr)",
            state.origin,
        )
    return state.following


def join(homes: Sequence[Home]) -> Home:
    """Returns where an expression over inputs with these homes lives."""
    first = homes[0] if homes else ANYWHERE
    if homes.count(first) == len(homes):
        return first
    clocks = {h.clock for h in homes if h.clock is not None}
    scopes = [h.scope for h in homes if h.scope is not None]
    meet = len(clocks) > 1 or (bool(clocks) and len(set(scopes)) > 1)  # buckets of two assets need not end together
    clock: Clock | None = BASE if meet else next(iter(clocks), None)
    scope: Scope | None = None if not scopes else EACH if EACH in scopes else scopes[0]
    return Home(clock, scope)


class Homes:
    """The homes of expressions. `order` is `reachable` of some roots; `interval_ms` makes a clock of the base timeframe the base clock."""

    def __init__(self, order: list[Expr], interval_ms: int | None = None) -> None:
        self._interval_ms = interval_ms
        states = [x for x in order if isinstance(x, State)]
        self._homes: dict[int, Home] = {id(s): ANYWHERE for s in states}
        self._columns: dict[int, frozenset[Clock]] = {}
        self._keep = order  # ids stay valid as long as this object lives
        # A round moves every state at most up (anywhere < one asset < each; one clock < base), so few rounds suffice.
        for _ in range(2 * len(states) + 1):
            for x in order:
                if not isinstance(x, State):
                    self._homes[id(x)] = self._of_node(x)
            before = [self._homes[id(s)] for s in states]
            for s in states:
                self._homes[id(s)] = self._homes[id(_following(s))]
            if before == [self._homes[id(s)] for s in states]:
                break
        self.has_slower = any(home.clock is not None and home.clock != BASE for home in self._homes.values())

    def of(self, x: Operand) -> Home:
        """Returns the home of an expression under the roots."""
        return self._homes[id(x)]

    def column_clocks(self, x: Expr) -> frozenset[Clock]:
        """Returns the clocks of the columns that `x` is made of (states not followed)."""
        if not self._columns:
            for part in self._keep:
                below = frozenset[Clock]().union(*(self._columns[id(i)] for i in part.inputs))
                clock = self._homes[id(part)].clock
                own = frozenset({clock}) if part.op == "col" and clock is not None else frozenset[Clock]()
                self._columns[id(part)] = below | own
        return self._columns[id(x)]

    def _of_node(self, x: Expr) -> Home:
        fixed = x.fixed_home
        clock = fixed.clock
        if clock is not None and clock.period_ms is not None and clock.period_ms == self._interval_ms:
            clock = BASE
        if clock is not None and fixed.scope is not None:
            return Home(clock, fixed.scope)
        joined = join([self._homes[id(i)] for i in x.inputs]) if x.inputs else ANYWHERE
        return Home(clock or joined.clock, fixed.scope or joined.scope)
