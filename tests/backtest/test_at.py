"""`result.at`: what it says of a bar is what frames and records say; each reason for doing nothing is the one that decided."""

from __future__ import annotations

import random
import re

import numpy as np
import pytest

import bot4 as b4
from bot4.backtest.at import Decision
from tests.backtest import sleeve_cases
from tests.backtest.markets import FREE, HOUR, START, frame, market, perpetuals, walk

ROWS = 400


def run(strategy, data, **settings):
    return b4.backtest(strategy, data, record=False, **settings)


def at(result, row, symbol=None):
    """The decision at the close of the row-th bar of the hand-made data."""
    return result.at(START + (row + 1) * HOUR, symbol)


# --- against frames -----------------------------------------------------------------------------------------------------------


def decisions(result, count=60, seed=3):
    draw = random.Random(seed)
    for _ in range(count):
        number = draw.randrange(len(result.market))
        ts = result.market.columns[number].ts
        row = draw.randrange(len(ts))
        yield number, row, result.at(int(ts[row]) + result.market.interval_ms, result.market.symbols[number])


@pytest.mark.parametrize("name", ["trend", "dip", "quote", "feedback", "momentum"])
def test_orders_fills_and_position_are_those_of_the_frames(name):
    data = market(walk(ROWS, 1), walk(ROWS, 2), walk(ROWS, 3))
    result = run(getattr(sleeve_cases, name), data, cash=1_000)
    fills, ids = result.fills, set(result.orders["id"].to_list())
    told = 0
    for number, row, found in decisions(result):
        symbol, open_ts = result.market.symbols[number], int(result.market.columns[number].ts[row])
        assert (found.bar["ts"], found.bar["row"], found.ts) == (open_ts, row, open_ts + HOUR)
        mine = fills.filter((fills["symbol"] == symbol) & (fills["ts"].dt.epoch("ms") == open_ts))
        assert [one["order"] for one in found.fills] == mine["order"].to_list()
        assert [one["price"] for one in found.fills] == pytest.approx(mine["price"].to_list())
        positions = result.positions
        held = positions.filter((positions["symbol"] == symbol) & (positions["ts"].dt.epoch("ms") == found.ts))
        if len(held):
            assert found.position["qty"] == pytest.approx(held["qty"][0], abs=1e-12)
        assert {one["id"] for one in (*found.sent, *found.exits, *found.cancelled, *found.working)} <= ids
        assert found.why, f"{symbol} {row}"
        told += len(found.sent) + len(found.fills)
    assert told > 3


def test_every_order_stands_at_the_decision_or_bar_that_sent_it():
    result = run(sleeve_cases.quote, market(walk(ROWS, 1)), cash=1_000)
    seen = []
    for row in range(ROWS):
        found = at(result, row)
        seen += [one["id"] for one in (*found.sent, *found.exits)]
    assert sorted(seen) == result.orders["id"].to_list()


def test_values_are_those_of_evaluate_and_peek():
    result = run(sleeve_cases.trend, market(walk(ROWS, 1)))
    columns = result.evaluate(list(range(len(result.program.nodes))))
    averages = b4.peek(b4.market().close.ema(10), market(walk(ROWS, 1)))["value"]
    for row in (60, 61, 399):
        nodes = at(result, row).nodes
        for number, node in nodes.items():
            assert node.value == columns[number, 0][row]
            assert node.before == columns[number, 0][row - 1]
        assert next(one.value for one in nodes.values() if one.op == "ema") == averages[row]


def test_a_later_look_back_shows_what_a_fresh_one_shows():
    data = market(walk(3_000, 1), walk(3_000, 2))
    first, fresh = (run(sleeve_cases.trend, data) for _ in range(2))
    times = [START + row * HOUR for row in (2_900, 700, 701, 2_000, 699, 60)]
    again = {time: first.at(time, "ETH/USDT").to_dict() for time in times}
    for time in sorted(times):
        assert again[time] == fresh.at(time, "ETH/USDT").to_dict()


# --- why not ------------------------------------------------------------------------------------------------------------------


