import dataclasses
import subprocess
import sys

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot4.data import Columns, DataError, Market, load, synth
from bot4.data.resample import resample_columns
from bot4.data.timeframe import MONDAY_MS, WEEK_MS
from tests.data.bars import HOUR_MS, START_MS, good

MARKET = load({"ETH/USDT": good(seed=2), "BTC/USDT": good(seed=1), "binance|BTC/USDT:USDT": good(seed=3)})


def test_ids_are_ranks_of_venue_and_symbol():
    assert MARKET.symbols == ("BTC/USDT:USDT", "BTC/USDT", "ETH/USDT")
    assert [MARKET.index(s) for s in MARKET.symbols] == [0, 1, 2]
    assert [i.key for i in MARKET.instruments] == sorted(i.key for i in MARKET.instruments)
    assert len(MARKET) == 3
    assert [i for i, _ in MARKET] == list(MARKET.instruments)


def test_registration_order_does_not_matter():
    other = load({"binance|BTC/USDT:USDT": good(seed=3), "BTC/USDT": good(seed=1), "ETH/USDT": good(seed=2)})
    assert other.hash == MARKET.hash


def test_facts_of_a_market():
    assert (MARKET.rows, MARKET.interval, MARKET.quote) == (144, "1h", "USDT")
    assert (MARKET.start_ms, MARKET.end_ms) == (START_MS, START_MS + 48 * HOUR_MS)
    assert MARKET.nbytes == 3 * 48 * 6 * 8
    assert (
        repr(MARKET) == "Market(BTC/USDT:USDT, BTC/USDT, ETH/USDT; 1h, 2022-01-01 00:00 to 2022-01-03 00:00, 144 bars)"
    )
    assert "and 2 more" in repr(synth(coins=8, bars=10))
    assert MARKET.grids()[1] == "BTC/USDT: tick 0.01, lot 0.001 (from the decimals seen)"


def test_unknown_symbols_offer_a_near_one():
    with pytest.raises(DataError, match=r"did you mean BTC/USDT\?"):
        MARKET.index("BTC/USD")
    with pytest.raises(DataError, match="there are BTC/USDT:USDT"):
        MARKET.index("zzzzzz")


def test_a_symbol_of_two_venues_needs_its_venue():
    twice = load({"a|BTC/USDT": good(seed=1), "b|BTC/USDT": good(seed=2)})
    with pytest.raises(DataError, match=r"say which, as in a\|BTC/USDT"):
        twice.frame("BTC/USDT")
    assert twice.instrument("b|BTC/USDT").venue == "b"
    assert list(twice.frames()) == ["a|BTC/USDT", "b|BTC/USDT"]


def test_frames_come_back_as_they_went_in():
    frame = MARKET.frame("ETH/USDT")
    assert frame.schema["ts"] == pl.Datetime("ms", "UTC")
    assert frame["ts"].to_physical().to_list() == good(seed=2)["ts_ms"].to_list()
    assert frame.drop("ts").equals(good(seed=2).drop("ts_ms"))
    again = load({key: value for key, value in MARKET.frames().items() if ":" not in key})
    assert again.frame("ETH/USDT").equals(frame)


def naive_resample(bars, interval, target):
    anchor = MONDAY_MS if target % WEEK_MS == 0 else 0
    buckets: dict[int, list[float]] = {}
    for bar in bars:
        start = (bar[0] - anchor) // target * target + anchor
        if start not in buckets:
            buckets[start] = [start, *bar[1:]]
        else:
            held = buckets[start]
            held[2], held[3] = max(held[2], bar[2]), min(held[3], bar[3])
            held[4], held[5] = bar[4], held[5] + bar[5]
    return [
        b for b in buckets.values() if bars[-1][0] > b[0] + target - interval or bars[-1][0] + interval == b[0] + target
    ]


