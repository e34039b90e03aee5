"""What a scenario is, and how its fills are told: one line each, as a trader would write it down.

`2 sell 10 @ 95 stop/trigger` reads: on bar 2 ten lots were sold at 95, because of the stop, which its level triggered. Bars are
numbered from 0; what is decided at the close of bar 0 works from bar 1 on. `strict`, `neutral` and `naive` hold the fills under each
realism (None: not asked).
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from . import stage

Program = Callable[[stage.Script], dict[str, Any]]
REALISMS = ("strict", "neutral", "naive")


@dataclass(frozen=True)
class Scene:
    """Bars as `open high low close [volume]`, what the strategy asks for, and what is expected."""

    name: str
    bars: Sequence[str]
    program: Program
    strict: Sequence[str] | None = None
    neutral: Sequence[str] | None = None
    naive: Sequence[str] | None = None
    ends: Sequence[str] = ()  # of orders under the first realism asked for: `key state cause`
    evidence: Sequence[str] = ()  # of orders under the first realism asked for: `key why bar`
    equity: float | None = None  # at the end, under the first realism asked for
    kind: str = "linear"
    settings: Mapping[str, Any] = field(default_factory=dict)

    def asked(self) -> list[tuple[str, Sequence[str]]]:
        """The realisms of the scene, each with its fills."""
        return [(name, fills) for name in REALISMS if (fills := getattr(self, name)) is not None]

    def run(self, realism: str) -> dict[str, Any]:
        script = stage.Script()
        bars = [tuple(float(word) for word in bar.split()) for bar in self.bars]
        return stage.play(bars, script, self.program(script), self.kind, **{**self.settings, "realism": realism})


def orders(*wanted: tuple[str, str, str, float, Mapping[str, Any]]) -> Program:
    """A program of keyed orders: (key, side, kind, lots, what else). Sent once, at the close of bar `at` (0), or kept up (`keep`)."""

    def build(script: stage.Script) -> dict[str, Any]:
        out = []
        for name, side, kind, lots, more in wanted:
            said = dict(more)
            at = said.pop("at", 0)
            if not said.pop("keep", False):
                said["when"] = [0.0] * at + [1.0, 0.0]
            out.append(stage.key(script, name, side, kind, lots, **said))
        return {"orders": out}

    return build


def buy(name: str, kind: str, lots: float, **more: Any) -> tuple[str, str, str, float, Mapping[str, Any]]:
    return name, "buy", kind, lots, more


def sell(name: str, kind: str, lots: float, **more: Any) -> tuple[str, str, str, float, Mapping[str, Any]]:
    return name, "sell", kind, lots, more


def target(value: Any, **more: Any) -> Program:
    return lambda script: {"targets": [stage.target(script, value, **more)]}


def entries(says: str, size: float, **more: Any) -> Program:
    return lambda script: {"entries": [stage.entries(script, says, size, **more)]}


def codes() -> dict[str, dict[int, str]]:
    found: dict[str, dict[int, str]] = importlib.import_module("bot4._engine").reason_codes()
    return found


def told(run: Mapping[str, Any]) -> list[str]:
    """The fills of a run, a line each."""
    names, fills = codes(), run["fills"]
    out = []
    for k in range(len(fills["order"])):
        lots, reason, rule = int(fills["lots"][k]), int(fills["reason"][k]), int(fills["rule"][k])
        side = "buy" if lots > 0 else "sell"
        why = f"{names['reason'][reason]}/{names['rule'][rule]}"
        out.append(f"{int(fills['row'][k])} {side} {abs(lots)} @ {int(fills['ticks'][k])} {why}")
    return out


def ended(run: Mapping[str, Any]) -> list[str]:
    """How each keyed order ended, exits included: `key state cause`."""
    names, sent = codes(), run["orders"]
    out = []
    for k in range(len(sent["id"])):
        cause = int(sent["cause"][k])
        words = [key_of(run, k), names["status"][int(sent["status"][k])], names["cause"][cause] if cause else ""]
        out.append(" ".join(words).strip())
    return out


def evidence(run: Mapping[str, Any]) -> list[str]:
    """Why orders that were reached were not filled: `key why bar`."""
    names, sent = codes(), run["orders"]
    return [
        f"{key_of(run, k)} {names['evidence'][int(sent['evidence'][k])]} {int(sent['evidence_row'][k])}"
        for k in range(len(sent["id"]))
        if int(sent["evidence"][k])
    ]


def key_of(run: Mapping[str, Any], k: int) -> str:
    number = int(run["orders"]["key"][k])
    return run["keys"][number] if number >= 0 else "-"
