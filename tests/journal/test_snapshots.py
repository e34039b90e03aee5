"""Snapshots and a tape that rotates: a run made again from any of them is the run, bit for bit; what is gone is said."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import bot4 as b4
from bot4 import _engine
from bot4.backtest.journal import Journal, with_journal
from bot4.backtest.setup import Setup
from bot4.cli.main import run
from bot4.records import journal
from tests.backtest.markets import HOUR, START, market, perpetuals, walk
from tests.examples.cases import CASES, Case, TickCase

BARS = [case for case in CASES.values() if not isinstance(case, TickCase)]
"""Examples on bars: a run on ticks writes no snapshots."""
EVERY = 37


@b4.strategy
def crossing(m, fast: int = 5, slow: int = 20):
    """Long above, short below: trades often."""
    return b4.target(b4.where(m.close.ema(fast) > m.close.ema(slow), 0.8, -0.5), stop=b4.stop.trailing(2 * m.atr(5)))


def snapshots(folder: Path) -> list[Path]:
    return sorted(folder.glob("snapshot-*.b4s"))


def from_each_snapshot(folder: Path, scratch: Path) -> Iterator[journal.Replayed]:
    """Makes the run again from each of a folder's snapshots, newest first, by removing those after it."""
    shutil.copytree(folder, scratch)
    for newest in reversed(snapshots(scratch)):
        found = journal.replay(scratch, start="newest")
        assert found.begun == int(newest.stem.removeprefix("snapshot-"))
        yield found
        newest.unlink()


def journaled(case: Case, folder: Path) -> tuple[b4.Result, b4.Result] | None:
    """Makes an example's run with a journal that holds many snapshots, beside its plain one; None where it keeps no journal."""
    plain = case.on_synthetic()
    if plain.program.events is not None or plain.program.sleeves:
        return None
    setup = Setup(plain.strategy, plain.market, plain.config, plain.trade_from_ms, plain.beside)
    return plain, with_journal(setup, Journal(folder, snapshot_rows=EVERY)).run(plain.program)


@pytest.mark.parametrize("case", BARS, ids=lambda case: case.example)
def test_every_example_made_again_from_a_snapshot_is_the_run(case: Case, tmp_path: Path) -> None:
    made = journaled(case, tmp_path / "run.journal")
    if made is None:
        return
    plain, _ = made
    whole = journal.replay(tmp_path / "run.journal")
    assert (whole.begun, whole.is_same) == (0, True), whole.difference
    found = snapshots(tmp_path / "run.journal")
    # The newest, the oldest and some between; each is some rows further into warm-up, positions, orders and stops.
    kept = {int(i) for i in np.linspace(0, len(found) - 1, 7)}
    for i, path in enumerate(found):
        if i not in kept:
            path.unlink()
    count = 0
    for again in from_each_snapshot(tmp_path / "run.journal", tmp_path / "again"):
        assert again.is_same, (again.begun, again.difference)
        assert again.state_hash == plain.records["state_hash"] == whole.state_hash
        assert (again.equity, again.positions, again.working) == (whole.equity, whole.positions, whole.working)
        assert (again.rows, again.is_whole) == (whole.rows, True)
        count += 1
    assert count == len(kept)


