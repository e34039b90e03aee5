"""Names: which instrument and interval a file name or a symbol means.

Read are `binance-BTCUSDT-1h.parquet` (venue, symbol, interval; the symbol also as `BTC_USDT`), `BTC_USDT-1h.csv`, and the symbols
`BTC/USDT`, `BTC/USDT:USDT`, `BTC/USD:BTC`, `BTC-USDT`, `BTC_USDT`, `BTCUSDT`. A name that says nothing gives nothing: the loader then
falls back to a stated default and notes it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePath

from bot4.data.errors import DataError
from bot4.data.instrument import VENUE_FEES, Instrument, Kind, make_instrument
from bot4.data.timeframe import parse_interval

# Venues whose bars are those of perpetuals.
LINEAR_VENUES = frozenset({"binancefut", "binanceusdm"})

# Quote currencies, tried as the end of a symbol written without a separator; the first that fits wins. The dollar tokens that end in
# USD are tried on Binance only, which has no plain USD: elsewhere DOTUSD would be DO in TUSD.
_BINANCE_QUOTES = tuple("USDT USDC FDUSD BUSD TUSD DAI EUR GBP TRY BRL JPY BTC ETH BNB".split())
_QUOTES = tuple("USDT USDC USD DAI EUR GBP CHF AUD CAD KRW TRY BRL JPY BTC ETH BNB".split())
_ENDINGS = (".parquet", ".pq", ".csv.gz", ".csv")
UNIVERSE = "UNIVERSE"
FRAME_VENUE = "frame"


@dataclass(frozen=True)
class FileName:
    """What a file's name says; None where it says nothing. A universe file names its symbols in a column."""

    venue: str | None = None
    symbol: str | None = None
    interval_ms: int | None = None


def stem(name: str) -> str:
    """Returns a file's name without folder and ending: `binance-BTCUSDT-1h`."""
    last = PurePath(name).name
    for ending in _ENDINGS:
        if last.lower().endswith(ending):
            return last[: -len(ending)]
    return last


def parse_file_name(name: str) -> FileName:
    """Returns venue, symbol and interval as far as the name says them; never raises."""
    parts = stem(name).split("-")
    interval_ms: int | None = None
    if len(parts) > 1:
        try:
            interval_ms = parse_interval(parts[-1])
        except DataError:
            interval_ms = None
        else:
            parts = parts[:-1]
    if len(parts) == 1:
        return FileName(None, parts[0] if _split(parts[0], None) else None, interval_ms)
    venue = parts[0].lower()
    symbol = "-".join(parts[1:])
    if symbol.upper() == UNIVERSE:
        return FileName(venue, None, interval_ms)
    if _split(symbol, venue):
        return FileName(venue, symbol, interval_ms)
    whole = "-".join(parts)  # `BTC-USDT.csv`: no venue
    if any(venue == known for known, _ in VENUE_FEES):
        return FileName(venue, None, interval_ms)
    return FileName(None, whole if _split(whole, None) else None, interval_ms)


def parse_symbol(symbol: str, venue: str = FRAME_VENUE) -> Instrument:
    """Returns the instrument a symbol means at a venue, its grid still to be set; raises `DataError` naming the form wanted."""
    parts = _split(symbol, venue)
    if parts is None:
        raise DataError(
            f"{symbol!r} is not a symbol; write it as in ccxt: BTC/USDT for spot, BTC/USDT:USDT for a perpetual, BTC/USD:BTC for an "
            "inverse one."
        )
    return make_instrument(venue, *parts)


def _split(symbol: str, venue: str | None) -> tuple[str, str, Kind] | None:
    """Returns (base, quote, kind), or None where the text is no symbol."""
    text = symbol.strip().upper()
    kind: Kind = "linear" if venue in LINEAR_VENUES else "spot"
    written = re.fullmatch(r"([A-Z0-9.]+)[/_-]([A-Z0-9]+)(?:[:_]([A-Z0-9]+))?", text)
    if written is not None:
        base, quote, settle = written.groups()
        if settle is not None and settle not in (base, quote):
            return None
        if "/" not in text and quote not in _BINANCE_QUOTES + _QUOTES:
            return None  # `MY_PRICES` is a name, not a symbol
        if settle == base:
            return base, quote, "inverse"
        return base, quote, "linear" if settle else kind
    if re.fullmatch(r"[A-Z0-9.]+", text) is None:
        return None
    for quote in _BINANCE_QUOTES if (venue or "").startswith("binance") else _QUOTES:
        if text.endswith(quote) and len(text) > len(quote):
            return text[: -len(quote)], quote, kind
    return None


def bar_file_name(instrument: Instrument, interval: str) -> str:
    """Returns the name under which bars of an instrument are stored: `synth-BTCUSDT-1h.parquet`."""
    middle = f"{instrument.base}{instrument.quote}"
    if instrument.kind == "inverse" or (instrument.kind == "linear" and instrument.venue not in LINEAR_VENUES):
        middle = f"{instrument.base}_{instrument.quote}_{instrument.settle}"
    return f"{instrument.venue}-{middle}-{interval}.parquet"
