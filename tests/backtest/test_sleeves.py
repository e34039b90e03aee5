"""Several strategies on one account: without interaction each is what it is alone; what they share is shared as the page says."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

import bot4 as b4
from bot4.data import load

from .markets import FREE, HOUR, START, frame, market, perpetuals, walk
from .sleeve_cases import ALL, alone, both, buyer, dip, quote, same, trend

# --- without interaction --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("realism", ["strict", "neutral", "naive"])
def test_sleeves_that_do_not_meet_equal_runs_of_their_own_bit_for_bit(realism):
    data = perpetuals(walk(900, 1), walk(900, 2)[100:], walk(900, 3))
    settings = {"realism": realism, "funding_default": 1e-4, "volume_share": 1.0}
    whole = both(data, **settings)
    assert whole.sleeves["own_crosses"].sum() == 0
    for name, (strategy, share) in ALL.items():
        single = alone(strategy, share, data, **settings)
        assert single.stats.fills > 20, name
        same(whole.sleeve(name), single)


def test_the_account_is_the_sum_of_its_sleeves():
    data = perpetuals(walk(900, 1), walk(900, 2))
    whole = both(data)
    books = whole.sleeve_equity
    assert books.columns == ["ts", "a", "b", "c", "d", "e", "cash"]
    assert books["cash"].unique().to_list() == pytest.approx([1_000 * 0.0625])
    assert np.array_equal(sum(own["equity"] for own in whole.records["sleeves"]), whole.records["equity"])
    fills = whole.records["fills"]
    for number in range(2):
        mine = fills["asset"] == number
        assert np.array_equal(np.cumsum(fills["lots"][mine]), fills["position"][mine])
        parts = sum(int(own["counters"]["position"][number]) for own in whole.records["sleeves"])
        assert parts == whole.records["counters"]["position"][number]
    assert sum(int(x) for x in fills["fee"]) == whole.records["counters"]["fees"]
    # Cash flow after a fill: start cash less all that was paid so far, to the rounding of one unit a fill.
    paid = np.cumsum(whole.fills["value"].to_numpy() + whole.fills["fee"].to_numpy())
    assert whole.fills["cash_flow"].to_numpy() == pytest.approx(1_000 - paid, abs=1e-8 * (len(paid) + 1))
    assert sorted(whole.orders["id"].to_list()) == list(range(whole.stats.orders))
    assert whole.stats.fills == sum(part.stats.fills for part in whole.parts.values())


def test_one_sleeve_of_everything_is_the_strategy_itself():
    data = perpetuals(walk(700, 4))
    whole, single = both(data, {"only": (trend, 1.0)}), alone(trend, 1.0, data)
    same(whole.sleeve("only"), single)
    for table in ("orders", "fills", "trades"):
        for column, values in single.records[table].items():
            assert np.array_equal(whole.records[table][column], values)
    assert np.array_equal(whole.records["equity"], single.records["equity"])
    assert str(whole.stats) == str(single.stats)


def test_the_order_of_the_call_changes_nothing():
    data = perpetuals(walk(500, 5))
    one, other = both(data), both(data, dict(reversed(ALL.items())))
    assert one.records["state_hash"] == other.records["state_hash"]
    assert one.identity == other.identity
    assert one.to_json() == other.to_json()


def test_finer_bars_serve_every_sleeve():
    fine = walk(1_200, 6)
    bucket = ((pl.col("ts") - START) // (4 * HOUR)).alias("bucket")
    coarse = fine.group_by(bucket, maintain_order=True).agg(
        pl.col("ts", "open").first(),
        pl.col("high").max(),
        pl.col("low").min(),
        pl.col("close").last(),
        pl.col("volume").sum(),
    )
    data, detail = perpetuals(coarse.select(fine.columns)), perpetuals(fine)
    members = {"a": (trend, 0.5), "b": (dip, 0.25), "c": (quote, 0.125)}
    whole = both(data, members, detail=detail)
    assert whole.sleeves["own_crosses"].sum() == 0
    for name, (strategy, share) in members.items():
        same(whole.sleeve(name), alone(strategy, share, data, detail=detail))


def test_each_sleeve_is_liquidated_by_its_own_margin_alone():
    """40 coins at 100 on 500: equity meets 1 % of the notional at 88.38, on ticks of 1 at 89: 500 − 40 · 11 = 60 are left."""
    margin = {"mode": "cross", "leverage": 10, "tiers": [[0, 0.01]]}
    rows = perpetuals(frame([100.0, 100.0, 100.0, 95.0, 85.0, 85.0, 90.0, 90.0]))
    data = load(rows, instruments=[{"symbol": "BTC/USDT:USDT", "margin": margin}])

    @b4.strategy
    def heavy(m):
        return b4.target(8.0 + 0 * m.close, budget=20.0)

    @b4.strategy
    def light(m):
        return b4.target(0.5 + 0 * m.close)

    members = {"heavy": (heavy, 0.5), "light": (light, 0.5)}
    whole = both(data, members, max_leverage=20.0, **{k: v for k, v in FREE.items() if k != "volume_share"})
    assert [part.stats.liquidations for part in whole.parts.values()] == [1, 0]
    assert whole.stats.liquidations == 1
    assert whole.sleeve("light").stats.open_positions == 1
    assert whole.sleeve("heavy").stats.final_equity == 60


def test_each_wallet_of_stated_accounts_is_split_and_the_rest_is_valued():
    """Shares of 0.5 and 0.25 of 1000 USDT and 2 coins; what is left over, 250 USDT and half a coin, is worth what its price says."""
    walked = walk(300, 3)
    data = {"binance|BTC/USDT": walked, "okx|BTC/USDT:USDT": walk(300, 4)}

    def accounts(share):
        spot, futures = {"USDT": 600 * share, "BTC": 2 * share}, {"USDT": 400 * share}
        return {"spot": {"venues": ["binance"], "cash": spot}, "futures": {"venues": ["okx"], "cash": futures}}

    members = {"a": (trend, 0.5), "b": (dip, 0.25)}
    whole = both(data, members, accounts=accounts(1), cash=1.0)
    assert whole.sleeves["own_crosses"].sum() == 0
    for name, (strategy, share) in members.items():
        single = alone(strategy, 1.0, data, accounts=accounts(share))
        assert single.stats.fills > 10
        same(whole.sleeve(name), single)
    last = float(walked["close"][-1])
    assert whole.sleeve_equity["cash"][-1] == pytest.approx(250 + 0.5 * last)
    assert whole.sleeve_equity.select(pl.sum_horizontal("a", "b", "cash")).to_series()[-1] == pytest.approx(
        whole.stats.final_equity
    )


# --- what they share ------------------------------------------------------------------------------------------------------------


def test_sleeves_share_what_a_bar_s_volume_allows_in_the_order_of_names():
    """Each wants 5 coins at 100; a bar of 40 coins allows 4. The first by name takes 4, then 1 and 3 are left for the second, then 2."""
    data = market(frame([100.0] * 6, volume=40))
    costs = {**FREE, "volume_share": 0.1}
    whole = both(data, {"x": (buyer, 0.5), "y": (buyer, 0.5)}, **costs)
    found = whole.fills.select("ts", "sleeve", "qty", "volume_left", "position").rows()
    at = [whole.fills["ts"][0].replace(hour=hour) for hour in (1, 2, 3)]
    assert found == [
        (at[0], "x", 4.0, 4.0, 4.0),
        (at[1], "x", 1.0, 4.0, 5.0),
        (at[1], "y", 3.0, 3.0, 8.0),
        (at[2], "y", 2.0, 4.0, 10.0),
    ]


def test_a_market_order_that_would_meet_a_resting_order_of_another_sleeve_waits_a_bar():
    """`maker` holds 5 coins and offers them at 100.01, `taker` buys at a close of 101: through that offer, so it waits a bar."""
    closes = [100.0, 100.0, 100.0, 100.0, 101.0, 101.0, 101.0]

    @b4.strategy
    def taker(m):
        return b4.target(b4.where(m.close > 100.5, 1.0, 0.0))

    @b4.strategy
    def maker(m):
        held = m.pos.qty > 0
        return b4.orders(
            b4.order.market("in", "buy", size=b4.size.qty(5), when=m.close > 0),
            b4.order.limit("out", "sell", size=b4.size.qty(5), price=b4.where(held, 101.01 + 0 * m.close, m.close * 2)),
        )

    data = market(frame(closes))
    members = {"maker": (maker, 0.5), "taker": (taker, 0.5)}
    costs = {**FREE, "spread_bps": 4.0}
    whole = both(data, members, **costs)
    assert whole.sleeves["own_crosses"].to_list() == [0, 1]
    (order,) = whole.orders.filter(pl.col("sleeve") == "taker").to_dicts()
    (fill,) = whole.fills.filter(pl.col("sleeve") == "taker").to_dicts()
    assert order["cause"] == "own_cross"
    assert (fill["ts"] - order["ts"]).total_seconds() == 3_600, "one bar later than the next open"
    assert any("were sent one bar later" in note and "delayed" in note for note in whole.notes)
    assert "due 3,600,000 ms later" in whole.why(order["id"])
    assert "sleeve taker" in whole.why(order["id"])
    (fill,) = both(data, {"taker": (taker, 0.5)}, **costs).fills.to_dicts()
    assert fill["ts"] == order["ts"], "alone it fills at the next open"


def test_two_quotes_that_cross_are_not_matched_with_each_other():
    """A buys at 101 and B sells at 99, both sent at one decision: the later number waits a bar."""

    @b4.strategy
    def bid(m):
        return b4.orders(b4.order.limit("k", "buy", size=b4.size.qty(1), price=101 + 0 * m.close, when=m.close > 0))

    @b4.strategy
    def ask(m):
        return b4.orders(b4.order.limit("k", "sell", size=b4.size.qty(1), price=99 + 0 * m.close, when=m.close > 0))

    whole = both(perpetuals(frame([100.0] * 5)), {"a": (bid, 0.5), "b": (ask, 0.5)}, **FREE)
    assert whole.sleeves["own_crosses"].to_list() == [0, 1]
    (a,), (b,) = (whole.fills.filter(pl.col("sleeve") == name)["ts"].to_list() for name in "ab")
    assert (b - a).total_seconds() == 3_600
    assert whole.records["keys"] == ["k", "k"]


@b4.strategy
def seller(m):
    return b4.target(-1.0 + 0 * m.close)


def test_a_long_and_a_short_of_two_sleeves_are_both_held_and_both_at_stake():
    """5 coins long and 5 short at 100: the account's position is 0, its gross 1000 of 1000 from the first fill on."""
    whole = both(perpetuals(frame([100.0] * 5)), {"long": (buyer, 0.5), "short": (seller, 0.5)}, **FREE)
    assert whole.fills["position"].to_list() == [5.0, 0.0]
    assert whole.stats.open_positions == 2
    assert whole.stats.max_gross == 1.0
    assert whole.stats.time_in_market == 0.8


