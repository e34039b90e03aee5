"""The migration pages are true: the peer's block and Bot4's make the same trades on the same bars.

The peers live in environments of their own (`make bench` builds them). What they did is read from `migrate_recorded.json` beside this
file, written by `python -m tests.house.migrate --record` with the peers' versions, and done again where they are installed.
freqtrade's class is run by a few lines that do what its backtest does with a class's columns.
"""

from __future__ import annotations

import json
import sys
from types import ModuleType, SimpleNamespace
from typing import Any

import pandas as pd
import polars as pl
import pytest

from benchmarks.environment import python_of
from tests.house import migrate

PEERS = {"backtesting": "venv", "vectorbt": "vectorbt"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return migrate.workshop(tmp_path_factory.mktemp("migrate"))


@pytest.fixture(scope="module")
def recorded() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(migrate.RECORDED.read_text())
    return found


@pytest.mark.parametrize("peer", PEERS)
def test_the_two_blocks_of_a_page_make_the_same_trades(peer: str, folder: Any, recorded: dict[str, Any]) -> None:
    ours, theirs = migrate.ours(peer, folder), recorded[peer]["trades"]
    assert len(theirs) >= 20
    for own, other in zip(ours, theirs, strict=False):
        assert own["entry_ts"] == other["entry_ts"]
        assert own["entry_price"] == pytest.approx(other["entry_price"], rel=1e-9)
        assert own["exit_ts"] == other["exit_ts"]
        assert own["exit_price"] == pytest.approx(other["exit_price"], rel=1e-9)
        assert own["qty"] == pytest.approx(
            other["qty"], rel=2e-3
        )  # fees are taken off the size there, off the cash here
    assert abs(len(ours) - len(theirs)) <= 1  # a position that is open at the end


@pytest.mark.parametrize("peer", PEERS)
def test_the_peer_still_does_what_was_recorded(peer: str, folder: Any, recorded: dict[str, Any]) -> None:
    python = python_of(PEERS[peer])
    if not python.exists():
        pytest.skip(f"{peer} is not installed; make bench installs it")
    assert migrate.theirs(peer, folder, str(python))["trades"] == recorded[peer]["trades"]


def test_the_recorded_blocks_are_those_of_the_pages(recorded: dict[str, Any]) -> None:
    stale = [peer for peer in PEERS if recorded[peer]["block"] != migrate.digest(migrate.peer_block(peer))]
    assert stale == [], "the page changed: python -m tests.house.migrate --record"


def freqtrade_class() -> Any:
    """Returns the class of the page, its imports served by a stand-in for freqtrade's base."""
    source = migrate.peer_block("freqtrade")
    fake, strategy = ModuleType("freqtrade"), ModuleType("freqtrade.strategy")
    strategy.IStrategy = type("IStrategy", (), {})  # type: ignore[attr-defined]
    modules = {"freqtrade": fake, "freqtrade.strategy": strategy}
    before = {name: sys.modules.get(name) for name in modules}
    sys.modules.update(modules)
    try:
        namespace: dict[str, Any] = {}
        exec(compile(source, "freqtrade.md", "exec"), namespace)
    finally:
        for name, module in before.items():
            if module is None:
                del sys.modules[name]
            else:
                sys.modules[name] = module
    return namespace["Dip"]


def freqtrade_trades(kind: Any, frame: Any) -> list[SimpleNamespace]:
    """Trades as freqtrade's backtest makes them of a class's columns: in and out at the next candle's open; a stop below the entry is
    looked for from the entry's own candle on, and filled at its level, or at the open beyond it."""
    made = kind()
    for step in ("populate_indicators", "populate_entry_trend", "populate_exit_trend"):
        frame = getattr(made, step)(frame, {"pair": "BTC/USDT"})
    enter, leave = (frame[name].fillna(0).to_numpy() == 1 for name in ("enter_long", "exit_long"))
    columns = [frame[name].to_numpy() for name in ("open", "low", "ts")]
    trades: list[SimpleNamespace] = []
    held: SimpleNamespace | None = None
    for row, (opened, low, ts) in enumerate(zip(*columns, strict=True)):
        if row == 0:
            continue
        if held is not None and leave[row - 1]:
            held.exit_ts, held.exit_price, held.reason = ts, opened, "exit"
            held = None
        elif held is None and enter[row - 1] and not leave[row - 1]:
            held = SimpleNamespace(entry_ts=ts, entry_price=opened, exit_ts=None, exit_price=None, reason="")
            trades.append(held)
        if held is not None and low <= (level := held.entry_price * (1 + made.stoploss)):
            held.exit_ts, held.exit_price, held.reason = ts, min(level, opened), "stop"
            held = None
    return trades


def test_freqtrades_class_and_ours_make_the_same_trades(folder: Any) -> None:
    bars = pl.read_parquet(folder / "market" / "BTC-USDT-1h.parquet").rename({"ts_ms": "ts"})
    theirs = freqtrade_trades(freqtrade_class(), pd.DataFrame(bars.to_dict(as_series=False)))
    ours = migrate.ours("freqtrade", folder)
    assert len(theirs) >= 8
    assert {trade.reason for trade in theirs} == {"exit", "stop"}
    for own, other in zip(ours, theirs, strict=False):
        assert own["entry_ts"] == other.entry_ts
        assert own["entry_price"] == pytest.approx(other.entry_price, rel=1e-9)
        assert own["exit_ts"] == other.exit_ts
        # The level is of the close there was, not of the fill: as the page says.
        assert own["exit_price"] == pytest.approx(other.exit_price, rel=1e-9 if other.reason == "exit" else 2e-3)
    assert abs(len(ours) - len(theirs)) <= 1
