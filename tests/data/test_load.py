"""Any form of the same bars loads to the same market."""

import datetime as dt

import numpy as np
import pandas as pd
import polars as pl
import pytest

import bot4.data
from bot4.data import Columns, Instrument, load
from bot4.data.names import parse_symbol
from tests.data.bars import HOUR_MS, START_MS, good, real_bars

FRAME = good()
TS = FRAME["ts_ms"]
MOMENTS = pl.from_epoch(TS, "ms")


def same(market, frame=FRAME):
    columns = market.columns[0]
    assert market.interval_ms == HOUR_MS
    assert columns.ts.tolist() == frame["ts_ms"].to_list()
    for name in ("open", "high", "low", "close", "volume"):
        assert getattr(columns, name).tolist() == frame[name].to_list()
        assert getattr(columns, name).flags["C_CONTIGUOUS"]
    assert columns.ts.dtype == np.int64
    return market


def with_time(name, values):
    return FRAME.drop("ts_ms").insert_column(0, pl.Series(name, values))


@pytest.mark.parametrize("name", ["ts_ms", "ts", "Timestamp", "time", "date", "open_time", "Open time", "datetime"])
def test_times_under_their_usual_names(name):
    same(load(with_time(name, TS)))


@pytest.mark.parametrize(
    "values",
    [
        TS // 1_000,
        TS * 1_000,
        TS * 1_000_000,
        TS.cast(pl.Float64),
        TS / 1_000,
        TS.cast(pl.UInt64),
        MOMENTS.cast(pl.Datetime("ns")),
        MOMENTS.cast(pl.Datetime("us")),
        MOMENTS.dt.replace_time_zone("UTC"),
        MOMENTS.dt.replace_time_zone("UTC").dt.convert_time_zone("Asia/Tokyo"),
        MOMENTS.dt.strftime("%Y-%m-%d %H:%M:%S"),
        MOMENTS.dt.strftime("%Y-%m-%dT%H:%M:%SZ"),
        MOMENTS.dt.strftime("%Y-%m-%d %H:%M:%S UTC"),
        MOMENTS.dt.offset_by("2h").dt.strftime("%Y-%m-%dT%H:%M:%S+02:00"),
        TS.cast(pl.String),
    ],
    ids=lambda series: f"{series.dtype}-{series[0]}",
)
def test_times_in_any_unit_and_type(values):
    same(load(with_time("time", values)))


def test_dates_are_midnights():
    days = pl.date_range(dt.date(2022, 1, 1), dt.date(2022, 2, 17), eager=True)
    market = load(with_time("date", days))
    assert market.interval == "1d"
    assert market.start_ms == START_MS


def test_a_made_up_market_may_start_at_the_epoch():
    market = load(good(start_ms=0).rename({"ts_ms": "ts"}))
    assert (market.start_ms, market.interval) == (0, "1h")


def test_short_and_capital_names_of_columns():
    short = FRAME.rename({"open": "O", "high": "h", "low": "L", "close": "c", "volume": "V"})
    same(load(short))


def test_numbers_of_other_types():
    decimals = FRAME.with_columns(pl.col("close").cast(pl.Decimal(18, 2)), pl.col("volume").cast(pl.String))
    same(load(decimals))


@pytest.mark.parametrize("name", ["a.parquet", "a.csv", "a.csv.gz", "a.PARQUET"])
def test_files(tmp_path, name):
    path = tmp_path / f"binance-BTCUSDT-1h{name[1:]}"
    if name.endswith("gz"):
        import gzip

        path.write_bytes(gzip.compress(FRAME.write_csv().encode()))
    elif name.endswith("csv"):
        FRAME.write_csv(path)
    else:
        FRAME.write_parquet(path)
    market = same(load(path))
    assert market.instruments[0].symbol == "BTC/USDT"
    assert market.instruments[0].venue == "binance"
    same(load(str(tmp_path / "*")))
    same(load(tmp_path))
    same(load(str(tmp_path.parent / tmp_path.name)))


def test_a_big_parquet_file_is_read_column_by_column(tmp_path, monkeypatch):
    monkeypatch.setattr("bot4.data.read.WHOLE_BYTES", 0)
    path = tmp_path / "binance-BTCUSDT-1h.parquet"
    FRAME.write_parquet(path, row_group_size=10)  # several chunks
    same(load(path))


@pytest.mark.parametrize("separator", [";", "\t"])
def test_a_csv_with_another_separator(tmp_path, separator):
    path = tmp_path / "binance-BTCUSDT-1h.csv"
    FRAME.write_csv(path, separator=separator)
    same(load(path))


def test_the_exchanges_archive_has_no_header(tmp_path):
    path = tmp_path / "binance-BTCUSDT-1h.csv"
    FRAME.with_columns((TS + HOUR_MS - 1).alias("close_time"), pl.lit(1.5).alias("quote_volume")).write_csv(
        path, include_header=False
    )
    same(load(path))


def test_frames_in_several_chunks():
    same(load(pl.concat([FRAME[:20], FRAME[20:]], rechunk=False)))


def test_lazy_frames():
    same(load(FRAME.lazy()))


def test_a_frame_is_not_copied():
    market = load(FRAME)
    assert np.shares_memory(market.columns[0].close, FRAME["close"].to_numpy())
    assert np.shares_memory(market.columns[0].ts, FRAME["ts_ms"].to_numpy())


def pandas(**extra):
    return pd.DataFrame(FRAME.to_dict(as_series=False) | extra)


