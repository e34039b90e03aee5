"""`detail=`: finer bars inside a coarse strategy change what happens between decisions and nothing else."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

import bot4 as b4
from bot4.cli.main import run as command
from bot4.data import DataError, load

from .markets import FREE, HOUR, REAL, START, frame, market, walk

QUARTER = HOUR // 4


@b4.strategy(on="1h")
def bracket(m):
    return b4.target(0.5 + 0 * m.close, stop=b4.stop.fixed(3 + 0 * m.close), take=b4.take.fixed(3 + 0 * m.close))


@b4.strategy(on="1h")
def restless(m):
    out = (m.pos.bars_held >= 9) | (m.close < m.close.sma(5))
    return b4.target(b4.where(out, 0.0, 0.5), stop=b4.stop.trailing(1.5 + 0 * m.close))


def quarters(*rows):
    """Quarters of an hour of (open, high, low, close)."""
    open_, high, low, close = (np.array(column, dtype=np.float64) for column in zip(*rows, strict=True))
    ts = START + QUARTER * np.arange(len(rows), dtype=np.int64)
    volume = np.full(len(rows), 1e6)
    return pl.DataFrame({"ts": ts, "open": open_, "high": high, "low": low, "close": close, "volume": volume})


def flat(price):
    return (price, price, price, price)


def resampled(hours):
    """Four quarters for each hour that go through its open, low, high and close."""
    rows = []
    for bar in hours.to_dicts():
        o, h, low, c = bar["open"], bar["high"], bar["low"], bar["close"]
        rows += [(o, o, low, low), (low, h, low, h), (h, h, c, c), (c, c, c, c)]
    return quarters(*rows)


TAKE_FIRST = quarters(*[flat(100.0)] * 8, (100, 104, 100, 102), (102, 102, 96, 98), flat(98.0), flat(98.0))


def test_a_detail_of_the_same_interval_changes_nothing():
    data = market(walk(800), walk(800, seed=2))
    for strategy in (bracket, restless):
        plain = b4.backtest(strategy, data, record=False)
        detailed = b4.backtest(strategy, data, detail=data, record=False)
        assert detailed.records["state_hash"] == plain.records["state_hash"]
        assert detailed.fills.equals(plain.fills)
        assert detailed.orders.equals(plain.orders)
        assert detailed.equity.equals(plain.equity)
        assert str(detailed.stats) == str(plain.stats)


def test_what_came_first_is_read_from_the_finer_bars():
    """Stop at 97 and take at 103 lie in one hour: strictly the stop counts, the quarters show that the take came first."""
    coarse = b4.backtest(bracket, {"BTC/USDT": TAKE_FIRST}, cash=1000, record=False, **FREE)
    assert coarse.fills["reason"].to_list() == ["target", "stop_fixed"]
    fine = b4.backtest(bracket, {"BTC/USDT": TAKE_FIRST}, detail="15m", cash=1000, record=False, **FREE)
    assert fine.market.interval == "1h"
    assert fine.fills["reason"].to_list() == ["target", "take"]
    assert fine.fills["price"][1] == 103
    assert fine.stats.bars == coarse.stats.bars == 3
    assert "Detail: 15m bars inside 3 of 3 bars" in fine.summary()
    assert fine.data_hash != coarse.data_hash
    assert fine.realisms()["naive"].fills["reason"].to_list() == ["target", "take"]


def test_bars_whose_detail_tells_another_story_are_used_as_they_are_and_counted():
    other = TAKE_FIRST.with_columns(high=pl.when(pl.col("high") == 104).then(105.0).otherwise(pl.col("high")))
    hours = load({"BTC/USDT": TAKE_FIRST}, timeframe="1h")
    result = b4.backtest(bracket, hours, detail={"BTC/USDT": other}, cash=1000, record=False, **FREE)
    assert result.fills["reason"].to_list() == ["target", "stop_fixed"]
    assert any(note.startswith("1 bar has 15m bars that show other prices") for note in result.notes)


def test_signals_that_look_at_the_position_see_the_detailed_run():
    """`bars_held` is evaluated again for the signals: with the finer bars, as the run had them."""
    data = {"BTC/USDT": resampled(walk(400, seed=5))}
    result = b4.backtest(restless, data, detail="15m", record=False)
    acted = result.fills.filter(pl.col("reason") == "target")
    assert len(acted) > 5
    assert not result.fills.equals(b4.backtest(restless, data, record=False).fills)
    for fill in acted.to_dicts():
        signal = result.signals.filter(pl.col("ts") <= fill["ts"])["target"][-1]
        assert (signal == 0.5) == (fill["qty"] > 0)


def test_detail_that_does_not_fit_is_refused():
    with pytest.raises(DataError, match="15m is finer than the bars"):
        b4.backtest(restless, market(walk(50)), detail="15m")
    with pytest.raises(DataError, match="fill a bar of the data"):
        b4.backtest(restless, market(walk(50)), detail=market(frame([1.0] * 9, start=START + 100 * HOUR)))


def test_the_command_takes_an_interval_or_a_file(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    resampled(walk(300)).write_parquet("synth-BTCUSDT-15m.parquet")
    code = "import bot4 as b4\n@b4.strategy(on='1h')\ndef s(m):\n    return b4.target(0.5 + 0 * m.close)\n"
    (tmp_path / "s.py").write_text(code)
    words = ["backtest", "s.py", "--data", "synth-BTCUSDT-15m.parquet", "--detail"]
    for detail in ("15m", "synth-BTCUSDT-15m.parquet"):
        assert command([*words, detail]) == 0
        assert "Detail: 15m bars inside 300 of 300 bars" in capsys.readouterr().out


def test_minutes_inside_real_hours():
    hours, minutes = REAL / "binance-XRPUSDT-1h.parquet", REAL / "binance-XRPUSDT-1m.parquet"
    if not minutes.exists():
        pytest.skip(f"no real bars at {REAL}; set BOT4_TEST_DATA")
    tight = b4.strategy(on="1h")(
        lambda m: b4.target(b4.where(m.close > m.close.sma(24), 0.5, 0.0), stop=b4.stop.fixed(0.004))
    )
    result = b4.backtest(tight, [hours, minutes], detail="1m", start="2024-02-01", end="2024-04-01", record=False)
    assert result.market.interval == "1h"
    assert result.beside.detail is not None
    assert result.beside.detail.covered > 1_000
    assert (result.fills["ts"].dt.minute() != 0).any()
