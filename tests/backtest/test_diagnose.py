"""What a result says about itself: each sentence from a run that deserves it."""

from __future__ import annotations

import re

import numpy as np
import pytest

import bot4 as b4
from bot4.backtest.diagnose import diagnose

from .markets import FREE, HOUR, START, frame, market, perpetuals, walk


def notes(strategy, data, **settings):
    return " ".join(b4.backtest(strategy, data, record=False, **settings).notes).replace("\u00a0", " ")


def test_a_healthy_run_has_nothing_to_say():
    @b4.strategy
    def calm(m):
        return b4.target(b4.where(m.close > m.close.sma(50), 0.5, 0.0))

    waves = np.round(100 + 10 * np.sin(np.arange(900) / 30), 2)
    result = b4.backtest(calm, market(frame(waves)), record=False, **FREE)
    assert result.stats.trades == 5
    assert result.notes == ()


# --- no trade -----------------------------------------------------------------------------------------------------------------


def test_a_condition_that_was_never_true_is_named_with_its_line():
    @b4.strategy
    def never(m):
        up = m.close > m.close.sma(3)
        huge = m.close > 1_000_000
        return b4.target(b4.where(up & huge, 1.0, 0.0))

    said = notes(never, market(walk(300)))
    assert said.startswith("There was no trade. Never true: ")
    assert re.search(r"close > 1000000 \(test_diagnose\.py:\d+\)", said)
    assert "sma(close, 3) " not in said.split("Never true:")[1].split(";")[0] or "1000000" in said


def test_a_condition_without_a_value_is_called_missing():
    @b4.strategy
    def blind(m):
        return b4.target(b4.where((-m.close).sqrt() > 1, 1.0, 0.0))

    assert "always missing" in notes(blind, market(walk(100)))


def test_conditions_that_never_met_are_told_apart_from_a_missing_target():
    @b4.strategy
    def apart(m):
        up = m.close > m.close.shift(1)
        down = m.close < m.close.shift(1)
        return b4.target(b4.where(up, 0.0, 0.0) + b4.where(down, 0.0, 0.0))

    said = notes(apart, market(walk(100)))
    assert "was 0 at every decision" in said

    @b4.strategy
    def missing(m):
        return b4.target((-m.close).sqrt())

    assert "was missing at every decision: some input never had a value" in notes(missing, market(walk(100)))


def test_a_target_that_had_no_time_to_act_says_so():
    @b4.strategy(on="1h", rebalance=b4.every("1w", on="wed"))
    def weekly(m):
        return b4.target(m.close * 0 + 0.5)

    assert "the schedule (rebalance=) or the end of the data" in notes(
        weekly, market(frame([100.0] * 5, start=START + 10 * HOUR))
    )


def test_a_target_below_one_lot_is_told_what_a_lot_is_worth():
    @b4.strategy
    def small(m):
        return b4.target(b4.where(m.close > 0, 0.5, 0.0))

    said = notes(small, market(frame([100.0] * 20)), cash=150)
    assert "acted 1 time, but never asked for a whole lot: one of BTC/USDT (1) is worth 100.00 USDT" in said


def test_orders_that_were_all_refused_are_counted():
    @b4.strategy
    def short(m):
        return b4.target(m.close * 0 - 0.5)

    said = notes(short, market(walk(50)))
    assert "There was no trade: every order was refused or cancelled" in said
    assert "Of 1 order 1 was rejected (no_short): spot cannot be sold short" in said


# --- warm-up -------------------------------------------------------------------------------------------------------------------


@b4.strategy
def slow(m):
    return b4.target(b4.where(m.close.ema(20) > 0, 0.5, 0.0))


def test_data_shorter_than_the_warm_up_says_how_much_is_needed():
    said = notes(slow, market(walk(150)))
    assert said.startswith("slow needs 201 rows before its first decision, the data has 150")
    assert "There was no trade" not in said, "one cause is enough"


def test_assets_shorter_than_the_warm_up_are_named():
    said = notes(slow, market(walk(400), walk(150), walk(100)))
    assert (
        "2 assets never got through the warm-up of 201 rows (ETH/USDT, XRP/USDT): the longest of them has 150" in said
    )


