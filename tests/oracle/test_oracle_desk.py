"""The oracle's desk against numbers worked out by hand, so that the oracle itself can be trusted.

One asset, tick 1, lot 1, so a lot at price p is worth p units of quote; amounts below are in whole units unless `e8` says otherwise.
"""

from __future__ import annotations

from typing import Any

import pytest

from . import records as d
from .desk import Desk, schedule
from .instrument import Instrument
from .money import Ledger
from .programs import target
from .records import IntBar, Signal

HOUR = 3_600_000
UNIT = 10**8
Row = tuple[int, int, int, int, int]  # open, high, low, close, volume


def play(
    rows: list[Row],
    raws: list[float | None],
    distances: list[tuple[int | None, ...]] | None = None,
    spot: bool = False,
    **changes: Any,
) -> Desk:
    """Runs one asset on consecutive hours; `changes` go to the target if it knows the key, else to the configuration."""
    spec = target(0)
    spec |= {k: v for k, v in changes.items() if k in spec}
    costs = {"taker_e9": 0, "maker_e9": 0, "min_lots": 1, "min_notional": 0}
    costs |= {k: v for k, v in changes.items() if k in costs}
    config: dict[str, Any] = {
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
    config |= {k: v for k, v in changes.items() if k in config}
    config["instruments"] = [costs]
    instrument = {
        "symbol": "A/Q",
        "venue": "v",
        "kind": "spot" if spot else "linear",
        "base": "A",
        "quote": "Q",
        "tick": [1, 0],
        "lot": [1, 0],
    }
    program = {"kind": "portfolio", "rebalance": changes.get("rebalance"), "targets": [spec]}
    desk = Desk([instrument], HOUR, program, config, [changes.get("warm_up", 0)])
    none: tuple[int | None, ...] = (None,) * len(spec["stops"])
    for k, row in enumerate(rows):
        signal = Signal(None if raws[k] is None else round((raws[k] or 0.0) * 1e9), distances[k] if distances else none)
        desk.step(k * HOUR, {0: IntBar(*row)}, lambda _, signal=signal: signal)  # type: ignore[misc]
    return desk


def flat(price: int, volume: int = 1000) -> Row:
    return (price, price, price, price, volume)


def fills(desk: Desk) -> list[tuple[int, int, int]]:
    """(hour, lots, ticks)"""
    return [(f.ts // HOUR, f.lots, f.ticks) for f in desk.fills]


def orders(desk: Desk) -> list[tuple[int, int, int, int, int, int]]:
    """(hour of sending, signed lots, filled, reason, status, cause)"""
    return [(o.ts // HOUR, o.side * o.lots, o.filled, o.reason, o.status, o.cause) for o in desk.orders]


def equity(desk: Desk) -> list[float]:
    return [e / UNIT for _, e in desk.equity]


STOP = [{"kind": "fixed", "node": 0}]
TRAIL = [{"kind": "trailing", "node": 0}]


def test_a_target_is_bought_at_the_next_open_and_marked_at_the_close() -> None:
    desk = play([(10, 10, 10, 10, 99), (11, 13, 10, 12, 99), (12, 12, 9, 9, 99)], [0.5, 0.5, 0.0])
    assert fills(desk) == [(1, 50, 11)]  # 1000 * 0.5 / 10 lots
    assert equity(desk) == [1000, 1050, 900]  # 50 lots: +1 each at 12, -2 each at 9
    assert orders(desk)[1] == (3, -50, 0, d.TARGET, d.WORKING, 0)  # the last decision waits for a bar that never comes


def test_fees_and_rounding_go_against_us() -> None:
    desk = play([flat(3), flat(3), flat(3)], [0.003, 0.0, 0.0], taker_e9=1_500_000_000 // 1000)
    fee = [f.fee for f in desk.fills]
    assert fills(desk) == [(1, 1, 3), (2, -1, 3)]
    assert fee == [450_000, 450_000]  # 3 * 0.0015
    assert desk.ledger.flow == 1000 * UNIT - 900_000


def test_dust_is_what_rounding_took() -> None:
    instrument = {
        "symbol": "A/Q",
        "venue": "v",
        "kind": "linear",
        "base": "A",
        "quote": "Q",
        "tick": [1, 6],
        "lot": [1, 5],
    }
    info = Instrument.read(instrument, {"taker_e9": 0, "min_lots": 1, "min_notional": 0})
    assert (info.num, info.den) == (1, 1000)  # one lot at one tick is 1e-11, a thousandth of the smallest amount
    book = Ledger([info], UNIT)
    book.fill(0, 7, 333, 0, 0, 1)  # 2331 thousandths cost 3
    assert (book.notional, book.dust) == ([3], [669])
    book.fill(0, -7, 333, 0, 1, 1)  # and bring 2
    assert (book.notional, book.dust) == ([1], [1000])


def test_what_the_volume_does_not_give_works_on_at_the_next_bar() -> None:
    desk = play([flat(10), flat(10, 300), flat(10, 0), flat(12, 1000)], [0.5] * 4, volume_share_e9=10**8)
    assert fills(desk) == [(1, 30, 10), (3, 20, 12)]  # 10 % of 300, nothing, then the rest
    assert orders(desk) == [(1, 50, 50, d.TARGET, d.FILLED, 0)]


def test_a_price_is_reference_and_half_spread_and_impact() -> None:
    # 0.1 % of 10,000 is 10 ticks; impact 1 * 0.6005612 * (10,200 - 9,800) * sqrt(1 / 25) = 48.04… -> 49 ticks
    bar = (10_000, 10_200, 9_800, 10_000, 25)
    desk = play([bar, bar], [1.0, 1.0], half_spread_e9=1_000_000, impact=1.0, cash=10_000 * UNIT)
    assert fills(desk) == [(1, 1, 10_059)]


def test_a_sell_never_goes_below_one_tick() -> None:
    desk = play([flat(2), (2, 9, 1, 2, 1)], [-0.002, 0.0], impact=5.0)
    assert fills(desk) == [(1, -1, 1)]


def test_the_band_compares_with_the_weight_last_acted_on() -> None:
    desk = play([flat(10)] * 5, [0.5, 0.55, 0.59, 0.6, 0.61], band=0.1)
    assert fills(desk) == [(1, 50, 10), (4, 10, 10)]
    assert desk.count.acts == [2]
    assert desk.count.band_holds == [3]


def test_a_missing_target_holds_and_zero_closes() -> None:
    desk = play([flat(10)] * 5, [0.5, None, None, 0.0, 0.0])
    assert fills(desk) == [(1, 50, 10), (4, -50, 10)]
    assert desk.count.missing_rows == [2]


def test_the_same_entry_acts_again_after_a_zero_that_found_nothing_to_close() -> None:
    desk = play([flat(10)] * 4, [0.5, 0.0, 0.5, 0.5], min_lots=60)
    assert [o[4:] for o in orders(desk)] == [(d.REJECTED, d.MIN_SIZE)] * 2


def test_a_flip_is_one_order_and_two_trades() -> None:
    desk = play([flat(10), flat(10), flat(12), flat(12)], [0.5, -0.6, -0.6, -0.6], taker_e9=10_000_000)
    # 50 lots cost 500 + 5 fee; equity 995, marked at 10: desired -59.7 -> -59 lots
    assert fills(desk) == [(1, 50, 10), (2, -109, 12)]
    closed, still_open = desk.ledger.finish()
    assert (closed.side, closed.lots, closed.pnl) == (1, 50, round((600 - 500 - 5 - 6) * UNIT))
    assert (still_open.side, still_open.lots, still_open.fees) == (-1, 59, round(7.08 * UNIT))


def test_gross_above_the_budget_is_scaled_and_acted_on_scaled() -> None:
    desk = play([flat(10)] * 3, [3.0, 2.0, 2.0], budget=1.0)
    assert fills(desk) == [(1, 100, 10)]  # both 3 and 2 become 1
    assert (desk.count.budget_rows, desk.count.budget_max_gross_e9) == (3, 3 * 10**9)


def test_decisions_begin_at_the_settled_row() -> None:
    assert fills(play([flat(10)] * 4, [0.5] * 4, warm_up=2)) == [(3, 50, 10)]


def test_latency_waits_for_the_first_open_that_is_late_enough() -> None:
    assert fills(play([flat(10), flat(11), flat(12), flat(13)], [0.5] * 4, latency_ms=1)) == [(2, 50, 12)]


def test_a_pure_increase_is_not_chased_beyond_the_collar() -> None:
    desk = play([flat(100), flat(111), flat(100), flat(110)], [0.5, 0.6, 0.6, 0.6], collar_e9=10**8)
    assert orders(desk)[0] == (1, 5, 0, d.TARGET, d.CANCELLED, d.COLLAR)  # |111 - 100| > 10
    assert fills(desk) == [(2, 5, 100)]  # 0.6 of 1000 at 111; |100 - 111| is within 11.1


def test_an_exit_ignores_the_collar() -> None:
    assert fills(play([flat(100), flat(100), flat(200)], [0.5, 0.0, 0.0], collar_e9=10**8)) == [
        (1, 5, 100),
        (2, -5, 200),
    ]


def test_a_spot_buy_is_cut_to_the_cash_at_the_open() -> None:
    desk = play([flat(100), flat(130)], [1.0, 1.0], spot=True)
    assert fills(desk) == [(1, 7, 130)]  # 1000 / 130
    assert orders(desk) == [(1, 10, 7, d.TARGET, d.CANCELLED, d.BALANCE)]


def test_a_spot_buy_is_cut_before_sending_by_fee_and_half_spread() -> None:
    desk = play([flat(100), flat(100)], [1.0, 1.0], spot=True, taker_e9=10_000_000)
    assert orders(desk) == [(1, 9, 9, d.TARGET, d.FILLED, d.BALANCE)]  # 10 lots would need 1010
    assert desk.orders[0].wanted == 10


def test_spot_cannot_be_short() -> None:
    desk = play([flat(100)] * 3, [-0.5, 0.5, 0.5], spot=True)
    assert orders(desk) == [(1, -0, 0, d.TARGET, d.REJECTED, d.NO_SHORT), (2, 5, 5, d.TARGET, d.FILLED, 0)]
    assert desk.orders[0].wanted == 5


@pytest.mark.parametrize(
    ("changes", "lots", "cause"),
    [
        ({"min_lots": 6}, 0, d.MIN_SIZE),
        ({"min_notional": 501 * UNIT}, 0, d.MIN_NOTIONAL),
        ({"max_notional": 399 * UNIT}, 3, d.MAX_NOTIONAL),
        ({"max_leverage_e9": 250_000_000}, 2, d.LEVERAGE),
        ({"max_leverage_e9": 250_000_000, "max_notional": 399 * UNIT}, 2, d.LEVERAGE),
        ({"max_leverage_e9": 250_000_000, "min_lots": 3}, 0, d.LEVERAGE),
    ],
)
def test_the_smallest_check_wins(changes: dict[str, Any], lots: int, cause: int) -> None:
    desk = play([flat(100)] * 2, [0.5, 0.5], **changes)
    assert orders(desk) == [(1, lots, lots, d.TARGET, d.FILLED if lots else d.REJECTED, cause)]


def test_a_ruined_account_sends_no_increase() -> None:
    desk = play([flat(100), flat(100), flat(20), flat(20)], [3.0, 3.0, 4.0, 4.0], budget=9.0)
    assert equity(desk)[2] == -1400  # 30 lots lost 80 each
    assert fills(desk) == [(1, 30, 100), (3, -30, 20)]  # what is wanted of nothing is nothing
    stubborn = play([flat(100), flat(100), flat(20), flat(20)], [30.0, 30.0, 40.0, 40.0], budget=9.0, kind="qty")
    assert orders(stubborn)[1:] == [(3, 0, 0, d.TARGET, d.REJECTED, d.EQUITY)]


def test_a_fixed_stop_fills_at_its_level_and_waits_for_a_new_signal() -> None:
    rows: list[Row] = [flat(100), flat(100), (100, 100, 89, 95, 1000), flat(95), flat(95), flat(95)]
    desk = play(rows, [0.5, 0.5, 0.5, 0.5, 0.0, 0.5], [(10,)] * 6, stops=STOP)
    assert fills(desk) == [(1, 5, 100), (2, -5, 90)]
    assert orders(desk)[1] == (2, -5, 5, d.STOP_FIXED, d.FILLED, 0)
    assert orders(desk)[2][:2] == (6, 5)  # only after the 0


def test_a_gap_through_the_stop_fills_at_the_open() -> None:
    desk = play([flat(100), flat(100), (80, 95, 80, 95, 99)], [0.5] * 3, [(10,)] * 3, stops=STOP)
    assert fills(desk)[1] == (2, -5, 80)
    assert desk.fills[1].reason == d.GAP_FIXED


def test_a_stop_may_fill_on_the_bar_of_its_entry() -> None:
    desk = play([flat(100), (100, 101, 85, 100, 99)], [0.5, 0.5], [(10,)] * 2, stops=STOP)
    assert fills(desk) == [(1, 5, 100), (1, -5, 90)]


def test_a_short_is_stopped_above() -> None:
    desk = play([flat(100), flat(100), (100, 111, 100, 100, 99)], [-0.5] * 3, [(10,)] * 3, stops=STOP)
    assert fills(desk) == [(1, -5, 100), (2, 5, 110)]


def test_a_trailing_stop_uses_the_extremes_of_earlier_bars() -> None:
    rows: list[Row] = [flat(100), (100, 120, 100, 110, 99), (112, 130, 111, 130, 99), (130, 130, 119, 125, 99)]
    desk = play(rows, [0.5] * 4, [(10,)] * 4, stops=TRAIL)
    # level 90 at the fill, 110 after its bar (not hit by the low 111), 120 after the next
    assert fills(desk) == [(1, 5, 100), (3, -5, 120)]
    assert desk.fills[1].reason == d.STOP_TRAILING


def test_the_tightest_level_wins_and_a_tie_is_the_fixed_one() -> None:
    stops = [*TRAIL, *STOP]
    rows: list[Row] = [flat(100), flat(100), (100, 100, 80, 95, 99)]
    assert play(rows, [0.5] * 3, [(10, 10)] * 3, stops=stops).fills[1].reason == d.STOP_FIXED
    assert fills(play(rows, [0.5] * 3, [(5, 10)] * 3, stops=stops))[1] == (2, -5, 95)


def test_what_a_stop_cannot_fill_works_on_at_market() -> None:
    rows: list[Row] = [flat(100), flat(100), (100, 100, 80, 95, 3), flat(70)]
    desk = play(rows, [0.5] * 4, [(10,)] * 4, stops=STOP)
    assert fills(desk) == [(1, 5, 100), (2, -3, 90), (3, -2, 70)]
    assert [o[3:] for o in orders(desk)] == [(d.TARGET, d.FILLED, 0), (d.STOP_FIXED, d.FILLED, 0)]


def test_a_time_stop_counts_the_entry_bar_as_one() -> None:
    desk = play([flat(100)] * 5, [0.5] * 5, [()] * 5, stops=[{"kind": "time", "bars": 2}])
    assert fills(desk) == [(1, 5, 100), (3, -5, 100)]  # bars 1 and 2 held, out at the open of 3
    in_time = play([flat(100)] * 5, [0.5] * 5, [()] * 5, stops=[{"kind": "time", "ms": 2 * HOUR}])
    assert fills(in_time) == fills(desk)  # decision at 3 h, first fill at 1 h


@pytest.mark.parametrize(
    ("rearm", "entry"),
    [({"mode": "immediate"}, 3), ({"mode": "cooldown", "bars": 2}, 5), ({"mode": "cooldown", "ms": 2 * HOUR}, 5)],
)
def test_rearming(rearm: dict[str, Any], entry: int) -> None:
    rows: list[Row] = [flat(100), flat(100), (100, 100, 80, 100, 99), flat(100), flat(100), flat(100)]
    desk = play(rows, [0.5] * 6, [(10,)] * 6, stops=STOP, rearm=rearm)
    assert fills(desk)[2][0] == entry


def test_rebalance_gates_targets_but_not_stops() -> None:
    rule = {"period_ms": 3 * HOUR, "anchor_ms": 0}
    rows: list[Row] = [flat(100)] * 4 + [(100, 100, 80, 100, 99), flat(100)]
    desk = play(rows, [0.5, 0.5, 0.5, 0.2, 0.2, 0.2], [(10,)] * 6, stops=STOP, rebalance=rule)
    assert fills(desk) == [(3, 5, 100), (4, -5, 90)]  # acts at 3 h and 6 h only


def test_the_position_view() -> None:
    desk = play([flat(100), (100, 120, 90, 110, 99)], [0.5, 0.5])
    seen = {
        name: desk.view(0, "pos", name)
        for name in ("qty", "avg_price", "bars_held", "pnl", "mae", "mfe", "units", "weight")
    }
    expected = {
        "qty": 5,
        "avg_price": 100,
        "bars_held": 1,
        "pnl": 0.1,
        "mae": -0.1,
        "mfe": 0.2,
        "units": 1,
        "weight": 550 / 1050,
    }
    assert seen == pytest.approx(expected)
    assert desk.view(0, "account", "gross") == pytest.approx(550 / 1050)


def test_monthly_schedules_turn_on_their_day() -> None:
    rule = {"months": 1, "day": 15, "at_ms": 6 * HOUR}
    fifteenth = 14 * 24 * HOUR + 6 * HOUR  # 1970-01-15 06:00
    assert schedule(rule, fifteenth - 1) == (-1, False)
    assert schedule(rule, fifteenth) == (0, True)
    assert schedule(rule, fifteenth + 1) == (0, False)
