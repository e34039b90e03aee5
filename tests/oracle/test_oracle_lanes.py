"""The oracle's keyed orders, brackets and realism against numbers worked out by hand. One asset, tick 1, lot 1, no costs unless said."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from . import latency, read
from . import records as d
from .desk import Desk
from .records import Ask, IntBar, Signal

HOUR = 3_600_000
UNIT = 10**8
Row = tuple[int, int, int, int, int]
CONFIG: dict[str, Any] = {
    "cash": 1000 * UNIT,
    "latency_ms": 0,
    "trade_from_ms": None,
    "half_spread_e9": 0,
    "impact": 0.0,
    "volume_share_e9": 10**9,
    "collar_e9": 10**9,
    "max_leverage_e9": 10 * 10**9,
    "max_notional": None,
}


def key(name: str, side: int, kind: str, **more: Any) -> dict[str, Any]:
    return {"key": name, "side": side, "kind": kind, "size": {"unit": "qty", "node": 0}, **more}


def play(rows: Sequence[Row], specs: list[dict[str, Any]], asks: Any, spot: bool = False, **changes: Any) -> Desk:
    """Runs keys on consecutive hours; `asks` is a list with, for each row, {key: Ask}, or one dict for all rows."""
    costs = {"taker_e9": 0, "maker_e9": 0, "min_lots": 1, "min_notional": 0}
    costs |= {k: v for k, v in changes.items() if k in costs}
    config = CONFIG | {k: v for k, v in changes.items() if k not in costs} | {"instruments": [costs]}
    kind = "spot" if spot else "linear"
    instrument = {"symbol": "A/Q", "venue": "v", "kind": kind, "base": "A", "quote": "Q", "tick": [1, 0], "lot": [1, 0]}
    desk = Desk([instrument], HOUR, {"kind": "portfolio", "orders": specs}, config, [0])
    names = [lane.key for lane in desk.lanes.by_asset[0]]
    for k, row in enumerate(rows):
        asked = asks if isinstance(asks, dict) else asks[k]
        signal = Signal(None, asks=tuple(asked.get(name, Ask(None)) for name in names))
        desk.step(k * HOUR, {0: IntBar(*row)}, lambda _, signal=signal: signal)  # type: ignore[misc]
    return desk


def flat(price: int, volume: int = 1000) -> Row:
    return (price, price, price, price, volume)


def fills(desk: Desk) -> list[tuple[int, int, int, int]]:
    """(hour, lots, ticks, rule)"""
    return [(f.ts // HOUR, f.lots, f.ticks, f.rule) for f in desk.fills]


def orders(desk: Desk) -> list[tuple[int, int, int, int, int]]:
    """(hour of sending, signed lots, filled, status, cause)"""
    return [(o.ts // HOUR, o.side * o.lots, o.filled, o.status, o.cause) for o in desk.orders]


BUY = [key("dip", 1, "limit")]
AT_95 = {"dip": Ask(5, price=95)}


@pytest.mark.parametrize(
    ("realism", "bar", "expected"),
    [
        ("strict", (100, 101, 95, 100, 99), []),  # touched only
        ("strict", (100, 101, 94, 100, 99), [(1, 5, 95, d.THROUGH)]),
        ("neutral", (100, 101, 95, 100, 99), [(1, 5, 95, d.TOUCH)]),
        ("naive", (100, 101, 95, 100, 0), [(1, 5, 95, d.TOUCH)]),
        ("strict", (93, 101, 93, 100, 99), [(1, 5, 93, d.OPEN_LIMIT)]),  # marketable at its first open
    ],
)
def test_a_limit_by_realism(realism: str, bar: Row, expected: list[tuple[int, ...]]) -> None:
    assert fills(play([flat(100), bar], BUY, AT_95, realism=realism)) == expected


def test_a_limit_that_was_only_touched_says_so() -> None:
    order = play([flat(100), (100, 101, 95, 100, 99)], BUY, AT_95).orders[0]
    assert (order.evidence, order.evidence_row, order.status) == (d.NOT_THROUGH, 1, d.WORKING)


@pytest.mark.parametrize(("realism", "ticks"), [("strict", 95), ("neutral", 90), ("naive", 90)])
def test_a_resting_limit_that_the_open_passes(realism: str, ticks: int) -> None:
    assert fills(play([flat(100), flat(99), flat(90)], BUY, AT_95, realism=realism)) == [(2, 5, ticks, d.GAP_LIMIT)]


def test_makers_pay_the_maker_s_fee() -> None:
    desk = play([flat(100), (100, 100, 94, 100, 99)], BUY, AT_95, taker_e9=10**7, maker_e9=10**6)
    assert desk.fills[0].fee == 5 * 95 * UNIT // 1000


def test_a_marketable_limit_pays_slippage_up_to_its_price() -> None:
    asks = {"dip": Ask(5, price=101)}
    assert fills(play([flat(100)] * 2, BUY, asks, half_spread_e9=10**7)) == [(1, 5, 101, d.OPEN_LIMIT)]
    assert fills(play([flat(100)] * 2, BUY, asks, half_spread_e9=3 * 10**7)) == [(1, 5, 101, d.OPEN_LIMIT)]


def test_an_unchanged_key_stays_and_a_changed_one_is_replaced() -> None:
    rows = [flat(100)] * 4
    asks = [AT_95, AT_95, {"dip": Ask(5, price=96)}, {}]
    assert orders(play(rows, BUY, asks)) == [(1, 5, 0, d.CANCELLED, d.REPLACED), (3, 5, 0, d.CANCELLED, d.WITHDRAWN)]


def test_a_moment_fires_once_and_is_ended_by_until() -> None:
    spec = [key("dip", 1, "limit", when=0, until=0)]
    asks = [{"dip": Ask(5, price=95, when=w, until=u)} for w, u in [(True, False), (True, False), (False, True)]]
    assert orders(play([flat(100)] * 3, spec, asks)) == [(1, 5, 0, d.CANCELLED, d.WITHDRAWN)]


@pytest.mark.parametrize(
    ("kind", "side", "bar", "expected"),
    [
        ("stop", 1, (100, 106, 100, 103, 99), (1, 5, 105, d.TRIGGER)),
        ("stop", 1, (107, 108, 100, 103, 99), (1, 5, 107, d.GAP_TRIGGER)),
        ("stop", -1, (100, 100, 94, 100, 99), (1, -5, 95, d.TRIGGER)),
        ("take_profit", -1, (100, 106, 100, 103, 99), (1, -5, 105, d.TRIGGER)),
        ("take_profit", 1, (93, 94, 93, 94, 99), (1, 5, 93, d.GAP_TRIGGER)),
    ],
)
def test_triggers(kind: str, side: int, bar: Row, expected: tuple[int, ...]) -> None:
    level = 105 if (side > 0) == (kind == "stop") else 95
    assert fills(play([flat(100), bar], [key("k", side, kind)], {"k": Ask(5, trigger=level)})) == [expected]


def test_a_naive_stop_fills_at_its_trigger_even_over_a_gap() -> None:
    asks = {"k": Ask(5, trigger=105)}
    assert fills(play([flat(100), flat(110)], [key("k", 1, "stop")], asks, realism="naive"))[0][2] == 105


def test_a_stop_limit_rests_when_the_price_has_run_past_it() -> None:
    spec, asks = [key("k", 1, "stop_limit")], {"k": Ask(5, price=104, trigger=105)}
    rows: list[Row] = [flat(100), (100, 106, 100, 103, 99), (103, 103, 103, 103, 99)]
    desk = play(rows, spec, asks)
    assert fills(desk) == [(2, 5, 104, d.GAP_LIMIT)]
    assert (desk.orders[0].evidence, desk.orders[0].evidence_row) == (d.IN_FLIGHT, 1)
    assert fills(play(rows, spec, {"k": Ask(5, price=105, trigger=105)})) == [(1, 5, 105, d.TRIGGER)]


def test_a_trailing_order_follows_the_extremes_of_earlier_bars() -> None:
    rows: list[Row] = [flat(100), (100, 110, 99, 108, 99), (108, 109, 100, 101, 99)]
    desk = play(rows, [key("t", -1, "trailing")], {"t": Ask(5, distance=8)})
    assert fills(desk) == [(2, -5, 102, d.TRIGGER)]  # 92 at the decision, 102 after the bar with 110


def test_volume_is_shared_in_order_of_number_and_the_rest_works_on() -> None:
    spec = [key("a", 1, "market"), key("b", 1, "limit", when=0)]
    asks = {"a": Ask(50), "b": Ask(50, price=100, when=True)}
    desk = play([flat(100), (100, 100, 99, 99, 60)], spec, asks)
    assert fills(desk) == [(1, 50, 100, d.OPEN), (1, 10, 100, d.OPEN_LIMIT)]
    assert [f.volume_left for f in desk.fills] == [60, 10]
    assert (desk.orders[1].evidence, desk.orders[1].left) == (d.VOLUME_CAP, 40)


@pytest.mark.parametrize(
    ("tif", "filled", "cause"), [("ioc", 30, d.IOC), ("fok", 0, d.FOK), ("gtc", 50, 0), ("gtd", 30, d.EXPIRED)]
)
def test_time_in_force(tif: str, filled: int, cause: int) -> None:
    spec = [key("a", 1, "limit", when=0, tif=tif, expires={"bars": 1})]
    desk = play([flat(100), flat(100, 30), (100, 100, 99, 99, 99)], spec, {"a": Ask(50, price=100, when=True)})
    assert (desk.orders[0].filled, desk.orders[0].cause) == (filled, cause)


def test_post_only_never_takes() -> None:
    spec = [key("a", 1, "limit", post_only=True, when=0)]
    desk = play([flat(100), flat(99)], spec, {"a": Ask(5, price=99, when=True)})
    assert orders(desk) == [(1, 5, 0, d.CANCELLED, d.WOULD_TAKE)]


def test_reduce_only_needs_something_to_reduce_and_is_cut_to_it() -> None:
    spec = [key("in", 1, "market", when=0), key("out", -1, "market", reduce_only=True, when=0)]
    rows = [flat(100)] * 5
    asks = [{"in": Ask(5, when=k == 1), "out": Ask(9, when=k in (0, 2))} for k in range(5)]
    desk = play(rows, spec, asks)
    assert orders(desk) == [
        (1, 0, 0, d.REJECTED, d.REDUCE_ONLY),
        (2, 5, 5, d.FILLED, 0),
        (3, -5, 5, d.FILLED, d.REDUCE_ONLY),
    ]


def test_one_cancels_the_other() -> None:
    spec = [key("up", 1, "stop", oco="g", when=0), key("down", -1, "stop", oco="g", when=0)]
    asks = {"up": Ask(5, trigger=105, when=True), "down": Ask(5, trigger=95, when=True)}
    desk = play([flat(100), (100, 106, 99, 106, 99)], spec, asks)
    assert orders(desk) == [(1, -5, 0, d.CANCELLED, d.OCO), (1, 5, 5, d.FILLED, 0)]


def test_after_sends_once_for_each_fill() -> None:
    spec = [key("first", 1, "market", when=0), key("then", -1, "limit", after="first")]
    asks = [{"first": Ask(5, when=k in (0, 2)), "then": Ask(5, price=110)} for k in range(5)]
    desk = play([flat(100)] * 5, spec, asks)
    assert orders(desk) == [(1, 5, 5, d.FILLED, 0), (2, -5, 0, d.WORKING, 0), (3, 5, 5, d.FILLED, 0)]


# --- brackets -----------------------------------------------------------------------------------------------------------


def bracket(**exits: int) -> tuple[list[dict[str, Any]], dict[str, Ask]]:
    spec = [key("b", 1, "market", when=0, exits=dict.fromkeys(exits, 0))]
    return spec, {"b": Ask(10, when=True, exits=exits)}


def test_a_bracket_s_take_is_a_maker_at_its_level() -> None:
    desk = play([flat(100), flat(100), (100, 111, 100, 105, 99)], *bracket(stop=5, take=10))
    assert fills(desk) == [(1, 10, 100, d.OPEN), (2, -10, 110, d.THROUGH)]
    assert (desk.orders[1].parent, desk.orders[1].reason, desk.orders[1].price) == (0, d.TAKE, 110)


@pytest.mark.parametrize(
    ("realism", "ticks"),
    [("strict", 95), ("neutral", 95), ("naive", 110)],  # low first: open - low <= high - open
)
def test_stop_and_take_both_touched(realism: str, ticks: int) -> None:
    desk = play([flat(100), flat(100), (100, 112, 90, 105, 99)], *bracket(stop=5, take=10), realism=realism)
    assert fills(desk)[1][:3] == (2, -10, ticks)


def test_neutral_takes_when_the_high_is_nearer() -> None:
    desk = play([flat(100), flat(100), (104, 112, 90, 105, 99)], *bracket(stop=5, take=10), realism="neutral")
    assert fills(desk)[1][:3] == (2, -10, 110)


@pytest.mark.parametrize(
    ("realism", "ticks"), [("strict", 95), ("neutral", 110), ("naive", 110)]
)  # 102: high is nearer, so take first on the path
def test_a_bracket_opened_in_this_bar(realism: str, ticks: int) -> None:
    desk = play([flat(100), (100, 110, 89, 105, 99)], *bracket(stop=5, take=10), realism=realism)
    assert fills(desk)[1][:3] == (1, -10, ticks)


def test_a_gap_through_the_bracket_s_stop() -> None:
    desk = play([flat(100), flat(100), flat(80)], *bracket(stop=5, take=10))
    assert fills(desk)[1] == (2, -10, 80, d.GAP_TRIGGER)
    assert (desk.fills[1].reason, desk.orders[1].trigger) == (d.GAP_STOP, 95)


def test_the_exits_follow_the_fill_weighted_entry() -> None:
    # 6 of 10 lots at 100, the rest at 104: entry 101.6 -> 101, stop 96, take 111
    rows: list[Row] = [flat(100), flat(100, 6), flat(104, 99), (104, 104, 96, 104, 99)]
    desk = play(rows, *bracket(stop=5, take=10))
    assert fills(desk)[2] == (3, -10, 96, d.TRIGGER)


def test_a_stop_cancels_what_is_left_of_the_entry_and_works_on() -> None:
    rows: list[Row] = [flat(100), flat(100, 6), (100, 100, 94, 94, 2), flat(90)]
    desk = play(rows, *bracket(stop=5, take=10))
    assert fills(desk) == [(1, 6, 100, d.OPEN), (2, 2, 100, d.OPEN), (3, -8, 90, d.OPEN)]
    assert orders(desk) == [(1, 10, 8, d.CANCELLED, d.STOPPED), (2, -8, 8, d.FILLED, 0)]


def test_a_trail_moves_with_the_bars_since_the_fill() -> None:
    rows: list[Row] = [flat(100), (100, 112, 99, 110, 99), (110, 111, 106, 108, 99)]
    desk = play(rows, *bracket(trail=5))
    assert fills(desk)[1] == (2, -10, 107, d.TRIGGER)
    assert desk.fills[1].reason == d.TRAIL


def test_a_lane_that_holds_is_not_sent_again_until_it_is_free() -> None:
    spec = [key("b", 1, "market", exits={"take": 0})]
    desk = play([flat(100)] * 3 + [flat(111), flat(111)], spec, {"b": Ask(10, exits={"take": 10})})
    assert orders(desk) == [(1, 10, 10, d.FILLED, 0), (3, -10, 10, d.FILLED, 0), (4, 10, 10, d.FILLED, 0)]


def test_an_exit_that_was_asked_for_and_is_missing_makes_the_key_absent() -> None:
    spec = [key("b", 1, "market", exits={"stop": 0})]
    assert not play([flat(100)] * 2, spec, {"b": Ask(10, exits={"stop": None})}).orders


def test_a_lane_whose_position_others_closed_is_freed() -> None:
    spec = [key("b", 1, "market", when=0, exits={"stop": 0}), key("x", -1, "market", reduce_only=True, when=0)]
    asks = [{"b": Ask(10, when=k == 0, exits={"stop": 5}), "x": Ask(99, when=k == 2)} for k in range(5)]
    desk = play([flat(100)] * 4 + [flat(90)], spec, asks)
    assert fills(desk) == [(1, 10, 100, d.OPEN), (3, -10, 100, d.OPEN)]
    assert desk.lanes.by_asset[0][0].free


# --- numbers ------------------------------------------------------------------------------------------------------------


def test_limits_round_away_from_the_market_but_not_by_a_last_bit() -> None:
    assert read.limit(0.29, 1, [1, 2]) == 29  # 0.29 * 100 is 28.999…
    assert read.limit(0.295, 1, [1, 2]) == 29
    assert read.limit(0.291, -1, [1, 2]) == 30


def test_splitmix_and_the_latency_s_spread() -> None:
    assert latency.splitmix64(0) == 0xE220A8397B1DCDAF  # Vigna's first output for state 0
    settings = {"latency_ms": 100, "latency_sigma": 0.5, "latency_seed": 7}
    drawn = [latency.latency_ms(settings, k) for k in range(2000)]
    assert 95 < sorted(drawn)[1000] < 105  # the median is the constant
    assert 0.4 < sum(v > 100 * 2.718281828**0.5 for v in drawn) / sum(v > 100 for v in drawn) / 0.635 < 1.2


def test_risk_is_what_the_stop_would_cost() -> None:
    spec = [key("r", 1, "market") | {"size": {"unit": "risk", "node": 0, "per_unit": 0}}]
    desk = play([flat(100)] * 2, spec, {"r": Ask(10_000_000, per_unit=2)})  # 1 % of 1000 is 10; 2 a lot
    assert fills(desk) == [(1, 5, 100, d.OPEN)]


def test_a_resting_sell_brings_no_cash_before_it_is_filled() -> None:
    spec = [key("a", 1, "market", when=0), key("b", -1, "limit", when=0), key("c", 1, "limit", when=0)]
    asks = [
        {"a": Ask(10, when=k == 0), "b": Ask(10, price=120, when=k == 1), "c": Ask(1, price=90, when=k == 2)}
        for k in range(3)
    ]
    desk = play([flat(100)] * 3, spec, asks, spot=True)
    assert orders(desk)[2] == (3, 0, 0, d.REJECTED, d.BALANCE)