@b4.strategy
def level(m):
    """Holds the close as a weight: closes of the tests are weights times a hundred."""
    return b4.target(m.close / 100, band=0.1)


def why(found: Decision) -> str:
    return " ".join(found.why)


def test_a_small_change_stays_within_the_band():
    result = run(level, market(frame([41.8, 41.8, 42.0, 55.0])), **FREE)
    assert why(at(result, 2)) == (
        "The target 0.42 differs from 0.418, last acted on, by 0.002, less than the band 0.1: nothing to do."
    )
    assert why(at(result, 1)) == "The target is 0.418, as last acted on: nothing to do."
    assert at(result, 3).sent[0]["id"] == 1
    assert at(result, 3).target.acted == 0.55


def test_the_budget_is_told_with_what_all_ask_for():
    @b4.portfolio
    def both(u):
        return b4.target(u.close / u.close * 0.8, band=0.0, budget=1.0)

    result = run(both, market(walk(30, 1), walk(30, 2)), **FREE)
    found = at(result, 10, "ETH/USDT")
    target = found.target
    assert (target.raw, target.wanted, target.budgeted, target.gross, target.budget) == (0.8, 0.8, 0.5, 1.6, 1.0)
    assert why(found) == (
        "The target is 0.5 (of 0.8: all targets together ask for 1.6, the budget is 1), as last acted on: nothing to do."
    )


def test_before_the_warm_up_there_is_no_decision():
    @b4.strategy
    def average(m):
        return b4.target(b4.where(m.close > m.close.sma(10), 1.0, 0.0))

    result = run(average, market(walk(30, 1)))
    assert why(at(result, 4)) == (
        "Still warming up: 5 bars of the 10 it needs; the first decision is at 2020-01-01 10:00."
    )
    assert not at(result, 8).warm_up["is_over"]
    assert at(result, 9).warm_up["is_over"]
    short = run(average, market(walk(5, 1)))
    assert why(at(short, 4)).endswith("the data end before that.")
    late = run(average, market(walk(30, 1)), start="2020-01-01T20:00")
    assert why(at(late, 12)) == "Decisions begin at start=2020-01-01 20:00."


def test_a_missing_target_names_where_it_began():
    @b4.strategy
    def ratio(m):
        return b4.target(m.close / (m.close - 50) / 100)

    result = run(ratio, market(frame([51, 50, 52])), **FREE)
    found = at(result, 1)
    assert why(found) == "The target is missing, so what is held stays as it is."
    assert found.because[0].startswith("close / (close - 50) is missing (it divides by zero, ")


def test_off_schedule_the_next_date_is_told():
    @b4.portfolio(rebalance=b4.every("1d"))
    def daily(u):
        return b4.target(u.close / 1000)

    result = run(daily, market(walk(60, 1)))
    found = at(result, 30)
    assert not found.target.is_due
    assert why(found).endswith("and the rebalance schedule lets nothing act now; the next is 2020-01-03 00:00.")
    assert at(result, 23).target.is_due


def test_the_next_month_is_a_date_of_the_schedule():
    @b4.portfolio(on=b4.bars("1d"), rebalance=b4.every("3mo", on=15, at="12:00"))
    def quarterly(u):
        return b4.target(u.close / 1000)

    day = 24 * HOUR
    result = run(quarterly, market(frame(np.full(120, 50.0), interval=day)))
    acts = [found.ts for row in range(120) if (found := result.at(START + (row + 1) * day)).target.is_due]
    assert acts == [START + 15 * day, START + (31 + 29 + 31 + 15) * day]
    points = {result.at(START + (row + 1) * day).target.next_due for row in range(20, 100)}
    assert points == {START + (31 + 29 + 31 + 14) * day + 12 * HOUR}


