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

from .markets import FREE, HOUR, REAL, START, frame, market, perpetuals, walk

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
    assert made["funding_default"] == (120_000, 8 * HOUR)
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


# --- booked by the engine -----------------------------------------------------------------------------------------------------


def test_funding_of_a_series_is_booked_on_the_value_held():
    """Half of 1000 is held in 5 coins from 01:00 on: six settlements of 0.01 % of 500, nothing else."""
    result = b4.backtest(long, perpetuals(FLAT), funding={"BTC/USDT:USDT": rates(7)}, cash=1000, record=False, **FREE)
    assert result.funding.columns == ["ts", "symbol", "rate", "amount", "qty"]
    assert result.funding["amount"].to_list() == [pytest.approx(-0.05)] * 6
    assert result.funding["qty"].to_list() == [5.0] * 6
    assert result.stats.funding == pytest.approx(-0.3)
    assert result.stats.final_equity == pytest.approx(1000 - 0.3)
    assert result.stats.total_cost == 0, "funding is carry, not a cost of trading"
    (trade,) = result.trades.to_dicts()
    assert (trade["funding"], trade["pnl"]) == (pytest.approx(-0.3), pytest.approx(-0.3))
    assert not any("No funding" in note for note in result.notes)
    assert "Funding: from its series for BTC/USDT:USDT" in result.summary()
    assert "−0.3000" in result.summary()


def test_shorts_receive_what_longs_pay_and_realisms_carry_it_on():
    given = {"BTC/USDT:USDT": rates(7)}
    result = b4.backtest(short, perpetuals(FLAT), funding=given, cash=1000, record=False, **FREE)
    assert result.stats.funding == pytest.approx(0.3)
    assert [run.stats.funding for run in result.realisms().values()] == [pytest.approx(0.3)] * 3


def test_a_default_is_only_for_perpetuals_without_a_series():
    data = perpetuals(FLAT, FLAT)
    result = b4.backtest(
        long, data, funding={"BTC/USDT:USDT": rates(7, 0.0)}, funding_default=0.0002, cash=1000, record=False, **FREE
    )
    paid = dict(result.funding.group_by("symbol").agg(pl.col("amount").sum()).iter_rows())
    assert paid["BTC/USDT:USDT"] == 0
    assert paid["ETH/USDT:USDT"] == pytest.approx(-6 * 200 * 0.0002), "two coins, the lot being one"
    assert "a stated default of 0.0200 % each 8 h for ETH/USDT:USDT" in result.summary().replace("\u00a0", " ").replace(
        "\n", " "
    )


def test_a_series_that_ends_early_is_told():
    result = b4.backtest(long, perpetuals(FLAT), funding={"BTC/USDT:USDT": rates(2)}, cash=1000, record=False, **FREE)
    assert any(
        "ends 2020-01-01 08:00, 41 hours before the bars; nothing is paid there" in note for note in result.notes
    )


def rates(count, rate=0.0001):
    return pl.DataFrame({"ts_ms": START + 8 * HOUR * np.arange(count), "rate": np.full(count, rate)})


def test_the_command_of_the_issue_runs_on_real_bars():
    names = [REAL / "binance-BTCUSDT-1h.parquet", REAL / "binancefut-BTCUSDT-1h.parquet"]
    if not names[0].exists():
        pytest.skip(f"no real bars at {REAL}; set BOT4_TEST_DATA")
    result = b4.backtest(
        long, names, start="2021-01-01", end="2021-06-01", funding=REAL.parent / "funding", record=False
    )
    assert result.market.symbols == ("BTC/USDT", "BTC/USDT:USDT")
    assert result.funding["symbol"].unique().to_list() == ["BTC/USDT:USDT"]
    assert result.stats.funding < -500, "longs paid in that spring"
    assert result.stats.funding == pytest.approx(result.trades["funding"].sum())
