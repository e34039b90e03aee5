"""What evidence holds against what it is not made from: the walk-forward and backtest of the rest of Bot4, Polars, and runs by hand."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

import bot4 as b4
from bot4.backtest.walkforward.splits import Span
from bot4.gate.collect import days, trades
from bot4.gate.collect.days import days_of
from bot4.report.stats import compute
from tests.gate.worlds import DAY, NOW, START, World

near = pytest.approx


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """(world, evidence) of a check that was made once."""
    folder = tmp_path_factory.mktemp("collected")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BOT4_HOME", str(folder / "home"))
        world = World(folder)
        yield world, world.check(world.register().id).evidence


def backtest(world, **settings):
    """One run from the first day in sample to the last out of sample, without a record."""
    held = {"funding_default": 0.0001, "record": False, **settings}
    return b4.backtest(str(world.strategy), world.data, **held)


def test_the_days_out_of_sample_are_those_of_a_walk_forward(found):
    world, evidence = found
    grid = {"fast": "2:6:1", "weight": "0.2:0.6:0.2"}
    walked = b4.walkforward(
        str(world.strategy), world.data, grid, train="120d", test="60d", funding_default=0.0001, record=False
    )
    days = evidence.out.days
    closes = np.concatenate([result.daily_returns[1] for result in walked.results])
    ends = np.concatenate([result.daily_returns[0] for result in walked.results])
    both = np.isin(ends - DAY, days)
    assert both.sum() >= 540, "the last test of the walk-forward may be left out"
    place = np.searchsorted(days, ends[both] - DAY)
    np.testing.assert_allclose(evidence.out.returns[place], closes[both], rtol=0, atol=1e-12)
    closed = sum(result.stats.trades for result in walked.results)
    assert len(evidence.trades.pnl) >= closed


def test_the_registered_neighbour_is_a_backtest(found):
    world, evidence = found
    start = int(evidence.neighbour_days[0])
    ends, returns = backtest(world, start=start).daily_returns
    np.testing.assert_array_equal(ends - DAY, evidence.neighbour_days)
    np.testing.assert_allclose(evidence.neighbours[:, 0], returns, rtol=0, atol=1e-12)
    assert len(evidence.inside.days) == 120
    np.testing.assert_allclose(evidence.inside.returns, returns[:120], rtol=0, atol=1e-9)


def test_twice_the_costs_are_a_backtest_that_pays_them(tmp_path, monkeypatch):
    monkeypatch.setenv("BOT4_HOME", str(tmp_path / "home"))
    world = World(tmp_path)
    evidence = world.check(world.register(design="holdout", out_from="2020-12-01").id).evidence
    _, plain = backtest(world, start="2020-12-01").daily_returns
    _, returns = backtest(world, start="2020-12-01", fee_bps=20.0, spread_bps=4.0, impact=2.0).daily_returns
    np.testing.assert_allclose(evidence.out.returns, plain, rtol=0, atol=1e-12)
    np.testing.assert_allclose(evidence.stress["costs_2x"], returns, rtol=0, atol=1e-12)
    assert np.abs(plain - returns).max() > 1e-5


def test_profit_by_instrument_adds_up_to_the_days(found):
    _, evidence = found
    np.testing.assert_allclose(evidence.asset_pnl.sum(axis=1), evidence.out.returns, rtol=0, atol=1e-10)


def test_before_costs_is_after_costs_and_what_was_paid(found):
    world, _ = found
    result = backtest(world)
    first = -(-result.stats.start_ms // DAY) * DAY
    span = Span(first, START + 700 * DAY)
    days = days_of(result, span, result.instrument_names)
    opening = np.cumprod(np.concatenate([[1.0], 1.0 + days.returns]))[:-1] * result.stats.start_equity
    paid = float(np.sum((days.gross - days.returns) * opening))
    stats = compute(result.columns)
    assert paid == near(stats.fees + stats.spread_cost + stats.impact_cost, rel=1e-9)
    assert days.traded.sum() == near(stats.traded, rel=1e-9)
    assert days.exposure.mean() == near(stats.mean_gross, rel=0.01)


def test_volume_volatility_and_holding_against_polars(found):
    world, evidence = found
    for number, file in enumerate(world.data):
        frame = pl.read_parquet(file).with_columns(
            day=pl.col("ts").dt.epoch("ms"),
            value=pl.col("close") * pl.col("volume"),
            deviation=pl.col("close").pct_change().rolling_std(30).shift(1),
        )
        mine = frame.filter(pl.col("day").is_in(evidence.out.days.tolist()))
        np.testing.assert_allclose(evidence.volume[:, number], mine["value"].to_numpy(), rtol=1e-9)
        np.testing.assert_allclose(evidence.volatility[:, number], mine["deviation"].to_numpy(), rtol=1e-9)
    assert evidence.market.days[0] == evidence.neighbour_days[0]
    assert len(evidence.market.returns) == len(evidence.neighbour_days)
    closes = [pl.read_parquet(file)["close"].to_numpy() for file in world.data]
    first, last = (int(evidence.market.days[at] - START) // DAY for at in (1, -1))
    held = np.mean([close[last] / close[first - 1] for close in closes])
    grown = np.prod(1.0 + evidence.market.returns[1:])
    assert grown == near(held, rel=0.02), "equal parts bought a day earlier drift apart a little"


def test_trades_earn_what_the_account_earns(found):
    """Money of each trade, at the equity it was entered with, sums up to the account's profit: nothing held at the end is lost."""
    world, _ = found
    result = backtest(world)
    span = Span(result.market.start_ms, result.market.end_ms)
    every = trades.trades_of(result, result.instrument_names, span)
    money = every.pnl * days.equity_at(result.columns, every.entry_ms)
    assert money.sum() == near(result.stats.final_equity - result.stats.start_equity, rel=1e-9)


