"""`bot4 demo` leaves a market, a strategy and a report, and its advice works as printed."""

from pathlib import Path

import pytest

from bot4.cli import demo
from scripts.shell import ROOT


def test_the_strategy_is_the_example() -> None:
    assert (ROOT / "examples" / "momentum.py").read_text() == demo.STRATEGY.read_text()


def test_the_demo_writes_market_strategy_and_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    demo.command(Path("demo"))
    assert len(list(Path("demo/market").glob("*.parquet"))) == 6
    assert Path("demo/momentum.py").read_text() == demo.STRATEGY.read_text()
    page = Path("demo/report.html").read_text(encoding="utf-8")
    assert page.lower().startswith("<!doctype html>")
    said = capsys.readouterr().out
    assert "demo/report.html" in said
    assert "Sharpe" in said
    assert "no_short" not in said


def test_the_market_is_six_perpetuals_on_the_coins_grids() -> None:
    market = demo.synthetic_market()
    assert market.symbols == tuple(f"{coin}/USDT:USDT" for coin in ("BNB", "BTC", "DOGE", "ETH", "SOL", "XRP"))
    assert {instrument.kind for instrument in market.instruments} == {"linear"}
    assert all(len(columns.ts) == demo.BARS for columns in market.columns)


def test_the_command_is_the_name_on_path_or_the_path(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("shutil.which", lambda name: "/usr/bin/bot4")
    assert demo.program() == "bot4"
    monkeypatch.setattr("shutil.which", lambda name: None)
    monkeypatch.setattr("sys.executable", str(tmp_path / ".venv" / "bin" / "python"))
    assert demo.program() == str(tmp_path / ".venv" / "bin" / "bot4")
    monkeypatch.chdir(tmp_path)
    assert demo.program() == str(Path(".venv/bin/bot4"))
