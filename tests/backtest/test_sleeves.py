"""Several strategies on one account: without interaction each is what it is alone; what they share is shared as the page says."""

from __future__ import annotations

import json
import signal
import threading
import time

import numpy as np
import polars as pl
import pytest

import bot4 as b4
from bot4.data import load

from .markets import FREE, HOUR, START, frame, market, perpetuals, walk

ROOMY = {"volume_share": 1.0, "cash": 1_000.0}
SHARED = ("volume_left", "sleeve")
"""Columns that tell of the others: what the bar still had, and whose a row is."""


@b4.strategy
def trend(m, fast: int = b4.param(10, 2, 50)):
    return b4.target(b4.where(m.close > m.close.ema(fast), 0.9, -0.5), band=0.05, stop=b4.stop.trailing(3 * m.atr(5)))


@b4.strategy
def dip(m):
    return b4.entries(
        long=m.close.rsi(2) < 20, exit=m.close > m.close.sma(5), size=0.5, take=0.02 * m.close, max_units=2
    )


@b4.strategy
def quote(m):
    below, above = m.close * 0.995, m.close * 1.01
    return b4.orders(
        b4.order.limit("buy", "buy", size=b4.size.weight(0.3), price=below, stop=0.03 * m.close, take=above - below),
        b4.order.stop(
            "up", "buy", size=b4.size.risk(0.01, per_unit=0.02 * m.close), trigger=above, trail=0.02 * m.close
        ),
    )


@b4.strategy
def feedback(m):
    return b4.target(b4.where(m.pos.bars_held > 7, 0.0, b4.where(b4.account.drawdown < -0.1, 0.2, 0.8)))


@b4.portfolio(rebalance=b4.every("1d"))
def momentum(u):
    return b4.target(u.close.returns(24).cs.scale(gross=1.0), band=0.0)


ALL = {"a": (trend, 0.25), "b": (dip, 0.2), "c": (quote, 0.3), "d": (feedback, 0.125), "e": (momentum, 0.0625)}


def alone(strategy, share, data, cash=1_000.0, **settings):
    return b4.backtest(strategy, data, record=False, **{**ROOMY, "cash": cash * share, **settings})


def same(own: b4.Result, single: b4.Result) -> None:
    """Holds records, frames and statistics of a sleeve against a run of its own; numbers of orders stand in the same order."""
    numbers = {n: i for i, n in enumerate(own.records["orders"]["id"].tolist())}
    for table in ("orders", "fills", "trades", "funding"):
        mine, theirs = own.records[table], single.records[table]
        assert set(theirs) == set(mine)
        for column, values in theirs.items():
            found = mine[column]
            if column in ("id", "order", "parent"):
                found = np.array([numbers.get(n, n) for n in found.tolist()])
            if column not in SHARED:
                assert np.array_equal(found, values), (table, column)
    assert np.array_equal(own.records["equity"], single.records["equity"])
    assert own.records["keys"] == single.records["keys"]
    for name, value in single.records["counters"].items():
        mine, theirs = (
            value if name == "wallets" else {name: value} for value in (own.records["counters"][name], value)
        )
        for column in theirs:
            assert np.array_equal(mine[column], theirs[column]), (name, column)
    assert str(own.stats) == str(single.stats)


def both(data, members=None, **settings) -> b4.Result:
    return b4.backtest(b4.sleeves(**(members or ALL)), data, record=False, **{**ROOMY, **settings})


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


@b4.strategy
def buyer(m, weight: float = b4.param(1.0, 0.0, 1.0)):
    return b4.target(weight + 0 * m.close)


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


# --- what a user sees -------------------------------------------------------------------------------------------------------------


def test_the_result_shows_every_sleeve(tmp_path):
    data = perpetuals(walk(900, 1), walk(900, 2))
    whole = both(data, {"up": (trend, 0.5), "dips": b4.sleeve(dip, 0.25)})
    table = whole.sleeves
    assert table.columns == [
        *(
            "name",
            "share",
            "start_equity",
            "final_equity",
            "return",
            "sharpe",
            "max_drawdown",
            "trades",
            "costs",
            "own_crosses",
        )
    ]
    assert table["name"].to_list() == ["dips", "up"]
    assert table["share"].to_list() == [0.25, 0.5]
    assert float(table["final_equity"].sum()) + 250 == pytest.approx(whole.stats.final_equity)
    assert set(whole.orders["sleeve"]) == set(whole.trades["sleeve"]) == {"dips", "up"}
    assert set(whole.signals["sleeve"]) == {"dips", "up"} or set(whole.signals["sleeve"]) == {"up"}
    summary = whole.summary()
    assert "Sleeve" in summary
    assert "dips " in summary
    page = whole.report(tmp_path / "r.html").read_text()
    assert "<h2>Sleeves</h2>" in page
    found = json.loads(whole.to_json())
    assert [row["name"] for row in found["sleeves"]] == ["dips", "up"]
    assert found["strategy"]["kind"] == "sleeves"
    assert whole.realisms()["naive"].sleeve("up") is whole.sleeve("up").realisms()["naive"]
    with pytest.raises(ValueError, match="there is no sleeve 'x'; sleeves are dips, up"):
        whole.sleeve("x")
    single = whole.sleeve("up")
    assert single.sleeves.is_empty()
    with pytest.raises(ValueError, match=r"sleeves are for runs of b4\.sleeves alone"):
        single.sleeve("")
    with pytest.raises(ValueError, match="ask a sleeve"):
        whole.evaluate([0])


