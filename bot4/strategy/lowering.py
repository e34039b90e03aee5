"""From expressions to nodes: clocks and scopes decided, `carry` and `pick` put where they meet, constants folded.

Order of operations: homes are joined, then each expression is lowered once per home it is needed in (constants and scalars
adapt to their user). Not here: sharing and order (`canonical`), the JSON (`program`).
"""

from __future__ import annotations

import math

from .catalogue import CATALOGUE
from .errors import StrategyError
from .expr import Expr, State
from .folding import fold
from .homes import Homes
from .kinds import BASE, EACH, Clock, Home, Kind, Scope, ScopeFamily, only
from .node import Node
from .spans import YEAR_MS, span_text

_HISTORY = frozenset({"shift", "change", "returns", "log_return"})
_COUNTS_ROWS = frozenset(name for name, op in CATALOGUE.items() if op.windowed) | {
    "ema",
    "rma",
    "ewm_mean",
    "ewm_std",
    "rsi",
    "atr",
}
_NEEDS_TWO = frozenset({"roll_corr", "roll_beta"})
WINDOWED = frozenset(name for name, op in CATALOGUE.items() if op.windowed)
CROSS_SECTIONS = frozenset(name for name in CATALOGUE if name.startswith("cs_"))
_CHECKED = _COUNTS_ROWS | CROSS_SECTIONS | {"col"}
"""Operations that are checked once their home is known; windowed ones are among those that count rows."""
_Key = tuple[int, Home]


def _concrete(home: Home, user: Home) -> Home:
    if home.clock is not None and home.scope is not None:
        return home if home != user else user  # one object where they are equal: the usual case, told by identity
    if home.clock is None and home.scope is None:
        return user
    return Home(home.clock or user.clock, home.scope or user.scope)


def _filled(home: Home) -> tuple[Clock, Scope]:
    """Returns both fields of a home that `_concrete` has filled."""
    if home.clock is None or home.scope is None:
        raise AssertionError("a home was used before it was made concrete")
    return home.clock, home.scope


