"""Liquidations, inverse contracts, several currencies and lent coins: the parts keep adding up to the summary."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

import bot4 as b4
from bot4.data import load
from tests.backtest.markets import FREE, frame, perpetuals, walk

from .test_edges import all_parts

FALLING = [100.0, 100.0, 100.0, 95.0, 90.0, 85.0, 80.0, 75.0, 70.0, 62.0, 60.0, 55.0, 55.0]
TIERS = [[0, 0.01]]


@b4.strategy
def heavy(m):
    return b4.target(2.5 + 0 * m.close, budget=20.0)


@b4.strategy
def swing(m):
    return b4.target(b4.where(m.close > m.close.ema(20), 0.4, -0.3), band=0.05)


def adds_up(result):
    """Asserts that costs by asset and by day, exposure and groups are those of the summary, and returns the tear sheet."""
    found, stats = all_parts(result.columns), result.stats
    costs = found.costs
    by_day = costs.fees.sum() + costs.spread.sum() + costs.impact.sum() + stats.interest
    assert by_day == pytest.approx(stats.total_cost)
    assert costs.funding.sum() == pytest.approx(stats.funding)
    for name, total in {"fees": stats.fees, "liquidation_fees": stats.liquidation_fees, "traded": stats.traded}.items():
        assert sum(getattr(asset, name) for asset in costs.assets) == pytest.approx(total), name
    assert found.exposure.mean_gross == pytest.approx(stats.mean_gross)
    assert found.exposure.max_gross == pytest.approx(stats.max_gross)
    assert sum(group.trades for group in found.breakdown.exit_reasons) == stats.trades
    return found


def test_a_liquidation_is_a_cost_and_a_reason():
    margin = {"mode": "cross", "leverage": 5, "tiers": TIERS, "liquidation_fee_bps": 125}
    data = load(perpetuals(frame(FALLING)), instruments=[{"symbol": "BTC/USDT:USDT", "margin": margin}])
    result = b4.backtest(heavy, data, cash=1000, record=False, **FREE)
    found = adds_up(result)
    (asset,) = found.costs.assets
    assert asset.liquidation_fees == result.stats.liquidation_fees > 0
    assert asset.fees == pytest.approx(0, abs=1e-9)
    (reason,) = result.tear_sheet.breakdown.reasons
    assert reason.label == "target → liquidation"
    assert (result.tear_sheet.trades.count, result.tear_sheet.trades.longest_losses) == (1, 1)


def test_inverse_contracts_keep_the_sign_of_the_position():
    bars = walk(1_500, seed=4).with_columns(pl.col("open", "high", "low", "close") * 100)
    data = load({"bybit|BTC/USD:BTC": bars}, instruments=[{"symbol": "BTC/USD:BTC", "contract": 100}])
    result = b4.backtest(swing, data, cash=10, record=False)
    found = adds_up(result)
    qty = result.positions["qty"].to_numpy()
    assert (qty > 0).mean() == pytest.approx(found.exposure.time_long)
    assert (qty < 0).mean() == pytest.approx(found.exposure.time_short)
    assert found.exposure.time_short > 0.1
    assert found.trades.profit == pytest.approx(result.trades.filter(pl.col("exit_ts").is_not_null())["pnl"].sum())


def test_currencies_are_told_in_that_of_the_account():
    """Spot in dollars and an inverse contract in coins: profits of the latter at the last rate, costs at the rate of their time."""
    bars = walk(1_500, seed=6).with_columns(pl.col("open", "high", "low", "close") * 100)
    data = {"binance|BTC/USDT": bars, "bybit|BTC/USD:BTC": bars}
    accounts = {
        "spot": {"venues": ["binance"], "cash": {"USDT": 100_000}},
        "coins": {"venues": ["bybit"], "cash": {"BTC": 10}},
    }
    contract = [{"symbol": "BTC/USD:BTC", "contract": 100}]
    result = b4.backtest(swing, data, accounts=accounts, instruments=contract, record=False)
    found = adds_up(result)
    spot, inverse = result.columns.assets
    assert (spot.convert, inverse.convert) == (None, 0)
    rate = spot.close[-1]
    done = result.trades.filter(pl.col("exit_ts").is_not_null())
    own = {group.label: group.profit for group in found.breakdown.assets}
    profit = {symbol: done.filter(pl.col("symbol") == symbol)["pnl"].sum() for symbol in ("BTC/USDT", "BTC/USD:BTC")}
    assert own["BTC/USDT"] == pytest.approx(profit["BTC/USDT"])
    assert own["BTC/USD:BTC"] == pytest.approx(profit["BTC/USD:BTC"] * rate)
    assert found.trades.profit == pytest.approx(sum(own.values()))
    assert np.abs(found.exposure.assets[1].weights).max() > 0.05


def test_interest_belongs_to_the_asset_that_was_lent():
    margin = {"mode": "cross", "leverage": 3, "tiers": TIERS}
    lent = [{"symbol": "BTC/USDT", "margin": margin, "borrow": 0.10}]
    result = b4.backtest(swing, load({"BTC/USDT": walk(1_500, seed=8)}, instruments=lent), cash=10_000, record=False)
    found = adds_up(result)
    assert found.costs.assets[0].interest == pytest.approx(result.stats.interest)
    assert result.stats.interest > 0
    assert found.trades.shorts > 5
