"""Every input that cannot be run on is refused in one sentence that names the place and the fix."""

import gzip
import json
import math

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot4.data import DataError, load
from tests.data.bars import HOUR_MS, START_MS, good, with_cell


def refused(source, *words, **options):
    with pytest.raises(DataError) as caught:
        load(source, **options)
    sentence = str(caught.value)
    for word in words:
        assert word in sentence, sentence
    assert "\n" not in sentence
    assert sentence.endswith((".", "?"))
    return sentence


@pytest.fixture
def file(tmp_path):
    def write(frame, name="binance-BTCUSDT-1h.parquet"):
        path = tmp_path / name
        frame.write_parquet(path) if name.endswith("parquet") else frame.write_csv(path)
        return path

    return write


@pytest.mark.parametrize("form", ["parquet", "csv"])
@pytest.mark.parametrize("column", ["open", "high", "low", "close", "volume"])
@pytest.mark.parametrize("value", [math.nan, None])
def test_a_missing_value(file, form, column, value):
    path = file(with_cell(good(), column, 17, value), f"binance-BTCUSDT-1h.{form}")
    refused(
        path, f"binance-BTCUSDT-1h.{form}", "row 17", "2022-01-01 17:00", f"{column} is missing (NaN)", "remove the row"
    )


@pytest.mark.parametrize("value", [math.inf, -math.inf])
def test_an_infinite_price(file, value):
    refused(file(with_cell(good(), "high", 3, value)), "row 3", "high", "infinite")


@pytest.mark.parametrize("value", [0.0, -1.0])
def test_a_price_that_is_not_positive(file, value):
    refused(file(with_cell(good(), "low", 5, value)), "row 5", "low", "is not positive")


def test_high_below_low(file):
    refused(file(with_cell(good(), "high", 5, 0.01)), "row 5", "high 0.01 is below low")


@pytest.mark.parametrize(("column", "factor"), [("open", 2.0), ("close", 0.5)])
def test_open_or_close_outside_the_bar(file, column, factor):
    frame = good()
    refused(file(with_cell(frame, column, 5, frame[column][5] * factor)), "row 5", column, "lies outside low")


def test_a_negative_volume(file):
    refused(file(with_cell(good(), "volume", 5, -0.5)), "row 5", "volume -0.5 is negative")


def test_the_first_of_several_bad_rows_is_named_and_the_rest_counted(file):
    frame = with_cell(with_cell(good(), "volume", 30, -0.5), "low", 9, -1.0)
    refused(file(frame), "row 9", "and 1 more bad rows", "bot4 data check")


def test_time_that_repeats(file):
    ts = good()["ts_ms"].to_list()
    refused(file(with_cell(good(), "ts_ms", 7, ts[6])), "row 7", "repeats the time", "keep one of each")


def test_time_that_goes_back(file):
    refused(file(good().reverse()), "row 1", "earlier than", "sort")


def test_times_off_the_interval(file):
    refused(
        file(with_cell(good(), "ts_ms", 7, START_MS + 7 * HOUR_MS + 60_000)), "mixed intervals", "row 7", "61m after"
    )


def test_two_intervals_in_one_file(file):
    slow = good(60, 2 * HOUR_MS, start_ms=START_MS + 200 * HOUR_MS)
    refused(file(pl.concat([good(200), slow])), "mixed intervals", "row 201", "2h after")


def test_two_intervals_in_one_run(file):
    one, two = file(good()), file(good(interval_ms=2 * HOUR_MS), "binance-ETHUSDT-2h.parquet")
    refused([one, two], "mixed intervals", "1h", "2h", "timeframe")


def test_bars_that_open_at_different_minutes(file):
    one, two = file(good()), file(good(start_ms=START_MS + 1_800_000), "binance-ETHUSDT-1h.parquet")
    refused([one, two], "different minutes", "0 and 30")


def test_a_name_that_says_another_interval(file):
    refused(file(good(), "binance-BTCUSDT-4h.parquet"), "the name says 4h", "1h", "rename")


def test_one_row_without_an_interval():
    refused(good(1), "a single row tells no interval")
    assert load(good(1), timeframe="1h").interval_ms == HOUR_MS


@pytest.mark.parametrize("column", ["ts_ms", "close", "volume"])
def test_a_missing_column(file, column):
    wanted = "ts" if column == "ts_ms" else column
    refused(file(good().drop(column)), f"no column for {wanted}", "rename")