def test_any_cutting_of_the_run_gives_the_same_bits():
    from bot4 import _engine

    data = perpetuals(walk(400, 7), walk(400, 8)[50:])
    whole = both(data)
    members = [(one.program.json, one.share_e9) for one in whole.program.sleeves]
    config = whole.config.engine_json(data, None)
    for rows in (1, 7, 400):
        again = _engine.run_sleeves(data.native, members, config, rows)
        assert again["state_hash"] == whole.records["state_hash"]
        for table in ("orders", "fills", "trades"):
            for column, values in whole.records[table].items():
                assert np.array_equal(again[table][column], values)


@pytest.mark.parametrize("seed", range(6))
def test_where_sleeves_meet_capacity_and_cash_still_add_up(seed):
    """Thin bars and quotes that cross: no bar gives more than its share, no sleeve sells another's coins, equity is the sum."""
    data = market(walk(400, seed), walk(400, seed + 50))
    members = {"a": (quote, 0.3), "b": (quote, 0.3), "c": (dip, 0.2), "d": (buyer, 0.2)}
    whole = both(data, members, cash=2e5, volume_share=0.05, impact=0.5, max_leverage=1.0)
    fills = whole.fills
    taken = fills.group_by("symbol", "ts").agg(pl.col("qty").abs().sum())
    bars = pl.concat(
        pl.DataFrame({"symbol": one.symbol, "ts": columns.ts, "volume": columns.volume}) for one, columns in data
    ).with_columns(pl.col("ts").cast(pl.Datetime("ms", "UTC")))
    over = taken.join(bars, on=["symbol", "ts"]).filter(pl.col("qty") > 0.05 * pl.col("volume") + 1e-9)
    assert over.is_empty()
    assert (fills["qty"].abs() <= fills["volume_left"] + 1e-9).all()
    for number in range(len(members)):
        own = whole.records["fills"]["own_position"][whole.records["fills"]["sleeve"] == number]
        assert (own >= 0).all(), "spot is never short, in no book"
    assert np.array_equal(sum(own["equity"] for own in whole.records["sleeves"]), whole.records["equity"])
    assert whole.stats.fills > 200
    assert whole.sleeves["own_crosses"].sum() > 0
    assert set(whole.orders.filter(pl.col("cause") == "own_cross")["sleeve"]) <= set(members)