class Lowering:
    """Lowers expressions of one program. `order` is all that is `reachable` from those that will be asked for."""

    def __init__(self, order: list[Expr], interval_ms: int, sees_panel: bool, name: str) -> None:
        self._homes = Homes(order, interval_ms)
        self._interval_ms = interval_ms
        self._sees_panel = sees_panel
        self._name = name
        self._made: dict[_Key, Node] = {}
        self._open_states: list[tuple[State, Home]] = []
        self.warnings: list[str] = []

    def home(self, x: Expr) -> Home:
        """Returns where `x` lives, constants left open."""
        return self._homes.of(x)

    def lower(self, x: Expr, user: Home) -> Node:
        """Returns the node of `x` as seen from `user`, a home with clock and scope. Raises StrategyError."""
        node = self._lower_tree(x, user)
        while self._open_states:
            state, home = self._open_states.pop()
            following = state.following
            assert following is not None  # Homes has refused states without one
            nxt = self._lower_tree(following, home)
            if nxt.op == "state":
                # The next of a state must stand later in the list, and all states stand first: pass it through × 1 (exact).
                one = Node("const", [], (1.0,), "", nxt.clock, nxt.only, nxt.source)
                nxt = Node("mul", [nxt, one], (), "", nxt.clock, nxt.only, nxt.source)
            self._made[id(state), home].inputs.append(nxt)
        return node

    def _lower_tree(self, x: Expr, user: Home) -> Node:
        own = _concrete(self._homes.of(x), user)
        made, home_of = self._made, self._homes.of
        stack: list[tuple[Expr, Home, bool]] = [(x, own, False)]
        while stack:
            part, home, is_ready = stack.pop()
            key = (id(part), home)
            if key in made:
                continue
            if is_ready or not part.inputs:
                made[key] = self._build(part, home)
                continue
            stack.append((part, home, True))
            stack.extend([(i, _concrete(home_of(i), home), False) for i in reversed(part.inputs)])
        return self._seen_from(x, own, user)

    def _build(self, x: Expr, home: Home) -> Node:
        if x.op in _CHECKED:
            self._check(x, home)
        inputs = [self._seen_from(i, _concrete(self._homes.of(i), home), home) for i in x.inputs]
        clock, scope = _filled(home)
        if x.op == "annual_root":
            root = math.sqrt(YEAR_MS / (clock.period_ms or self._interval_ms))
            return Node("const", [], (root,), "", clock, scope.symbol, x)
        node = Node(x.op, inputs, x.f, x.s, clock, scope.symbol, x)
        if isinstance(x, State):
            self._open_states.append((x, home))
            return node
        return fold(node)

    def _seen_from(self, x: Expr, own: Home, user: Home) -> Node:
        """Returns the node of `x` carried to the user's clock and picked for the user's scope."""
        node = self._made[id(x), own]
        if own is user:
            return node
        (own_clock, own_scope), (clock, scope) = _filled(own), _filled(user)
        suffix = "_event" if x.kind is Kind.EVENT else ""
        if own_clock != clock:
            node = Node("carry" + suffix, [node], (), "", clock, own_scope.symbol, x)
        if own_scope != scope:
            node = Node("pick" + suffix, [node], (), own_scope.symbol or "", clock, scope.symbol, x)
        return node

    def _check(self, x: Expr, home: Home) -> None:
        period_ms = home.clock.period_ms if home.clock is not None else None
        is_finer = period_ms is not None and (period_ms <= self._interval_ms or period_ms % self._interval_ms != 0)
        if x.op == "col" and period_ms is not None and is_finer:
            base = span_text(self._interval_ms)
            raise StrategyError(
                f'm.at("{span_text(period_ms)}") is not a multiple of the base timeframe {base}',
                f"Use a longer multiple of {base}, or run the strategy on a faster clock with on=b4.bars(…)",
                x.origin,
            )
        if x.op.startswith("cs_"):
            self._check_cross_section(x)
        if x.op in CATALOGUE and CATALOGUE[x.op].windowed:
            check_time_window(x, period_ms or self._interval_ms)
        if self._homes.has_slower and x.op in _COUNTS_ROWS and x.s != "ms" and home.clock == BASE:
            self._warn_of_base_rows(x)

    def _warn_of_base_rows(self, x: Expr) -> None:
        slower = [c.period_ms for c in self._homes.column_clocks(x) if c.period_ms is not None]
        if slower and BASE not in self._homes.column_clocks(x):
            base = span_text(self._interval_ms)
            self.warnings.append(
                f"{x.origin}: {x.describe()} counts bars of {base}, because its slower parts meet on the base clock. "
                "Apply the window before they meet, or run the strategy on the slower clock."
            )

    def _check_cross_section(self, x: Expr) -> None:
        scope = self._homes.of(x.inputs[0]).scope
        if not self._sees_panel:
            raise StrategyError(
                f".cs looks across assets, and {self._name} is a @b4.strategy, which sees one market at a time",
                "Make it a @b4.portfolio, or use .rolling(n).rank() and .rolling(n).zscore() over time",
                x.origin,
            )
        if scope is None or scope.family is not ScopeFamily.EACH:
            whose = "no asset in particular" if scope is None else f"{scope.symbol} only"
            raise StrategyError(
                f".cs looks across assets, and {x.inputs[0].describe()} is of {whose}",
                "Take the cross-section of u's columns",
                x.origin,
            )


def check_time_window(x: Expr, row_ms: int) -> None:
    """Raises StrategyError for a window of time that holds too few rows of its clock, or no whole number of them."""
    span_ms = int(x.f[0])
    least = int(x.f[1]) + 1 if len(x.f) == 2 else 2 if x.op in _NEEDS_TWO else 1
    if x.s == "ms" and row_ms <= span_ms <= row_ms * (least - 1):
        raise StrategyError(
            f"{x.describe()}: the window {span_text(span_ms)} holds too few rows of its clock, {span_text(row_ms)}",
            f"Use a window of at least {span_text(row_ms * least)}",
            x.origin,
        )
    if x.s != "ms" or (span_ms >= row_ms and (x.op not in _HISTORY or span_ms % row_ms == 0)):
        return
    why = "shorter than" if span_ms < row_ms else "not a multiple of"
    raise StrategyError(
        f"{x.describe()}: the window {span_text(span_ms)} is {why} one row of its clock, {span_text(row_ms)}",
        f"Use a multiple of {span_text(row_ms)}",
        x.origin,
    )


def home_of_target(symbol: str | None) -> Home:
    """Returns where a target is decided: on the base clock, for each asset or for the addressed one."""
    return Home(BASE, EACH if symbol is None else only(symbol))