@pytest.mark.parametrize(
    ("column", "dtype", "words"),
    [
        ("close", pl.Boolean, "Boolean, not numbers"),
        ("ts_ms", pl.Boolean, "not a time"),
        ("volume", pl.Date, "not numbers"),
    ],
)
def test_a_wrong_type(file, column, dtype, words):
    frame = good().with_columns(pl.lit(None).cast(dtype).alias(column).fill_null(pl.lit(1).cast(dtype)))
    refused(file(frame), words)


def test_a_word_among_the_prices(tmp_path):
    lines = good(20_000, 60_000).write_csv().splitlines()
    for row in (4, 15_000):  # within and beyond what a CSV reader looks at to guess types
        cells = lines[row + 1].split(",")
        broken = [*lines]
        broken[row + 1] = ",".join([*cells[:2], "oops", *cells[3:]])
        path = tmp_path / "binance-BTCUSDT-1m.csv"
        path.write_text("\n".join(broken))
        refused(path, f"row {row}", "'oops'", "column high", "not a number")


def test_a_word_among_the_times(file):
    frame = good().with_columns(pl.from_epoch("ts_ms", "ms").dt.to_string().alias("ts_ms"))
    refused(file(with_cell(frame, "ts_ms", 6, "noon"), "binance-BTCUSDT-1h.csv"), "row 6", "'noon'", "no time")
    refused(file(frame.with_columns(pl.lit("noon").alias("ts_ms")), "binance-BTCUSDT-1h.csv"), "row 0", "'noon'")


def test_an_empty_cell_among_the_times(file):
    refused(file(with_cell(good(), "ts_ms", 6, None)), "row 6 has no time")
    floats = good().with_columns(pl.col("ts_ms").cast(pl.Float64))
    refused(file(with_cell(floats, "ts_ms", 6, math.nan)), "row 6 has no time")


def test_a_time_of_no_whole_millisecond(file):
    micros = good().with_columns((pl.col("ts_ms") * 1_000).alias("ts")).drop("ts_ms")
    refused(file(with_cell(micros, "ts", 6, micros["ts"][6] + 1)), "row 6", "no whole millisecond")
    floats = good().with_columns(pl.col("ts_ms").cast(pl.Float64) + 0.5)
    refused(file(floats), "row 0", "no whole millisecond")


def test_empty_files(tmp_path, file):
    for name in ("a.csv", "a.parquet"):
        path = tmp_path / name
        path.touch()
        refused(path, name, "the file is empty")
    refused(file(good().clear()), "there are no rows")
    refused(file(good().clear(), "binance-BTCUSDT-1h.csv"), "there are no rows")
    refused(good().clear(), "there are no rows")
    blank = tmp_path / "blank.csv"
    blank.write_text("\n\n")
    refused(blank, "blank.csv")


def test_a_header_over_no_rows_of_a_big_parquet_file(file, monkeypatch):
    monkeypatch.setattr("bot4.data.read.WHOLE_BYTES", 0)
    refused(file(good().clear()), "there are no rows")


def test_files_that_are_no_tables(tmp_path):
    broken = tmp_path / "broken.parquet"
    broken.write_bytes(b"PAR1 nothing")
    refused(broken, "broken.parquet", "cannot be read as Parquet")
    ragged = tmp_path / "ragged.csv"
    ragged.write_text("ts,open,high,low,close,volume\n1,2\n1,2,3,4,5,6,7,8\n")
    refused(ragged, "ragged.csv")
    other = tmp_path / "notes.txt"
    other.write_text("x")
    refused(other, "notes.txt", ".parquet and .csv")
    zipped = tmp_path / "bad.csv.gz"
    zipped.write_bytes(gzip.compress(b"\xff\xfe\x00a,b\n1,2\n"))
    refused(zipped, "bad.csv.gz")
    short = tmp_path / "short.csv"
    short.write_text("1640995200000,1,2\n")
    refused(short, "no header and 3 columns")


def test_sources_that_are_none(tmp_path):
    refused("nowhere.parquet", "no such file")
    refused(str(tmp_path / "*.parquet"), "no such file")
    refused(tmp_path, "holds no .parquet or .csv")
    refused([], "empty")
    refused(3, "int is not market data")
    refused({3: good()}, "key 3 is no symbol")
    refused({"nonsense": good()}, "not a symbol")
    two = good().with_columns(pl.Series("symbol", ["BTCUSDT", "ETHUSDT"] * 24))
    refused({"BTC/USDT": two}, "holds 2 assets")


def test_the_same_instrument_twice(file):
    one, two = file(good()), file(good(), "binance-BTC_USDT-1h.parquet")
    refused([one, two], "both hold binance BTC/USDT", "leave one")


