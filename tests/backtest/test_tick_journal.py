"""The journal of a run on ticks: verified, replayed to the same state from its own records, and a changed report is found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import bot4 as b4
from bot4 import _engine
from bot4.backtest.errors import BacktestError
from tests.backtest.test_tick_runs import maker, taker
from tests.backtest.test_tick_stops import stopped
from tests.backtest.tick_market import made

if TYPE_CHECKING:
    from pathlib import Path


def run(strategy: Any, journal: Path | None = None) -> Any:
    return b4.backtest(strategy, made(), cash=1e6, latency_ms=5, record=False, journal=journal)


@pytest.mark.parametrize("strategy", [maker, taker, stopped])
def test_a_journal_is_replayed_to_the_same_state(strategy: Any, tmp_path: Path) -> None:
    folder = tmp_path / "journal"
    kept, plain = run(strategy, folder), run(strategy)
    assert kept.records["state_hash"] == plain.records["state_hash"], "a journal changes nothing"
    assert np.array_equal(kept.records["equity"], plain.records["equity"])
    _engine.journal_verify(str(folder))
    again = _engine.journal_replay(str(folder))
    assert again["difference"] is None
    assert again["state_hash"] == plain.records["state_hash"]
    assert again["rows"] == kept.market.rows
    assert again["compared"] > len(kept.fills)


def test_it_holds_what_the_venue_told_before_what_came_of_it(tmp_path: Path) -> None:
    folder = tmp_path / "journal"
    result = run(maker, folder)
    layouts = {code: (name, fields) for code, name, fields in _engine.journal_layouts()["control"]}
    names = [layouts[record[2]][0] for record in _engine.journal_read(str(folder), "control")]
    assert names.count("report") == len(result.records["reports"]["order"])
    assert names.count("fill") == len(result.fills)
    assert names.index("report") < names.index("fill")
    tape = _engine.journal_read(str(folder), "tape")
    assert [record[2] for record in tape[:4]] == [1, 4, 1, 4], "each row with its columns"
    assert len(tape) == 2 * result.market.rows


def test_a_run_cut_off_is_made_again_as_far_as_it_went(tmp_path: Path) -> None:
    folder = tmp_path / "journal"
    result = run(maker, folder)
    middle = int(result.market.columns[0].ts[200]) + result.market.interval_ms
    part = _engine.journal_replay(str(folder), until=middle)
    assert (part["rows"], part["difference"]) == (201, None)
    assert part["equity"] == result.records["equity"][201 - (result.market.rows - len(result.records["equity"])) - 1]


def test_a_folder_in_use_is_refused(tmp_path: Path) -> None:
    run(maker, tmp_path / "journal")
    with pytest.raises(BacktestError, match="exists already"):
        run(maker, tmp_path / "journal")
