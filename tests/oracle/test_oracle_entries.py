"""The oracle's entries and takes against numbers worked out by hand. Tick 1, lot 1, no costs unless said."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from . import records as d
from .desk import Desk
from .programs import target
from .records import IntBar, Signal, Unit
from .test_oracle_lanes import CONFIG, HOUR, Row, flat, orders

LOTS = {"unit": "qty", "node": 0}
STOP = [{"kind": "fixed", "node": 0}]


def play(rows: Sequence[Row], says: str, size: int | None = 5, assets: int = 1, sized: Any = LOTS, **more: Any) -> Desk:
    """Plays entries; `says` has a letter for each row: L long, S short, X exit, . nothing; all assets have the same bars."""
    spec = {
        "asset": None,
        "long": 0,
        "short": 0,
        "exit": 0,
        "size": sized,
        "stops": [],
        "rearm": {"mode": "new_signal"},
    }
    spec |= {k: v for k, v in more.items() if k not in CONFIG and k not in ("distance", "take_at", "ranks", "realism")}
    costs = {"taker_e9": 0, "maker_e9": 0, "min_lots": 1, "min_notional": 0}
    config = CONFIG | {k: v for k, v in more.items() if k in CONFIG or k == "realism"}
    config |= {"instruments": [costs] * assets}
    named = [{"symbol": f"{c}/Q", "kind": "linear", "tick": [1, 0], "lot": [1, 0]} for c in "ABC"[:assets]]
    desk = Desk(named, HOUR, {"kind": "portfolio", "entries": [spec]}, config, [0] * assets)
    ranks = more.get("ranks", [None] * assets)
    for k, (row, word) in enumerate(zip(rows, says, strict=True)):

        def signal(a: int, word: str = word) -> Signal:
            unit = Unit(word in "LB", word in "SB", word == "X", size, more.get("per_unit"), ranks[a])
            return Signal(None, (more.get("distance"),) * len(spec["stops"]), more.get("take_at"), unit=unit)

        desk.step(k * HOUR, {a: IntBar(*row) for a in range(assets)}, signal)
    return desk


def fills(desk: Desk) -> list[tuple[int, int, int, int]]:
    """(hour, asset, lots, ticks)"""
    return [(f.ts // HOUR, f.asset, f.lots, f.ticks) for f in desk.fills]


def test_a_signal_opens_one_unit_and_an_exit_closes_it() -> None:
    desk = play([flat(10), flat(11), flat(12), flat(13)], "LLX.")
    assert fills(desk) == [(1, 0, 5, 11), (3, 0, -5, 13)]
    assert [o.reason for o in desk.orders] == [d.ENTRY, d.EXIT_SIGNAL]


def test_units_are_added_up_to_the_most() -> None:
    assert [f[0] for f in fills(play([flat(10)] * 6, "LLLLLL", max_units=3))] == [1, 2, 3]


def test_the_other_side_turns_the_position_in_one_order() -> None:
    assert fills(play([flat(10)] * 3, "LS.")) == [(1, 0, 5, 10), (2, 0, -10, 10)]


def test_both_signals_are_neither() -> None:
    assert fills(play([flat(10)] * 4, "BLBB")) == [(2, 0, 5, 10)]


def test_after_a_stop_the_signal_must_have_been_false() -> None:
    rows: list[Row] = [flat(100), flat(100), (100, 100, 89, 100, 99), flat(100), flat(100), flat(100)]
    desk = play(rows, "LLLL.L", stops=STOP, distance=10)
    assert fills(desk) == [(1, 0, 5, 100), (2, 0, -5, 90)]
    again = play(rows, "LLL.LL", stops=STOP, distance=10)
    assert fills(again)[2] == (5, 0, 5, 100)


@pytest.mark.parametrize(("span", "hour"), [({"bars": 2}, 5), ({"ms": 3 * HOUR}, 6), (None, 3)])
def test_a_cooldown_counts_from_the_bar_of_the_exit(span: dict[str, int] | None, hour: int) -> None:
    desk = play([flat(10)] * 8, "LXLLLLLL", cooldown=span)
    assert fills(desk)[:2] == [(1, 0, 5, 10), (2, 0, -5, 10)]
    assert fills(desk)[2][0] == hour


def test_places_go_to_the_largest_priority() -> None:
    desk = play([flat(10)] * 2, "LL", assets=3, max_positions=2, ranks=[None, 1.0, 2.0])
    assert fills(desk) == [(1, 1, 5, 10), (1, 2, 5, 10)]


def test_a_unit_below_one_lot_is_counted() -> None:
    desk = play([flat(10)] * 2, "LL", size=None)
    assert (desk.orders, desk.count.rejected_units) == ([], [2])


def test_risk_uses_the_fixed_stop_s_distance() -> None:
    size = {"unit": "risk", "node": 0, "per_unit": None}
    desk = play([flat(100)] * 2, "LL", 10_000_000, stops=STOP, distance=4, sized=size)
    assert fills(desk) == [(1, 0, 2, 100)]  # 1 % of 1000 is 10, 4 a lot


def test_the_stop_protects_the_whole_position_at_its_average_entry() -> None:
    rows: list[Row] = [flat(100), flat(100), flat(110), (110, 110, 94, 100, 99)]
    desk = play(rows, "LL..", max_units=2, stops=STOP, distance=10)
    assert fills(desk)[2] == (3, 0, -10, 95)  # entry 105


def test_a_take_closes_the_whole_position_as_a_maker() -> None:
    desk = play([flat(100), flat(100), (100, 111, 100, 105, 99), flat(105)], "LLLL", take_at=10)
    assert fills(desk) == [(1, 0, 5, 100), (2, 0, -5, 110)]
    assert (desk.fills[1].maker, desk.fills[1].reason, desk.fills[1].rule) == (True, d.TAKE, d.THROUGH)


def test_what_a_take_leaves_rests_at_its_price() -> None:
    rows: list[Row] = [flat(100), flat(100), (100, 111, 100, 105, 2), flat(105), flat(112)]
    desk = play(rows, "L....", take_at=10)
    assert fills(desk)[1:] == [(2, 0, -2, 110), (4, 0, -3, 110)]
    assert orders(desk)[1] == (2, -5, 5, d.FILLED, 0)


@pytest.mark.parametrize(
    ("realism", "hour", "ticks"), [("strict", 1, 98), ("neutral", 1, 113), ("naive", 1, 113)]
)  # opened at 103 in this bar, whose high is nearer
def test_stop_and_take_of_a_target_by_realism(realism: str, hour: int, ticks: int) -> None:
    spec = target(0, kind="qty", stops=STOP, take=0)
    costs = {"taker_e9": 0, "maker_e9": 0, "min_lots": 1, "min_notional": 0}
    named = [{"symbol": "A/Q", "kind": "linear", "tick": [1, 0], "lot": [1, 0]}]
    program = {"kind": "portfolio", "targets": [spec], "rebalance": None}
    desk = Desk(named, HOUR, program, CONFIG | {"instruments": [costs], "realism": realism}, [0])
    for k, row in enumerate([flat(100), (103, 114, 85, 100, 99)]):
        desk.step(k * HOUR, {0: IntBar(*row)}, lambda _: Signal(5, (5,), 10))
    assert fills(desk)[1] == (hour, 0, -5, ticks)
