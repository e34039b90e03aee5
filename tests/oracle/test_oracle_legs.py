"""The oracle's legs against numbers worked out by hand: a long and a short leg, tick 1, lot 1, no costs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from . import records as d
from .desk import Desk
from .programs import target
from .records import IntBar, Signal
from .test_oracle_lanes import CONFIG, HOUR

COSTS = {"taker_e9": 0, "maker_e9": 0, "min_lots": 1, "min_notional": 0}
Pair = tuple[int, int]


def play(broken: str, volumes: Sequence[Pair], raws: Sequence[Pair], stop: int | None = None, **more: Any) -> Desk:
    """Two perpetuals at 100 throughout; `volumes` and `raws` (lots wanted) have a pair for each bar."""
    named = [{"symbol": f"{c}/Q:Q", "kind": "linear", "tick": [1, 0], "lot": [1, 0]} for c in "AB"]
    stops = [{"kind": "fixed", "node": 0}] if stop else []
    specs = [target(0, asset=i["symbol"], kind="qty", band=0.0, budget=99.0, stops=stops) for i in named]
    legs = [{"targets": [0, 1], "broken": broken, "tolerance": 0.1}]
    program = {"kind": "portfolio", "targets": specs, "legs": legs, "rebalance": None}
    desk = Desk(named, HOUR, program, CONFIG | {"instruments": [COSTS] * 2, "collar_e9": 10**6} | more, [0, 0])
    for k, (volume, raw) in enumerate(zip(volumes, raws, strict=True)):
        price = more.get("prices", [100] * len(raws))[k]
        bars = {0: IntBar(100, 100, 100, 100, volume[0]), 1: IntBar(price, price, price, price, volume[1])}
        desk.step(k * HOUR, bars, lambda a, raw=raw: Signal(raw[a], (stop,) if stop else ()))  # type: ignore[misc]
    return desk


def held(desk: Desk) -> list[int]:
    return [p.lots for p in desk.ledger.positions]


def run(broken: str, raws: Sequence[Pair]) -> Desk:
    """The second leg's order is cancelled by its collar on bar 1 (100 to 110), so that only the first is there."""
    count = len(raws)
    desk = play(broken, [(99, 99)] * count, raws, prices=[100, 110, *[110] * (count - 2)])
    assert desk.orders[1].cause == d.COLLAR
    return desk


def test_flatten_closes_what_is_there_until_every_target_has_been_zero_or_turned() -> None:
    desk = run("flatten", [(10, -10)] * 4)
    assert [(o.asset, o.side * o.lots, o.cause) for o in desk.orders] == [
        (0, 10, 0),
        (1, -10, d.COLLAR),
        (0, -10, d.BROKEN_LEG),
    ]
    assert (held(desk), desk.count.broken_legs) == ([0, 0], [1])
    again = run("flatten", [(10, -10)] * 3 + [(0, -10), (0, 0), (10, -10), (10, -10)])
    assert held(again) == [10, -10]


def test_complete_sends_what_is_missing() -> None:
    desk = run("complete", [(10, -10)] * 4)
    assert (held(desk), desk.count.broken_legs) == ([10, -10], [1])


def test_hold_only_counts() -> None:
    desk = run("hold", [(10, -10)] * 4)
    assert (held(desk), desk.count.broken_legs) == ([10, 0], [1])


def test_nothing_is_broken_while_an_order_works() -> None:
    desk = play("flatten", [(99, 99), (99, 3), (99, 3), (99, 9)], [(10, -10)] * 4)
    assert (held(desk), desk.count.broken_legs) == ([10, -10], [0])


@pytest.mark.parametrize(("filled", "broken"), [(19, 0), (18, 0), (17, 1)])
def test_fractions_within_the_tolerance_are_no_break(filled: int, broken: int) -> None:
    """Of 20 lots short some are filled on bar 1, the rest is cancelled by its collar on bar 2: 90 % is just within 0.1."""
    volumes = [(99, 99), (99, filled), (99, 99), (99, 99)]
    desk = play("hold", volumes, [(20, -20)] * 4, prices=[100, 100, 110, 110])
    assert held(desk) == [20, -filled]
    assert desk.count.broken_legs == [broken]