def test_notes_name_the_sleeve():
    data = market(frame([100.0] * 50))

    @b4.strategy
    def never(m):
        return b4.target(b4.where(m.close > 1e6, 1.0, 0.0))

    whole = both(data, {"still": (never, 0.5), "held": (buyer, 0.5)})
    assert any(note.startswith("still: ") for note in whole.notes)
    assert not any(note.startswith("held: ") for note in whole.notes)


def test_parameters_are_those_of_the_members():
    data = perpetuals(walk(300, 1))
    made = b4.sleeves(up=b4.sleeve(trend, 0.5, fast=12), down=(trend, 0.5))
    assert {name: p.default for name, p in made.parameters.items()} == {"down.fast": 10, "up.fast": 12}
    whole = b4.backtest(made, data, params={"down.fast": 20}, record=False)
    assert whole.params == {"down.fast": 20, "up.fast": 12}
    assert whole.sleeve("down").params == {"fast": 20}
    assert made.parse_parameters(["up.fast=7"]) == {"up.fast": 7}
    with pytest.raises(b4.ParameterError, match=r"parameter up\.fast is 99"):
        b4.backtest(made, data, params={"up.fast": 99}, record=False)
    with pytest.raises(b4.ParameterError, match=r"has no parameter 'fast'"):
        b4.backtest(made, data, fast=3, record=False)


def test_identity_covers_shares_names_and_every_member():
    data = perpetuals(walk(300, 1))
    runs = [
        both(data, members).identity
        for members in (
            {"a": (trend, 0.5), "b": (dip, 0.5)},
            {"a": (trend, 0.5), "b": (dip, 0.25)},
            {"a": (trend, 0.5), "c": (dip, 0.5)},
            {"a": b4.sleeve(trend, 0.5, fast=11), "b": (dip, 0.5)},
        )
    ]
    assert len(set(runs)) == 4


def test_runs_are_recorded_and_trials_counted():
    data = perpetuals(walk(300, 1))
    made = b4.sleeves(a=(trend, 0.5), b=(dip, 0.5))
    b4.backtest(made, data)
    trials = b4.backtest(made, data).trials
    assert trials is not None
    assert (trials.runs, trials.distinct) == (1, 1)


def test_a_file_with_sleeves_runs_as_those(tmp_path):
    path = tmp_path / "both.py"
    path.write_text(
        "import bot4 as b4\n\n@b4.strategy\ndef up(m):\n    return b4.target(1.0 + 0 * m.close)\n\n"
        "@b4.strategy\ndef half(m):\n    return b4.target(0.5 + 0 * m.close)\n\n"
        "both = b4.sleeves(up=(up, 0.5), half=(half, 0.5))\n"
    )
    data = market(frame([100.0] * 5))
    assert b4.backtest(path, data, record=False).name == "half + up"
    assert b4.backtest(f"{path}:both", data, record=False).name == "half + up"
    assert b4.backtest(f"{path}:up", data, record=False).name == "up"


def test_ctrl_c_ends_a_long_run():
    data = perpetuals(walk(60_000, 1))
    timer = threading.Timer(0.5, signal.raise_signal, (signal.SIGINT,))
    made = b4.sleeves(**{f"s{n}": (feedback, 0.02) for n in range(40)})
    timer.start()
    begun = time.perf_counter()
    with pytest.raises(KeyboardInterrupt):
        b4.backtest(made, data, record=False)
    assert time.perf_counter() - begun < 30


# --- what is refused ----------------------------------------------------------------------------------------------------------------


class Eventful(b4.Events):
    def on_bar(self, ctx):
        ctx.cancel()


@b4.strategy(on=b4.bars("4h"))
def slow(m):
    return b4.target(1.0 + 0 * m.close)


@b4.strategy(on=b4.bars("1h"))
def quick(m):
    return b4.target(1.0 + 0 * m.close)


@pytest.mark.parametrize(
    ("members", "sentence"),
    [
        ({}, "b4.sleeves has no member"),
        ({"a": (trend, 0.6), "b": (dip, 0.5)}, "the shares of these sleeves add up to 1.1"),
        ({"a": (trend, 0.0)}, "the share of a is 0.0"),
        ({"a": (trend, -0.5)}, "the share of a is -0.5"),
        ({"a": (trend, 1.5)}, "the share of a is 1.5"),
        ({"a": (trend, float("nan"))}, "the share of a is nan"),
        ({"a": (trend, True)}, "the share of a is True"),
        ({"a": (trend, "half")}, "the share of a is 'half'"),
        ({"a": trend}, r"Write a=\(strategy, share\)"),
        ({"a": (len, 0.5)}, "the sleeve a is len, which is not a strategy"),
        ({"a": (Eventful, 0.5)}, "the sleeve a is an event strategy, which has its account to itself"),
        ({"a": (b4.sleeves(x=(trend, 1.0)), 0.5)}, "the sleeve a is itself sleeves"),
        ({"a": (slow, 0.5), "b": (quick, 0.5)}, "sleeves share their bars, and a runs on 4h, b runs on 1h"),
        ({"a b": (trend, 0.5)}, "'a b' is not a name"),
    ],
)
def test_what_cannot_be_sleeves_is_refused_in_one_sentence(members, sentence):
    with pytest.raises(b4.StrategyError, match=sentence) as caught:
        b4.sleeves(**members)
    assert caught.value.file == __file__


def test_a_share_without_a_unit_of_cash_is_refused():
    made = b4.sleeves(a=(buyer, 1e-9), b=(buyer, 0.5))
    with pytest.raises(ValueError, match="less than one unit of cash"):
        b4.backtest(made, market(frame([100.0] * 5)), cash=0.01, record=False)


def test_members_without_a_clock_take_that_of_the_others():
    assert b4.sleeves(a=(quick, 0.5), b=(trend, 0.5)).on == quick.on
