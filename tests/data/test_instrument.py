import dataclasses
import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot4.data.errors import DataError
from bot4.data.instrument import Instrument, decimal_text, default_fees, exact
from bot4.data.names import FileName, bar_file_name, parse_file_name, parse_symbol
from bot4.data.overrides import read_overrides

BTC = parse_symbol("BTC/USDT", "binance")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("binance-BTCUSDT-1h.parquet", FileName("binance", "BTCUSDT", 3_600_000)),
        ("binancefut-1000PEPEUSDT-4h.parquet", FileName("binancefut", "1000PEPEUSDT", 14_400_000)),
        ("bitfinex-BTCUSD-1m", FileName("bitfinex", "BTCUSD", 60_000)),
        ("some/folder/kraken-ETH_EUR-15m.csv.gz", FileName("kraken", "ETH_EUR", 900_000)),
        ("binancefut-UNIVERSE-1d.parquet", FileName("binancefut", None, 86_400_000)),
        ("BTC_USDT-1h.csv", FileName(None, "BTC_USDT", 3_600_000)),
        ("BTC_USDT_USDT-1h.csv", FileName(None, "BTC_USDT_USDT", 3_600_000)),
        ("BTC-USDT.csv", FileName(None, "BTC-USDT", None)),
        ("binance-BTC-1h.csv", FileName("binance", None, 3_600_000)),
        ("my_prices.csv", FileName(None, None, None)),
        ("my-own-prices-1h.csv", FileName(None, None, 3_600_000)),
    ],
)
def test_file_names_say_venue_symbol_and_interval(name, expected):
    assert parse_file_name(name) == expected


@pytest.mark.parametrize(
    ("symbol", "venue", "ccxt", "kind"),
    [
        ("BTCUSDT", "binance", "BTC/USDT", "spot"),
        ("BTCUSDT", "binancefut", "BTC/USDT:USDT", "linear"),
        ("btc/usdt:usdt", "anywhere", "BTC/USDT:USDT", "linear"),
        ("BTC_USDT_USDT", "anywhere", "BTC/USDT:USDT", "linear"),
        ("ETH-BTC", "kraken", "ETH/BTC", "spot"),
        ("DOTUSD", "bitfinex", "DOT/USD", "spot"),
        ("BNBUSD", "bitfinex", "BNB/USD", "spot"),
        ("BNBBUSD", "binance", "BNB/BUSD", "spot"),
        ("1INCHUSDT", "binance", "1INCH/USDT", "spot"),
        ("ODD/COIN", "frame", "ODD/COIN", "spot"),
    ],
)
def test_symbols_are_written_as_in_ccxt(symbol, venue, ccxt, kind):
    instrument = parse_symbol(symbol, venue)
    assert (instrument.symbol, instrument.venue, instrument.kind) == (ccxt, venue, kind)


@pytest.mark.parametrize("symbol", ["", "BTC", "USDT", "BTC/USD:ETH", "a b", "MY_PRICES"])
def test_what_is_no_symbol_is_refused(symbol):
    with pytest.raises(DataError, match="not a symbol"):
        parse_symbol(symbol)


def test_stored_names_read_back():
    for instrument in (BTC, parse_symbol("BTCUSDT", "binancefut"), parse_symbol("BTC/USDT:USDT", "okx")):
        known = parse_file_name(bar_file_name(instrument, "1h"))
        assert known.symbol is not None
        assert parse_symbol(known.symbol, known.venue or "") == instrument


def test_fees_are_the_venues():
    assert (BTC.taker_bps, BTC.maker_bps, BTC.min_notional) == (10.0, 10.0, (5, 0))
    perpetual = parse_symbol("BTCUSDT", "binancefut")
    assert (perpetual.taker_bps, perpetual.maker_bps) == (5.0, 2.0)
    assert default_fees("nobody", "spot", "USDT").taker_bps == 10.0
    assert default_fees("nobody", "linear", "USDT").taker_bps == 5.0
    assert default_fees("binance", "spot", "BTC").min_notional == (0, 0)


@given(st.decimals(-(10**9), 10**9, places=9))
def test_exact_holds_the_decimal(value):
    n, d = exact(value)
    assert Decimal(n).scaleb(-d) == value
    assert d == 0 or n % 10 or n == 0
    assert exact(decimal_text((n, d))) == (n, d)


