"""What a run assumes about funding is on top, and what it leaves out has a size."""

from __future__ import annotations

import json

import numpy as np
import polars as pl
import pytest

import bot4 as b4
from bot4.backtest import BacktestError
from bot4.backtest.funding import Funding
from bot4.data import DataError, load
from bot4.data.funding import FundingSeries

from .markets import FREE, HOUR, START, frame, market, perpetuals, walk

FLAT = frame([100.0] * 49)
"""Two days of a price that stands still: held funding is all that happens."""


@b4.strategy
def long(m):
    return b4.target(0.5 + 0 * m.close)


@b4.strategy
def short(m):
    return b4.target(-0.5 + 0 * m.close)


def series(count=6, rate=0.0001, start=START):
    return FundingSeries("x", start + 8 * HOUR * np.arange(count), np.full(count, rate))


def test_the_line_on_top_says_where_each_comes_from():
    data = perpetuals(FLAT, FLAT, FLAT)
    assert Funding((None, None, None)).line(data) == "Funding: none for BTC/USDT:USDT, ETH/USDT:USDT, XRP/USDT:USDT"
    some = Funding((series(), None, None), 0.0001).line(data).replace("\u00a0", " ")
    assert some == (
        "Funding: from its series for BTC/USDT:USDT, a stated default of 0.0100 % each 8 h for ETH/USDT:USDT, XRP/USDT:USDT"
    )
    assert Funding((None,)).line(market(FLAT)) == "", "spot pays none"
    assert Funding((series(), None, None)).sources(data) == {
        "BTC/USDT:USDT": "x",
        "ETH/USDT:USDT": "none",
        "XRP/USDT:USDT": "none",
    }


def test_the_engine_gets_pairs_in_id_order_and_nothing_where_nothing_is_assumed():
    assert Funding((None, None)).arguments() == {}
    made = Funding((None, series()), 0.00012).arguments()
    assert made["funding_default"] == [120_000, 8 * HOUR]
    first, (ts, rate) = made["funding"]
    assert first is None
    assert (ts.dtype, rate.dtype, len(ts)) == (np.int64, np.float64, 6)


def test_what_is_left_out_has_a_size_and_a_direction():
    """Held from the open of the second bar (01:00): five funding times to the end of the third day's first hour, 500 each."""
    result = b4.backtest(long, perpetuals(FLAT), cash=1000, record=False, **FREE)
    told = result.notes[0].replace("\u00a0", " ")
    paid = 6 * 500 * 0.0001
    assert told.startswith(
        "No funding is charged on BTC/USDT:USDT: at the usual 0.01 % each 8 hours these positions would have paid"
    )
    assert f"{paid:.4f} USDT" in told
    assert "too good" in told
    other = b4.backtest(short, perpetuals(FLAT), cash=1000, record=False, **FREE).notes[0]
    assert "would have received" in other
    assert "too bad" in other


def test_spot_needs_no_funding():
    result = b4.backtest(long, market(FLAT), cash=1000, record=False, **FREE)
    assert not any("unding" in note for note in result.notes)
    assert "Funding" not in result.summary()


def test_summary_report_and_json_carry_the_assumption(tmp_path):
    result = b4.backtest(long, perpetuals(FLAT), cash=1000, record=False, **FREE)
    assert "Funding: none for BTC/USDT:USDT" in result.summary().splitlines()
    assert "Funding: none for BTC/USDT:USDT" in result.report(tmp_path / "r.html").read_text()
    assert json.loads(result.to_json())["data"]["funding"] == {"BTC/USDT:USDT": "none"}


def test_rates_are_part_of_the_data_s_identity():
    data = perpetuals(FLAT)
    assert Funding((None,)).data_hash(data) == data.hash
    one, other = (Funding((series(rate=rate),)).data_hash(data) for rate in (0.0001, 0.0002))
    assert len({one, other, data.hash}) == 3


def test_a_default_in_another_unit_is_refused():
    with pytest.raises(
        BacktestError, match=r"funding_default is 10\.95; it must lie between -0\.05 and 0\.05 of the position"
    ):
        b4.backtest(long, perpetuals(FLAT), funding_default=10.95)


def test_bad_funding_is_refused_before_the_run(tmp_path):
    pl.DataFrame({"ts_ms": [START], "rate": [5.0]}).write_csv(tmp_path / "frame-BTC_USDT_USDT-funding.csv")
    with pytest.raises(DataError, match=r"row 0 .* has a rate of 5"):
        b4.backtest(long, perpetuals(FLAT), funding=tmp_path)


def test_spot_and_perpetual_of_one_coin_run_side_by_side(tmp_path):
    walk(60).write_parquet(tmp_path / "binance-BTCUSDT-1h.parquet")
    walk(60, seed=2).write_parquet(tmp_path / "binancefut-BTCUSDT-1h.parquet")
    both = load(sorted(str(path) for path in tmp_path.glob("*.parquet")))
    assert both.symbols == ("BTC/USDT", "BTC/USDT:USDT")
    result = b4.backtest(long, both, record=False)
    assert set(result.fills["symbol"]) == {"BTC/USDT", "BTC/USDT:USDT"}