def test_trades_are_those_of_the_run(found):
    world, _ = found
    result = backtest(world)
    market = result.market
    span = Span(market.start_ms, market.end_ms)
    closed = trades.trades_of(result, result.instrument_names, span)
    frame = result.trades.filter(pl.col("exit_ts").is_not_null()).sort("exit_ts", maintain_order=True)
    assert frame.height == result.stats.trades
    assert len(closed.pnl) == result.trades.height > frame.height, "some are held at the end"
    assert closed.exit_ms.tolist() == frame["exit_ts"].dt.epoch("ms").to_list() + [span.end_ms] * (
        len(closed.pnl) - frame.height
    )
    assert np.all(np.diff(closed.exit_ms) >= 0)
    assert set(closed.side.tolist()) == {1}
    assert trades.rebalances_of(result) == result.fills["ts"].n_unique()


@pytest.mark.parametrize(
    ("lots", "ticks", "adds"),
    [
        ([10, 10, -20], [100, 90, 95], [1]),
        ([10, 10, -20], [100, 110, 95], [0]),
        ([10, 10, 10, -30], [100, 90, 96, 95], [1]),
        ([10, 10, 10, -30], [100, 90, 94, 95], [2]),
        ([-10, -10, 20], [100, 110, 95], [1]),
        ([10, -5, 5, -10], [100, 90, 90, 90], [1]),
        ([10, -20, -10, 20], [100, 90, 95, 80], [0, 1]),
        ([10, -10, 10, -10], [100, 90, 80, 90], [0, 0]),
    ],
)
def test_increases_under_water_by_hand(lots, ticks, adds):
    assert trades._adds(lots, ticks) == adds


def test_averaging_down_is_counted_in_a_run(tmp_path, monkeypatch):
    monkeypatch.setenv("BOT4_HOME", str(tmp_path / "home"))
    world = World(tmp_path)
    down = tmp_path / "down.py"
    down.write_text(
        "import bot4 as b4\n\n\n@b4.portfolio(on=b4.bars('1d'))\ndef down(u):\n"
        "    return b4.target(b4.where(u.close.returns(5) < -0.03, 0.4, b4.where(u.close.returns(2) < 0, 0.2, 0.0)))\n"
    )
    result = b4.backtest(str(down), world.data, record=False)
    counted = trades.adds_under_water(result.columns)
    fills, expected = result.fills, 0
    for symbol in fills["symbol"].unique():
        held = cost = 0.0
        for lots, price in fills.filter(pl.col("symbol") == symbol).select("qty", "price").iter_rows():
            signed = lots
            if held > 0 and signed > 0 and price < cost / held:
                expected += 1
            cost = cost + signed * price if signed > 0 else cost * (held + signed) / held
            held = round(held + signed, 8)
    assert counted.sum() == expected > 3


def test_a_ruined_account_has_no_verdict_and_stress_goes_on_flat(found, monkeypatch):
    from bot4.gate.collect import windows
    from bot4.gate.errors import GateError
    from bot4.gate.registry import make

    world, evidence = found
    monkeypatch.setenv("BOT4_HOME", str(world.home))
    made = make.again(evidence.registration)
    chosen = [windows.Chosen(Span(START + n * DAY, START + (n + 60) * DAY), made.programs[0]) for n in (200, 260)]
    monkeypatch.setattr(windows, "LEAST_CASH", 1e12)
    with pytest.raises(GateError, match="the account was ruined before the last day"):
        list(windows.run_tests(made.setup, chosen, lambda _: None))
    returns = windows.stress_returns(made, chosen, "costs_2x", lambda _: None)
    assert len(returns) == 120
    assert returns[:60].any()
    assert not returns[60:].any()
    assert NOW > START
