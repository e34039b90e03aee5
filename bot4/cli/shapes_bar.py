"""What the JSON of `bot4 why` and `bot4 explain` holds, as types (see `shapes`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bot4.strategy.graph import Graph


@dataclass(frozen=True)
class NodeAtBar:
    """One node of the expression tree: its value at this bar and at the one before."""

    node: int
    text: str
    label: str
    op: str
    is_condition: bool
    value: float
    before: float
    inputs: list[int]
    part: str
    clock_ms: int
    line: str
    note: str


@dataclass(frozen=True)
class TargetAtBar:
    """A target on its way through budget and band."""

    unit: str
    raw: float
    wanted: float
    budgeted: float
    acted_before: float
    acted: float
    band: float
    gross: float
    budget: float
    is_due: bool
    next_due: int | None
    distance: float


@dataclass(frozen=True)
class Why:
    """`bot4 why`: one bar of one asset. Orders and fills have the keys of the frames; docs/one-bar.md says what each part means."""

    strategy: str
    sleeve: str
    symbol: str
    ts: int
    bar: dict[str, float]
    warm_up: dict[str, Any]
    account: dict[str, float]
    position: dict[str, float]
    roots: dict[str, int]
    nodes: list[NodeAtBar]
    target: TargetAtBar | None
    entries: dict[str, Any] | None
    orders: list[dict[str, Any]]
    hold: dict[str, Any] | None
    stops: dict[str, float]
    sent: list[dict[str, Any]]
    exits: list[dict[str, Any]]
    fills: list[dict[str, Any]]
    cancelled: list[dict[str, Any]]
    working: list[dict[str, Any]]
    why: list[str]
    because: list[str]
    sleeves: list[Any]
    version: int


@dataclass(frozen=True)
class Explain:
    """`bot4 explain`: a graph for the strategy, or for each sleeve."""

    graphs: list[Graph]
