import polars as pl
import pytest

from bot4.data import DataError, list_files
from tests.data.bars import HOUR_MS, START_MS, good, real_bars


def test_files_are_listed_from_their_times(tmp_path):
    frame = good(100)
    pl.concat([frame[:50], frame[53:]]).write_parquet(tmp_path / "binancefut-BTCUSDT-1h.parquet")
    frame.write_csv(tmp_path / "kraken-ETH_EUR-1h.csv")
    frame.write_csv(tmp_path / "prices.csv")
    frame.write_parquet(tmp_path / "things.parquet")
    perpetual, spot, unnamed, other = list_files(tmp_path)
    assert (perpetual.venue, perpetual.symbol, perpetual.kind) == ("binancefut", "BTC/USDT:USDT", "linear")
    assert (perpetual.interval_ms, perpetual.bars, perpetual.missing) == (HOUR_MS, 97, 3)
    assert (perpetual.first_ms, perpetual.last_ms) == (START_MS, START_MS + 99 * HOUR_MS)
    assert (spot.venue, spot.symbol, spot.kind, spot.missing) == ("kraken", "ETH/EUR", "spot", 0)
    assert (unnamed.venue, unnamed.symbol, unnamed.kind) == ("", "", None)
    assert (other.venue, other.symbol, other.interval_ms) == ("", "", HOUR_MS)
    assert [row.path.name for row in list_files([tmp_path / "prices.csv"])] == ["prices.csv"]


def test_a_universe_is_one_row(tmp_path):
    both = pl.concat([good().with_columns(pl.lit(s).alias("symbol")) for s in ("BTCUSDT", "ETHUSDT")])
    both.write_parquet(tmp_path / "binance-UNIVERSE-1h.parquet")
    both.write_csv(tmp_path / "okx-UNIVERSE-1h.csv")
    for row in list_files(tmp_path):
        assert (row.symbol, row.bars, row.missing, row.kind) == ("2 symbols", 96, None, None)
        assert (row.first_ms, row.last_ms) == (START_MS, START_MS + 47 * HOUR_MS)
        assert row.as_dict()["interval"] == "1h"


def test_a_file_that_cannot_be_read_says_why(tmp_path):
    (tmp_path / "a.parquet").write_bytes(b"nothing")
    good().clear().write_parquet(tmp_path / "b.parquet")
    good().drop("close").write_parquet(tmp_path / "c.parquet")
    good().clear().write_csv(tmp_path / "d.csv")
    errors = [row.error or "" for row in list_files(tmp_path)]
    for error, words in zip(errors, ("cannot be read", "no rows", "no column for close", "no rows"), strict=True):
        assert words in error
    assert list_files(tmp_path)[0].as_dict()["interval"] is None


def test_no_file_is_an_error(tmp_path):
    with pytest.raises(DataError, match="no such file"):
        list_files(tmp_path / "x.parquet")


def test_real_files_are_listed():
    rows = list_files(real_bars())
    assert len(rows) == 161
    assert not any(row.error for row in rows)
    btc = next(row for row in rows if row.path.name == "binance-BTCUSDT-1h.parquet")
    assert (btc.symbol, btc.bars) == ("BTC/USDT", 64_524)
