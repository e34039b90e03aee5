"""What became of an order: candles small enough to follow with a pencil, and what `why` says about them."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest

import bot4 as b4
from bot4.backtest import BacktestError
from bot4.backtest.config import Config
from bot4.backtest.latency import latency_ms, splitmix64

from .markets import HOUR, START, market, walk

PLAIN: dict[str, Any] = {
    "fee_bps": 10.0,
    "spread_bps": 0.0,
    "impact": 0.0,
    "volume_share": 1.0,
    "cash": 1000,
    "record": False,
}


def candles(*rows, volume=1000.0):
    """Bars of (open, high, low, close), an hour each."""
    open_, high, low, close = (np.array(column, dtype=np.float64) for column in zip(*rows, strict=True))
    ts = START + HOUR * np.arange(len(rows), dtype=np.int64)
    return pl.DataFrame(
        {"ts": ts, "open": open_, "high": high, "low": low, "close": close, "volume": np.full(len(rows), volume)}
    )


FLAT = (100.0, 101.0, 99.0, 100.0)


@b4.strategy
def dip(m, price: float = b4.param(95.0, 1.0, 1000.0), qty: float = b4.param(2.0, 0.001, 1000.0)):
    return b4.orders(b4.order.limit("dip", "buy", b4.size.qty(qty), price + 0 * m.close, when=m.close > 0))


@b4.strategy
def all_in(m):
    return b4.target(b4.where(m.close > 0, 0.5, 0.0))


def run(strategy, bars, **changes):
    return b4.backtest(strategy, market(bars), **(PLAIN | changes))


def lines(result, order=0, at=None):
    return [line.strip() for line in result.why(order, at).splitlines()]


# --- one order at a time ------------------------------------------------------------------------------------------------------


def test_a_limit_that_is_touched_waits_and_one_that_is_passed_fills():
    bars = candles(FLAT, FLAT, (100, 100, 95, 99), (99, 100, 94, 98), FLAT)
    result = run(dip, bars)
    title, wanted, sent, fill, price, waited, ended = lines(result)
    assert title == "Order 0 · dip · limit · buy 2 BTC of BTC/USDT at 95"
    assert wanted == "wanted   2 BTC, seen at 95, 2020-01-01 01:00: the strategy listed it"
    assert sent == "sent     2020-01-01 01:00"
    assert fill == (
        "fill 1   2020-01-01 03:00, bar row 3: 2 BTC as a maker, the bar's range went through its price (through); 1,000 BTC of volume left"
    )
    assert price == "price 95 = base 95 + spread 0 + impact 0; fee 0.19"
    assert waited == (
        "waited   reached 2020-01-01 02:00 (bar row 2) and not wholly filled: the bar touched its price without going through it "
        "(not_through)"
    )
    assert ended == "ended    filled 2020-01-01 03:00"


def test_an_order_the_market_never_reached_says_how_near_it_came():
    result = run(dip, candles(FLAT, FLAT, (100, 100, 96.5, 99), FLAT))
    *_, waited, ended = lines(result)
    assert waited == "waited   never reached in 3 bars: lowest low 96.5, 2020-01-01 02:00 (bar row 2)"
    assert ended == "ended    still working when the data ended, 0 BTC of 2 BTC filled"


def test_a_market_order_shows_its_price_in_parts():
    result = run(all_in, candles(FLAT, FLAT, FLAT), spread_bps=200.0)
    _, wanted, _, _, price, _ = lines(result)
    assert wanted == "wanted   5 BTC, seen at 100, 2020-01-01 01:00: the target moved"
    assert price == "price 101 = base 100 + spread 1 + impact 0; fee 0.505"


def test_what_checks_cut_or_refuse_is_told_with_its_meaning():
    cut = lines(run(dip, candles(FLAT, (100, 100, 90, 99), FLAT), qty=20.0))
    assert cut[2].startswith("checks   cut from 20 BTC to 10 BTC (balance): cash did not cover them")
    refused = lines(run(dip, candles(FLAT, FLAT, FLAT), price=900.0, cash=1))
    assert refused[2].startswith("checks   refused (leverage): gross exposure would have passed")
    assert refused[-1] == "ended    rejected 2020-01-01 01:00, never sent"


def test_volume_that_ran_out_is_evidence():
    result = run(dip, candles(FLAT, (100, 100, 90, 99), (99, 99, 90, 99), FLAT, volume=10.0), qty=9.0, volume_share=0.5)
    told = lines(result)
    assert told[3].endswith("5 BTC as a maker, the bar's range went through its price (through); 5 BTC of volume left")
    assert "share of the bar's volume was used up (volume_cap)" in told[-2]


def test_naive_fills_know_no_volume():
    assert lines(run(dip, candles(FLAT, (100, 100, 95, 99), FLAT), realism="naive"))[3].endswith(
        "the bar's range touched its price (touch); any volume"
    )


# --- which order ------------------------------------------------------------------------------------------------------------------


@b4.strategy
def two(m):
    """A limit that is sent again whenever its price moves."""
    return b4.orders(b4.order.limit("dip", "buy", b4.size.qty(1.0), m.close - 50))


def test_a_key_is_enough_where_one_order_has_it_else_its_time_decides():
    result = run(two, candles(FLAT, (100, 103, 99, 102), (102, 103, 99, 102), FLAT))
    assert result.orders["key"].to_list() == ["dip"] * 3
    with pytest.raises(
        BacktestError, match=r"3 orders have the key 'dip' \(2020-01-01 01:00, 2020-01-01 02:00, .*; say which"
    ):
        result.why("dip")
    assert result.why("dip", "2020-01-01T02:30") == result.why(1)
    assert result.why("dip", "2020-01-01T02:00") == result.why(1)
    with pytest.raises(BacktestError, match="no order with the key 'dip' was sent by 2019-01-01"):
        result.why("dip", "2019-01-01")
    once = run(dip, candles(FLAT, FLAT, FLAT))
    assert once.why("dip") == once.why(0)


def test_orders_there_are_not_are_named():
    result = run(dip, candles(FLAT, FLAT, FLAT))
    with pytest.raises(BacktestError, match="there is no order 7; ids run from 0 to 0"):
        result.why(7)
    with pytest.raises(BacktestError, match="no order has the key 'dop'; keys are dip"):
        result.why("dop")
    with pytest.raises(BacktestError, match="keys are none: give the id of an order"):
        run(all_in, candles(FLAT, FLAT)).why("dip")


# --- latency ----------------------------------------------------------------------------------------------------------------------


def test_splitmix_is_vigna_s():
    """The first outputs of the published generator for the seed 1234567."""
    outputs = [splitmix64((1234567 + n * 0x9E3779B97F4A7C15) & (2**64 - 1)) for n in range(3)]
    assert outputs == [6457827717110365317, 3203168211198807973, 9817491932198370423]


def test_the_latency_told_is_the_one_the_engine_drew():
    """Market orders fill at the first open at or after they are due: with hours of latency the bar tells the draw."""
    result = b4.backtest(
        restless,
        market(walk(800)),
        record=False,
        latency_ms=3 * HOUR,
        latency_sigma=1.0,
        latency_seed=5,
        volume_share=1.0,
    )
    orders = result.orders.filter(pl.col("filled") > 0)
    first = dict(result.fills.group_by("order").agg(pl.col("ts").min()).iter_rows())
    assert len(orders) > 30
    for order in orders.to_dicts():
        due = int(order["ts"].timestamp() * 1000) + latency_ms(result.config, order["id"])
        assert int(first[order["id"]].timestamp() * 1000) == -(-due // HOUR) * HOUR


@b4.strategy
def restless(m):
    return b4.target(
        b4.where(m.close.crosses_above(m.close.sma(3)), 0.5, b4.where(m.close.crosses_below(m.close.sma(3)), 0.0, 0.25))
    )


def test_a_constant_latency_is_the_setting_and_naive_has_none():
    assert latency_ms(Config(latency_ms=70), 3) == 70
    assert latency_ms(Config(latency_ms=70, latency_sigma=0.5, realism="naive"), 3) == 0
    assert latency_ms(Config(latency_ms=70, latency_sigma=0.5), 3) != latency_ms(
        Config(latency_ms=70, latency_sigma=0.5), 4
    )


# --- frames -----------------------------------------------------------------------------------------------------------------------


def test_orders_and_fills_carry_their_evidence():
    result = run(dip, candles(FLAT, FLAT, (100, 100, 95, 99), (99, 100, 94, 98), FLAT))
    (order,) = result.orders.to_dicts()
    assert (order["key"], order["kind"], order["price"], order["trigger"], order["tif"]) == (
        "dip",
        "limit",
        95.0,
        None,
        "gtc",
    )
    assert (order["evidence"], order["evidence_ts"].timestamp() * 1000) == ("not_through", START + 2 * HOUR)
    assert order["parent"] is None
    (fill,) = result.fills.to_dicts()
    assert (fill["maker"], fill["rule"], fill["volume_left"]) == (True, "through", 1000.0)
    plain = run(all_in, candles(FLAT, FLAT, FLAT), realism="naive")
    (order,) = plain.orders.to_dicts()
    assert (order["key"], order["kind"], order["price"], order["evidence"]) == (None, "market", None, None)
    assert plain.fills["volume_left"].to_list() == [None]


@b4.strategy
def breakout(m):
    """A stop above the market with an exit below its fill."""
    size = b4.size.qty(2.0)
    return b4.orders(b4.order.stop("up", "buy", size, 105 + 0 * m.close, when=m.close > 0, stop=4 + 0 * m.close))


def test_triggers_and_exits_name_their_level_and_their_parent():
    bars = candles(FLAT, FLAT, (100, 104, 99, 103), (103, 106, 102, 105), (105, 105, 100, 101), FLAT)
    result = run(breakout, bars)
    title, _, _, fill, *_ = lines(result, 0)
    assert title == "Order 0 · up · stop · buy 2 BTC of BTC/USDT triggered at 105"
    assert "as a taker, the bar's range reached the level (trigger)" in fill
    title, wanted, sent, fill, *_, ended = lines(result, 1)
    assert title == "Order 1 · up · market · sell 2 BTC of BTC/USDT"
    assert wanted == ("wanted   2 BTC, level 101, 2020-01-01 04:00: the order's exit stop was touched, exit of order 0")
    assert sent == "sent     2020-01-01 04:00", "an exit is at the venue when it is triggered"
    assert ended == "ended    filled 2020-01-01 04:00"
    untouched = lines(run(breakout, candles(FLAT, FLAT, (100, 104, 99, 103))))
    assert untouched[-2] == "waited   never reached in 2 bars: highest high 104, 2020-01-01 02:00 (bar row 2)"


def test_an_order_sent_at_the_last_bar_met_none():
    result = run(two, candles(FLAT, (100, 103, 99, 102)))
    assert lines(result, 1)[-2] == "waited   no bar came while it worked"


def test_inverse_contracts_are_counted_as_such():
    data = b4.load({"BTC/USD:BTC": candles(FLAT, FLAT, FLAT)}, instruments=[{"symbol": "BTC/USD:BTC", "contract": 100}])
    result = b4.backtest(all_in, data, **(PLAIN | {"cash": 2}))
    assert lines(result)[0] == "Order 0 · market · buy 1 contracts of BTC/USD:BTC"
    (fill,) = result.fills.to_dicts()
    assert fill["value"] == -1.0, "a bought contract of 100 at 100 is worth minus one coin"


def test_rejected_orders_are_counted_with_the_first_of_them():
    result = run(dip, candles(FLAT, FLAT, FLAT), price=900.0, cash=1)
    (note,) = [note for note in result.notes if "rejected" in note]
    assert note.endswith("max_leverage=. The first: order 0 (dip) of BTC/USDT, 2020-01-01 01:00.")


def test_what_a_set_of_orders_asks_for_itself_is_no_news():
    result = run(two, candles(FLAT, (100, 103, 99, 102), (102, 103, 99, 101), FLAT))
    assert "replaced" in result.orders["cause"].to_list()
    assert not any("replaced" in note for note in result.notes)
