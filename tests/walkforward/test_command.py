"""`bot4 walkforward` as a user calls it, and its pages in a browser."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import bot4 as b4
from bot4.cli.main import run
from tests.backtest.markets import walk
from tests.walkforward.strategies import cross, fixed

ROOT = Path(__file__).parents[2]
TREND = str(ROOT / "examples" / "trend.py")
GRID = ["--param", "fast=5:15:5", "--param", "slow=50,60"]


@pytest.fixture(scope="module")
def bars(tmp_path_factory):
    path = tmp_path_factory.mktemp("bars") / "synth-BTCUSDT-1h.parquet"
    walk(24 * 120, seed=1).write_parquet(path)
    return str(path)


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def refused(capsys, *words: str) -> str:
    assert run(["walkforward", *words]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("error: ")
    assert err.count("\n") == 1, err
    return str(err)


def test_the_summary_is_printed_and_files_are_written(bars, capsys, here):
    words = [
        TREND,
        "--data",
        bars,
        *GRID,
        "--train",
        "30d",
        "--test",
        "10d",
        "--report",
        "wf.html",
        "--json",
        "wf.json",
    ]
    assert run(["walkforward", *words]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("trend · BTC/USDT · 1h · walk-forward\n")
    assert "6 combinations of fast, slow; chosen by the highest sharpe in training" in out
    assert max(len(line) for line in out.splitlines()) <= 80
    assert out.endswith("JSON: wf.json\nReport: wf.html\n")
    assert err == ""
    found = json.loads((here / "wf.json").read_text())
    assert found["lengths_ms"]["train"] == 30 * 86_400_000
    assert (here / "wf.html").stat().st_size < 300_000, "no plotting library is needed"


def test_a_single_value_fixes_a_parameter_and_json_alone_is_printed(bars, capsys):
    words = [TREND, "--data", bars, "--param", "fast=5", "--param", "slow=50,60", "--anchored", "--json", "-"]
    assert run(["walkforward", *words, "--train", "30d", "--select", "plateau", "--no-record"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert {row["params"]["fast"] for row in found["windows"]} == {5}
    assert found["lengths_ms"]["anchored"] is True
    assert found["select"] == "plateau"


def test_cross_validation_is_an_option_of_the_command(bars, capsys, here):
    words = [TREND, "--data", bars, *GRID, "--cpcv", "6,2", "--report", "cv.html"]
    assert run(["walkforward", *words]) == 0
    out = capsys.readouterr().out
    assert "6 groups, 2 tested: 15 splits, 5 paths" in out
    assert (here / "cv.html").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--train", "5y", *GRID], "a window of 1,825 days training"),
        ([], "the data ends within the warm-up of fast=5, slow="),
        (["--cpcv", "6"], "--cpcv is 6; write the number of groups and of those tested, as in 6,2"),
        (["--cpcv", "6,2", "--train", "30d"], "--train is for windows, and --cpcv has groups instead"),
        (["--cpcv", "2,2", *GRID], "2 of 2 groups as test leaves none of one kind"),
        (["--realism", "all"], "give a walk-forward one of strict, neutral or naive"),
        (["--param", "fats=3"], "has no parameter 'fats'"),
        (["--report", "nowhere/wf.html"], "the folder nowhere does not exist"),
    ],
)
def test_mistakes_are_one_sentence(bars, capsys, words, said):
    assert said in refused(capsys, TREND, "--data", bars, *words)


def test_help_names_every_option(capsys):
    assert run(["walkforward", "--help"]) == 0
    shown = capsys.readouterr().out
    for option in (
        "train",
        "test",
        "step",
        "anchored",
        "purge",
        "embargo",
        "cpcv",
        "metric",
        "select",
        "param",
        "report",
    ):
        assert f"--{option}" in shown


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (390, True)])
def test_pages_are_drawn_without_an_error(open_page, tmp_path, width, dark):
    data = walk(24 * 80, seed=3)
    walked = b4.walkforward(cross, data, {"fast": [3, 8], "slow": [15, 40]}, train="20d", test="10d", record=False)
    opened = open_page(walked.report(tmp_path / "wf.html"), width=width, dark=dark)
    opened.fine()
    shown = opened.page.inner_text("main")
    assert "Parameter drift" in shown
    assert shown.count("lowest tried") == 2, "a drift plot for each fitted parameter"
    assert opened.page.locator("table[aria-label=Windows] tbody tr").count() == len(walked.steps)
    crossed = b4.cpcv(cross, data, {"fast": [3, 8], "slow": [15, 40]}, record=False)
    opened = open_page(crossed.report(tmp_path / "cv.html"), width=width, dark=dark)
    opened.fine()
    assert "Path 5" in opened.page.inner_text("main")


def test_a_page_without_fitting_has_no_drift(open_page, tmp_path):
    found = b4.walkforward(fixed, walk(24 * 60, seed=3), train="20d", test="10d", record=False)
    opened = open_page(found.report(tmp_path / "wf.html"))
    opened.fine()
    assert "Parameter drift" not in opened.page.inner_text("main")