@given(st.integers(0, 500), st.lists(st.integers(1, 6), min_size=0, max_size=80), st.sampled_from([2, 4, 24, 168]))
def test_resampling_is_that_of_a_loop(first, steps, factor):
    ts = START_MS + HOUR_MS * (first + np.cumsum([0, *steps]))
    frame = good(len(ts))
    bars = Columns(ts, *(frame[name].to_numpy() for name in ("open", "high", "low", "close", "volume")))
    slow = resample_columns(bars, HOUR_MS, factor * HOUR_MS, "x")
    expected = naive_resample(list(zip(*(column.tolist() for column in bars), strict=True)), HOUR_MS, factor * HOUR_MS)
    got = list(zip(*(column.tolist() for column in slow), strict=True))
    assert [row[:5] for row in got] == [tuple(row[:5]) for row in expected]
    assert [row[5] for row in got] == pytest.approx([row[5] for row in expected], rel=1e-12)


def test_resampling_a_market_keeps_instruments_and_drops_the_last_incomplete_bar():
    slow = load({"A/USDT": good(47), "B/USDT": good(48)}).resample("4h")
    assert [c.rows for c in slow.columns] == [11, 12]
    assert slow.instruments == load({"A/USDT": good(47), "B/USDT": good(48)}).instruments
    assert slow.resample("4h") is slow
    mixed = load({"A/USDT": good(3), "B/USDT": good(48)}).resample("4h")
    assert mixed.symbols == ("B/USDT",)
    assert "A/USDT has no complete 4h bar" in mixed.notes[0]
    with pytest.raises(DataError, match="no 1w bar is complete"):
        load(good(20)).resample("1w")


def test_a_slice_shares_memory_and_ends_before_its_end():
    part = MARKET.slice("2022-01-01T06:00", "2022-01-02")
    assert [c.rows for c in part.columns] == [18, 18, 18]
    assert np.shares_memory(part.columns[0].close, MARKET.columns[0].close)
    assert (part.start_ms, part.end_ms) == (START_MS + 6 * HOUR_MS, START_MS + 24 * HOUR_MS)
    assert MARKET.slice() is MARKET
    assert MARKET.slice(start=START_MS + HOUR_MS).rows == 141
    young = load({"A/USDT": good(10), "B/USDT": good(48)}).slice("2022-01-02")
    assert young.symbols == ("B/USDT",)
    assert "A/USDT has no bar in the span" in young.notes[0]


def test_a_selection_keeps_order():
    assert MARKET.select(["ETH/USDT", "BTC/USDT"]).symbols == ("BTC/USDT", "ETH/USDT")
    with pytest.raises(DataError, match="not in the data"):
        MARKET.select(["XRP/USDT"])


def test_a_market_of_nothing_or_of_one_thing_twice_is_refused():
    with pytest.raises(DataError, match="at least one asset"):
        Market.build([], HOUR_MS)
    with pytest.raises(DataError, match="given twice"):
        Market.build([next(iter(MARKET))] * 2, HOUR_MS)


def test_the_hash_sees_every_value_and_the_grid_but_no_fee():
    columns = MARKET.columns[0]
    volume = columns.volume.copy()
    volume[-1] += 0.001
    changed = dataclasses.replace(MARKET, columns=(columns._replace(volume=volume), *MARKET.columns[1:]))
    assert changed.hash != MARKET.hash
    first = MARKET.instruments[0]
    finer = dataclasses.replace(MARKET, instruments=(dataclasses.replace(first, tick=(1, 3)), *MARKET.instruments[1:]))
    dearer = dataclasses.replace(
        MARKET, instruments=(dataclasses.replace(first, taker_bps=9.0), *MARKET.instruments[1:])
    )
    assert finer.hash != MARKET.hash
    assert dearer.hash == MARKET.hash
    assert MARKET.slice(end="2022-01-02").hash != MARKET.hash
    assert len(MARKET.hash) == 64


def test_the_engine_borrows_the_columns():
    pytest.importorskip("bot4._engine", reason="the engine is not built")
    assert MARKET.native is MARKET.native
    assert list(MARKET.native.symbols) == list(MARKET.symbols)
    assert list(MARKET.native.rows) == [48, 48, 48]


def test_the_room_costs_nothing_until_it_is_used():
    code = "import sys, bot4.data; print(*(m for m in ('polars', 'numpy', 'pandas') if m in sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == ""
