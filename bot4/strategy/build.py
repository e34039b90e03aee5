"""From targets (or free expressions) to a `Program`.

Order of operations: targets are checked against each other, stops become expressions, everything is lowered, put in canonical
order and written. `trace_expression` does the same for expressions without a target.
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
from .kinds import EACH, Kind
from .lowering import Lowering, home_of_target
from .node import Node
from .program import Condition, Program, ProgramKind, canonical_json, node_rows, source_lines
from .schedule import Schedule
from .stop import Stop
from .target import Target
from .tracing import Trace, current, tracing
from .view import asset, market


@dataclass(frozen=True, slots=True)
class Frame:
    """What a program is built in: name, kind, base interval, schedule, the data's symbols, the parameters' values."""

    name: str
    kind: ProgramKind
    interval_ms: int
    rebalance: Schedule | None = None
    symbols: tuple[str, ...] = ()
    parameters: Mapping[str, Any] | None = None


def build_program(targets: Sequence[Target], frame: Frame) -> Program:
    """Returns the program of checked targets. Raises StrategyError where they contradict each other or name unknown assets."""
    _check_overlap(targets)
    distances = {id(s): _distance(s, t.asset) for t in targets for s in t.stops}
    roots = [t.expression for t in targets] + [d for d in distances.values() if d is not None]
    _check_symbols(roots, targets, frame.symbols)
    lowering = Lowering(roots, frame.interval_ms, frame.kind == "portfolio", frame.name)
    made: list[Node] = []
    for t in targets:
        _check_address(t, lowering)
        home = home_of_target(t.asset)
        asked = [t.expression, *(d for s in t.stops if (d := distances[id(s)]) is not None)]
        made.extend(lowering.lower(x, home) for x in asked)
    listed, place = canonical(made)
    positions = iter([place[id(n)] for n in made])
    rows = [_target_json(t, positions) for t in targets]
    warnings = (*(w for t in targets for w in _warnings(t)), *lowering.warnings)
    return _program(frame, listed, place, rows, warnings)


def trace_expression(
    expression: object, *, interval_ms: int, symbols: Iterable[str] = (), name: str = "expression"
) -> Program:
    """Returns the program of free expressions; `outputs` maps each one's name to its node.

    `expression` is an expression (`b4.market().close.ema(10)`), a function of the market (`lambda m: m.close.ema(10)`), or a
    list or a dictionary of these. Cross-sections are allowed. Raises StrategyError for positions and the account: without a
    run there are none.
    """
    named = _named(expression, name)
    for x in reachable(named.values()):
        if x.op in ("pos", "account"):
            raise StrategyError(
                f"{x.describe()} exists only while a strategy runs",
                "Run b4.backtest and look at result.positions",
                x.origin,
            )
    frame = Frame(name, "expression", interval_ms, symbols=tuple(symbols))
    roots = list(named.values())
    _check_symbols(roots, (), frame.symbols)
    lowering = Lowering(roots, interval_ms, sees_panel=True, name=name)
    made: dict[str, Node] = {}
    for key, x in named.items():
        scope = lowering.home(x).scope
        made[key] = lowering.lower(x, home_of_target(scope.symbol if scope is not None else None))
    listed, place = canonical(list(made.values()))
    return _program(frame, listed, place, [], tuple(lowering.warnings), {key: place[id(n)] for key, n in made.items()})


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


def _check_overlap(targets: Sequence[Target]) -> None:
    for i, t in enumerate(targets):
        for other in targets[:i]:
            if t.asset is None or other.asset is None or t.asset == other.asset:
                whom = t.asset or other.asset or "every asset"
                raise StrategyError(
                    f"two targets for {whom}: lines {other.origin.line} and {t.origin.line}",
                    'Return one target for each asset; address them with asset="…"',
                    t.origin,
                )
        if t.budget != targets[0].budget:
            raise StrategyError(
                f"the targets' budgets differ: {targets[0].budget:g} and {t.budget:g}",
                "Give every target of one strategy the same budget",
                t.origin,
            )


def _check_address(t: Target, lowering: Lowering) -> None:
    scope = lowering.home(t.expression).scope
    if t.asset is not None and scope == EACH:
        raise StrategyError(
            f"the target for {t.asset} is an expression of every market, {t.expression.describe()}",
            f'Make it from b4.asset("{t.asset}"), or leave asset= out',
            t.origin,
        )


def _check_symbols(roots: Iterable[Expr], targets: Sequence[Target], symbols: tuple[str, ...]) -> None:
    if not symbols:
        return
    asked: list[tuple[str | None, Origin]] = [(t.asset, t.origin) for t in targets]
    asked += [(x.fixed_home.scope.symbol, x.origin) for x in reachable(roots) if x.fixed_home.scope is not None]
    for symbol, origin in asked:
        if symbol is not None and symbol not in symbols:
            close = near(symbol, symbols)
            shown = f"Did you mean {close}?" if close else "The data holds " + ", ".join(symbols[:20])
            raise StrategyError(f"the asset {symbol!r} is not in the data", shown, origin)


def _distance(s: Stop, symbol: str | None) -> Expr | None:
    if s.pct is None:
        return s.distance
    view = market() if symbol is None else asset(symbol)
    distance = view.close * s.pct
    for part in (distance, *distance.inputs):
        part.origin = s.origin
    return distance


def _target_json(t: Target, positions: Any) -> dict[str, Any]:
    row: dict[str, Any] = {
        "node": next(positions),
        "kind": t.kind,
        "asset": t.asset,
        "band": t.band,
        "budget": t.budget,
        "rearm": t.rearm.to_json(),
    }
    return row | {"stops": [_stop_json(s, positions) for s in t.stops]}


def _stop_json(s: Stop, positions: Any) -> dict[str, Any]:
    if s.length is None:
        return {"kind": s.kind, "node": next(positions)}
    return {"kind": "time", ("ms" if s.length.is_time else "bars"): s.length.length}


def _warnings(t: Target) -> list[str]:
    """Returns what is allowed and rarely meant: an event used as a level."""
    found = []
    waiting = [t.expression]
    while waiting:
        x = waiting.pop()
        if x.op == "where":
            if x.inputs[0].kind is Kind.EVENT and x.inputs[2].op == "const":
                found.append(
                    f"{x.origin}: {x.inputs[0].describe()} is true on one bar only, so the target falls back to "
                    f"{x.inputs[2].describe()} on the next. Keep it with b4.latch(long=…, exit=…)."
                )
            waiting.extend(x.inputs[1:])
        elif x.op in ("mul", "div", "neg", "clip", "minimum", "maximum"):
            waiting.extend(x.inputs)
    return found


def _is_condition(node: Node) -> bool:
    op = CATALOGUE[node.op]
    return (
        node.source.kind.is_bool
        and node.op not in ("const", "carry", "carry_event", "pick", "pick_event")
        and op.gives is not Gives.NUMBER
    )


def _program(
    frame: Frame,
    listed: list[Node],
    place: dict[int, int],
    targets: list[dict[str, Any]],
    warnings: tuple[str, ...],
    outputs: Mapping[str, int] | None = None,
) -> Program:
    slower = sorted({n.clock.period_ms for n in listed if n.clock.period_ms is not None})
    clocks = [frame.interval_ms, *slower]
    nodes = node_rows(listed, place, clocks)
    lines = source_lines(listed)
    rebalance = frame.rebalance.to_json() if frame.rebalance is not None else None
    conditions = tuple(
        Condition(i, line.text, line.file, line.line, line.source)
        for i, (n, line) in enumerate(zip(listed, lines.values(), strict=True))
        if _is_condition(n)
    )
    return Program(
        name=frame.name,
        kind=frame.kind,
        interval_ms=frame.interval_ms,
        json=canonical_json(frame.kind, frame.interval_ms, clocks, rebalance, nodes, targets),
        nodes=nodes,
        targets=tuple(targets),
        lines=lines,
        conditions=conditions,
        parameters=dict(frame.parameters or {}),
        warnings=warnings,
        outputs=dict(outputs or {}),
    )