def test_after_a_stop_it_is_held_until_a_new_signal():
    @b4.strategy
    def stopped(m):
        return b4.target(b4.where(m.close > 5, 0.5, 0.0), stop=b4.stop.fixed(pct=0.1))

    result = run(stopped, market(frame([100, 100, 80, 80, 80, 4, 4, 90, 90])), **FREE)
    found = at(result, 3)
    assert found.exits == ()
    assert at(result, 2).exits[0]["reason"] == "stop_fixed"
    assert why(at(result, 2)).startswith("Inside this bar the fixed stop was touched and order 1 was sent: sell")
    assert found.hold == {"side": "long", "since": START + 3 * HOUR, "until": "the target has been 0 or changed sign"}
    assert why(found).startswith(
        "Held at 0 since the long position was stopped (bar of 2020-01-01 03:00), until the target has been 0"
    )
    assert why(at(result, 5)) == "The target is 0 and there is no position: nothing to do."
    assert [one["reason"] for one in at(result, 7).sent] == ["target"]


def test_a_cool_down_names_its_end():
    @b4.strategy
    def cooled(m):
        return b4.target(b4.where(m.close > 5, 0.5, 0.0), stop=b4.stop.fixed(pct=0.1), rearm="6h")

    result = run(cooled, market(frame([100, 100, *[80] * 10])), **FREE)
    assert at(result, 4).hold["until"] == "2020-01-01 09:00"
    bars = b4.strategy(lambda m: b4.target(m.close / m.close * 0.5, stop=b4.stop.fixed(pct=0.1), rearm=6))
    assert at(run(bars, market(frame([100, 100, *[80] * 10])), **FREE), 4).hold["until"] == "4 bars from now"


def test_a_refused_order_names_its_check():
    @b4.strategy
    def short(m):
        return b4.target(b4.where(m.close > 99, -0.5, 0.0))

    found = at(run(short, market(frame([100] * 5)), **FREE), 0)
    assert found.sent[0]["status"] == "rejected"
    assert "was refused by the check no_short: spot cannot be sold short" in why(found)


def test_entries_say_which_rule_holds_them_back():
    @b4.strategy
    def pyramid(m):
        return b4.entries(long=m.close > 99, exit=m.close < 50, size=0.1, max_units=2, cooldown=4)

    closes = [90, 100, 101, 102, 103, 40, 40, 100, 100, 100, 100, 100]
    result = run(pyramid, market(frame(closes)), **FREE)
    told = [why(at(result, row)) for row in range(len(closes))]
    assert told[0] == "No signal of the entries is true."
    assert told[1].startswith("Order 0, buy")
    assert told[4] == "The signal is true, and the position has its 2 units (max_units) already."
    assert "the exit signal came" in told[5]
    assert told[6] == "The exit signal is true, and there is no position."
    assert told[7].startswith("The signal is held back by the cool-down, until ")
    assert at(result, 7).entries.cooling_until == "3 bars from now"
    assert any("an entry signal opened" in text for text in told[8:])


def test_a_full_house_is_told():
    @b4.portfolio
    def one(u):
        return b4.entries(long=u.close > 0, size=0.1, max_positions=1, priority=u.close)

    result = run(one, market(frame([100] * 4), frame([200] * 4)), **FREE)
    assert at(result, 0, "ETH/USDT").sent
    assert why(at(result, 0, "BTC/USDT")) == (
        "The signal came, and max_positions=1 is taken by others (those of larger priority come first)."
    )


def test_each_key_says_what_it_did():
    @b4.strategy
    def keys(m):
        return b4.orders(
            b4.order.limit("never", "buy", size=0.1, price=m.close.hold_when(m.close > 0)),
            b4.order.market("once", "buy", size=0.1, when=m.close > 99),
            b4.order.limit("until", "buy", size=0.1, price=30.0, until=m.close > 99),
            b4.order.limit("late", "buy", size=0.1, price=m.close.shift(3)),
        )

    result = run(keys, market(frame([100, 101, 90, 90, 90])), **FREE)
    told = {one.key: one.why for one in at(result, 3).orders}
    assert told["once"] == "when= is not true"
    assert re.fullmatch(r"order \d+ (works on|was sent)", told["until"])
    assert told["never"] == "its price is missing, so the key is absent"
    assert [one.key for one in at(result, 3).orders] == ["late", "never", "once", "until"]


