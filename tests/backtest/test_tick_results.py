"""What a result on ticks says: its money added up again, its evidence, its frames, its pages; and what it refuses."""

from __future__ import annotations

from fractions import Fraction
from math import ceil
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import bot4 as b4
from bot4.backtest.errors import BacktestError
from bot4.backtest.ticks import TickResult
from bot4.data.synthetic import synth
from bot4.data.ticks import write
from tests.backtest.test_tick_runs import maker, taker
from tests.backtest.tick_market import made

if TYPE_CHECKING:
    from pathlib import Path

    from bot4.data.ticks import Ticks

CASH = 1_000_000


@pytest.fixture(scope="module")
def ticks() -> Ticks:
    return made()


def run(strategy: Any, ticks: Any, **settings: Any) -> Any:
    return b4.backtest(strategy, ticks, cash=CASH, record=False, **settings)


def test_two_runs_are_equal_bit_for_bit(ticks: Ticks) -> None:
    one, two = run(maker, ticks, latency_ms=5, latency_sigma=0.5), run(maker, ticks, latency_ms=5, latency_sigma=0.5)
    assert one.records["state_hash"] == two.records["state_hash"]
    assert np.array_equal(one.records["equity"], two.records["equity"])
    for table in ("fills", "orders", "evidence", "reports"):
        for name, column in one.records[table].items():
            assert np.array_equal(column, two.records[table][name]), (table, name)
    other = run(maker, ticks, latency_ms=5, latency_sigma=0.5, latency_seed=9)
    assert other.records["state_hash"] != one.records["state_hash"]


@pytest.mark.parametrize("strategy", [maker, taker])
def test_equity_is_cash_and_fills_and_fees_and_the_mid(ticks: Ticks, strategy: Any) -> None:
    result = run(strategy, ticks, latency_ms=5)
    fills, only = result.records["fills"], result.market.instruments[0]
    unit = Fraction(10**8, 10 ** (only.tick[1] + only.lot[1]))  # 1e-8 quote of one lot at one tick
    cash, held = Fraction(CASH * 10**8), 0
    for lots, ticks_, is_maker in zip(fills["lots"], fills["ticks"], fills["maker"], strict=True):
        value = int(lots) * int(ticks_) * unit
        bps = Fraction(str(only.maker_bps if is_maker else only.taker_bps))
        cash -= value + ceil(abs(value) * bps / 10_000)
        held += int(lots)
    mark = round(Fraction(result.market.columns[0].close[-1]) * 10 ** only.tick[1])
    assert result.records["equity"][-1] == cash + held * mark * unit
    assert held == result.records["counters"]["position"][0]


def test_every_fill_has_its_evidence(ticks: Ticks) -> None:
    frame = run(maker, ticks, latency_ms=5).fills
    assert frame["maker"].all()
    assert set(frame["rule"]) <= {"queue", "crossed"}
    assert (frame["venue_ts"].dt.timestamp("ns") + 5_000_000 >= frame["ts"].dt.timestamp("ns")).all()
    assert (frame["ahead"] >= 0).all()
    # The mid just before a fill in the queue is never on the wrong side of its price by more than what crossed it.
    resting = frame.filter(frame["rule"] == "queue")
    assert ((resting["mid"] - resting["price"]) * resting["qty"].sign() > 0).all()
    assert np.allclose(frame["captured"], (frame["mid"] - frame["price"]) * frame["qty"])
    took = run(taker, ticks, latency_ms=5).fills
    assert took["ahead"].is_null().all()
    assert (took["captured"] < 0).all(), "who takes pays"


def test_orders_say_how_they_ended(ticks: Ticks) -> None:
    result = run(maker, ticks, latency_ms=5)
    ended = result.orders.filter(result.orders["status"] == "cancelled")
    assert {"replaced"} <= set(ended["cause"]) <= {"replaced", "withdrawn", "would_take"}
    replaced = ended.filter(ended["cause"] == "replaced")
    gap = (replaced["done_ts"] - replaced["ts"]).dt.total_milliseconds()
    assert (gap >= 10).all(), "a cancel travels to the venue and its report back"
    assert "limit" in result.why(int(replaced["id"][0]))


