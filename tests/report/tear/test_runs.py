"""The parts about positions, costs and trades on runs of the engine: sums are the summary's, groups are those of the result's frames."""

from __future__ import annotations

import json
import math
import re
import time

import numpy as np
import polars as pl
import pytest

import bot4 as b4
from bot4.report.tear import PARTS
from tests.backtest.markets import HOUR, REAL, START, perpetuals, walk


@b4.strategy
def both_ways(m):
    """Long above the average, short below it, out at a stop."""
    side = b4.where(m.close > m.close.ema(20), 0.6, -0.4)
    return b4.target(side, band=0.05, stop=b4.stop.trailing(4 * m.atr(14)))


@b4.strategy
def long_only(m):
    return b4.target(b4.where(m.close > m.close.ema(50), 0.9, 0.0), band=0.05)


@pytest.fixture(scope="module")
def synthetic():
    data = perpetuals(walk(3_000, seed=1), walk(2_700, seed=2, start=START + 300 * HOUR))
    return b4.backtest(both_ways, data, cash=1_000_000, funding_default=0.0001, record=False)


@pytest.fixture(scope="module", params=["synthetic", "real"])
def result(request):
    if request.param == "synthetic":
        return request.getfixturevalue("synthetic")
    file = REAL / "binance-BTCUSDT-1h.parquet"
    if not file.exists():
        pytest.skip(f"no real bars at {file}; set BOT4_TEST_DATA")
    return b4.backtest(long_only, file, record=False)


def test_exposure_is_that_of_the_summary_and_of_the_positions(result):
    found, stats = result.tear_sheet.exposure, result.stats
    assert (found.time_in_market, found.mean_gross, found.max_gross) == pytest.approx(
        (stats.time_in_market, stats.mean_gross, stats.max_gross)
    )
    assert sum(asset.mean_gross for asset in found.assets) == pytest.approx(found.mean_gross)
    assert sum(asset.mean_net for asset in found.assets) == pytest.approx(found.mean_net)
    held = (
        result.positions.group_by("ts")
        .agg(
            pl.col("value").sum().alias("net"),
            pl.col("value").abs().sum().alias("gross"),
            (pl.col("qty") != 0).sum().alias("held"),
        )
        .join(result.equity, on="ts")
        .sort("ts")
    )
    assert (held["net"] > 0).mean() == pytest.approx(found.time_long)
    assert (held["net"] < 0).mean() == pytest.approx(found.time_short)
    assert held["held"].mean() == pytest.approx(found.mean_positions)
    assert held["held"].max() == found.max_positions
    closes = held.filter(pl.col("ts").dt.epoch("ms").is_in(found.times.tolist()))
    rows = np.searchsorted(found.times, closes["ts"].dt.epoch("ms").to_numpy())
    assert found.net[rows] == pytest.approx((closes["net"] / closes["equity"]).to_numpy())
    assert found.gross[rows] == pytest.approx((closes["gross"] / closes["equity"]).to_numpy())
    assert found.positions[rows].tolist() == closes["held"].to_list()
    assert np.sum([asset.weights for asset in found.assets], axis=0) == pytest.approx(found.net)


def test_exposure_in_blocks_is_exposure_in_one_piece(synthetic, monkeypatch):
    from bot4.report import columns
    from bot4.report.tear.exposure import exposure

    whole = synthetic.tear_sheet.exposure
    monkeypatch.setattr(columns, "BLOCK_ROWS", 77)
    parts = exposure(synthetic.columns)
    assert parts.mean_gross == pytest.approx(whole.mean_gross)
    assert parts.net == pytest.approx(whole.net)
    assert (parts.max_gross, parts.time_in_market) == (whole.max_gross, whole.time_in_market)


def test_costs_add_up_to_the_summary(result):
    found, stats = result.tear_sheet.costs, result.stats
    sums = {
        "traded": stats.traded,
        "fees": stats.fees,
        "spread": stats.spread_cost,
        "impact": stats.impact_cost,
        "funding": stats.funding,
        "total": stats.total_cost,
    }
    for name, value in sums.items():
        assert sum(getattr(asset, name) for asset in found.assets) == pytest.approx(value), name
    for name in ("traded", "spread", "impact", "funding"):
        assert getattr(found, name).sum() == pytest.approx(sums[name]), name
    assert found.fees.sum() == pytest.approx(stats.fees + stats.liquidation_fees)
    gross = stats.final_equity - stats.start_equity + stats.total_cost - stats.funding
    assert found.gross_profit == pytest.approx(gross)
    assert found.bps_of_traded == pytest.approx(stats.total_cost / stats.traded * 1e4)
    assert found.maker_share == 0.0, "targets send market orders"


def test_costs_by_day_are_those_of_the_fills(result):
    found = result.tear_sheet.costs
    days = (
        result.fills.group_by(pl.col("ts").dt.date()).agg(pl.col("value").abs().sum(), pl.col("fee").sum()).sort("ts")
    )
    dates = pl.Series((found.times - 1).astype("datetime64[ms]")).dt.date()
    traded = dict(zip(dates, found.traded, strict=True))
    for day, value, _ in days.iter_rows():
        assert traded[day] == pytest.approx(value), day
    assert sum(1 for value in traded.values() if value > 0) == len(days)