def test_pandas_frames():
    same(load(pandas()))
    index = pd.to_datetime(TS.to_list(), unit="ms")
    same(load(pandas().drop(columns="ts_ms").set_index(index)))
    same(load(pandas().drop(columns="ts_ms").set_index(index.tz_localize("UTC").tz_convert("Asia/Tokyo"))))
    same(load(pandas().drop(columns="ts_ms").set_index(index.rename("Date"))))
    same(load(pandas(close=[str(x) for x in FRAME["close"]])))
    same(load(pandas(volume=pd.Series(FRAME["volume"].to_list(), dtype="Float64"))))


def test_pandas_frames_of_many_assets():
    both = pd.concat([pandas(symbol="BTC/USDT"), pandas(symbol="ETH/USDT")])
    assert load(both).symbols == ("BTC/USDT", "ETH/USDT")


def test_dicts_name_their_instruments(tmp_path):
    path = tmp_path / "whatever.parquet"
    FRAME.write_parquet(path)
    stated = parse_symbol("SOL/USDT", "okx")
    market = load({"ETH/USDT": FRAME, "binance|BTC/USDT:USDT": path, stated: pandas()})
    assert [i.key for i in market.instruments] == [
        ("binance", "BTC/USDT:USDT"),
        ("frame", "ETH/USDT"),
        ("okx", "SOL/USDT"),
    ]
    assert market.notes == ()


def test_a_universe_is_split_into_its_assets(tmp_path):
    path = tmp_path / "binancefut-UNIVERSE-1h.parquet"
    mixed = pl.concat([FRAME.with_columns(pl.lit(s).alias("symbol")) for s in ("ETHUSDT", "BTCUSDT")]).sort("ts_ms")
    mixed.write_parquet(path)
    market = load(path)
    assert market.symbols == ("BTC/USDT:USDT", "ETH/USDT:USDT")
    same(market)


def test_a_source_without_a_name_is_guessed_and_noted(tmp_path):
    path = tmp_path / "prices.csv"
    FRAME.write_csv(path)
    market = load(path)
    assert market.symbols == ("PRICES/USDT",)
    assert any("taken as PRICES/USDT" in note for note in market.notes)
    assert load(FRAME).symbols == ("ASSET/USDT",)
    odd = tmp_path / "---.csv"
    FRAME.write_csv(odd)
    assert load(odd).symbols == ("ASSET/USDT",)


def test_the_grid_is_that_of_the_decimals():
    instrument = load(FRAME).instruments[0]
    assert (instrument.tick, instrument.lot, instrument.grid) == ((1, 2), (1, 3), "seen")


def test_floats_of_no_grid_are_rounded_and_noted():
    market = load(FRAME.with_columns(pl.col("open", "high", "low", "close") * np.pi))
    assert market.instruments[0].tick == (1, 10)
    assert market.instruments[0].grid == "rounded"
    assert any("rounded to a tick of 0.0000000001" in note for note in market.notes)
    large = load(FRAME.with_columns(pl.col("volume") * np.pi * 1e10))
    digits = large.instruments[0].lot[1]
    top = float(large.columns[0].volume.max())
    assert top * 10**digits < 2**51 <= top * 10 ** (digits + 1)


def test_an_instruments_file_wins_over_the_decimals():
    stated = [{"symbol": "ASSET/USDT", "tick": "0.05", "lot": "0.001", "taker_bps": 3}]
    market = load(FRAME, instruments=stated)
    assert (market.instruments[0].tick, market.instruments[0].taker_bps, market.instruments[0].grid) == (
        (5, 2),
        3.0,
        "file",
    )
    off = sum(round(close * 100) % 5 != 0 for close in FRAME["close"])
    assert any(f"{off} closes are off" in note for note in market.notes)
    again = load(load(FRAME), instruments=stated)
    assert again.instruments == market.instruments
    assert load(market) is market


def test_volume_of_zero_is_noted():
    market = load(FRAME.with_columns(pl.lit(0.0).alias("volume")))
    assert any("volume is 0 in every bar" in note for note in market.notes)


def test_timeframe_and_span():
    market = load(FRAME, timeframe="4h", start="2022-01-01T04:00", end="2022-01-02")
    assert [int(ts - START_MS) // HOUR_MS for ts in market.columns[0].ts] == [4, 8, 12, 16, 20]
    other = load({"A/USDT": FRAME, "B/USDT": good(96, 1_800_000)}, timeframe="4h")
    assert other.interval == "4h"
    young = load({"A/USDT": FRAME, "B/USDT": good(3)}, timeframe="4h")
    assert young.symbols == ("A/USDT",)
    assert any("B/USDT has no complete 4h bar" in note for note in young.notes)
    assert load(load(FRAME), timeframe="4h").rows == 12


def test_the_rooms_door_has_its_names():
    for name in bot4.data.__all__:
        assert getattr(bot4.data, name).__name__ == name
    assert dir(bot4.data) == bot4.data.__all__
    assert bot4.data.Columns is Columns
    assert bot4.data.Instrument is Instrument
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = bot4.data.nothing


def test_real_files_load():
    folder = real_bars()
    market = load(str(folder / "binancefut-*-1h.parquet"))
    assert len(market) == 44
    assert market.interval == "1h"
    bitfinex = load(folder / "bitfinex-BTCUSD-1m.parquet")
    assert bitfinex.rows == 1_279_046
    assert len(load(folder / "binancefut-UNIVERSE-1d.parquet")) == 243