def test_realisms_are_queue_and_latency(ticks: Ticks) -> None:
    strict = run(maker, ticks)
    found = strict.realisms()
    assert list(found) == ["strict", "neutral", "naive"]
    assert [one.config.queue for one in found.values()] == ["pessimistic", "log", "log"]
    assert found["naive"].config.order_ns == 0 < strict.config.order_ns == strict.beside.ticks.feed_ns
    assert "realism" in strict.summary().lower()


def test_the_summary_and_the_page_show_what_making_earned(ticks: Ticks, tmp_path: Path) -> None:
    result = run(maker, ticks)
    assert isinstance(result, TickResult)
    text = result.summary()
    assert "Making and taking" in text
    assert "mid 10 s later" in text
    assert "--funding" not in text, "nothing is advised that ticks refuse"
    assert "leverage=" not in text
    page = result.report(tmp_path / "r.html").read_text()
    assert "Making and taking" in page
    assert "Inventory over time" in page
    told = result.to_dict()["making"]
    assert told["maker"]["fills"] == len(result.fills)
    assert told["taker"]["captured_bps"] is None, "nothing was taken"


def test_conditions_and_feedback_are_evaluated_on_the_rows(ticks: Ticks) -> None:
    result = run(maker, ticks)
    program = result.program
    place = next(i for i, node in enumerate(program.nodes) if node.op == "pos")
    column = result.evaluate([place])[place, 0]
    lot = result.market.instruments[0].lot_size
    assert column.max() == pytest.approx(result.making.inventory_max)
    assert round(column[-1] / lot) == result.records["counters"]["position"][0]


def test_start_and_end_bound_decisions_and_rows(ticks: Ticks) -> None:
    whole = run(maker, ticks)
    middle = int(whole.market.columns[0].ts[150])
    late = run(maker, ticks, start=middle)
    assert late.records["orders"]["ts"].min() >= middle
    early = run(maker, ticks, end=middle)
    assert early.market.end_ms <= middle
    assert len(early.fills) < len(whole.fills)


def test_the_store_and_a_folder_are_data_too(ticks: Ticks, tmp_path: Path) -> None:
    folder = write(ticks, tmp_path / "store")
    for data in (folder, str(folder.parent), [folder]):
        assert run(maker, data).records["state_hash"] == run(maker, ticks).records["state_hash"]


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"spread_bps": 1.0}, "spread_bps is a setting of bars: ticks show the spread; leave it out"),
        ({"leverage": 3.0}, "leverage is a setting of bars"),
        ({"funding": "x"}, "funding is of bars"),
        ({"detail": "1m"}, "detail is of bars"),
        ({"timeframe": "1h"}, "timeframe is of bars"),
        ({"instruments": "x.json"}, "an instruments file is for bars"),
    ],
)
def test_settings_of_bars_are_refused(ticks: Ticks, settings: dict[str, Any], sentence: str) -> None:
    with pytest.raises(BacktestError, match="(?s)" + sentence.replace("(", r"\(")):
        run(maker, ticks, **settings)


def test_a_policy_flattens_what_ticks_hold(ticks: Ticks) -> None:
    policy = {"account": {"drawdown": 2e-6}, "order": {"risk_per_trade": False}}
    result = run(taker, ticks, latency_ms=5, policy=policy, params={"size": 1.0})
    assert result.guard["to"].to_list() == ["emergency", "killed"]
    flat = result.guard["ts"][-1]
    assert result.records["counters"]["position"][0] == 0
    assert result.orders["ts"].max() <= flat, "nothing is sent once everything is flat"
    assert "risk_flatten" in set(result.fills["reason"])


