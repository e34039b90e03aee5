"""An interrupted sweep goes on where it was, and ends with the same records as one that was not."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import bot4 as b4
from bot4.backtest import BacktestError
from bot4.backtest.sweep import session as session_module
from bot4.records import store as store_module
from bot4.records.store import RecordStore
from tests.backtest.markets import market, walk

from .conftest import cross

ROOT = Path(__file__).parents[2]
GRID = {"fast": "2:20:2", "slow": "22:40:2"}

STRATEGY = """
import bot4 as b4

@b4.strategy(on=b4.bars("1h"))
def cross(m, fast: int = b4.param(8, 2, 60), slow: int = b4.param(30, 5, 200)):
    b4.require(fast < slow)
    return b4.target(b4.where(m.close.ema(fast) > m.close.ema(slow), 0.5, 0.0))
"""


def content(store: RecordStore):
    """All that a store says of its groups and runs, but for the times of writing and the numbers of runs."""
    groups = [(g.kind, g.name, g.spec_hash, g.total, g.status) for g in store.groups()]
    rows = [
        (r["group"], r["ordinal"], r["identity"], str(r["params"]), str(r["stats"]), r["data_hash"])
        for r in store.runs(limit=None)
    ]
    daily = [store.daily_returns(r["id"]).tobytes() for r in store.runs(limit=None)]
    return groups, sorted(rows), sorted(daily)


def same(one, two) -> bool:
    return (
        one.frame.equals(two.frame)
        and np.array_equal(one.times, two.times)
        and np.array_equal(one.daily, two.daily, equal_nan=True)
    )


class Enough(Exception):
    pass


def after(blocks: int):
    """Returns a progress that stops the sweep once so many blocks are done."""

    def told(progress) -> None:
        if progress.done >= blocks * 8:
            raise Enough

    return told


@pytest.fixture
def small_blocks(monkeypatch):
    for name in ("FIRST_BLOCK", "MOST_BLOCK", "LEAST_BLOCK"):
        monkeypatch.setattr(session_module, name, 8)


def test_a_stopped_grid_goes_on_with_what_it_has(bars, small_blocks, tmp_path, monkeypatch):
    monkeypatch.setenv("BOT4_HOME", str(tmp_path / "whole"))
    whole = b4.sweep(cross, bars, GRID)
    expected = content(RecordStore())
    monkeypatch.setenv("BOT4_HOME", str(tmp_path / "stopped"))
    with pytest.raises(Enough):
        b4.sweep(cross, bars, GRID, progress=after(5))
    (group,) = RecordStore().groups()
    assert group.status == "stopped"
    assert 40 <= group.runs < 100
    resumed = b4.sweep(cross, bars, GRID)
    assert resumed.count.known == group.runs
    assert same(whole, resumed)
    assert content(RecordStore()) == expected


@pytest.mark.parametrize("search", ["random", "lhs", "tpe", "cmaes", "nsga2"])
def test_a_stopped_search_goes_on_with_the_same_proposals(bars, search, tmp_path, monkeypatch):
    monkeypatch.setattr(session_module, "FIRST_BLOCK", 16)
    monkeypatch.setattr(session_module, "MOST_BLOCK", 16)
    grid = {"fast": "2:60", "slow": "5:200"}
    metric = ["sharpe", "max_drawdown"] if search == "nsga2" else "sharpe"
    call = {"search": search, "n": 96, "seed": 5, "metric": metric}
    monkeypatch.setenv("BOT4_HOME", str(tmp_path / "whole"))
    whole = b4.sweep(cross, bars, grid, **call)
    expected = content(RecordStore())
    monkeypatch.setenv("BOT4_HOME", str(tmp_path / "stopped"))
    with pytest.raises(Enough):
        b4.sweep(cross, bars, grid, progress=after(5), **call)
    resumed = b4.sweep(cross, bars, grid, **call)
    assert 0 < resumed.count.known < len(whole)
    assert same(whole, resumed)
    assert content(RecordStore()) == expected


def test_a_killed_process_loses_one_block_at_most_and_the_same_command_ends_equal(tmp_path):
    (tmp_path / "cross.py").write_text(STRATEGY)
    script = tmp_path / "run.py"
    script.write_text(
        textwrap.dedent(
            f"""
            import sys
            import bot4 as b4
            from bot4.backtest.sweep import session
            from tests.backtest.markets import market, walk
            session.FIRST_BLOCK = session.MOST_BLOCK = session.LEAST_BLOCK = 8
            def told(p):
                print(p.done, flush=True)
            result = b4.sweep({str(tmp_path / "cross.py")!r}, market(walk(1_500)), {GRID!r}, progress=told)
            print("known", result.count.known)
            """
        )
    )

    def start(home: str, **kinds) -> subprocess.Popen[str]:
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "BOT4_HOME": str(tmp_path / home)}
        return subprocess.Popen([sys.executable, str(script)], env=environment, text=True, stdout=subprocess.PIPE)

    whole = start("whole")
    whole.communicate(timeout=60)
    killed = start("killed")
    assert killed.stdout is not None
    for line in killed.stdout:
        if int(line) >= 24:
            break
    killed.send_signal(signal.SIGKILL)
    killed.communicate(timeout=60)
    store = RecordStore(tmp_path / "killed")
    (group,) = store.groups()
    assert group.status == "running"
    assert group.runs >= 24
    again, _ = start("killed").communicate(timeout=60)
    assert f"known {group.runs}" in again
    assert content(store) == content(RecordStore(tmp_path / "whole"))


def test_anything_changed_begins_a_new_group_and_fresh_does_too(bars, small_blocks):
    def stopped(*arguments, **call) -> int:
        with pytest.raises(Enough):
            b4.sweep(*arguments, progress=after(2), **call)
        return len(RecordStore().groups())

    assert stopped(cross, bars, GRID) == 1
    assert stopped(cross, bars, GRID) == 1  # gone on with, and stopped again
    assert stopped(cross, bars, GRID, cash=50_000) == 2
    assert stopped(cross, bars, GRID, fee_bps=1) == 3
    assert stopped(cross, bars.slice(end="2020-02-01"), GRID) == 4
    assert stopped(cross, bars, {**GRID, "slow": "24:42:2"}) == 5
    assert stopped(cross, bars, GRID, params={"weight": 0.4}) == 6
    assert stopped(cross, bars, GRID, fresh=True) == 7


def test_a_finished_sweep_is_run_again(bars):
    b4.sweep(cross, bars, {"fast": [3, 4]})
    again = b4.sweep(cross, bars, {"fast": [3, 4]})
    assert again.count.known == 0
    assert [g.status for g in RecordStore().groups()] == ["done", "done"]


def test_a_store_that_breaks_is_a_warning_and_the_sweep_goes_on(bars, monkeypatch):
    def broken(self, group, records):
        raise store_module.RecordsError("The disk is full.")

    monkeypatch.setattr(RecordStore, "append_many", broken)
    with pytest.warns(
        RuntimeWarning, match=r"The sweep is not recorded, so it cannot be gone on with\. The disk is full\."
    ):
        result = b4.sweep(cross, bars, {"fast": [3, 4]})
    assert len(result) == 2
    assert result.trials is None


def test_code_that_is_redefined_meanwhile_stops_the_sweep_and_loses_nothing(bars, small_blocks):
    namespace: dict[str, Any] = {"b4": b4, "__name__": "notebook"}
    exec("def size():\n    return 0.5\n", namespace)
    body = "def trend(m, fast: int = 8):\n    return b4.target(b4.where(m.close.ema(fast) > m.close, size(), 0.0))\n"
    exec(body, namespace)
    strategy = b4.strategy(on=b4.bars("1h"))(namespace["trend"])

    def redefine(progress) -> None:
        if progress.done >= 8:
            exec("def size():\n    return 0.9\n", namespace)

    with pytest.raises(
        BacktestError, match=r"the code that trend calls was redefined while its sweep ran; the \d+ rows so far are"
    ):
        b4.sweep(strategy, bars, {"fast": range(2, 40)}, progress=redefine)
    (group,) = RecordStore().groups()
    assert group.runs >= 8
    again = b4.sweep(strategy, bars, {"fast": range(2, 40)})
    assert again.count.known == 0  # the new code is a new sweep
    assert len(RecordStore().groups()) == 2


def test_a_strategy_of_the_same_name_defined_meanwhile_changes_nothing(bars, small_blocks):
    namespace: dict[str, Any] = {"b4": b4, "__name__": "notebook"}
    head = '@b4.strategy(on=b4.bars("1h"))\ndef trend(m, fast: int = 8):\n'
    body = head + "    return b4.target(b4.where(m.close > m.close.ema(fast), {}, 0))\n"
    exec(body.format(0.5), namespace)
    grid = {"fast": range(2, 30)}
    expected = b4.sweep(namespace["trend"], bars, grid, record=False)

    def redefine(progress) -> None:
        exec(body.format(0.9), namespace)

    with pytest.warns(
        RuntimeWarning, match="trend was redefined while the sweep ran; its rows are of the one it began with"
    ):
        found = b4.sweep(namespace["trend"], bars, grid, progress=redefine)
    assert same(expected, found)


def test_ctrl_c_is_heard_within_a_block(bars, monkeypatch):
    began = time.monotonic()

    def interrupt(progress) -> None:
        if progress.running and time.monotonic() - began > 0.05:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        b4.sweep(cross, bars, {"fast": "2:60:1", "slow": "61:200:1"}, progress=interrupt)
    assert time.monotonic() - began < 5


def test_a_stop_is_heard_in_the_middle_of_a_long_tile():
    """Runs of seconds, all of them in one tile: the stop comes while none of them is done."""
    long = market(walk(1_000_000, seed=4))
    sent: list[float] = []

    def interrupt(progress) -> None:
        if progress.running and not sent:
            sent.append(time.monotonic())
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt, match="nothing was recorded"):
        b4.sweep(cross, long, {"fast": "2:29:1"}, record=False, workers=1, progress=interrupt)
    assert time.monotonic() - sent[0] < 1.0