def test_two_currencies_in_one_account(file):
    one, two = file(good()), file(good(), "bitfinex-ETHUSD-1h.parquet")
    refused([one, two], "BTC/USDT settles in USDT", "ETH/USD in USD", "peg")
    pegged = load([one, two], instruments={"peg": {"USD": "USDT"}})
    assert pegged.quote == "USDT"
    assert any("counts as USDT" in note for note in pegged.notes)


def test_a_timeframe_finer_than_the_bars_or_beside_them(file):
    path = file(good())
    refused(path, "30m is finer than the bars (1h)", timeframe="30m")
    refused(path, "90m is no multiple", timeframe="90m")
    refused(path, "not an interval", timeframe="fast")
    refused(good(20), "no 1w bar is complete", timeframe="1w")
    refused(file(good(start_ms=START_MS + 1_800_000)), "straddle", timeframe="4h")


def test_a_span_without_bars(file):
    path = file(good())
    refused(path, "no bar opens", "the data spans 2022-01-01 00:00 to 2022-01-03 00:00", start="2023-01-01")
    refused(path, "not a time", start="soon")


def test_overflow_of_the_scales(file):
    huge = good().with_columns(pl.col("open", "high", "low", "close") * 1e14)
    refused(file(huge), "2^51 ticks", "a coarser tick", "--instruments")
    many = good().with_columns(pl.col("volume") * 1e15)
    refused(file(many), "volume", "2^51 lots", "a coarser lot")
    dear = good().with_columns(pl.col("open", "high", "low", "close") * 1e10, pl.lit(3.0).alias("volume"))
    refused(file(dear), "one lot", "amounts of 1e-8", "a finer lot")
    dust = good().with_columns(pl.col("open", "high", "low", "close") * 1e-13)
    refused(file(dust), "rounds to zero", "a finer tick")
    stated = json.loads('[{"symbol": "BTC/USDT", "tick": "1000"}]')
    refused(file(good()), "rounds to zero at a tick of 1000", instruments=stated)


def test_volumes_that_outgrow_their_lots_when_resampled():
    frame = good(480).with_columns((pl.col("volume") + 1e11).round(3))
    market = load(frame)
    assert market.instruments[0].lot == (1, 3)
    assert load(frame, timeframe="5d").instruments[0].lot == (1, 2)
    with pytest.raises(DataError, match="coarser lot"):
        market.resample("5d")


def test_symbols_that_are_missing_in_a_universe(file):
    frame = good().with_columns(pl.Series("symbol", ["BTCUSDT"] * 47 + [None]))
    refused(file(frame, "binance-UNIVERSE-1h.parquet"), "must hold a symbol in every row")
    frame = good().with_columns(pl.Series("symbol", range(48)))
    refused(file(frame, "binance-UNIVERSE-1h.parquet"), "must hold a symbol")


def test_rows_of_a_universe_are_those_of_the_file(file):
    frame = pl.concat([good().with_columns(pl.lit(s).alias("symbol")) for s in ("BTCUSDT", "ETHUSDT")])
    refused(file(with_cell(frame, "low", 50, -1.0), "binance-UNIVERSE-1h.parquet"), "row 50", "[ETHUSDT]")


def test_pandas_frames_are_judged_alike():
    frame = pd.DataFrame(good().to_dict(as_series=False))
    frame.loc[4, "close"] = np.nan
    refused(frame, "frame: row 4", "close is missing")


CELLS = st.one_of(st.none(), st.floats(), st.sampled_from([0.0, -1.0, 1e-12, 1e16, 1e300, START_MS, START_MS + 1.5]))


@given(
    st.integers(1, 12),
    st.lists(
        st.tuples(st.sampled_from(["ts_ms", "open", "high", "low", "close", "volume"]), st.integers(0, 11), CELLS),
        max_size=4,
    ),
    st.sampled_from([None, "1h", "2h", "1w"]),
)
@settings(max_examples=150, deadline=None)
def test_whatever_comes_is_a_market_or_one_sentence(rows, cells, timeframe):
    data = {name: column.to_list() for name, column in good(rows).to_dict().items()}
    for name, row, value in cells:
        data[name][row % rows] = value
    frame = pl.DataFrame({name: pl.Series(name, values, strict=False) for name, values in data.items()})
    market, sentence = None, "."
    try:
        market = load(frame, timeframe=timeframe)
    except DataError as error:
        sentence = str(error)
    assert "\n" not in sentence
    assert sentence.endswith((".", "?"))
    for instrument, columns in market or ():
        assert columns.rows > 0
        assert np.all(np.diff(columns.ts) > 0)
        assert np.all(columns.low > 0)
        assert np.all(columns.high * 10.0 ** instrument.tick[1] < 2.0**51)
        assert np.all(columns.volume * 10.0 ** instrument.lot[1] < 2.0**51)
