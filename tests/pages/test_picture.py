"""The picture, the notebook's figure and its HTML."""

from __future__ import annotations

import struct

import numpy as np
import pytest

import bot4 as b4
from bot4.backtest import BacktestError
from bot4.data import synth
from bot4.report import picture
from bot4.report.notebook import curve
from bot4.report.picture import PictureError, picture_page, write_picture
from tests.report.samples import run as sample_run
from tests.report.test_shown import view

from .browser import chromium
from .test_report import crossing

needs_chromium = pytest.mark.skipif(chromium() is None, reason="there is no Chromium: apt-get install chromium")


@pytest.fixture(scope="module")
def result():
    return b4.backtest(crossing, synth(coins=2, bars=3_000, seed=7), record=False)


def size(path):
    """Width and height in the head of a PNG."""
    head = path.read_bytes()[:24]
    assert head[:8] == b"\x89PNG\r\n\x1a\n"
    return struct.unpack(">II", head[16:24])


@needs_chromium
def test_a_picture_has_its_size_and_replaces_the_old_one(result, tmp_path):
    target = tmp_path / "shared.png"
    target.write_text("old")
    assert result.png(target) == target
    assert size(target) == (2_400, 1_350)
    assert target.stat().st_size > 30_000, "more than an empty page"
    assert [path.name for path in tmp_path.iterdir()] == ["shared.png"]


def test_the_picture_fits_its_frame_in_both_themes(open_page, result, tmp_path):
    for dark in (False, True):
        path = picture_page(result.view, dark=dark).write(tmp_path / "p.html")
        opened = open_page(path, width=picture.WIDTH, height=picture.HEIGHT, dark=not dark)
        opened.fine()
        assert opened.page.evaluate("document.documentElement.scrollHeight") <= picture.HEIGHT
        assert opened.page.evaluate("document.querySelector('.foot').getBoundingClientRect().bottom") < picture.HEIGHT
        assert opened.background() == ("rgb(16, 21, 28)" if dark else "rgb(255, 255, 255)")


def test_without_a_chromium_a_sentence_says_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("BOT4_CHROMIUM", raising=False)
    with pytest.raises(
        PictureError, match=r"none on the PATH: install it \(Debian: apt-get install chromium\), or write"
    ):
        write_picture(view(), tmp_path / "p.png")
    monkeypatch.setenv("BOT4_CHROMIUM", "/nowhere/chrome")
    with pytest.raises(PictureError, match="BOT4_CHROMIUM is /nowhere/chrome, and there is no such program"):
        write_picture(view(), tmp_path / "p.png")


def test_a_browser_that_writes_nothing_is_told(monkeypatch, tmp_path):
    broken = tmp_path / "broken"
    broken.write_text("#!/bin/sh\necho out of memory >&2\nexit 3\n")
    broken.chmod(0o755)
    monkeypatch.setenv("BOT4_CHROMIUM", str(broken))
    with pytest.raises(PictureError, match=r"wrote no picture \(out of memory\)"):
        write_picture(view(), tmp_path / "p.png")
    assert not (tmp_path / "p.png").exists()
    monkeypatch.setattr(picture, "PATIENCE_S", 0.05)
    broken.write_text("#!/bin/sh\nexec sleep 5\n")
    with pytest.raises(PictureError, match="did not finish"):
        write_picture(view(), tmp_path / "p.png")


@needs_chromium
def test_the_command_writes_a_picture_or_says_what_is_missing(monkeypatch, capsys, tmp_path):
    from bot4.cli.main import run

    strategy, data = tmp_path / "s.py", tmp_path / "coins"
    strategy.write_text(
        "import bot4 as b4\n\n@b4.strategy(on=b4.bars('1h'))\ndef s(m):\n"
        "    return b4.target(b4.where(m.close > m.close.ema(9), 0.5, 0.0))\n"
    )
    assert run(["data", "synth", "--out", str(data), "--coins", "1", "--bars", "400"]) == 0
    words = ["backtest", str(strategy), "--data", str(data), "--png", str(tmp_path / "run.png")]
    assert run(words) == 0
    assert f"Picture: {tmp_path / 'run.png'}" in capsys.readouterr().out
    assert size(tmp_path / "run.png") == (2_400, 1_350)
    monkeypatch.setenv("BOT4_CHROMIUM", "nowhere")
    assert run(words) == 2
    assert capsys.readouterr().err.startswith("error: A PNG is drawn by Chromium, and BOT4_CHROMIUM is nowhere")


def test_a_notebook_gets_a_figure_of_price_fills_equity_and_drawdown(result):
    figure = result.plot()
    kinds = [(trace.type, trace.name) for trace in figure.data]
    first = figure.data[4].name
    assert kinds[:4] == [("scatter", "Buy & hold"), ("scatter", "Strategy")] * 2
    assert kinds[4:] == [("candlestick", first), ("scatter", "Bought"), ("scatter", "Sold")]
    number = [asset.symbol for asset in result.columns.assets].index(first)
    fills = result.columns.table("fills")
    bought = (fills["asset"] == number) & (fills["lots"] > 0)
    assert len(figure.data[5].x) == bought.sum()
    other = result.columns.assets[1 - number].symbol
    assert result.plot(other).data[4].name == other
    with pytest.raises(BacktestError, match="no asset 'XYZ'"):
        result.plot("XYZ")


def test_a_notebook_shows_key_numbers_and_a_curve_without_script(open_page, result, tmp_path):
    made = result._repr_html_()
    assert "<script" not in made
    path = tmp_path / "n.html"
    path.write_text(f'<html data-ready="true"><meta charset="utf-8"><body>{made}</body></html>', encoding="utf-8")
    opened = open_page(path)
    assert opened.errors == []
    assert opened.page.locator("svg path").bounding_box()["width"] > 500
    assert "Max drawdown" in opened.page.inner_text("table")
    assert curve(view(sample_run(np.array([5.0])))) == "", "one mark is no curve"