def by(result, *keys) -> pl.DataFrame:
    done: pl.DataFrame = result.trades.filter(pl.col("exit_ts").is_not_null())
    return done.group_by(*keys).agg(
        pl.len().alias("trades"),
        (pl.col("pnl") > 0).sum().alias("wins"),
        pl.col("pnl").sum().alias("profit"),
        pl.col("pnl").max().alias("best"),
        pl.col("pnl").min().alias("worst"),
        pl.col("return").mean().alias("mean_return"),
        ((pl.col("exit_ts") - pl.col("entry_ts")).dt.total_milliseconds() / HOUR).mean().alias("mean_hours"),
    )


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("assets", pl.col("symbol")),
        ("sides", pl.col("side")),
        ("exit_reasons", pl.col("reason")),
        ("hours", pl.col("entry_ts").dt.strftime("%H")),
        ("weekdays", pl.col("entry_ts").dt.strftime("%a")),
        ("months", pl.col("exit_ts").dt.strftime("%Y-%m")),
    ],
)
def test_groups_are_those_of_the_trades(result, name, key):
    groups = {group.label: group for group in getattr(result.tear_sheet.breakdown, name)}
    table = by(result, key.alias("label"))
    assert {label for label, group in groups.items() if group.trades} == set(table["label"])
    for row in table.iter_rows(named=True):
        group = groups[row.pop("label")]
        for field, value in row.items():
            assert getattr(group, field) == pytest.approx(value), (group.label, field)
        assert group.wins + group.draws + group.losses == group.trades
        assert group.mean_profit == pytest.approx(group.profit / group.trades)
    if name in ("hours", "weekdays"):
        assert len(groups) == {"hours": 24, "weekdays": 7}[name]


def test_entry_reasons_are_those_of_the_first_fill(result):
    """Trade by trade: the earliest fill at its entry on its side."""
    found: dict[str, int] = {}
    pairs: dict[str, int] = {}
    fills = result.fills
    for trade in result.trades.filter(pl.col("exit_ts").is_not_null()).iter_rows(named=True):
        sign = 1 if trade["side"] == "long" else -1
        first = fills.filter(
            (pl.col("ts") == trade["entry_ts"]) & (pl.col("symbol") == trade["symbol"]) & (pl.col("qty") * sign > 0)
        ).row(0, named=True)["reason"]
        found[first] = found.get(first, 0) + 1
        pair = f"{first} → {trade['reason']}"
        pairs[pair] = pairs.get(pair, 0) + 1
    own = result.tear_sheet.breakdown
    assert {group.label: group.trades for group in own.entry_reasons} == found
    assert {group.label: group.trades for group in own.reasons} == pairs


def test_open_positions_are_listed(result):
    left = result.trades.filter(pl.col("exit_ts").is_null())
    own = result.tear_sheet.breakdown.open_positions
    assert [(one.symbol, one.side) for one in own] == left.select("symbol", "side").rows()
    assert [one.profit for one in own] == pytest.approx(left["pnl"].to_list())
    assert len(own) == result.stats.open_positions


def test_excursions_are_those_of_the_trades(result):
    done = result.trades.with_row_index().filter(pl.col("exit_ts").is_not_null())
    own = result.tear_sheet.excursions
    assert own.trade.tolist() == done["index"].to_list()
    assert own.mae == pytest.approx(done["mae"].to_numpy())
    assert own.mfe == pytest.approx(done["mfe"].to_numpy())
    assert own.result == pytest.approx(done["return"].to_numpy())
    assert own.edge_ratio == pytest.approx(done["mfe"].mean() / -done["mae"].mean())
    assert own.mfe_captured == pytest.approx(done["return"].sum() / done["mfe"].sum())
    wins, losses = done.filter(pl.col("pnl") > 0), done.filter(pl.col("pnl") < 0)
    assert own.mean_mae_wins == pytest.approx(wins["mae"].mean())
    assert own.mean_mfe_losses == pytest.approx(losses["mfe"].mean())
    assert (wins["mae"] >= own.mae_wins_95).mean() == pytest.approx(0.95, abs=1.5 / len(wins))
    assert own.losses_once_ahead == pytest.approx((losses["mfe"] > -losses["return"]).mean())


