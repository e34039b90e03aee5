"""Funding files: matched exactly, judged by unit, order and completeness; whatever cannot be used is one sentence."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from bot4.data import DataError, load
from bot4.data.funding import load_funding, perpetual_of, read_series

from .bars import HOUR_MS, START_MS, good, real_bars

EIGHT = 8 * HOUR_MS


def rates(count=10, *, start=START_MS, step=EIGHT, rate=0.0001) -> pl.DataFrame:
    return pl.DataFrame({"ts_ms": start + step * np.arange(count), "rate": np.full(count, rate)})


@pytest.fixture
def folder(tmp_path):
    good().write_parquet(tmp_path / "binance-BTCUSDT-1h.parquet")
    good(seed=2).write_parquet(tmp_path / "binancefut-BTCUSDT-1h.parquet")
    good(seed=3).write_parquet(tmp_path / "binancefut-ETHUSDT-1h.parquet")
    (tmp_path / "funding").mkdir()
    rates().write_parquet(tmp_path / "funding" / "binancefut-BTCUSDT-funding.parquet")
    return tmp_path


@pytest.fixture
def market(folder):
    return load(folder / "*.parquet")


# --- matching ---------------------------------------------------------------------------------------------------------------------


def test_a_series_goes_to_its_perpetual_and_never_to_spot(folder, market):
    assert [(x.venue, x.symbol) for x in market.instruments] == [
        ("binance", "BTC/USDT"),
        ("binancefut", "BTC/USDT:USDT"),
        ("binancefut", "ETH/USDT:USDT"),
    ]
    spot, btc, eth = load_funding(folder / "funding", market)
    assert spot is None
    assert eth is None
    assert btc is not None
    assert (len(btc.ts), btc.rate[0], btc.interval_ms) == (10, 0.0001, EIGHT)


def test_a_folder_may_hold_files_of_others_and_files_given_by_name_may_not(folder, market):
    rates().write_parquet(folder / "funding" / "binancefut-XRPUSDT-funding.parquet")
    rates(rate=12.5).write_parquet(folder / "funding" / "other-annualised-pct.parquet")
    assert load_funding(str(folder / "funding"), market)[1] is not None
    with pytest.raises(
        DataError, match=r"binancefut-XRPUSDT-funding.parquet \(binancefut XRP/USDT:USDT\) belongs to no perpetual"
    ):
        load_funding(folder / "funding" / "binancefut-XRPUSDT-funding.parquet", market)


def test_a_dict_names_symbol_and_file_or_frame(folder, market):
    found = load_funding({"ETH/USDT:USDT": rates(3), "BTC/USDT:USDT": folder / "funding"}, market)
    assert [None if one is None else len(one.ts) for one in found] == [None, 10, 3]
    with pytest.raises(DataError, match=r"BTC/USDT is spot, which pays none; name the perpetual, as in BTC/USDT:USDT"):
        load_funding({"BTC/USDT": rates()}, market)
    with pytest.raises(DataError, match="XRP/USDT:USDT is not in the data"):
        load_funding({"XRP/USDT:USDT": rates()}, market)


def test_none_is_none_for_all(market):
    assert load_funding(None, market) == (None, None, None)


def test_two_files_of_one_perpetual_are_refused(folder, market):
    rates().write_csv(folder / "funding" / "binancefut-BTCUSDT-funding.csv")
    with pytest.raises(DataError, match="both hold funding of BTC/USDT:USDT; leave one of the two out"):
        load_funding(folder / "funding", market)


@pytest.mark.parametrize(
    ("name", "owner"),
    [
        ("binancefut-BTCUSDT-funding.parquet", ("binancefut", "BTC/USDT:USDT")),
        ("Binancefut-BTC_USDT-funding.csv", ("binancefut", "BTC/USDT:USDT")),
        ("bybit-BTC_USDT_USDT-funding.csv.gz", ("bybit", "BTC/USDT:USDT")),
        ("bybit-BTCUSDT-funding.parquet", ("bybit", "BTC/USDT:USDT")),
        ("binancefut-BTCUSDT-1h.parquet", None),
        ("funding.parquet", None),
        ("hyperliquid-hourly-funding-annualised-pct.parquet", None),
        ("binancefut-??-funding.parquet", None),
        ("BTCUSDT-funding.parquet", None),
    ],
)
def test_the_name_says_whose_funding_it_is(name, owner):
    found = perpetual_of(name)
    assert (None if found is None else found.key) == owner


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({5: "x"}, "the key 5 of funding is no symbol"),
        (5, "int is no source of funding"),
        ([5], "int is no source of funding"),
        ({"BTC/USDT:USDT": "*.parquet"}, r"funding of BTC/USDT:USDT: \*\.parquet means 3 files; give one"),
    ],
)
def test_what_is_no_source_of_funding_is_said(folder, market, monkeypatch, given, said):
    monkeypatch.chdir(folder)
    with pytest.raises(DataError, match=said):
        load_funding(given, market)


def test_a_single_rate_has_no_interval():
    assert read_series(rates(1), "x").interval_ms == 0


# --- judging ----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("time", ["ts", "fundingTime", "calc_time", "timestamp"])
@pytest.mark.parametrize("rate", ["rate", "fundingRate", "last_funding_rate"])
def test_columns_go_by_the_names_exchanges_give_them(time, rate):
    assert len(read_series(rates().rename({"ts_ms": time, "rate": rate}), "x").ts) == 10


def test_csv_and_jitter_of_some_milliseconds_are_read(tmp_path, market):
    frame = rates().with_columns(ts_ms=pl.Series(START_MS + EIGHT * np.arange(10) + np.arange(10)))
    frame.write_csv(tmp_path / "binancefut-BTCUSDT-funding.csv")
    one = load_funding(tmp_path / "binancefut-BTCUSDT-funding.csv", market)[1]
    assert one is not None
    assert one.ts[9] == START_MS + 9 * EIGHT + 9
    assert one.interval_ms == EIGHT


@pytest.mark.parametrize(
    ("frame", "said"),
    [
        (
            rates().with_columns(rate=pl.Series([0.0001] * 4 + [10.95] * 6)),
            r"x: row 4 \(2022-01-02 08:00\) has a rate of 10.95 \(and 5 more",
        ),
        (
            rates(rate=-0.06),
            r"row 0 .* has a rate of -0.06 .* more than 5 % for one interval, so it is no rate: divide",
        ),
        (
            rates().rename({"rate": "rate_annualised"}),
            r"'annualised' in its name or columns says another unit .*row 0.*= 0.0001",
        ),
        (rates().rename({"rate": "funding_pct"}), r"'pct' in its name or columns"),
        (rates().rename({"rate": "APR"}), r"'APR' in its name or columns"),
        (rates().with_columns(rate=pl.Series([0.0001, None] + [0.0] * 8)), r"row 1 .* has no rate"),
        (rates().with_columns(rate=pl.Series([0.0001, float("nan")] + [0.0] * 8)), r"row 1 .* has no rate"),
        (
            rates().with_columns(ts_ms=pl.Series([START_MS, START_MS] + [START_MS + EIGHT * i for i in range(2, 10)])),
            r"row 1 .* repeats the time",
        ),
        (
            rates().with_columns(
                ts_ms=pl.Series([START_MS, START_MS + 3] + [START_MS + EIGHT * i for i in range(2, 10)])
            ),
            r"row 1 .* only 3 ms after",
        ),
        (rates().reverse(), r"row 1 .* is earlier than the row before; sort the rows"),
        (rates().rename({"rate": "value"}), r"no column of rates \(columns: ts_ms, value\); name it rate"),
        (rates().rename({"ts_ms": "when"}), r"no column of times"),
        (rates(0), r"there are no rows"),
    ],
)
def test_what_is_no_rate_is_refused_with_row_value_and_fix(frame, said):
    with pytest.raises(DataError, match=said) as refused:
        read_series(frame, "x")
    assert "\n" not in str(refused.value)


def test_names_that_only_look_like_units_are_fine():
    assert (
        len(
            read_series(rates().with_columns(mark_price=1.0, symbol=pl.lit("BTCUSDT")), "binancefut-APRUSDT-funding").ts
        )
        == 10
    )


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("binancefut-BTCUSDT-funding.csv", "1,0.1\n", "no header and 2 columns; add the line ts_ms,rate"),
        ("binancefut-BTCUSDT-funding.parquet", "no parquet", "cannot be read as Parquet"),
        ("binancefut-BTCUSDT-funding.txt", "x", "belongs to no perpetual|read from .parquet"),
    ],
)
def test_files_that_cannot_be_read_are_named(tmp_path, market, name, content, said):
    (tmp_path / name).write_text(content)
    with pytest.raises(DataError, match=said):
        load_funding(tmp_path / name, market)


# --- holes ------------------------------------------------------------------------------------------------------------------------


def test_what_a_series_lacks_is_told():
    one = read_series(rates(30).filter(pl.col("ts_ms") != START_MS + 5 * EIGHT), "x")
    assert one.holes(START_MS, START_MS + 29 * EIGHT) == ["has 1 gap longer than 8h"]
    whole = read_series(rates(30), "x")
    assert whole.holes(START_MS - HOUR_MS, START_MS + 30 * EIGHT) == []
    early, late = whole.holes(START_MS - 24 * HOUR_MS, START_MS + 60 * EIGHT)
    assert early == "begins 2022-01-01 00:00, 24 hours after the bars"
    assert late == "ends 2022-01-10 16:00, 10 days before the bars"


# --- real files -------------------------------------------------------------------------------------------------------------------


def test_the_real_series_load_and_the_annualised_one_is_refused():
    funding = real_bars().parent / "funding"
    names = ("binance-BTCUSDT-1h.parquet", "binancefut-BTCUSDT-1h.parquet")
    market = load([real_bars() / name for name in names])
    spot, perpetual = load_funding(funding, market)
    assert spot is None
    assert perpetual is not None
    assert len(perpetual.ts) > 5_000
    with pytest.raises(
        DataError,
        match=r"hyperliquid-hourly-funding-annualised-pct\.parquet: 'annualised' .*row 0, 2024-08-06 08:00.* = 10\.95",
    ):
        load_funding(funding / "hyperliquid-hourly-funding-annualised-pct.parquet", market)
