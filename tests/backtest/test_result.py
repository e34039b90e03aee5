"""Frames, JSON and words of a result, each against the engine's integers or a plain loop over the bars."""

from __future__ import annotations

import inspect
import json
import re
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import bot4 as b4
from bot4.backtest.result import Result
from bot4.report.stats import STAT_NAMES

from .markets import HOUR, REAL, START, market, perpetuals, walk

DOCS = Path(__file__).parents[2] / "docs" / "metrics.md"


@b4.strategy
def both_ways(m):
    """Long above the average, short below, with a trailing stop."""
    side = b4.where(m.close > m.close.sma(20), 0.8, -0.8)
    return b4.target(side, band=0.05, stop=b4.stop.trailing(3 * m.atr(5)))


@b4.strategy
def long_only(m):
    return b4.target(b4.where(m.close > m.close.ema(10), 0.9, 0.0), band=0.05)


@pytest.fixture(scope="module")
def result():
    data = perpetuals(walk(3_000, seed=1), walk(2_500, seed=2, start=START + 300 * HOUR))
    return b4.backtest(both_ways, data, cash=1_000_000, record=False)


@pytest.fixture(scope="module")
def real_result():
    file = REAL / "binance-BTCUSDT-1h.parquet"
    if not file.exists():
        pytest.skip(f"no real bars at {file}; set BOT4_TEST_DATA")
    return b4.backtest(long_only, file, record=False)


@pytest.mark.parametrize("name", "equity orders fills trades positions".split())
def test_columns_are_those_of_the_documentation(result, name):
    getter = inspect.getattr_static(Result, name)
    (documented,) = re.findall(r"^Returns `([^`]+)`", inspect.getdoc(getter) or "")
    assert getattr(result, name).columns == documented.replace("\n", " ").split(", ")
    assert len(getattr(result, name)) > 100


def test_signals_are_the_raw_target_of_every_bar(result):
    assert result.signals.columns == ["ts", "symbol", "target"]
    assert len(result.signals) == 5_500
    close = pl.Series(result.market.columns[0].close)
    expected = [None] * 19 + [0.8 if up else -0.8 for up in (close > close.rolling_mean(20))[19:]]
    mine = result.signals.filter(pl.col("symbol") == "BTC/USDT:USDT")["target"].to_list()
    assert mine == expected


def test_no_frame_has_a_nan_or_a_code(result):
    for name in "equity orders fills trades positions signals".split():
        frame = getattr(result, name)
        assert frame.select(pl.col(pl.Float64).is_nan().any()).sum_horizontal().sum() == 0, name
        assert frame["ts" if "ts" in frame.columns else "entry_ts"].dtype == pl.Datetime("ms", "UTC")
    assert set(result.orders["side"]) == {"buy", "sell"}
    assert set(result.fills["reason"]) <= {"target", "stop_trailing", "gap_trailing"}
    assert "stop_trailing" in set(result.fills["reason"])


def check_books(result):
    """Cash flow + positions at their closes = equity; fills add up to positions; frames agree with each other."""
    for symbol in result.market.symbols:
        fills = result.fills.filter(pl.col("symbol") == symbol)
        np.testing.assert_allclose(
            fills["qty"].cum_sum(), fills["position"], atol=1e-9 * max(1.0, fills["qty"].abs().max())
        )
    last = result.fills.row(-1, named=True)
    held = result.positions.group_by("symbol", maintain_order=True).last()["value"].sum()
    assert last["cash_flow"] + held == pytest.approx(result.stats.final_equity, rel=1e-9)
    spent = result.fills["value"].sum() + result.fills["fee"].sum()
    assert result.config.cash - spent == pytest.approx(last["cash_flow"], rel=1e-9)
    assert result.stats.fees == pytest.approx(result.fills["fee"].sum())
    filled = result.orders.filter(pl.col("filled") > 0)
    assert filled["filled"].sum() == pytest.approx(result.fills["qty"].abs().sum())
    assert result.equity["drawdown"].min() == pytest.approx(result.stats.max_drawdown)
    assert result.equity["equity"][-1] == result.stats.final_equity


def test_the_books_balance(result):
    check_books(result)


def test_the_books_balance_on_real_bars(real_result):
    check_books(real_result)
    assert real_result.stats.trades > 100


def test_marked_positions_and_cash_give_equity_at_every_moment(result):
    """Rebuilt from fills and closes alone, at every 37th mark."""
    fills, marks = result.fills, result.equity[::37]
    for now, equity in zip(marks["ts"].dt.epoch("ms"), marks["equity"], strict=True):
        value = result.config.cash
        before = fills.filter(pl.col("ts").dt.epoch("ms") < now)
        value -= before["value"].sum() + before["fee"].sum()
        for instrument, columns in result.market:
            qty = before.filter(pl.col("symbol") == instrument.symbol)["qty"].sum()
            row = int(np.searchsorted(columns.ts, now - HOUR, side="right")) - 1
            value += qty * columns.close[max(row, 0)]
        assert value == pytest.approx(equity, rel=1e-9)