def test_funding_and_finer_bars_go_on_from_a_snapshot(tmp_path: Path) -> None:
    bars = walk(400, seed=8)
    rates = pl.DataFrame({"ts": START + np.arange(50, dtype=np.int64) * 8 * HOUR, "rate": np.linspace(-1e-3, 1e-3, 50)})
    rows = []
    for ts, o, h, low, c, v in bars.iter_rows():
        rows += [(ts + i * HOUR // 4, p, p, p, p, v / 4) for i, p in enumerate([o, h, low, c])]
    fine = pl.DataFrame(rows, schema=["ts", "open", "high", "low", "close", "volume"], orient="row")
    beside = {"funding": {"BTC/USDT:USDT": rates}, "detail": {"BTC/USDT:USDT": fine}}
    kept = Journal(tmp_path / "run.journal", snapshot_rows=1)
    result = b4.backtest(crossing, perpetuals(bars), **beside, journal=kept, record=False)  # type: ignore[arg-type]
    assert len(result.records["funding"]["ts"]) > 10
    found = snapshots(tmp_path / "run.journal")
    assert len(found) == 400, "one after every row"
    for i, path in enumerate(found):
        if i % 33:
            path.unlink()
    for again in from_each_snapshot(tmp_path / "run.journal", tmp_path / "again"):
        assert again.is_same, (again.begun, again.difference)
        assert again.state_hash == result.records["state_hash"]


def test_a_replay_to_a_time_begins_at_the_snapshot_before_it_and_comes_to_the_same_state(tmp_path: Path) -> None:
    bars, folder = walk(3_000, seed=4), tmp_path / "run.journal"
    b4.backtest(crossing, market(bars), journal=Journal(folder, snapshot_rows=500), record=False)
    for rows in (2, 499, 500, 501, 1_999, 2_999):
        until = START + rows * HOUR + HOUR // 2
        short = b4.backtest(crossing, market(bars.head(rows)), record=False)
        chosen, first = (journal.replay(folder, until, start) for start in ("chosen", "first"))
        assert (chosen.begun, first.begun) == (rows // 500 * 500, 0)
        for found in (chosen, first):
            assert (found.rows, found.is_same) == (rows, True)
            assert found.state_hash == short.records["state_hash"]
    assert journal.replay(folder, START).rows == 0


def test_what_is_no_snapshot_of_this_run_is_passed_over_and_named(tmp_path: Path) -> None:
    bars, folder, other = walk(1_000, seed=4), tmp_path / "run.journal", tmp_path / "other.journal"
    result = b4.backtest(crossing, market(bars), journal=Journal(folder, snapshot_rows=300), record=False)
    b4.backtest(crossing, market(walk(1_000, seed=5)), journal=Journal(other, snapshot_rows=300), record=False)
    newest = snapshots(folder)[-1]
    bytes_ = bytearray(newest.read_bytes())
    bytes_[len(bytes_) // 2] ^= 1
    newest.write_bytes(bytes_)
    shutil.copy(snapshots(other)[1], snapshots(folder)[1])
    found = journal.replay(folder, start="newest")
    assert (found.begun, found.is_same) == (300, True)
    assert found.state_hash == result.records["state_hash"]
    damaged, foreign = found.notes
    assert damaged == "snapshot-000000000900.b4s cannot be used: its bytes are not what was written; passed over"
    assert foreign.startswith("snapshot-000000000600.b4s")
    assert foreign.endswith("passed over")


def test_the_tape_keeps_within_its_budget_and_a_snapshot_stands_in_for_what_is_gone(tmp_path: Path) -> None:
    bars, folder = walk(6_000, seed=3), tmp_path / "run.journal"
    kept = Journal(folder, tape_budget_mb=0.25, segment_mb=0.0625, snapshot_rows=400)
    result = b4.backtest(crossing, market(bars), journal=kept, record=False)
    assert sum(file.stat().st_size for file in folder.glob("tape-*")) <= 0.25 * 2**20
    assert (folder / "control-00000000.b4j").exists(), "the control journal is never cut"
    report = journal.verify(folder)
    assert report["control"]["first"] == 0
    assert 0 < report["tape"]["first"] < report["tape"]["next"] == 6_000
    found = journal.replay(folder)
    assert found.begun >= report["tape"]["first"], "it begins where the tape still leads on"
    assert found.is_same, found.difference
    assert found.state_hash == result.records["state_hash"]
    assert min(int(path.stem[9:]) for path in snapshots(folder)) >= report["tape"]["first"], (
        "what serves nobody is gone"
    )
    numbers = [record.number for record in journal.records(folder, "tape")]
    assert numbers == list(range(report["tape"]["first"], 6_000))
    # Every control record still says which of the tape's records it had seen last.
    assert max(record.tape for record in journal.records(folder)) == 5_999


def test_a_replay_that_needs_what_rotated_away_is_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "run.journal"
    kept = Journal(folder, tape_budget_mb=0.25, segment_mb=0.0625, snapshot_rows=0)
    b4.backtest(crossing, market(walk(6_000, seed=3)), journal=kept, record=False)
    with pytest.raises(_engine.EngineError, match=r"record 0 of the tape has rotated away, the oldest kept is \d+"):
        journal.replay(folder)
    assert run(["replay", str(folder)]) == 2
    assert "give the tape a larger --tape-budget" in capsys.readouterr().err
    assert run(["replay", str(folder), "--start", "last"]) == 2
    assert run(["journal", "verify", str(folder)]) == 0, "what is kept is right"


def test_the_commands_take_the_budget_and_say_where_they_began(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, data, folder = tmp_path / "s.py", tmp_path / "bars", tmp_path / "run.journal"
    file.write_text(
        "import bot4 as b4\n\n@b4.strategy\ndef s(m):\n    return b4.target(b4.where(m.close > m.close.sma(3), 1.0, 0.0))\n"
    )
    assert run(["data", "synth", "--out", str(data), "--coins", "1", "--bars", "70000", "--json", "-"]) == 0
    words = ["backtest", str(file), "--data", str(data), "--journal", str(folder), "--no-record"]
    assert run([*words, "--tape-budget", "0"]) == 2
    assert run([*words, "--tape-budget", "300"]) == 0
    capsys.readouterr()
    assert run(["replay", str(folder), "--start", "newest"]) == 0
    said = capsys.readouterr().out
    assert "from the snapshot after 65,536 rows and 4,464 records of the tape" in said
    assert "all the same, bit for bit" in said
