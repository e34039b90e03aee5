"""A run that was cut off goes on with its journal; a torn journal is repaired by a command; a folder has one writer."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import struct
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

import bot4 as b4
from bot4 import _engine
from bot4.backtest import BacktestError
from bot4.backtest.journal import Journal
from bot4.cli.main import run
from bot4.live.errors import LiveError
from bot4.live.operator import ask
from bot4.live.rehearse import rehearse
from bot4.records import journal
from tests.backtest.markets import market, walk

ROOT = Path(__file__).parents[2]
DATA_AT, BLOCK_HEAD, CHAIN = 4096, 40, 32


@b4.strategy
def crossing(m, fast: int = 5, slow: int = 20):
    """Long above, short below: trades often."""
    return b4.target(b4.where(m.close.ema(fast) > m.close.ema(slow), 0.8, -0.5), stop=b4.stop.trailing(2 * m.atr(5)))


def blocks(segment: Path) -> list[int]:
    """Where the blocks of a segment begin, and where the last one ends, read as docs/journal.md says."""
    content, places = segment.read_bytes(), [DATA_AT]
    while content[places[-1] : places[-1] + 4] == b"BLOK":
        (length,) = struct.unpack_from("<I", content, places[-1] + 4)
        places.append(places[-1] + BLOCK_HEAD + length + CHAIN)
    return places


def lose(segment: Path, at: int) -> None:
    """Leaves zeros from a byte on, as a machine that went down before the page cache was written."""
    content = bytearray(segment.read_bytes())
    content[at:] = bytes(len(content) - at)
    segment.write_bytes(content)


def test_a_killed_run_goes_on_and_ends_with_the_journal_of_one_that_nobody_killed(tmp_path: Path) -> None:
    folder, data = tmp_path / "run.journal", walk(30_000)
    script = (
        (
            "import os, signal\nimport bot4 as b4\nfrom tests.backtest.markets import market, walk\n"
            "from pathlib import Path\nfrom bot4.backtest.journal import Journal\nfrom tests.journal.test_resume import crossing\n"
            "def stop(done, total):\n    if done > 12_000:\n        os.kill(os.getpid(), signal.SIGKILL)\n"
            f"kept = Journal(Path({str(folder)!r}), snapshot_rows=4_000)\n"
            "b4.backtest(crossing, market(walk(30_000)), journal=kept, record=False, progress=stop)\n"
        )
        .replace("Journal('", "Journal(__import__('pathlib').Path('")
        .replace("', snapshot_rows", "'), snapshot_rows")
    )
    ended = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}, check=False
    )
    assert ended.returncode == -signal.SIGKILL
    before = journal.verify(folder)
    on = b4.backtest(crossing, market(data), journal=Journal(folder, snapshot_rows=4_000, resume=True), record=False)
    whole = b4.backtest(crossing, market(data), journal=Journal(tmp_path / "whole", snapshot_rows=4_000), record=False)
    assert on.records["state_hash"] == whole.records["state_hash"]
    for kind in ("control", "tape"):
        now, other = journal.verify(folder)[kind], journal.verify(tmp_path / "whole")[kind]
        assert (now["next"], now["chain"]) == (other["next"], other["chain"])
        assert on.records["journal"]["found"][kind]["records"] == before[kind]["next"] < now["next"]
    assert {p.name for p in folder.glob("snapshot-*")} == {p.name for p in (tmp_path / "whole").glob("snapshot-*")}
    again = journal.replay(folder)
    assert again.is_same
    assert again.is_whole
    assert again.rows == 30_000


def test_a_run_that_had_ended_is_met_whole_and_nothing_is_appended(tmp_path: Path) -> None:
    for resume in (False, True):
        kept = Journal(tmp_path / "bars", resume=resume)
        found = b4.backtest(crossing, market(walk(500)), journal=kept, record=False).records["journal"]["found"]
    before = journal.verify(tmp_path / "bars")
    assert {kind: found[kind]["records"] for kind in found} == {kind: before[kind]["next"] for kind in before}
    assert all(found[kind]["cut"] is None for kind in found)


def test_another_run_is_refused_and_nothing_is_changed(tmp_path: Path) -> None:
    kept = Journal(tmp_path / "j")
    b4.backtest(crossing, market(walk(300)), journal=kept, record=False)
    before = journal.verify(tmp_path / "j")
    on = Journal(tmp_path / "j", resume=True)
    with pytest.raises(_engine.EngineError, match="record 0 of the control journal is not what this run makes"):
        b4.backtest(crossing, market(walk(300)), params={"fast": 6}, journal=on, record=False)
    with pytest.raises(
        _engine.EngineError, match=r"is not what this run makes: the journal is of another strategy, data"
    ):
        b4.backtest(crossing, market(walk(300, seed=99)), journal=on, record=False)
    with pytest.raises(_engine.EngineError, match="is not what this run makes"):
        rehearse(crossing, market(walk(300)), journal=on)
    assert journal.verify(tmp_path / "j") == before
    with pytest.raises(BacktestError, match="holds no journal that the run could go on with"):
        b4.backtest(crossing, market(walk(50)), journal=Journal(tmp_path / "none", resume=True), record=False)


def test_a_second_writer_is_told_which_process_writes(tmp_path: Path) -> None:
    said: list[str] = []

    def second(done: int, total: int) -> None:
        if not said:
            with pytest.raises(_engine.EngineError) as refused:
                b4.backtest(crossing, market(walk(50)), journal=Journal(tmp_path / "j", resume=True), record=False)
            said.append(str(refused.value))
            with pytest.raises(_engine.EngineError, match="writes into this journal"):
                journal.repair(tmp_path / "j", accept_loss=True)

    b4.backtest(crossing, market(walk(3_000)), journal=tmp_path / "j", record=False, progress=second)
    assert f"process {os.getpid()} (" in said[0]
    assert "writes into this journal; wait for it to end" in said[0]
    assert journal.replay(tmp_path / "j").is_same


@pytest.mark.parametrize("kind", ["control", "tape"])
def test_a_torn_tail_and_a_loss_are_cut_by_a_command(
    kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "j"
    whole = b4.backtest(crossing, market(walk(6_000)), journal=folder, record=False)
    right = list(journal.records(folder))
    segment = next(folder.glob(f"{kind}-*.b4j"))
    end = blocks(segment)[-1]
    with segment.open("r+b") as file:
        file.seek(end)
        file.write(b"never acknowledged")
    assert run(["journal", "repair", str(folder), "--json", str(tmp_path / "repaired.json")]) == 0
    told = json.loads((tmp_path / "repaired.json").read_text())
    assert told[kind]["cut"] == [segment.name, end]
    assert journal.verify(folder)[kind]["notes"] == []
    assert run(["journal", "repair", str(folder)]) == 0
    assert "nothing to cut" in capsys.readouterr().out
    # The machine goes down, and with it the page cache, which alone had another run's newest blocks.
    folder = tmp_path / "lost"
    b4.backtest(crossing, market(walk(6_000)), journal=folder, record=False)
    segment = folder / segment.name
    places = blocks(segment)
    lose(segment, places[len(places) // 2])
    assert run(["journal", "verify", str(folder)]) == 2
    assert run(["journal", "repair", str(folder)]) == 2
    assert "bot4 journal repair --accept-loss cuts it there" in capsys.readouterr().err
    assert run(["journal", "repair", str(folder), "--accept-loss"]) == 0
    assert f"cut at byte {places[len(places) // 2]:,} of {segment.name}" in capsys.readouterr().out
    on = b4.backtest(crossing, market(walk(6_000)), journal=Journal(folder, resume=True), record=False)
    assert on.records["state_hash"] == whole.records["state_hash"]
    assert list(journal.records(folder)) == right
    # What is corrupt is refused, not cut.
    content = bytearray(segment.read_bytes())
    content[DATA_AT + 60] ^= 1
    segment.write_bytes(content)
    assert run(["journal", "repair", str(folder), "--accept-loss"]) == 2
    assert "the journal is corrupt at" in capsys.readouterr().err
    assert segment.read_bytes() == content


def test_a_rehearsal_goes_on_after_its_disk_failed_with_what_people_had_asked_for(tmp_path: Path) -> None:
    folder, socket, data = tmp_path / "j", tmp_path / "run.sock", market(walk(3_000, seed=2))

    def person() -> None:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            with contextlib.suppress(LiveError):  # nobody listens yet
                ask(socket, "reduce")
                return
            time.sleep(0.01)

    thread = threading.Thread(target=person)
    thread.start()
    kept = Journal(folder, "fsync", budget_ms=20_000)
    failed = rehearse(
        crossing, data, journal=kept, rate=800, control=socket, faults={"disk": "full", "disk_after": 700}
    )
    thread.join()
    assert failed.fault is not None
    before = list(journal.records(folder))
    on = rehearse(crossing, data, journal=Journal(folder, "fsync", budget_ms=20_000, resume=True))
    assert on.fault is None
    assert on.is_same, on.difference
    commands = on.result.commands
    assert commands["do"].to_list() == ["reduce"], "asked for before the disk failed, by a person and no script"
    assert commands["ts"].to_list() == failed.result.commands["ts"].to_list()
    now = list(journal.records(folder))
    assert now[: len(before)] == before
    again = journal.replay(folder)
    assert again.is_same
    assert again.is_whole


def test_the_commands_go_on_and_say_what_was_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data, file, folder = tmp_path / "bars", tmp_path / "s.py", tmp_path / "j"
    file.write_text(
        "import bot4 as b4\n\n@b4.strategy\ndef s(m):\n    return b4.target(b4.where(m.close > m.close.sma(3), 1.0, 0.0))\n"
    )
    assert run(["data", "synth", "--out", str(data), "--coins", "1", "--bars", "900", "--json", "-"]) == 0
    for command, extra in (("backtest", ["--no-record"]), ("rehearse", [])):
        words = [command, str(file), "--data", str(data), *extra]
        assert run([*words, "--resume"]) == 2
        assert "give its folder with --journal" in capsys.readouterr().err
        assert run([*words, "--journal", str(folder / command)]) == 0
        capsys.readouterr()
        assert run([*words, "--journal", str(folder / command), "--resume"]) == 0
        assert "records were there and are this run's, 0 were appended" in capsys.readouterr().out
