"""Finer bars inside coarse ones: kept where they tile them and agree, counted where not."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from bot4.data import DataError, load
from bot4.data.detail import load_detail, split_sources

from .bars import HOUR_MS, START_MS, good, merge, with_cell

QUARTER = HOUR_MS // 4
FINE = good(rows=40, interval_ms=QUARTER)
COARSE = merge(FINE, 4)


def pair(fine=FINE, coarse=COARSE, symbol="BTC/USDT"):
    market = load({symbol: coarse})
    return market, load_detail({symbol: fine}, market)


def test_finer_bars_that_tile_are_all_kept():
    market, detail = pair()
    assert (detail.covered, detail.differing, detail.coarse_bars) == (10, 0, 10)
    assert detail.market.interval_ms == QUARTER
    assert detail.market.instruments == market.instruments, "the grid is the coarse market's"
    assert detail.line() == "Detail: 15m bars inside 10 of 10 bars"
    assert detail.notes() == []


def test_a_missing_finer_bar_leaves_its_coarse_bar_without_detail():
    _, detail = pair(FINE.filter(pl.col("ts_ms") != START_MS + 5 * QUARTER))
    kept = detail.market.columns[0]
    assert (detail.covered, detail.differing) == (9, 0)
    assert not ((kept.ts >= START_MS + HOUR_MS) & (kept.ts < START_MS + 2 * HOUR_MS)).any()
    assert kept.rows == 36


@pytest.mark.parametrize("column", ["open", "high", "low", "close"])
def test_finer_bars_with_other_prices_are_not_used_and_counted(column):
    row = {"open": 8, "close": 11, "high": 9, "low": 9}[column]
    value = {"high": 500.0, "low": 1.0}.get(column, FINE[column][row] + 0.01)
    changed = with_cell(FINE, column, row, value)
    if column in ("open", "close"):  # stays a bar
        changed = with_cell(
            with_cell(changed, "high", row, max(changed["high"][row], value)),
            "low",
            row,
            min(changed["low"][row], value),
        )
    _, detail = pair(changed, COARSE)
    assert detail.covered == 9
    assert detail.differing == 1
    assert "show other prices" in detail.notes()[0]


def test_detail_of_the_same_interval_is_the_data_itself():
    market, detail = pair(COARSE, COARSE)
    assert (detail.covered, detail.coarse_bars) == (10, 10)
    for one, other in zip(detail.market.columns[0], market.columns[0], strict=True):
        np.testing.assert_array_equal(one, other)


def test_an_asset_without_finer_bars_has_none_and_keeps_its_place():
    market = load({"BTC/USDT": COARSE, "ETH/USDT": COARSE})
    detail = load_detail({"ETH/USDT": FINE}, market)
    assert [columns.rows for columns in detail.market.columns] == [0, 40]
    assert detail.coarse_bars == 20


def test_what_does_not_fit_is_refused():
    market = load({"BTC/USDT": COARSE})
    with pytest.raises(DataError, match=r"none of its 15m bars .*frame ETH/USDT.* fill a bar of the data"):
        load_detail({"ETH/USDT": FINE}, market)
    with pytest.raises(DataError, match="detail has bars of 40m, which do not divide the strategy's 1h"):
        load_detail({"BTC/USDT": good(rows=9, interval_ms=40 * 60_000)}, market)
    with pytest.raises(DataError, match="fill a bar"):
        load_detail({"BTC/USDT": good(rows=9, interval_ms=QUARTER, start_ms=START_MS - 10 * HOUR_MS)}, market)


def test_files_named_for_the_finer_interval_are_the_detail(tmp_path):
    for name in ("v-BTCUSDT-1h.parquet", "v-BTCUSDT-15m.parquet", "v-ETHUSDT-1h.parquet"):
        FINE.write_parquet(tmp_path / name)
    coarse, fine = split_sources(str(tmp_path), "15m")
    assert sorted(path.name for path in coarse) == ["v-BTCUSDT-1h.parquet", "v-ETHUSDT-1h.parquet"]
    assert [path.name for path in fine] == ["v-BTCUSDT-15m.parquet"]
    only = [str(tmp_path / "v-BTCUSDT-15m.parquet")]
    for sources in split_sources(only, "15m"):
        assert [path.name for path in sources] == ["v-BTCUSDT-15m.parquet"]
    frames = {"BTC/USDT": FINE}
    assert split_sources(frames, "15m") == (frames, frames)
