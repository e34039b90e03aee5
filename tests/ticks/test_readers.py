"""Tables of other recorders become the same columns."""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl
import pytest

from bot4.data import DataError
from bot4.data.ticks import FIRST, LAST, SNAPSHOT, import_files, is_ticks
from tests.ticks.recordings import FUTURES, MS, write

EVENT = np.dtype(
    [
        ("ev", "u8"),
        ("exch_ts", "i8"),
        ("local_ts", "i8"),
        ("px", "f8"),
        ("qty", "f8"),
        ("order_id", "u8"),
        ("ival", "i8"),
        ("fval", "f8"),
    ]
)
EXCH, LOCAL, BUY, SELL = 1 << 31, 1 << 30, 1 << 29, 1 << 28


def rows(group):
    return [tuple(int(value) for value in row) for row in zip(*group.columns().values(), strict=True)]


def events(*given):
    array = np.zeros(len(given), EVENT)
    for at, (ev, exch, local, price, quantity) in enumerate(given):
        array[at] = (ev, exch, local, price, quantity, 0, 0, 0)
    return array


def test_hftbacktests_arrays_count_doubled_rows_once(tmp_path):
    path = tmp_path / "binancefut-ABCUSDT_20240808.npz"
    both = EXCH | LOCAL
    np.savez(
        path,
        data=events(
            (3 | both, 5 * MS, 9 * MS, 0.0, 0.0),
            (4 | both | BUY, 5 * MS, 9 * MS, 10.4, 1.0),
            (4 | both | SELL, 5 * MS, 9 * MS, 10.5, 2.5),
            (2 | EXCH | SELL, 6 * MS, 12 * MS, 10.4, 0.5),
            (1 | both | BUY, 7 * MS, 11 * MS, 10.4, 0.0),
            (2 | LOCAL | SELL, 6 * MS, 12 * MS, 10.4, 0.5),
            (5 | both | BUY, 8 * MS, 13 * MS, 10.4, 0.5),
        ),
    )
    ticks = import_files([path])[0]
    assert (ticks.name, ticks.instrument.symbol, ticks.instrument.tick) == (
        "binancefut-ABCUSDT",
        "ABC/USDT:USDT",
        (1, 1),
    )
    assert rows(ticks.depth) == [
        (5 * MS, 9 * MS, 1, 104, 10, SNAPSHOT | FIRST),
        (5 * MS, 9 * MS, -1, 105, 25, SNAPSHOT | LAST),
        (7 * MS, 11 * MS, 1, 104, 0, FIRST | LAST),
    ]
    assert rows(ticks.trades) == [(6 * MS, 12 * MS, 104, 5, 1, 0)]
    assert [(finding.code, finding.count) for finding in ticks.findings] == [("unknown_message", 1)]


def test_tardis_files_of_three_kinds_make_one_instrument(tmp_path):
    head = "exchange,symbol,timestamp,local_timestamp"
    (tmp_path / "a.csv").write_text(
        f"{head},is_snapshot,side,price,amount\n"
        "binance-futures,ABCUSDT,1000,5000,true,bid,10.4,1\n"
        "binance-futures,ABCUSDT,1000,5000,true,ask,10.5,2.5\n"
        "binance-futures,ABCUSDT,2000,6000,false,bid,10.4,0\n"
    )
    (tmp_path / "b.csv").write_text(
        f"{head},id,side,price,amount\nbinance-futures,ABCUSDT,3000,7000,77,sell,10.4,0.5\n"
    )
    (tmp_path / "c.csv").write_text(
        f"{head},ask_amount,ask_price,bid_price,bid_amount\nbinance-futures,ABCUSDT,3000,8000,2.5,10.5,10.3,4\n"
    )
    [ticks] = import_files([tmp_path])
    assert (ticks.name, ticks.instrument.symbol) == ("binancefut-ABCUSDT", "ABC/USDT:USDT")
    assert [row[:2] + row[2:] for row in rows(ticks.depth)] == [
        (MS, 5 * MS, 1, 104, 10, SNAPSHOT | FIRST),
        (MS, 5 * MS, -1, 105, 25, SNAPSHOT | LAST),
        (2 * MS, 6 * MS, 1, 104, 0, FIRST | LAST),
    ]
    assert rows(ticks.trades) == [(3 * MS, 7 * MS, 104, 5, 1, 77)]
    assert rows(ticks.best) == [(3 * MS, 8 * MS, 103, 40, 105, 25)]
    assert len(ticks.sources) == 3


def test_hyperliquids_books_are_snapshots_and_its_prices_come_in_pairs(tmp_path):
    (tmp_path / "orderbooks_ABC.csv").write_text(
        "timestamp,sequence,exchange_timestamp,bid_price_0,bid_size_0,ask_price_0,ask_size_0\n"
        "1000.5,1,1000400,100.0,2.5,101.0,1.0\n1001.5,2,1001400,101.0,2.5,101.0,1.0\n"
    )
    (tmp_path / "prices_ABC.csv").write_text(
        "timestamp,price,size,side,exchange_timestamp\n1000.6,100.0,2.5,bid,1000400\n1000.6,101.0,1.0,ask,1000400\n"
    )
    (tmp_path / "trades_ABC.csv").write_text(
        "timestamp,price,size,side,trade_id,exchange_timestamp\n1000.7,101.0,0.5,buy,9,1000401\n"
    )
    [ticks] = import_files([tmp_path])
    assert (ticks.instrument.symbol, ticks.instrument.lot) == ("ABC/USDC:USDC", (1, 1))
    assert rows(ticks.depth)[:2] == [
        (1_000_400 * MS, 1_000_500 * MS, 1, 100, 25, SNAPSHOT | FIRST),
        (1_000_400 * MS, 1_000_500 * MS, -1, 101, 10, SNAPSHOT | LAST),
    ]
    assert rows(ticks.best) == [(1_000_400 * MS, 1_000_600 * MS, 100, 25, 101, 10)]
    assert rows(ticks.trades) == [(1_000_401 * MS, 1_000_700 * MS, 101, 5, 0, 9)]
    assert [(finding.code, finding.count) for finding in ticks.findings] == [("locked_book", 1)]


