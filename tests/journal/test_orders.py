"""Orders in the journal: written before they are sent, each change of state, and books that say what the run said."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import bot4 as b4
from bot4 import _engine
from bot4.records import journal
from tests.backtest.markets import HOUR, START, market, perpetuals, walk

from .books import Slow


@b4.strategy
def turning(m, fast: int = 5, slow: int = 20):
    """Long above, short below, with a stop: opens, adds, turns and is stopped."""
    weight = b4.where(m.close.ema(fast) > m.close.ema(slow), m.close.rsi(14) / 120, -0.5)
    return b4.target(weight, band=0.02, stop=b4.stop.trailing(3 * m.atr(5)))


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[b4.Result, Path]:
    """A perpetual with funding, thin volume and latency: orders wait, fill in parts, are superseded and stopped."""
    folder = tmp_path_factory.mktemp("orders") / "run.journal"
    bars = walk(1_500, seed=8).head(1_440)  # it ends short, after part of it was bought back
    rates = pl.DataFrame(
        {"ts": START + np.arange(180, dtype=np.int64) * 8 * HOUR, "rate": np.linspace(-1e-3, 1e-3, 180)}
    )
    result = b4.backtest(
        turning, perpetuals(bars), funding={"BTC/USDT:USDT": rates}, volume_share=0.001, journal=folder, record=False
    )
    return result, folder


def grid(n: int, d: int) -> Fraction:
    return Fraction(n, 10**d)


def test_an_order_stands_in_the_journal_before_anything_comes_of_it(run: tuple[b4.Result, Path]) -> None:
    result, folder = run
    sent = journal.frame(folder, "sent")
    state = journal.frame(folder, "state")
    fills = journal.frame(folder, "fill")
    ended = journal.frame(folder, "order").filter(pl.col("status") != 3)
    first = {row["order"]: row["number"] for row in sent.iter_rows(named=True)}
    assert len(first) == sent.height > 100
    assert set(ended["id"]) <= set(first)
    for table, name in ((state, "order"), (fills, "order"), (ended, "id")):
        assert all(number > first[order] for order, number in table.select(name, "number").iter_rows())
    strategy = int(result.identity[:8], 16)
    for order, client in sent.select("order", "client").iter_rows():
        assert _engine.read_client_order_id(client) == (0, strategy, order)


def test_each_change_of_state_leads_from_where_the_order_stood(run: tuple[b4.Result, Path]) -> None:
    _, folder = run
    stands: dict[int, str] = {}
    filled: dict[int, int] = {}
    for row in journal.frame(folder, "state").iter_rows(named=True):
        order = row["order"]
        assert row["from"] == stands.get(order, "new")
        stands[order] = row["to"]
        filled[order] = filled.get(order, 0) + abs(row["booked"])
        assert row["filled"] == filled[order]
    ended = journal.frame(folder, "order")
    for order, status, lots in ended.filter(pl.col("status") != 3).select("id", "status", "filled").iter_rows():
        assert stands[order] == {1: "filled", 2: "cancelled"}[status]
        assert filled[order] == lots
    assert {"partly_filled", "filled", "cancelled"} <= set(journal.frame(folder, "state")["to"])
    assert journal.replay(folder).is_same


def test_the_books_of_a_journal_say_what_the_run_and_a_slow_ledger_say(run: tuple[b4.Result, Path]) -> None:
    result, folder = run
    held = journal.ledger(folder)
    assert held.balanced
    row = held.instruments[0]
    instrument = result.market.instruments[0]
    slow = Slow(grid(*instrument.tick), grid(*instrument.lot))
    fills = result.records["fills"]
    for lots, ticks in zip(fills["lots"].tolist(), fills["ticks"].tolist(), strict=True):
        slow.fill(lots, ticks)
    assert (row.lots, row.fills, row.fees) == (slow.lots, len(fills["ts"]), int(fills["fee"].sum()))
    assert [row.average.cost, row.average.realised] == slow.average
    assert [row.fifo.cost, row.fifo.realised] == slow.fifo
    assert row.average.realised != row.fifo.realised, "the two differ while something is held"
    assert row.average.realised + row.average.unrealised == row.fifo.realised + row.fifo.unrealised
    assert row.carried == int(result.records["funding"]["amount"].sum()) != 0
    wallet = held.wallets[0]
    assert wallet.equity == held.recorded_equity == int(result.records["equity"][-1])
    profit = row.average.realised + row.average.unrealised - row.fees + row.carried
    assert wallet.equity - wallet.start == profit
    trades = result.records["trades"]
    assert int(trades["pnl"].sum()) == profit, "and the run's own trades say the same"


def test_an_older_journal_is_replayed_without_what_it_does_not_tell_and_a_newer_one_is_refused(tmp_path: Path) -> None:
    result = b4.backtest(turning, market(walk(300, seed=2)), record=False)
    program, symbols = result.program, list(result.market.symbols)
    config = result.config.engine_json(result.market, result.trade_from_ms)
    listing = json.loads(result.market.listing_json)
    about = {"name": "x", "identity": _engine.describe(program.json, symbols)["identity"]}
    setup = {
        "instruments": listing,
        "interval_ms": HOUR,
        "program": program.json,
        "config": config,
        "funding": [False],
        "about": about,
    }
    for contents, name in ((3, "newer"), (None, "older")):
        stated = setup if contents is None else setup | {"contents": contents}
        folder = tmp_path / name
        how = ("page-cache", 0, 0, 0, False)
        _engine.run_journaled(result.market.native, program.json, config, str(folder), json.dumps(stated), how)
        if contents is None:
            # It tells more than an older one would: what is left over is what is named.
            found = journal.replay(folder)
            assert found.difference is not None
            assert found.difference[1] in ("sent", "state")
            with pytest.raises(_engine.EngineError, match="before journals told what money moved"):
                journal.ledger(folder)
        else:
            with pytest.raises(
                _engine.EngineError, match="contents 3, this Bot4 reads up to 2; use the Bot4 that wrote it"
            ):
                journal.replay(folder)
