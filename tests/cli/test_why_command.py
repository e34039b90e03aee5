"""`bot4 why` as a user calls it: a tree or plain lines, JSON alone for `-`, one sentence for a mistake."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from rich.console import Console

from bot4.cli import why
from bot4.cli.main import run
from tests.backtest.markets import walk

ROOT = Path(__file__).parents[2]
TREND = str(ROOT / "examples" / "trend.py")
AT = ["--at", "2020-02-01T00:00", "--param", "fast=5", "--param", "slow=50"]


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    for number, coin in enumerate(("BTC", "ETH")):
        walk(1_500, seed=number).write_parquet(tmp_path / f"synth-{coin}USDT-1h.parquet")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_lines_of_one_bar(capsys):
    assert run(["why", TREND, "--data", "synth-BTCUSDT-1h.parquet", *AT]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("trend · BTC/USDT · decision of 2020-02-01 00:00 UTC\n  why  ")
    assert "ema(close, 50)" in out
    assert err == ""


def test_json_alone_for_a_dash_and_into_a_file(capsys, here):
    words = [
        "why",
        TREND,
        "--data",
        "synth-BTCUSDT-1h.parquet",
        "synth-ETHUSDT-1h.parquet",
        "--symbol",
        "ETH/USDT",
        *AT,
    ]
    assert run([*words, "--json", "-"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["symbol"], found["version"]) == ("ETH/USDT", 1)
    assert run([*words, "--json", "bar.json"]) == 0
    assert capsys.readouterr().out.endswith("JSON: bar.json\n")
    assert json.loads((here / "bar.json").read_text()) == found


def test_a_terminal_gets_a_tree(monkeypatch, capsys):
    monkeypatch.setattr(Console, "is_terminal", property(lambda self: True))
    assert run(["why", TREND, "--data", "synth-BTCUSDT-1h.parquet", *AT]) == 0
    assert "├── " in capsys.readouterr().out
    assert "tree on a terminal" in (why.show.__doc__ or "")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--at", "2019-01-01", "--symbol", "BTC/USDT"], "no bar of BTC/USDT had closed by 2019-01-01 00:00"),
        (["--at", "2020-02-01"], "the run has 2 assets; say which: BTC/USDT, ETH/USDT."),
        (["--at", "noon", "--symbol", "BTC/USDT"], "'noon' is not a time"),
        ([], "Missing option '--at'"),
    ],
)
def test_a_mistake_is_one_sentence(capsys, words, sentence):
    data = ["synth-BTCUSDT-1h.parquet", "synth-ETHUSDT-1h.parquet"]
    assert run(["why", TREND, "--data", *data, *words]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert sentence in err
    assert err.count("\n") == 1
