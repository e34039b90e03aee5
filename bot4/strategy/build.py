"""From what a strategy asks for (or free expressions) to a `Program`.

Order of operations: targets, entries and orders are checked against each other, fractions become distances (`wants`), everything
is lowered, put in canonical order and written. `trace_expression` does the same for expressions alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .canonical import canonical
from .catalogue import CATALOGUE, Gives
from .core import Operand, as_expr
from .errors import Origin, StrategyError, near
from .expr import Expr
from .homes import reachable
from .kinds import EACH, ClockFamily
from .lazy import LazyMapping, LazySequence
from .lowering import Lowering, home_of_target
from .node import Node
from .plain import lower_plain
from .program import Condition, Program, ProgramKind, SourceLine, canonical_json, node_rows, source_lines
from .schedule import Schedule
from .tick_rules import check_columns, check_wants
from .tracing import Trace, current, tracing
from .view import market
from .wants import Addressed, Want, Wants, addresses, gather


@dataclass(frozen=True, slots=True)
class Frame:
    """What a program is built in: name, kind, base interval, schedule, the data's symbols, the parameters' values, what makes a row."""

    name: str
    kind: ProgramKind
    interval_ms: int
    rebalance: Schedule | None = None
    symbols: tuple[str, ...] = ()
    parameters: Mapping[str, Any] | None = None
    family: ClockFamily = ClockFamily.BAR


def build_program(wanted: Sequence[Want], frame: Frame) -> Program:
    """Returns the program of what is wanted. Raises StrategyError where it contradicts itself or names unknown assets."""
    # Fractions of a price become distances here: of the close, on ticks of the mid.
    with tracing(Trace(frame.name, frame.kind == "portfolio", dict(frame.parameters or {}), frame.family)):
        wants = gather(wanted)
    used = _expressions(wants)
    order = reachable([x for _, x in used])
    check_columns(order, frame.family, frame.name, frame.interval_ms)
    if frame.family is not ClockFamily.BAR:
        check_wants(wants, frame.name)
    _check_symbols(order, addresses(wants), frame.symbols)
    made, notes = _lowered(used, order, frame)
    listed, place = canonical(list(made.values()))
    lists = wants.to_json(lambda w, x: place[id(made[w.asset, id(x)])])
    warnings = (*wants.warnings(), *notes)
    return _program(frame, listed, place, lists, warnings, wanted=LazySequence(wants.lines))


def _lowered(
    used: list[tuple[Addressed, Expr]], order: list[Expr], frame: Frame
) -> tuple[dict[tuple[str | None, int], Node], list[str]]:
    """Returns (the node of each used expression as seen from its user's asset, warnings)."""
    if all(w.asset is None for w, _ in used):
        plain = lower_plain(order, frame.interval_ms)
        if plain is not None:
            return {(None, id(x)): plain[id(x)] for _, x in used}, []
    lowering = Lowering(order, frame.interval_ms, frame.kind == "portfolio", frame.name)
    for w, x in used:
        _check_address(w, x, lowering)
    return {(w.asset, id(x)): lowering.lower(x, home_of_target(w.asset)) for w, x in used}, lowering.warnings


def _expressions(wants: Wants) -> list[tuple[Addressed, Expr]]:
    """Returns every expression the program's lists name, with what uses it, in the order in which they are written."""
    used: list[tuple[Addressed, Expr]] = []

    def note(w: Addressed, x: Expr) -> int:
        used.append((w, x))
        return 0

    wants.to_json(note)
    return used


def trace_expression(
    expression: object, *, interval_ms: int, symbols: Iterable[str] = (), name: str = "expression"
) -> Program:
    """Returns the program of free expressions; `outputs` maps each one's name to its node.

    `expression` is an expression (`b4.market().close.ema(10)`), a function of the market (`lambda m: m.close.ema(10)`), or a
    list or a dictionary of these. Cross-sections are allowed. Raises StrategyError for positions and the account: without a
    run there are none.
    """
    named = _named(expression, name)
    order = reachable(named.values())
    for x in order:
        if x.op in ("pos", "account"):
            raise StrategyError(
                f"{x.describe()} exists only while a strategy runs",
                "Run b4.backtest and look at result.positions",
                x.origin,
            )
    frame = Frame(name, "expression", interval_ms, symbols=tuple(symbols))
    check_columns(order, frame.family, name, interval_ms)
    _check_symbols(order, (), frame.symbols)
    lowering = Lowering(order, interval_ms, sees_panel=True, name=name)
    made: dict[str, Node] = {}
    for key, x in named.items():
        scope = lowering.home(x).scope
        made[key] = lowering.lower(x, home_of_target(scope.symbol if scope is not None else None))
    listed, place = canonical(list(made.values()))
    outputs = {key: place[id(n)] for key, n in made.items()}
    return _program(frame, listed, place, {"targets": []}, tuple(lowering.warnings), outputs)


def _named(expression: object, name: str) -> dict[str, Expr]:
    if isinstance(expression, Mapping):
        return {str(k): _single(v, name) for k, v in expression.items()}
    if isinstance(expression, (list, tuple)):
        return {x.describe(): x for x in (_single(v, name) for v in expression)}
    one = _single(expression, name)
    return {one.describe(): one}


def _single(value: object, name: str) -> Expr:
    if callable(value) and not isinstance(value, Operand):
        function: Callable[[object], object] = value
        with tracing(current() or Trace(name, sees_panel=True, parameters={})):
            value = function(market())
    return as_expr(value)


def _check_address(w: Addressed, x: Expr, lowering: Lowering) -> None:
    if w.asset is not None and lowering.home(x).scope == EACH:
        raise StrategyError(
            f"{w.title} for {w.asset} is an expression of every market, {x.describe()}",
            f'Make it from b4.asset("{w.asset}"), or leave asset= out',
            w.origin,
        )


def _check_symbols(order: Iterable[Expr], addressed: Iterable[tuple[str, Origin]], symbols: tuple[str, ...]) -> None:
    if not symbols:
        return
    asked: list[tuple[str | None, Origin]] = [*addressed]
    asked += [(x.fixed_home.scope.symbol, x.origin) for x in order if x.fixed_home.scope is not None]
    for symbol, origin in asked:
        if symbol is not None and symbol not in symbols:
            close = near(symbol, symbols)
            shown = f"Did you mean {close}?" if close else "The data holds " + ", ".join(symbols[:20])
            raise StrategyError(f"the asset {symbol!r} is not in the data", shown, origin)


def _is_condition(node: Node) -> bool:
    op = CATALOGUE[node.op]
    return (
        node.source.kind.is_bool
        and node.op not in ("const", "carry", "carry_event", "pick", "pick_event")
        and op.gives is not Gives.NUMBER
    )


def _conditions(listed: Sequence[Node], lines: Mapping[int, SourceLine]) -> tuple[Condition, ...]:
    return tuple(
        Condition(i, lines[i].text, lines[i].file, lines[i].line, lines[i].source)
        for i, n in enumerate(listed)
        if _is_condition(n)
    )


def _program(
    frame: Frame,
    listed: list[Node],
    place: dict[int, int],
    lists: dict[str, list[dict[str, Any]]],
    warnings: tuple[str, ...],
    outputs: Mapping[str, int] | None = None,
    wanted: Sequence[SourceLine] = (),
) -> Program:
    slower = sorted({n.clock.period_ms for n in listed if n.clock.period_ms is not None})
    clocks = [frame.interval_ms, *slower]
    nodes = node_rows(listed, place, clocks)
    lines = LazyMapping(lambda: source_lines(listed))
    rebalance = frame.rebalance.to_json() if frame.rebalance is not None else None
    conditions = LazySequence(lambda: _conditions(listed, lines))
    return Program(
        name=frame.name,
        kind=frame.kind,
        interval_ms=frame.interval_ms,
        json=canonical_json(frame.kind, frame.interval_ms, clocks, rebalance, nodes, lists, frame.family),
        family=frame.family,
        nodes=nodes,
        targets=tuple(lists["targets"]),
        orders=tuple(lists.get("orders", ())),
        entries=tuple(lists.get("entries", ())),
        legs=tuple(lists.get("legs", ())),
        lines=lines,
        conditions=conditions,
        parameters=dict(frame.parameters or {}),
        warnings=warnings,
        outputs=dict(outputs or {}),
        wanted=wanted,
    )
