"""`b4.sleeves`: several strategies on one account, each with a fixed share of the cash and a virtual book of its own.

Not here: how their bars, orders and records are shared (the engine), what a result says of each (`bot4.backtest.sleeves`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from .core import plain_number
from .definition import Strategy
from .errors import StrategyError, caller_origin
from .events import Events, EventStrategy
from .parameters import Parameter, Value, resolve
from .program import VERSION, Program, SleeveProgram
from .spans import span_text
from .ticks import Ticks

E9 = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Sleeve:
    """One strategy, its share of the cash (above 0, at most 1) and values for some of its parameters."""

    strategy: Strategy
    share: float
    params: Mapping[str, Any] = field(default_factory=dict)


def sleeve(strategy: Strategy, share: float, **params: Any) -> Sleeve:
    """Gives a strategy a share of the cash for `b4.sleeves`; further keywords set its parameters: `b4.sleeve(trend, 0.6, fast=12)`."""
    return Sleeve(strategy, share, params)


def sleeves(**members: Sleeve | tuple[Strategy, float]) -> Sleeves:
    """Puts several strategies on one account: `b4.sleeves(trend=(trend, 0.6), dip=(dip, 0.4))`.

    Each trades its share of the starting cash in a book of its own: it sees and risks only that, nothing is lent or netted between them,
    and profits stay where they were made. They share what a bar's volume allows. What shares leave over stays cash. A member is
    (strategy, share) or `b4.sleeve(strategy, share, …)`; all run on the same bars. Raises StrategyError.
    """
    return Sleeves(members)


class Sleeves(Strategy):
    """Several strategies as one: what `b4.backtest` and the command line take. `members` by name, in the order of names."""

    def __init__(self, members: Mapping[str, Sleeve | tuple[Strategy, float]]) -> None:
        self.origin = caller_origin()
        if not members:
            raise StrategyError("b4.sleeves has no member", "Write b4.sleeves(trend=(trend, 0.6), dip=(dip, 0.4))")
        self.members: dict[str, Sleeve] = {name: _checked(name, members[name]) for name in sorted(members)}
        shares = {name: round(member.share * E9) for name, member in self.members.items()}
        if sum(shares.values()) > E9:
            raise StrategyError(
                f"the shares of these sleeves add up to {sum(shares.values()) / E9:.10g}",
                "Give shares that add up to 1 at most; what is left over stays cash",
            )
        self.shares_e9 = shares
        self.name = self.__name__ = " + ".join(self.members)
        self.kind = "sleeves"
        parts = [f"{name} {member.share * 100:.10g} %" for name, member in self.members.items()]
        self.doc = f"{len(parts)} sleeves on one account: {', '.join(parts)} of the cash."
        self.rebalance = None
        self.on = self._common_bars()
        self.parameters: dict[str, Parameter] = {
            f"{name}.{key}": replace(parameter, name=f"{name}.{key}")
            for name, member in self.members.items()
            for key, parameter in _parameters(name, member).items()
        }

    def __repr__(self) -> str:
        clock = f" on {self.on}" if self.on is not None else ""
        return f"<sleeves {self.name}{clock}>"

    def __call__(self, *views: Any, **parameters: Any) -> Any:
        """Returns what each member returns, by name; parameters are named `trend.fast`. For notebooks."""
        values = self._by_member(resolve(self.parameters, parameters, self.name))
        return {name: member.strategy(*views, **values[name]) for name, member in self.members.items()}

    def trace(
        self, params: Mapping[str, object] | None = None, symbols: Iterable[str] = (), interval_ms: int | None = None
    ) -> Program:
        """Returns a program that holds one for each member. Parameters are named `trend.fast`. Raises StrategyError."""
        values = resolve(self.parameters, params or {}, self.name)
        own, known = self._by_member(values), tuple(symbols)
        base_ms = self.on.interval_ms if self.on is not None else interval_ms
        traced = tuple(
            SleeveProgram(name, self.shares_e9[name], member.strategy.trace(own[name], known, base_ms))
            for name, member in self.members.items()
        )
        return Program(
            name=self.name,
            kind="sleeves",
            interval_ms=traced[0].program.interval_ms,
            json=_json(traced),
            nodes=(),
            targets=(),
            lines={},
            parameters=values,
            sleeves=traced,
        )

    def _common_bars(self) -> Any:
        """Returns the clock that the members name; none where none does."""
        named = {name: member.strategy.on for name, member in self.members.items() if member.strategy.on is not None}
        for name, clock in named.items():
            if isinstance(clock, Ticks):
                raise StrategyError(
                    f"the sleeve {name} runs on {clock}, and sleeves share bars",
                    "Run it alone, or give every sleeve a clock of bars",
                )
        intervals = {name: bars.interval_ms for name, bars in named.items()}
        if len(set(intervals.values())) > 1:
            told = ", ".join(f"{name} runs on {span_text(ms)}" for name, ms in intervals.items())
            raise StrategyError(
                f"sleeves share their bars, and {told}",
                "Give all the same on=, and use m.at(…) for slower columns",
            )
        return next(iter(named.values()), None)

    def _by_member(self, values: Mapping[str, Value]) -> dict[str, dict[str, Value]]:
        found: dict[str, dict[str, Value]] = {name: {} for name in self.members}
        for key, value in values.items():
            name, _, own = key.partition(".")
            found[name][own] = value
        return found


def _checked(name: str, given: object) -> Sleeve:
    """Returns a member as a `Sleeve`. Raises StrategyError for what cannot be one."""
    if isinstance(given, tuple) and len(given) == 2:
        given = Sleeve(*given)
    if not isinstance(given, Sleeve):
        raise StrategyError(
            f"the sleeve {name} is {given!r}", f"Write {name}=(strategy, share) or {name}=b4.sleeve(strategy, share)"
        )
    if not name.isidentifier():
        raise StrategyError(f"{name!r} is not a name", "Name a sleeve with letters, digits and _")
    made: object = given.strategy
    if isinstance(made, EventStrategy) or (isinstance(made, type) and issubclass(made, Events)):
        raise StrategyError(
            f"the sleeve {name} is an event strategy, which has its account to itself",
            "Run it alone, or write the sleeve with @b4.strategy",
        )
    if isinstance(made, Sleeves):
        raise StrategyError(f"the sleeve {name} is itself sleeves", "List its members beside the others")
    if not isinstance(made, Strategy):
        shown = getattr(made, "__name__", type(made).__name__)
        raise StrategyError(
            f"the sleeve {name} is {shown}, which is not a strategy",
            "Put @b4.strategy or @b4.portfolio above the function",
        )
    share = None if isinstance(given.share, bool) else plain_number(given.share)
    if share is None or not 0.0 < share <= 1.0 or round(share * E9) < 1:
        raise StrategyError(
            f"the share of {name} is {given.share!r}", "Give a fraction of the cash above 0 and at most 1"
        )
    return replace(given, share=float(share))


def _parameters(name: str, member: Sleeve) -> dict[str, Parameter]:
    """Returns a member's parameters, those that were given as their defaults."""
    values = resolve(member.strategy.parameters, member.params, name)
    return {key: replace(p, default=values[key]) for key, p in member.strategy.parameters.items()}


def _json(traced: tuple[SleeveProgram, ...]) -> str:
    rows = [{"name": s.name, "share_e9": s.share_e9, "program": json.loads(s.program.json)} for s in traced]
    whole = {"version": VERSION, "kind": "sleeves", "sleeves": rows}
    return json.dumps(whole, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
