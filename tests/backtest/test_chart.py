"""The chart draws what the run did: candles of the asked bars, prices over them, the rest in panes, fills and levels as recorded."""

from __future__ import annotations

import pytest

import bot4 as b4
from bot4.backtest.chart import Stretch, chart_page, drawn
from bot4.backtest.errors import BacktestError
from bot4.cli.main import run as call
from bot4.strategy.graph import label_of, price_nodes
from tests.backtest.markets import HOUR, START, market, walk
from tests.backtest.test_at import Alternates, run


@b4.strategy
def pyramid(m):
    oversold = m.close.rsi(5) < 40
    return b4.entries(
        long=(m.close > m.close.sma(50) * 0.97) & oversold,
        exit=m.close > m.close.sma(5) + m.atr(5),
        size=0.3,
        stop=b4.stop.trailing(3 * m.atr(5)),
        take=0.05 * m.close,
    )


def figure(result, first=100, stop=300):
    trace = result.lens.trace()[0][0]
    return drawn(Stretch(result, 0, first, stop, trace))[0], trace


def traces(found):
    return {trace["name"]: trace for trace in found["data"]}


def test_prices_lie_over_the_bars_and_the_rest_in_panes():
    result = run(pyramid, market(walk(400, 1)))
    found, _ = figure(result)
    by_name = traces(found)
    over = {name for name, trace in by_name.items() if trace.get("yaxis") == "y"}
    assert over == {"rolling_mean(close, 50) * 0.97", "rolling_mean(close, 5) + atr(high, low, close, 5)"[:39] + "…"}
    assert by_name["rsi(close, 5)"]["yaxis"] == "y2"
    values = result.evaluate(list(range(len(result.program.nodes))))
    rsi = next(i for i, node in enumerate(result.program.nodes) if node.op == "rsi")
    assert by_name["rsi(close, 5)"]["y"] == pytest.approx(values[rsi, 0][100:300], rel=1e-6)
    assert by_name["BTC/USDT"]["close"] == pytest.approx(result.market.columns[0].close[100:300])


def test_fills_signals_and_levels_are_those_of_the_records():
    result = run(pyramid, market(walk(400, 1)))
    found, trace = figure(result)
    by_name = traces(found)
    fills = result.fills.filter(result.fills["ts"].dt.epoch("ms").is_between(START + 100 * HOUR, START + 299 * HOUR))
    for name, sign in (("bought", 1), ("sold", -1)):
        mine = fills.filter(fills["qty"].sign() == sign)
        assert by_name[name]["x"] == mine["ts"].dt.epoch("ms").to_list()
        assert by_name[name]["y"] == pytest.approx(mine["price"].to_list())
    long = result.program.entries[0]["long"]
    signal = result.evaluate([long])[long, 0]
    rises = [row for row in range(100, 300) if signal[row] == 1 and (row == 100 or signal[row - 1] != 1)]
    assert by_name["long comes true"]["x"] == [START + row * HOUR for row in rises]
    drawn_stops = {row for row, level in enumerate(by_name["stop"]["y"], start=100) if level is not None}
    assert drawn_stops == {row for row in range(100, 300) if trace["lots"][row] and trace["stop"][row]}
    for row in sorted(drawn_stops)[:20]:
        assert by_name["stop"]["y"][row - 100] == pytest.approx(result.at(START + (row + 1) * HOUR).stops["trailing"])


def test_what_is_a_price():
    @b4.strategy
    def many(m):
        middle = (m.high.rolling(9).max() + m.low.rolling(9).min()) / 2
        parts = [middle, m.close - m.atr(5), m.close.shift(3) * 1.02, m.at("4h").close.ema(3), m.close - m.open]
        parts += [m.close * 0.1, m.close / m.open, m.volume, m.close.rsi(3)]
        total = b4.where(m.close > 0, 0.0, 0.0)
        for part in parts:
            total = total + b4.where(part > m.close, 0.0, 0.0)
        return b4.target(total)

    program = many.trace({}, (), HOUR)
    found = {label_of(program, node) for node in price_nodes(program)} - {"open", "high", "low", "close"}
    assert found == {
        "rolling_max(high, 9)", "rolling_min(low, 9)", "rolling_max(high, 9) + rolling_min(low, 9)", "shift(close, 3)",
        "(rolling_max(high, 9) + rolling_min(low, 9)) / 2", "close - atr(high, low, close, 5)", "shift(close, 3) * 1.02",
        "close@4h", "ema(close@4h, 3)",
    }  # fmt: skip


def test_a_page_of_every_kind_is_written(tmp_path):
    two = b4.sleeves(a=(pyramid, 0.5), b=(pyramid, 0.3))
    for strategy, sections in ((pyramid, 2), (two, 3), (Alternates, 2)):
        page = chart_page(run(strategy, market(walk(300, 1))), "BTC/USDT", bars=50)
        text = page.html()
        assert text.count("<section id=") == sections
        assert "candlestick" in text
        assert "50 bars of 1h" in text


def test_the_command_writes_the_page_and_refuses_in_a_sentence(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    walk(300, 1).write_parquet("synth-BTCUSDT-1h.parquet")
    example = str(b4.__file__).replace("bot4/__init__.py", "examples/rsi2.py")
    words = ["chart", example, "--data", "synth-BTCUSDT-1h.parquet"]
    assert call([*words, "--out", "one.html", "--to", "2020-01-10"]) == 0
    assert capsys.readouterr().out == "Chart: one.html\n"
    assert (tmp_path / "one.html").stat().st_size > 100_000
    assert call([*words, "--symbol", "ETH/USDT"]) == 2
    assert "the run has no asset 'ETH/USDT'" in capsys.readouterr().err
    with pytest.raises(BacktestError, match="no bar of BTC/USDT had closed"):
        chart_page(run(pyramid, market(walk(60, 1))), "BTC/USDT", to="2019-01-01")