def test_excursions_are_the_extremes_lived_through(result):
    """A plain loop over each trade's bars."""
    for trade in result.trades.to_dicts():
        columns = result.market.columns[result.market.index(trade["symbol"])]
        first = int(np.searchsorted(columns.ts, int(trade["entry_ts"].timestamp() * 1000)))
        if trade["exit_ts"] is None:
            stop, prices = len(columns.ts), []
        else:
            stop = int(np.searchsorted(columns.ts, int(trade["exit_ts"].timestamp() * 1000)))
            prices = [trade["exit_price"]]
        rows = range(first, max(stop, first + 1))
        lows, highs = [columns.low[r] for r in rows] + prices, [columns.high[r] for r in rows] + prices
        low, high = min(lows) / trade["entry_price"] - 1, max(highs) / trade["entry_price"] - 1
        worst, best = (low, high) if trade["side"] == "long" else (-high, -low)
        assert trade["mae"] == pytest.approx(min(worst, 0.0), abs=1e-12)
        assert trade["mfe"] == pytest.approx(max(best, 0.0), abs=1e-12)


def test_an_open_trade_has_no_exit(result):
    last = result.trades.filter(pl.col("exit_ts").is_null())
    assert len(last) == result.stats.open_positions
    assert last["exit_price"].null_count() == len(last)


def test_positions_start_with_the_statistics_and_follow_the_bars(result):
    frame = result.positions.filter(pl.col("symbol") == "ETH/USDT:USDT")
    columns = result.market.columns[1]
    assert frame["ts"].dt.epoch("ms")[0] == columns.ts[0] + HOUR
    np.testing.assert_allclose(frame["value"], frame["qty"] * columns.close)
    assert result.positions["ts"].is_sorted()


def test_assets_no_target_addresses_have_no_signal():
    @b4.portfolio
    def only_btc(u):
        return b4.target(b4.asset("BTC/USDT").close * 0 + 0.5, asset="BTC/USDT")

    done = b4.backtest(only_btc, market(walk(50), walk(50, seed=3)), record=False)
    assert done.settled_rows == (0, None)
    assert done.signals.filter(pl.col("symbol") == "ETH/USDT")["target"].null_count() == 50
    assert set(done.fills["symbol"]) == {"BTC/USDT"}


def test_signals_that_look_at_the_position_see_the_run():
    @b4.strategy
    def looks(m):
        return b4.target(b4.where(m.pos.bars_held >= 3, 0.0, 0.5))

    done = b4.backtest(looks, market(walk(60)), record=False)
    assert done.stats.trades > 5
    assert set(done.signals["target"].to_list()) == {0.0, 0.5}


# --- JSON ----------------------------------------------------------------------------------------------------------------------


def test_json_has_the_documented_keys_and_no_nan(result):
    text = result.to_json()
    assert "NaN" not in text
    found = json.loads(text)
    page = DOCS.read_text(encoding="utf-8").split("## JSON")[1].split("\n## ")[0]
    documented = dict(re.findall(r"^\| `(\w+)` \| (.*) \|$", page, flags=re.MULTILINE))
    assert list(found) == list(documented)
    for section in ("strategy", "data", "assets", "months"):
        first = found[section][0] if isinstance(found[section], list) else found[section]
        keys = [key for key in re.findall(r"`(\w+)`", documented[section]) if key in first]
        assert list(first) == keys, section
    assert set(found["settings"]) == set(re.findall(r"`(\w+)`", documented["settings"]))
    assert list(found["stats"]) == list(STAT_NAMES)
    assert found["trials"] is None
    assert found["data"]["instruments"] == ["frame:BTC/USDT:USDT", "frame:ETH/USDT:USDT"]
    assert sum(row["pnl"] for row in found["assets"]) == pytest.approx(result.stats.final_equity - 1_000_000, rel=1e-6)


# --- for people ------------------------------------------------------------------------------------------------------------------


def test_a_result_shows_itself(result):
    assert repr(result).startswith("<Result both_ways · BTC/USDT:USDT, ETH/USDT:USDT · 1h · return ")
    assert "<b>both_ways · BTC" in result._repr_html_()
    assert "Max drawdown" in result.summary()

    from io import StringIO

    from rich.console import Console

    file = StringIO()
    Console(file=file, width=80, no_color=True).print(result)
    assert [line.rstrip() for line in file.getvalue().splitlines()] == result.summary().splitlines()


def test_the_report_is_written_where_it_is_said(result, tmp_path):
    path = result.report(tmp_path / "r.html")
    assert path == tmp_path / "r.html"
    text = path.read_text(encoding="utf-8")
    assert "both_ways" in text
    assert result.identity in text
    assert "stop trailing" in text


def test_settings_and_limits_stand_in_the_view(result):
    view = result.view
    assert view.settings["cash"] == "1,000,000 USDT"
    assert view.settings["decisions from"] == "end of the warm-up"
    assert view.warm_up_rows == result.settled_rows[0]
    late = b4.backtest(long_only, market(walk(300)), start="2020-01-05", record=False)
    assert late.view.settings["decisions from"] == "2020-01-05 00:00"
