"""`bot4 sweep` as a user calls it: a screen of results, files, progress, a sentence for each mistake, Ctrl-C and going on."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import polars as pl
import pytest

from bot4.backtest.sweep.progress import Progress
from bot4.cli.main import run
from bot4.cli.sweeping import SweepProgress, progress_line
from bot4.records.store import RecordStore
from tests.backtest.markets import walk

ROOT = Path(__file__).parents[2]
TREND = str(ROOT / "examples" / "trend.py")
GRID = ["--param", "fast=5:50:15", "--param", "slow=60:300:80"]


@pytest.fixture(scope="module")
def bars(tmp_path_factory):
    path = tmp_path_factory.mktemp("bars") / "synth-BTCUSDT-1h.parquet"
    walk(1_500, seed=3).write_parquet(path)
    return str(path)


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def refused(capsys, *words: str) -> str:
    """Runs a call that must fail and returns its one sentence."""
    assert run(words) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("error: ")
    assert err.count("\n") == 1, err
    return str(err)


def test_the_screen_says_what_was_done_and_fits_80_columns(bars, capsys):
    assert run(["sweep", TREND, "--data", bars, *GRID]) == 0
    out, err = capsys.readouterr()
    lines = out.splitlines()
    assert lines[0] == "trend · BTC/USDT · 1h"
    assert "16 combinations: 16 run" in lines
    assert max(map(len, lines)) <= 80
    assert "\x1b" not in out
    assert "runs/s" in out
    assert "nodes instead of" in out
    assert "sharpe over fast (across) and slow (down)" in out
    assert "Trials so far on these markets and times: 16 runs, 16 different." in out
    assert "Bailey and López de Prado 2014" in out.replace("\n  ", " ")
    assert err == ""


def test_files_are_written_and_read_back(bars, capsys, here):
    words = ["--out", "s.parquet", "--report", "s.html", "--json", "s.json", "--no-record"]
    assert run(["sweep", TREND, "--data", bars, *GRID, *words]) == 0
    out, _ = capsys.readouterr()
    assert out.endswith("\nRows: s.parquet\nReport: s.html\nJSON: s.json\n")
    frame = pl.read_parquet(here / "s.parquet")
    told = json.loads((here / "s.json").read_text())
    about = json.loads(pl.read_parquet_metadata(here / "s.parquet")["bot4.sweep"])
    assert frame.height == told["runs"] == len(told["rows"]) == 16
    assert frame["sharpe"].to_list() == [row["sharpe"] for row in told["rows"]]
    assert {len(row) for row in frame["daily"].to_list()} == {len(about["times"])}
    assert about["space"]["axes"]["fast"] == [5, 20, 35, 50]
    assert (here / "s.html").read_text().startswith("<!doctype html>")


def test_json_alone_and_a_search(bars, capsys):
    words = ["--search", "random", "--n", "10", "--seed", "4", "--metric", "min:turnover", "--json", "-"]
    assert run(["sweep", TREND, "--data", bars, "-p", "fast=5:50", *words]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["search"], told["combinations"], told["metric"]) == ("random", 10, ["turnover"])
    turnover = [row["turnover"] for row in told["rows"]]
    assert told["best"][0]["turnover"] == min(turnover)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["-p", "fats=1:2:1"], "trend has no parameter 'fats'. Did you mean fast?"),
        ([], "the grid is empty; say what to vary, for example --param fast=5:100:10"),
        (["-p", "fast"], "--param fast has no values; write NAME=VALUES"),
        (["-p", "fast=50:5:5"], "fast=50:5:5 is an empty grid; write the lower end first"),
        (["-p", "fast=5:50"], "add --search random to draw from the range"),
        (["-p", "fast=200:300:50"], "parameter fast is 200, but must be an integer from 5 to 100"),
        (
            ["-p", "fast=90:100:5", "-p", "slow=50:80:10"],
            "b4.require refused all 12 combinations, so nothing was run; the first",
        ),
        (
            ["-p", "fast=5:9:1", "--metric", "sharp"],
            "there is no metric 'sharp' in a sweep's rows; did you mean sharpe?",
        ),
        (["--search", "tpe", "--n", "0"], "n is 0; a search tries at least 1 combination"),
        (["--search", "tpe"], "the search tpe needs n"),
        (["-p", "fast=5:9:1", "--realism", "all"], "--realism all compares one run"),
        (["-p", "fast=5:9:1", "--out", "nowhere/x.parquet"], "the folder nowhere does not exist"),
        (["-p", "fast=5:9:1", "--limit", "3"], "this grid has 5 combinations"),
    ],
)
def test_a_mistake_is_one_sentence(bars, capsys, words, said):
    assert said in refused(capsys, "sweep", TREND, "--data", bars, *words)


def test_a_grid_too_large_offers_the_same_command_as_a_search(bars, capsys, monkeypatch):
    words = ["sweep", TREND, "--data", bars, "--param", "fast=5:100:1", "--param", "slow=101:500:1", "--limit", "1000"]
    monkeypatch.setattr(sys, "argv", ["bot4", *words])
    said = refused(capsys, *words)
    assert "this grid has 38,400 combinations, about" in said
    assert "search it instead: bot4 " + " ".join(words) + " --search tpe --n 500" in said


def test_ctrl_c_keeps_what_is_done_and_the_same_command_goes_on(bars, tmp_path):
    env = os.environ | {"PYTHONPATH": str(ROOT), "BOT4_HOME": str(tmp_path / "stopped")}
    code = (
        "from bot4.backtest.sweep import session as s; s.FIRST_BLOCK = s.MOST_BLOCK = s.LEAST_BLOCK = 16; "
        "from bot4.cli.main import main; main()"
    )
    command = [sys.executable, "-c", code, "sweep", TREND, "--data", bars, "-p", "fast=5:50:1", "-p", "slow=51:150:1"]
    process = subprocess.Popen(command, env=env, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    store = RecordStore(tmp_path / "stopped")
    until = time.monotonic() + 60
    while not (store.groups() and store.groups()[0].runs) and time.monotonic() < until:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert out == ""
    assert "they are in the run records, and the same call goes on." in err
    (group,) = store.groups()
    assert group.status == "stopped"
    done = int(err.split("stopped after ")[1].split(" ")[0].replace(",", ""))
    assert group.runs == done


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_progress_shows_rate_and_time_left(monkeypatch):
    told = Progress(1_100, done=400, refused=100, known=0, running=100, share=0.5, seconds=5.0)
    assert progress_line(told) == "sweep  50%  550 of 1,100  100 refused  90 runs/s  5.0 s left"
    assert progress_line(Progress(10)) == "sweep   0%  0 of 10"
    resumed = Progress(100, done=60, known=50, seconds=2.0)
    assert resumed.rate == 5.0
    assert resumed.remaining_s == 8.0
    times = iter((0.0, 0.5, 2.0))
    monkeypatch.setattr("time.monotonic", lambda: next(times))
    terminal = Terminal()
    with SweepProgress(terminal) as shown:
        shown(told)
        shown(told)
    assert terminal.getvalue().count("sweep  50%") == 1
    assert terminal.getvalue().endswith("\r")