@pytest.mark.parametrize("workers", [1, 3])
def test_the_rows_of_a_sweep_are_its_single_runs(ticks: Ticks, workers: int) -> None:
    grid = {"half": [0.75, 2.25], "size": [0.01, 0.02, 0.05]}
    result = b4.sweep(maker, ticks, grid=grid, workers=workers, cash=CASH, record=False)
    rows = result.frame.to_dicts()
    assert [(row["half"], row["size"]) for row in rows] == [(h, s) for h in grid["half"] for s in grid["size"]]
    for row in rows:
        single = run(maker, ticks, params={name: row[name] for name in grid})
        stats = {name: None if value != value else value for name, value in dict(single.stats).items() if name in row}
        assert {name: row[name] for name in stats} == stats
    assert len({row["final_equity"] for row in rows}) > 2, "the parameter matters"
    assert result.metrics[0].name == "total_return"
    said = " ".join(result.summary().split())
    assert "maker runs on ticks, where runs share nothing: each is a single run on this machine." in said
    assert "data it has not seen (another recording)" in said
    best = result.best(n=1).to_dicts()[0]
    assert result.at(**{name: best[name] for name in grid}).stats.final_equity == best["final_equity"]


@pytest.mark.parametrize("strategy", [maker, taker])
def test_a_row_says_what_it_knew_wanted_and_sent(ticks: Ticks, strategy: Any) -> None:
    result = run(strategy, ticks)
    qty = result.strategy.name == "maker" and next(
        at for at, node in enumerate(result.program.nodes) if result.program.lines[at].text == "pos.qty"
    )
    held = result.evaluate([qty])[qty, 0] if qty is not False else None
    rows = result.market.columns[0].ts + result.market.interval_ms
    sent = set()
    for row in range(20, len(rows), 37):
        decision = result.at(int(rows[row]))
        assert (decision.ts, decision.bar["row"]) == (rows[row], row)
        if held is not None:
            assert decision.position["qty"] == pytest.approx(held[row], abs=1e-12), (
                "what the desk knew, of reports by then"
            )
        fills = result.fills.filter(result.fills["ts"].cast(int) <= int(rows[row]))
        assert decision.position["qty"] == pytest.approx(float(fills["qty"].sum()), abs=1e-9)
        orders = result.orders.filter(result.orders["ts"].cast(int) == int(rows[row]))
        assert [one["id"] for one in decision.sent] == orders["id"].to_list()
        sent |= {one["id"] for one in decision.sent}
        at_work = result.orders.filter(
            (result.orders["ts"].cast(int) <= int(rows[row]))
            & (result.orders["done_ts"].is_null() | (result.orders["done_ts"].cast(int) > int(rows[row])))
        )
        assert {one["id"] for one in decision.working} == set(at_work["id"])
        assert all(one["left"] > 0 for one in decision.working)
        assert decision.why
        assert decision.to_dict()["ts"] == rows[row]
    assert len(sent) > 2
    text = str(result.at(int(rows[40])))
    assert "expressions" in text


def test_what_knows_bars_alone_says_so(ticks: Ticks) -> None:
    with pytest.raises(
        BacktestError, match="this takes bars alone; on ticks there are `bot4 backtest` and `bot4 sweep`"
    ):
        b4.walkforward(maker, ticks, grid={"half": [1.25, 2.25]}, record=False)
    with pytest.raises(BacktestError, match=r'runs on ticks, .* leave on="ray" \(--on ray\) out'):
        b4.sweep(maker, ticks, grid={"half": [1.25, 2.25]}, on="ray", record=False)


def test_ticks_and_bars_do_not_meet(ticks: Ticks, tmp_path: Path) -> None:
    @b4.strategy(on=b4.bars("1h"))
    def on_bars(m):
        return b4.target(m.close / m.close)

    with pytest.raises(BacktestError, match="the data is a recording of ticks; give bars"):
        run(on_bars, ticks)
    with pytest.raises(BacktestError, match="the data is no recording of ticks"):
        run(maker, synth(1, 100))
    with pytest.raises(BacktestError, match="does not exist"):
        run(maker, tmp_path / "nothing.gz")
    with pytest.raises(BacktestError, match="takes one instrument"):
        run(maker, [ticks, ticks])
    with pytest.raises(BacktestError, match="no bar of A/USDT:USDT had closed by"):
        run(maker, ticks).at(0)
