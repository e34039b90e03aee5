"""A rehearsal whose journal's disk fails: the desk is halted and says so, the metric counts it, what was acknowledged is there."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from pathlib import Path
from typing import Any

import pytest

import bot4 as b4
from bot4.backtest import BacktestError
from bot4.backtest.journal import Journal
from bot4.cli.main import run
from bot4.live.errors import LiveError
from bot4.live.faults import DISKS, read_faults
from bot4.live.operator import ask
from bot4.live.rehearse import Rehearsal, rehearse
from bot4.records import journal
from tests.backtest.markets import market, walk

ROWS = 3_000


@b4.strategy
def crossing(m, fast: int = 5, slow: int = 20):
    """Long above, short below: trades often."""
    return b4.target(b4.where(m.close.ema(fast) > m.close.ema(slow), 0.8, -0.5), stop=b4.stop.trailing(2 * m.atr(5)))


def failing(folder: Path, kind: str, after: int = 300, **how: object) -> Rehearsal:
    kept = Journal(folder, "fsync", budget_ms=200)
    faults = {"disk": kind, "disk_after": after, "disk_ms": 900}
    return rehearse(crossing, market(walk(ROWS, seed=2)), journal=kept, faults=faults, **how)  # type: ignore[arg-type]


def opened(result: b4.Result) -> list[int]:
    """Times of fills after which more is held than before, counted from the fills alone."""
    fills, held, found = result.records["fills"], 0, []
    for ts, lots in zip(fills["ts"].tolist(), fills["lots"].tolist(), strict=True):
        after = held + lots
        if abs(after) > abs(held) or after * held < 0:
            found.append(ts)
        held = after
    return found


@pytest.mark.parametrize("kind", DISKS)
def test_a_disk_that_fails_halts_the_desk_and_the_metric_counts_it(kind: str, tmp_path: Path) -> None:
    metrics = tmp_path / "run.prom"
    done = failing(tmp_path / "run.journal", kind, metrics=metrics)
    assert done.fault is not None
    assert (done.fault.kind, done.rows) == (kind, ROWS)
    assert done.is_same, done.difference
    assert done.counters["journal_faults"] == 1
    assert "bot4_journal_faults_total 1" in metrics.read_text().splitlines()
    times = opened(done.result)
    assert times
    assert max(times) < done.fault.ts, "nothing opens after the halt"
    guard = done.result.guard.filter(layer="journal")
    assert guard["to"].to_list() == ["paused"]
    assert done.result.records["counters"]["position"].tolist() == [0], "the stop still closed what was held"
    found = journal.replay(tmp_path / "run.journal")
    assert found.is_same, found.difference
    assert not found.is_whole
    assert 0 < found.rows <= done.fault.rows + 1
    short = b4.backtest(crossing, market(walk(ROWS, seed=2).head(found.rows)), record=False)
    # The rehearsed desk may be halted, so it has a guard; cash and lots do not know of that.
    assert found.equity == int(short.records["equity"][-1])
    assert dict(found.positions).get("BTC/USDT", 0) == int(short.records["counters"]["position"][0])


def test_people_are_told_why_and_cannot_resume(tmp_path: Path) -> None:
    socket = tmp_path / "run.sock"
    answers: list[dict[str, Any]] = []

    def person() -> None:
        deadline = time.monotonic() + 60
        while not answers or "reason" not in answers[-1]:
            with contextlib.suppress(LiveError):  # nobody listens yet
                answers.append(ask(socket, "status"))
            assert time.monotonic() < deadline
            time.sleep(0.01)
        ask(socket, "resume")

    thread = threading.Thread(target=person)
    thread.start()
    done = failing(tmp_path / "run.journal", "full", after=100, rate=800, control=socket)
    thread.join()
    assert done.is_same, done.difference
    told = answers[-1]
    assert told["state"] == "paused"
    assert told["reason"].startswith("the disk is full: the journal cannot go on, so no new order may")
    assert done.result.commands["effect"].to_list() == ["refused"]


def test_a_disk_that_is_well_halts_nothing(tmp_path: Path) -> None:
    done = rehearse(crossing, market(walk(600, seed=2)), journal=tmp_path / "run.journal")
    assert done.fault is None
    assert done.counters["journal_faults"] == 0
    assert done.is_same, done.difference


def test_the_command_says_when_and_why(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, faults, data = tmp_path / "s.py", tmp_path / "faults.toml", tmp_path / "bars"
    file.write_text(
        "import bot4 as b4\n\n@b4.strategy\ndef s(m):\n    return b4.target(b4.where(m.close > m.close.sma(3), 1.0, 0.0))\n"
    )
    faults.write_text('disk = "read_only"\ndisk_after = 40\n')
    assert run(["data", "synth", "--out", str(data), "--coins", "1", "--bars", "2000", "--json", "-"]) == 0
    words = ["rehearse", str(file), "--data", str(data), "--faults", str(faults)]
    capsys.readouterr()
    assert run(words) == 2
    assert "the rehearsal has no journal; give --journal" in capsys.readouterr().err
    assert run([*words, "--journal", str(tmp_path / "j"), "--json", str(tmp_path / "out.json")]) == 0
    seen = json.loads((tmp_path / "out.json").read_text())
    assert seen["fault"]["kind"] == "read_only"
    assert run([*words, "--journal", str(tmp_path / "k")]) == 0
    assert "halted after" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"disk": "wet"}, "disk is 'wet'; it is full, sync, read_only or slow"),
        ({"disk": "full", "disk_after": -1}, "disk_after is -1"),
    ],
)
def test_what_cannot_be_is_a_sentence(given: dict[str, object], said: str) -> None:
    with pytest.raises(LiveError, match=said):
        read_faults(given)
    with pytest.raises(BacktestError, match="budget_ms is 0; give a number above 0"):
        Journal(Path("x"), budget_ms=0)