def test_exact_takes_floats_by_their_text_and_whole_numbers_whole():
    assert exact(0.1) == (1, 1)
    assert exact("1e3") == (1000, 0)
    assert exact(5) == (5, 0)
    for bad in ("x", "nan", "inf", True, ""):
        with pytest.raises(DataError, match="not a decimal number"):
            exact(bad)


def test_terms_are_integers_of_the_engine():
    instrument = dataclasses.replace(
        BTC, lot=(1, 3), min_qty=(25, 4), min_notional=(5, 0), taker_bps=7.5, maker_bps=-1.0
    )
    assert instrument.terms() == {"taker_e9": 750_000, "maker_e9": -100_000, "min_lots": 3, "min_notional": 500_000_000}
    assert instrument.terms(1, 2)["taker_e9"] == 100_000
    assert BTC.terms()["min_lots"] == 1
    assert (BTC.tick_size, BTC.lot_size, BTC.key) == (0.01, 1e-8, ("binance", "BTC/USDT"))


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("tick", (0, 2), "tick"),
        ("lot", (1, 19), "at most 18 decimals"),
        ("min_qty", (-1, 0), "min_qty -1 is negative"),
        ("taker_bps", 5_000.0, "basis points"),
        ("maker_bps", -6_000.0, "basis points"),
        ("tick", (1, 18), "too fine or too coarse"),
    ],
)
def test_an_instrument_that_no_venue_has_is_refused(field, value, words):
    instrument = dataclasses.replace(BTC, lot=(1, 10))
    with pytest.raises(DataError, match=words):
        dataclasses.replace(instrument, **{field: value})


def test_an_instruments_file_states_grid_fees_and_pegs(tmp_path):
    file = tmp_path / "instruments.json"
    entry = {"symbol": "BTCUSDT", "venue": "binance", "tick": "0.10", "lot": 0.001, "min_qty": "0.002", "taker_bps": 7}
    file.write_text(
        json.dumps({"peg": {"USD": "USDT"}, "instruments": [entry, {"symbol": "BTC/USDT", "min_notional": 10}]})
    )
    stated = read_overrides(file)
    result = stated.apply(BTC)
    assert (result.tick, result.lot, result.min_qty, result.min_notional) == ((1, 1), (1, 3), (2, 3), (10, 0))
    assert (result.taker_bps, result.maker_bps, result.grid) == (7.0, 10.0, "file")
    assert stated.states(BTC, "tick")
    other = parse_symbol("BTC/USDT", "okx")
    assert not stated.states(other, "tick")
    assert stated.apply(other).min_notional == (10, 0)
    assert stated.apply(parse_symbol("ETHUSD", "bitfinex")).quote == "USDT"
    assert read_overrides(stated) is stated
    assert read_overrides([result]).apply(BTC) == result


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("{", "not JSON"),
        ('{"instrument": []}', "did you mean instruments"),
        ('{"zzz": []}', "known are"),
        ('{"peg": "USD"}', "must name currencies"),
        ('{"instruments": {"a": 1}}', "must be a list"),
        ('[{"tick": 1}]', 'no "symbol"'),
        ('[{"symbol": "BTC/USDT", "tik": "0.1"}]', "did you mean tick"),
        ('[{"symbol": "BTC/USDT", "tick": "x"}]', "tick 'x' is not a decimal"),
        ('[{"symbol": "BTC/USDT", "taker_bps": "x"}]', "basis points"),
        ('[{"symbol": "BTC/USDT", "venue": 3}]', "venue 3"),
        ('[{"symbol": "BTC/USDT"}, {"symbol": "BTCUSDT"}]', "stated twice"),
    ],
)
def test_a_wrong_instruments_file_is_refused_by_name(tmp_path, content, words):
    file = tmp_path / "mine.json"
    file.write_text(content)
    with pytest.raises(DataError, match=words) as caught:
        read_overrides(file)
    assert "mine.json" in str(caught.value)


def test_an_instruments_file_that_is_not_there_is_refused():
    with pytest.raises(DataError, match="no such instruments file"):
        read_overrides("nowhere.json")


def test_the_listing_is_what_the_engine_reads():
    assert BTC.listing() == {
        "symbol": "BTC/USDT",
        "venue": "binance",
        "kind": "spot",
        "base": "BTC",
        "quote": "USDT",
        "tick": [1, 2],
        "lot": [1, 8],
    }
    assert isinstance(BTC, Instrument)