def test_hyperliquids_raw_lines(tmp_path):
    book = '{"channel":"l2Book","data":{"coin":"ABC","time":1000,"levels":[[{"px":"100","sz":"2.5","n":1}],[]]}}'
    made = '{"channel":"trades","data":[{"coin":"ABC","px":"101","sz":"0.5","side":"A","tid":9,"time":1001}]}'
    path = tmp_path / "raw.txt"
    path.write_text(f"{1500 * MS} {book}\n{1600 * MS} {made}\n7 {{\n")
    [ticks] = import_files([path])
    assert rows(ticks.depth) == [(1000 * MS, 1500 * MS, 1, 100, 25, SNAPSHOT | FIRST | LAST)]
    assert rows(ticks.trades) == [(1001 * MS, 1600 * MS, 101, 5, 1, 9)]
    assert [(finding.code, finding.count) for finding in ticks.findings] == [("bad_line", 1)]
    path.write_text(f"{1500 * MS} {book}\n{1600 * MS} {book.replace('ABC', 'XYZ')}\n")
    with pytest.raises(DataError, match="holds 2 coins"):
        import_files([path])


def test_standxs_repeated_books_count_once(tmp_path):
    at = [dt.datetime(2026, 1, 1, 0, 0, second, tzinfo=dt.UTC) for second in (1, 1, 2)]
    books = {
        "timestamp": at,
        "received_at": [time + dt.timedelta(milliseconds=300) for time in at],
        "symbol": ["ABC-USD"] * 3,
        "bid_prices": [[10.4, 10.3], [10.4, 10.3], [10.4]],
        "bid_quantities": [[1.0, 2.0], [1.0, 2.0], [1.5]],
        "ask_prices": [[10.5], [10.5], []],
        "ask_quantities": [[3.0], [3.0], []],
    }
    kinds = dict.fromkeys(("bid_prices", "bid_quantities", "ask_prices", "ask_quantities"), pl.List(pl.Float64))
    pl.DataFrame(books, schema_overrides=kinds).write_parquet(tmp_path / "orderbook.parquet")
    trades = {
        "timestamp": at[:1],
        "received_at": at[2:],
        "symbol": ["ABC-USD"],
        "price": [10.5],
        "quantity": [0.5],
        "is_buyer_taker": [True],
    }
    pl.DataFrame(trades).write_parquet(tmp_path / "trades.parquet")
    [ticks] = import_files([tmp_path])
    assert ticks.name == "standx-ABCUSD"
    assert [row[2:] for row in rows(ticks.depth)] == [
        (1, 104, 10, SNAPSHOT | FIRST),
        (1, 103, 20, SNAPSHOT),
        (-1, 105, 30, SNAPSHOT | LAST),
        (1, 104, 15, SNAPSHOT | FIRST | LAST),
    ]
    assert rows(ticks.trades)[0][2:] == (105, 5, 0, 0)
    assert [(finding.code, finding.count) for finding in ticks.findings] == [("repeated_book", 1)]


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("x.npz", b"no", "is no array of hftbacktest"),
        ("x.parquet", b"no", "cannot be read as Parquet"),
        (
            "x.csv",
            b"ts,open\n1,2\n",
            "is no recording that Bot4 knows; it reads raw WebSocket lines of Binance",
        ),
        (
            "trades.csv",
            b"timestamp,price,size,side,trade_id,exchange_timestamp\n1,1,1,buy,1,1\n",
            "which coin it is must stand in the name",
        ),
        (
            "x.csv",
            b"exchange,symbol,timestamp,local_timestamp\nb,BTCUSDT,1,1\n",
            "Bot4 reads incremental_book_L2, trades and quotes",
        ),
        (
            "x.csv",
            b"exchange,symbol,timestamp,local_timestamp,id,side,price,amount\nb,BTCUSDT,1,2,1,buy,1,1\nb,ETHUSDT,1,2,1,buy,1,1\n",
            "holds 2 symbols",
        ),
        (
            "x.csv",
            b"exchange,symbol,timestamp,local_timestamp,id,side,price,amount\nb,BTCUSDT,1,2,1,buy,-1,1\n",
            "price in row 0 is -1.0, which is no price or quantity",
        ),
    ],
)
def test_what_no_reader_can_use_is_refused_in_one_sentence(tmp_path, name, text, said):
    (tmp_path / name).write_bytes(text)
    with pytest.raises(DataError) as error:
        import_files([tmp_path / name])
    assert said in str(error.value)


def test_bars_are_not_taken_for_ticks(tmp_path):
    pl.DataFrame({"ts_ms": [1], "close": [2.0]}).write_parquet(tmp_path / "bars.parquet")
    (tmp_path / "bars.csv").write_text("ts_ms,open\n1,2\n")
    assert not is_ticks(tmp_path / "bars.parquet")
    assert not is_ticks(tmp_path / "bars.csv")
    assert is_ticks(write(tmp_path, FUTURES, "plain.txt"))