def test_a_start_behind_the_last_decision_is_told_from_a_short_warm_up():
    data = market(walk(300), frame([100.0] * 400))
    said = notes(slow, data.select(["BTC/USDT"]), start=START + 299 * HOUR + HOUR // 2)
    assert "No decision falls after start" not in said
    short = market(walk(300))
    result = b4.backtest(slow, short, record=False)
    object.__setattr__(result.columns.assets[0], "first_decision_ms", None)
    assert next(iter(diagnose(result))).startswith("No decision falls after start")


# --- what is off ---------------------------------------------------------------------------------------------------------------


def test_a_division_by_zero_names_asset_time_line_and_count():
    closes = [100.0, 101.0] * 40
    closes[60:64] = [100.0] * 4

    @b4.strategy
    def divides(m):
        weight = 0.001 / (m.close - m.close.shift(1)).abs()
        return b4.target(weight, band=0.0)

    said = notes(divides, market(frame([7.0] + list(np.arange(80) * 1.5 + 8)), frame(closes)), **FREE)
    assert re.search(r"test_diagnose\.py:\d+: .* divides by zero", said)
    assert "at 4 decisions (first ETH/USDT, 2020-01-03 14:00)" in said
    assert "b4.where(divisor != 0" in said


def test_a_division_of_one_asset_is_found_beside_others():
    closes = list(np.round(walk(100)["close"].to_numpy(), 2))
    closes[50] = closes[49]

    @b4.portfolio
    def scoped(u):
        btc, eth = b4.asset("BTC/USDT").close, b4.asset("ETH/USDT").close
        weight = 0.0001 / (btc - btc.shift(1)).abs()
        never = b4.where(eth > 1e6, 1.0, 0.0)
        return b4.target(weight.clip(0, 1), asset="BTC/USDT"), b4.target(never, asset="ETH/USDT")

    said = notes(scoped, market(frame(closes), walk(90, seed=2), walk(80, seed=3)))
    assert re.search(r"divides by zero, which left the target missing at \d+ decisions? \(first BTC/USDT", said)


def test_a_condition_of_one_asset_is_judged_on_its_own_bars():
    @b4.portfolio
    def scoped(u):
        return b4.target(b4.where(b4.asset("ETH/USDT").close > 1e6, 1.0, 0.0), asset="ETH/USDT")

    assert "Never true: ETH/USDT.close > 1000000 (" in notes(scoped, market(walk(50), walk(50, seed=2)))


def test_a_missing_target_without_a_zero_divisor_blames_no_division():
    @b4.strategy
    def holds(m):
        return b4.target((0.5 / m.close * 100).where(m.close > 100))

    assert "divides by zero" not in notes(holds, market(walk(200)))


def test_a_target_that_follows_its_size_is_told_about_band():
    @b4.strategy
    def restless(m):
        return b4.target(0.5 + 0.4 * (m.close - m.close.sma(5)) / m.close * 10, band=0.001)

    said = notes(restless, market(walk(1_000)))
    assert re.search(r"traded \d+ times while its signal flipped 1 time", said)
    assert "band=0.05) instead of 0.001" in said


def test_an_already_wide_band_is_doubled():
    @b4.strategy
    def restless(m):
        return b4.target(b4.where(m.close > m.close.shift(1), 0.9, 0.1), band=0.3)

    assert "band=0.6) instead of 0.3" in notes(restless, market(walk(1_000)))


def test_the_budget_says_how_often_and_how_much():
    @b4.portfolio
    def greedy(u):
        return b4.target(u.close * 0 + 1.0, budget=1.5)

    said = notes(greedy, perpetuals(walk(100), walk(100, seed=2)), **FREE)
    assert re.search(r"more than the budget of 1\.5 × equity at \d+ decisions \(up to 2\.00 ×\)", said)


def test_cut_orders_are_counted_by_cause():
    @b4.strategy
    def heavy(m):
        return b4.target(b4.where(m.close > m.close.shift(1), 2.9, -2.9), budget=3)

    said = notes(heavy, perpetuals(walk(300)), max_leverage=1.0, **FREE)
    assert re.search(r"Of \d+ orders \d+ were (rejected|cut)", said)
    assert "(leverage): gross exposure would have passed max_leverage=" in said


def test_ordinary_cancellations_are_mentioned_only_when_many():
    @b4.strategy
    def thin(m):
        return b4.target(b4.where(m.close > m.close.shift(1), 0.9, 0.0))

    assert "(superseded)" in notes(thin, market(walk(300)), cash=1_000_000_000)
    assert "(superseded)" not in notes(thin, market(walk(300)), cash=1_000)


def test_open_positions_are_counted_and_valued():
    @b4.strategy
    def keeps(m):
        return b4.target(m.close * 0 + 0.5)

    said = notes(keeps, market(frame([100.0] * 10), frame([10.0] * 10)), cash=1000, **FREE)
    # Volumes are whole, so lots are 1: 250 USDT buy two of the one and 25 of the other.
    assert "2 positions are still open at the end (BTC/USDT, ETH/USDT), worth 450.00 USDT" in said
    assert "1 position is still open at the end" in notes(keeps, market(frame([100.0] * 10)), cash=1000, **FREE)


def test_warnings_of_tracer_and_data_are_passed_on():
    @b4.strategy
    def event(m):
        return b4.target(b4.where(m.close.crosses_above(m.close.sma(5)), 1.0, 0.0))

    assert "is true on one bar only" in notes(event, market(walk(200)))
    unnamed = b4.load(walk(50))
    assert any("nothing names the instrument" in note for note in b4.backtest(slow, unnamed, record=False).notes)


@pytest.mark.parametrize("rows", [1, 2])
def test_the_shortest_data_still_give_a_result(rows):
    result = b4.backtest(slow, {"BTC/USDT": frame([100.0] * rows)}, timeframe="1h", record=False)
    assert "needs 201 rows" in result.summary().replace("\n  ", " ")
    assert result.to_dict()["stats"]["sharpe"] is None


# --- orders and entries -------------------------------------------------------------------------------------------------------


def test_a_signal_of_entries_that_never_came_is_named():
    @b4.strategy
    def never(m):
        return b4.entries(long=m.close > 1_000_000, exit=m.close < 0.5 * m.close.sma(3), size=0.5)

    said = notes(never, market(walk(300)))
    assert said.startswith("There was no trade. Never true: ")
    assert re.search(r"close > 1000000 \(test_diagnose\.py:\d+\)", said)


def test_a_size_of_entries_without_a_value_is_named():
    @b4.strategy
    def blind(m):
        return b4.entries(long=m.close > 1, exit=m.close > 2, size=(-m.close).sqrt())

    said = notes(blind, market(walk(300)))
    assert re.search(r"The size of the entries, sqrt\(-close\) \(test_diagnose\.py:\d+\), was missing", said)


def test_entries_whose_size_is_below_a_lot_say_so():
    @b4.strategy
    def poor(m):
        return b4.entries(long=m.close > 1, exit=m.close > 2, size=b4.size.qty(0.0000001))

    assert "a size was below one lot" in notes(poor, market(walk(300)))