def test_trades_as_a_whole_are_those_of_the_summary_and_of_scipy(result):
    stats = pytest.importorskip("scipy.stats")
    own, summary = result.tear_sheet.trades, result.stats
    done = result.trades.filter(pl.col("exit_ts").is_not_null())
    profit = done["pnl"].to_numpy()
    assert (own.count, own.win_rate, own.profit_factor, own.expectancy, own.mean_return) == pytest.approx(
        (summary.trades, summary.win_rate, summary.profit_factor, summary.expectancy, summary.mean_trade_return)
    )
    test = stats.ttest_1samp(done["return"].to_numpy(), 0.0)
    assert (own.mean_t, own.mean_p) == pytest.approx((test.statistic, test.pvalue))
    assert own.sqn == pytest.approx(math.sqrt(len(profit)) * profit.mean() / profit.std(ddof=1))
    won, lost = profit[profit > 0], profit[profit < 0]
    assert own.payoff == pytest.approx(won.mean() / -lost.mean())
    assert own.kelly == pytest.approx(own.win_rate - (1 - own.win_rate) / own.payoff)
    assert own.expectancy_ratio == pytest.approx((1 + own.payoff) * own.win_rate - 1)
    assert own.median_return == pytest.approx(done["return"].median())
    assert own.long_profit + own.short_profit == pytest.approx(own.profit)
    assert own.longs + own.shorts == own.count
    hours = (done["exit_ts"] - done["entry_ts"]).dt.total_milliseconds() / HOUR
    lengths = own.durations
    assert (lengths.shortest, lengths.mean, lengths.median, lengths.longest) == pytest.approx(
        (hours.min(), hours.mean(), hours.median(), hours.max())
    )
    assert own.win_durations.mean == pytest.approx(hours.filter(done["pnl"] > 0).mean())
    assert own.best_asset_profit >= own.worst_asset_profit


def test_runs_of_wins_are_counted_by_exit(result):
    done = result.trades.filter(pl.col("exit_ts").is_not_null()).sort("exit_ts", maintain_order=True)
    longest = {True: 0, False: 0}
    for is_win in (True, False):
        length = 0
        for pnl in done["pnl"]:
            length = length + 1 if (pnl > 0 if is_win else pnl < 0) else 0
            longest[is_win] = max(longest[is_win], length)
    own = result.tear_sheet.trades
    assert (own.longest_wins, own.longest_losses) == (longest[True], longest[False])


def test_orders_are_those_of_the_orders_frame(result):
    own, orders = result.tear_sheet.trades, result.orders
    counts = dict(orders["status"].value_counts().iter_rows())
    assert (own.filled, own.cancelled, own.rejected, own.working) == tuple(
        counts.get(name, 0) for name in ("filled", "cancelled", "rejected", "working")
    )
    assert own.orders == len(orders)
    assert own.cut == len(orders.filter((pl.col("status") != "rejected") & (pl.col("qty") < pl.col("wanted"))))
    causes = dict(orders.filter(pl.col("cause").is_not_null())["cause"].value_counts().iter_rows())
    assert {row.cause: row.orders for row in own.causes} == causes
    assert [row.orders for row in own.causes] == sorted(causes.values(), reverse=True)


def test_sleeves_are_told_apart():
    """Two members trade the same coin against each other: the account's trades are those of both books."""
    data = perpetuals(walk(1_500, seed=3))
    both = b4.sleeves(a=(both_ways, 0.5), b=(long_only, 0.5))
    result = b4.backtest(both, data, cash=1_000_000, record=False)
    own = result.tear_sheet
    assert own.trades.count == result.stats.trades == sum(result.sleeve(name).stats.trades for name in "ab")
    assert own.exposure.mean_gross == pytest.approx(result.stats.mean_gross)
    assert sum(group.trades for group in own.breakdown.entry_reasons) == own.trades.count
    assert {group.label for group in own.breakdown.entry_reasons} == {"target"}
    for name in "ab":
        part = result.sleeve(name)
        assert part.tear_sheet.trades.count == part.stats.trades
        assert part.tear_sheet.exposure.mean_gross == pytest.approx(part.stats.mean_gross)
        assert part.tear_sheet.costs.fees.sum() == pytest.approx(part.stats.fees)


def test_plain_data_has_every_part_and_field(result):
    found = result.tear_sheet.to_dict()
    assert list(found) == list(PARTS)
    text = json.dumps(found, allow_nan=False)
    assert json.loads(text) == found
    assert found["series"]["times"] == result.tear_sheet.series.times.tolist()
    assert found["drawdowns"]["worst"][0]["depth"] == pytest.approx(result.stats.max_drawdown)


def test_parts_are_computed_once_and_when_read(synthetic):
    from bot4.report.tear import tear_sheet

    fresh = tear_sheet(synthetic.columns, synthetic.stats)
    assert not set(PARTS) & set(vars(fresh))
    assert re.fullmatch(r"<TearSheet 1\d\d days beside holding · series, significance, .*, crises>", repr(fresh))
    assert set(PARTS) & set(vars(fresh)) == {"series"}
    assert fresh.tails is fresh.tails
    assert set(PARTS) & set(vars(fresh)) == {"series", "tails"}
    assert [group.label for group in fresh.breakdown.entry_reasons] == ["1"], "codes without names are shown as numbers"


def test_seven_years_of_hours_take_less_than_a_second():
    """61,000 marks and some thousand trades; processor time, so that a busy machine does not matter much."""

    @b4.strategy
    def nervous(m):
        return b4.target(b4.where(m.close > m.close.ema(8), 0.8, 0.0), band=0.05)

    result = b4.backtest(nervous, perpetuals(walk(61_000, seed=5)), cash=1e4, fee_bps=0.0, record=False)
    assert result.stats.trades > 3_000
    found = result.tear_sheet
    begun = time.process_time()
    for name in PARTS:
        getattr(found, name)
    assert time.process_time() - begun < 1.0
