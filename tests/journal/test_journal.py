"""A run's journal: the run with one is the run without, and made again from it every record and state is the same, bit for bit."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import bot4 as b4
from bot4 import _engine
from bot4.backtest import BacktestError
from bot4.backtest.journal import Journal, with_journal
from bot4.cli.main import run
from bot4.records import journal
from tests.backtest.markets import HOUR, START, market, perpetuals, walk
from tests.examples.cases import CASES, Case, TickCase

ROOT = Path(__file__).parents[2]
BARS = [case for case in CASES.values() if not isinstance(case, TickCase)]
"""Examples on bars; those on ticks are in tests/ticks."""
TABLES = ("orders", "fills", "trades", "funding")


@b4.strategy
def crossing(m, fast: int = 5, slow: int = 20):
    """Long above, short below: trades often."""
    return b4.target(b4.where(m.close.ema(fast) > m.close.ema(slow), 0.8, -0.5), stop=b4.stop.trailing(2 * m.atr(5)))


def same_records(a: b4.Result, c: b4.Result) -> bool:
    alike = [np.array_equal(a.records[t][k], c.records[t][k]) for t in TABLES for k in a.records[t]]
    return all(alike) and a.records["state_hash"] == c.records["state_hash"]


@pytest.mark.parametrize("case", BARS, ids=lambda case: case.example)
def test_every_example_is_replayed_bit_for_bit(case: Case, tmp_path: Path) -> None:
    plain = case.on_synthetic()
    if plain.program.events is not None or plain.program.sleeves:
        with pytest.raises(BacktestError, match="keeps no journal"):
            _again(plain, tmp_path / "run.journal")
        return
    with_one = _again(plain, tmp_path / "run.journal")
    assert same_records(plain, with_one)
    found = journal.replay(tmp_path / "run.journal")
    assert found.is_same, found.difference
    assert found.state_hash == plain.records["state_hash"]
    assert found.compared >= len(plain.records["fills"]["ts"]) + len(plain.records["trades"]["asset"])
    assert dict(found.positions) == {s: lots for s, lots in _held(plain).items() if lots}


def _again(plain: b4.Result, folder: Path) -> b4.Result:
    """Makes the same run with a journal."""
    from bot4.backtest.setup import Setup

    setup = Setup(plain.strategy, plain.market, plain.config, plain.trade_from_ms, plain.beside)
    return with_journal(setup, folder).run(plain.program)


def _held(result: b4.Result) -> dict[str, int]:
    return dict(zip(result.market.symbols, result.records["counters"]["position"].tolist(), strict=True))


def test_a_replay_stops_where_it_is_told_in_the_state_of_a_run_that_ended_there(tmp_path: Path) -> None:
    bars = walk(3_000, seed=4)
    b4.backtest(crossing, market(bars), journal=tmp_path / "run.journal", record=False)
    for rows in (2, 700, 2_999):
        short = b4.backtest(crossing, market(bars.head(rows)), record=False)
        found = journal.replay(tmp_path / "run.journal", START + rows * HOUR + HOUR // 2)
        assert (found.rows, found.is_same) == (rows, True)
        assert found.state_hash == short.records["state_hash"]
    assert journal.replay(tmp_path / "run.journal", START).rows == 0


def test_funding_and_finer_bars_stand_on_the_tape(tmp_path: Path) -> None:
    bars = walk(400, seed=8)
    rates = pl.DataFrame({"ts": START + np.arange(50, dtype=np.int64) * 8 * HOUR, "rate": np.linspace(-1e-3, 1e-3, 50)})
    fine = _finer(bars)
    result = b4.backtest(
        crossing,
        perpetuals(bars),
        funding={"BTC/USDT:USDT": rates},
        detail={"BTC/USDT:USDT": fine},
        journal=tmp_path / "run.journal",
        record=False,
    )
    assert len(result.records["funding"]["ts"]) > 10
    assert journal.replay(tmp_path / "run.journal").is_same
    assert journal.frame(tmp_path / "run.journal", "fine").height == fine.height
    assert journal.frame(tmp_path / "run.journal", "rate")["rate"].to_list() == rates["rate"].to_list()[:50]


def _finer(bars: pl.DataFrame) -> pl.DataFrame:
    """Four bars inside each: at its open, high, low and close."""
    rows = []
    for ts, o, h, low, c, v in bars.iter_rows():
        prices = [o, h, low, c]
        rows += [(ts + i * HOUR // 4, p, p, p, p, v / 4) for i, p in enumerate(prices)]
    return pl.DataFrame(rows, schema=["ts", "open", "high", "low", "close", "volume"], orient="row")


def test_the_tape_is_the_data_and_the_fills_are_the_results(tmp_path: Path) -> None:
    bars = walk(500, seed=2)
    result = b4.backtest(crossing, market(bars), journal=tmp_path / "run.journal", record=False)
    tape = journal.frame(tmp_path / "run.journal", "bars")
    assert tape.select("ts", "open", "high", "low", "close", "volume").equals(bars)
    fills = journal.frame(tmp_path / "run.journal", "fill")
    assert fills["ticks"].to_list() == result.records["fills"]["ticks"].tolist()
    # A fill has seen its bar, and no later one.
    seen = tape.filter(pl.col("number").is_in(fills["tape"].implode()))
    assert set(seen["ts"]) == set(fills["ts"])
    begin = next(iter(journal.records(tmp_path / "run.journal")))
    assert begin.fields["about"]["identity"] == result.identity
    assert result.records["journal"]["durability"] == "page-cache"


def test_outcomes_that_do_not_follow_from_the_tape_are_named(tmp_path: Path) -> None:
    bars = walk(1_500, seed=3)
    is_moved = pl.col("ts") == START + 900 * HOUR
    moved = bars.with_columns(pl.when(is_moved).then(100.0).otherwise(pl.col("close")).alias("close"))
    moved = moved.with_columns(
        pl.max_horizontal("high", "close").alias("high"), pl.min_horizontal("low", "close").alias("low")
    )
    for name, data in (("a", bars), ("b", moved)):
        b4.backtest(crossing, market(data), journal=tmp_path / name, record=False)
    for file in (tmp_path / "b").glob("tape-*"):
        shutil.copy(file, tmp_path / "a" / file.name)
    found = journal.replay(tmp_path / "a")
    assert not found.is_same
    assert found.difference is not None
    assert found.difference[0] is not None
    number = found.difference[0]
    first = next(iter(journal.records(tmp_path / "a", first=number)))
    assert first.time_ms >= START + 900 * HOUR, "nothing before the moved bar differs"


def test_a_flipped_byte_is_refused_with_its_place(tmp_path: Path) -> None:
    b4.backtest(crossing, market(walk(600)), journal=tmp_path / "run.journal", record=False)
    file = tmp_path / "run.journal" / "control-00000000.b4j"
    whole = bytearray(file.read_bytes())
    whole[5_000] ^= 1
    file.write_bytes(whole)
    for reads in (journal.verify, journal.replay):
        with pytest.raises(_engine.EngineError, match=r"corrupt at control-00000000\.b4j, byte \d+"):
            reads(tmp_path / "run.journal")


def test_a_killed_run_leaves_a_right_journal(tmp_path: Path) -> None:
    folder = tmp_path / "run.journal"
    script = (
        "import os, signal\nimport bot4 as b4\nfrom tests.backtest.markets import market, walk\n"
        "from tests.journal.test_journal import crossing\n"
        "def stop(done, total):\n    if done > 20_000:\n        os.kill(os.getpid(), signal.SIGKILL)\n"
        f"b4.backtest(crossing, market(walk(60_000)), journal={str(folder)!r}, record=False, progress=stop)\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}, check=False
    )
    assert ended.returncode == -signal.SIGKILL
    found = journal.verify(folder)
    assert 20_000 < found["tape"]["next"] < 60_000, "it was killed in the middle, after a commit"
    assert found["control"]["next"] > 0
    assert journal.replay(folder, START + 200 * HOUR).is_same


def test_what_cannot_be_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").touch()
    with pytest.raises(BacktestError, match="exists already; give the journal a new folder"):
        b4.backtest(crossing, market(walk(50)), journal=tmp_path / "full", record=False)
    with pytest.raises(_engine.EngineError, match="is no folder of a journal"):
        journal.verify(tmp_path / "nothing")
    with pytest.raises(_engine.EngineError, match="there is no control journal"):
        journal.verify(tmp_path / "full")
    bad = Journal(tmp_path / "new", "sometimes")  # type: ignore[arg-type]
    with pytest.raises(_engine.EngineError, match="fsync or page-cache"):
        b4.backtest(crossing, market(walk(50)), journal=bad, record=False)


def test_durability_fsync_writes_the_same_records(tmp_path: Path) -> None:
    for durability in ("fsync", "page-cache"):
        b4.backtest(crossing, market(walk(600)), journal=Journal(tmp_path / durability, durability), record=False)
    left, right = (list(journal.records(tmp_path / d))[1:] for d in ("fsync", "page-cache"))
    assert left == right


def test_the_command_says_codes_by_their_names_and_times_as_times(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    script = [{"at": "2020-01-03", "do": "pause", "who": "ada"}, {"at": "2020-01-05", "do": "resume", "who": "ada"}]
    result = b4.backtest(crossing, market(walk(300)), commands=script, journal=tmp_path / "j", record=False)
    assert run(["journal", "tail", str(tmp_path / "j"), "-n", "10000"]) == 0
    lines = capsys.readouterr().out.splitlines()
    first = result.records["fills"]["lots"][0]
    assert any(f"lots={first}" in line and "reason=target" in line and "  fill " in line for line in lines)
    assert any("from=normal  to=paused" in line and "ts=2020-01-03T00:00" in line for line in lines)
    assert any("action=resume  effect=applied" in line for line in lines)
    assert any("  order " in line and "status=rejected  cause=no_short  capped_row=none" in line for line in lines)
    json_file = tmp_path / "tail.json"
    assert run(["journal", "tail", str(tmp_path / "j"), "-n", "10000", "--json", str(json_file)]) == 0
    guard = next(r for r in json.loads(json_file.read_text())["records"] if r["kind"] == "guard")
    assert (guard["fields"]["from"], guard["fields"]["to"]) == (0, 2), "JSON keeps what was written"