# --- cross-sections, other assets, sleeves, event classes --------------------------------------------------------------------


def test_the_place_in_a_cross_section_is_told():
    @b4.portfolio
    def ranked(u):
        return b4.target(u.close.cs.rank() / 10)

    result = run(ranked, market(frame([10] * 4), frame([30] * 4), frame([20] * 4)), **FREE)
    notes = {}
    for symbol in result.market.symbols:
        found = at(result, 2, symbol)
        notes[symbol] = next(node.note for node in found.nodes.values() if node.op == "cs_rank")
    assert notes == {
        "BTC/USDT": "3rd of 3, from the largest",
        "ETH/USDT": "1st of 3, from the largest",
        "XRP/USDT": "2nd of 3, from the largest",
    }


def test_each_sleeve_has_its_decision_and_the_account_their_sum():
    two = b4.sleeves(a=(sleeve_cases.trend, 0.5), b=(sleeve_cases.dip, 0.3))
    result = run(two, market(walk(ROWS, 1)), cash=10_000)
    whole = at(result, 200)
    assert [one.sleeve for one in whole.sleeves] == ["a", "b"]
    assert whole.position["qty"] == pytest.approx(sum(one.position["qty"] for one in whole.sleeves))
    equity = result.equity.filter(result.equity["ts"].dt.epoch("ms") == whole.ts)["equity"][0]
    assert whole.account["equity"] == pytest.approx(equity)
    for name in ("a", "b"):
        alone = at(result.sleeve(name), 200)
        assert alone.to_dict() == next(one.to_dict() for one in whole.sleeves if one.sleeve == name)
    assert "· sleeve b ·" in str(whole)


class Alternates(b4.Events):
    """Half in above the average, out below."""

    on = b4.bars("1h")

    def signals(self, m):
        return {"above": m.close > m.close.sma(5)}

    def on_bar(self, ctx, bar):
        ctx.target(0.5 * ctx.signal("above"))


def test_an_event_class_tells_signals_orders_and_what_it_cannot_see():
    result = run(Alternates, market(walk(ROWS, 1)))
    seen = [at(result, row) for row in range(0, ROWS, 5)]
    ids = set(result.orders["id"].to_list())
    assert any(found.sent for found in seen)
    assert {one["id"] for found in seen for one in found.sent} <= ids
    quiet = next(found for found in seen if not found.sent and found.warm_up["is_over"])
    assert "what its methods thought cannot be seen" in why(quiet)
    positions = result.positions
    for found in seen:
        held = positions.filter(positions["ts"].dt.epoch("ms") == found.ts)
        if len(held):
            assert found.position["qty"] == pytest.approx(held["qty"][0])


# --- finer bars ----------------------------------------------------------------------------------------------------


def test_finer_bars_and_funding_are_part_of_the_look():
    @b4.strategy(on=b4.bars("4h"))
    def coarse(m):
        return b4.target(b4.where(m.close > m.close.sma(5), 0.8, -0.4), stop=b4.stop.fixed(pct=0.02))

    fine = perpetuals(walk(800, 4))
    result = run(coarse, fine, detail=fine, funding_default=0.001)
    step, positions = 4 * HOUR, result.positions
    held = dict(zip(positions["ts"].dt.epoch("ms").to_list(), positions["qty"].to_list(), strict=True))
    equity = dict(zip(result.equity["ts"].dt.epoch("ms").to_list(), result.equity["equity"].to_list(), strict=True))
    exits = []
    for ts in sorted(held):
        found = result.at(ts)
        assert found.position["qty"] == pytest.approx(held[ts], abs=1e-12)
        assert found.account["equity"] == pytest.approx(equity[ts])
        assert all(ts - step <= one["ts"] < ts for one in (*found.fills, *found.exits))
        exits += [one["id"] for one in found.exits]
    stopped = result.orders.filter(result.orders["reason"].is_in(["stop_fixed", "gap_fixed"]))
    assert exits == stopped["id"].to_list()
    assert len(exits) > 5
