"""Event classes: when their methods are called, what they see, what is known of a run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import bot4 as b4
from bot4.strategy import EventStrategy

from .event_cases import Dip, Quotes, run, same
from .markets import FREE, HOUR, START, frame, market, perpetuals, walk

# --- when methods are called, and what they see -----------------------------------------------------------------------------------


class Teller(b4.Events):
    """Writes down what it is told."""

    on = "1h"
    said: list[tuple[Any, ...]] = []  # noqa: RUF012  # emptied by each test

    def note(self, ctx, *words):
        self.said.append(((ctx.now - START) // HOUR, *words))

    def on_start(self, ctx):
        self.note(ctx, "start", ctx.account.cash)
        ctx.timer("b", in_="2h")
        ctx.timer("a", every="2h")
        ctx.timer("late", at=START + 5 * HOUR + 1)

    def on_timer(self, ctx, name):
        self.note(ctx, "timer", name)
        if name == "late":
            ctx.cancel_timer("a")

    def on_fill(self, ctx, fill):
        self.note(ctx, "fill", fill.symbol[:3], fill.key, fill.side, fill.qty, fill.price, fill.ts, fill.position)

    def on_bar(self, ctx, bar):
        self.note(ctx, "bar", bar.symbol[:3], bar.close)
        if ctx.now == START + 2 * HOUR:
            ctx.market("in", "buy", b4.size.qty(2))


def test_a_row_tells_fills_then_timers_then_bars_by_id():
    Teller.said.clear()
    prices = [100.0 + i for i in range(8)]
    result = run(Teller, perpetuals(frame(prices), frame(prices)), cash=10_000, **FREE)
    third = START + 2 * HOUR
    assert Teller.said[:3] == [(0, "start", 10_000.0), (1, "bar", "BTC", 100.0), (1, "bar", "ETH", 100.0)]
    assert [words for words in Teller.said if words[0] in (2, 3)] == [
        (2, "timer", "a"),
        (2, "timer", "b"),
        (2, "bar", "BTC", 101.0),
        (2, "bar", "ETH", 101.0),
        (3, "fill", "BTC", "in", "buy", 2.0, 101.0, third, 2.0),
        (3, "fill", "ETH", "in", "buy", 2.0, 101.0, third, 2.0),
        (3, "bar", "BTC", 102.0),
        (3, "bar", "ETH", 102.0),
    ]
    # At 6:00 `late` (5:00 and a bit) comes before `a` (6:00), and takes it back.
    assert [words[::2] for words in Teller.said if words[1] == "timer"] == [(2, "a"), (2, "b"), (4, "a"), (6, "late")]
    took = result.callback_time
    assert took.count == len(Teller.said) - 1
    assert 0 < took.p50_ns <= took.p99_ns <= took.max_ns
    assert f"{took.count} callbacks" in result.summary()


def test_a_timer_that_slept_wakes_once():
    class Sleeper(Teller):
        def on_start(self, ctx):
            ctx.timer("often", every="1h")
            ctx.timer("weekly", every=b4.every("1w", on="mon"))

        def on_bar(self, ctx, bar):
            self.note(ctx, "bar")

    Teller.said.clear()
    whole = frame([10.0] * 200)
    run(Sleeper, perpetuals(pl.concat([whole[:2], whole[6:8], whole[190:]])), cash=10_000, **FREE)
    often = [words[0] for words in Teller.said if words[1:] == ("timer", "often")]
    assert often == [1, 2, 7, 8, *range(191, 201)]
    # 2020-01-06 was a Monday, 120 hours on.
    assert [words[0] for words in Teller.said if words[1:] == ("timer", "weekly")] == [191]


def test_decisions_begin_at_start_and_bars_once_signals_have_settled():
    class Warm(Teller):
        def signals(self, m):
            return {"mean": m.close.sma(4)}

    Teller.said.clear()
    run(Warm, perpetuals(frame([10.0] * 10)), cash=10_000, **FREE)
    assert [words[0] for words in Teller.said if words[1] == "bar"] == [4, 5, 6, 7, 8, 9, 10]
    Teller.said.clear()
    result = run(Teller, perpetuals(frame([10.0] * 10)), cash=10_000, start=START + 5 * HOUR, **FREE)
    assert Teller.said[0][:2] == (4, "start")
    assert [words[0] for words in Teller.said if words[1] == "bar"] == [5, 6, 7, 8, 9, 10]
    assert len(result.equity) == 6


class Looker(b4.Events):
    """Looks at everything it may see and checks it against the bars it was told before."""

    on = "1h"

    def __init__(self):
        self.seen: list[tuple[int, float, float]] = []
        self.kept: list[Any] = []

    def signals(self, m):
        return {"fast": m.close.sma(3), "other": b4.asset("ETH/USDT:USDT").close}

    def on_bar(self, ctx, bar):
        if bar.symbol.startswith("ETH"):
            return
        self.seen.append((bar.ts, bar.high, bar.close))
        self.kept.append(bar)
        assert [(b.ts, b.high, b.close) for b in self.kept] == self.seen, "a bar that is kept stays what it was"
        everything = ctx.history(bar.symbol, 10_000)
        assert everything.close[-1] == bar.close
        assert everything.ts[-1] == bar.ts == ctx.now - HOUR
        assert len(everything) == len(everything.open) == len(everything.low) == len(everything.volume)
        assert everything.close.base is None or len(everything.close.base) == len(everything), (
            "nothing leads on to later bars"
        )
        assert ctx.signal("fast") == pytest.approx(everything.close[-3:].mean())
        assert ctx.signal("other") == ctx.history("ETH/USDT:USDT", 1).close[-1]
        assert ctx.symbols == ["BTC/USDT:USDT", "ETH/USDT:USDT"]
        step = len(self.seen)
        position, account = ctx.position(), ctx.account
        if step == 10:
            assert position.flat
            assert np.isnan(position.avg_price)
            assert account.equity == account.cash == 5_000
            ctx.market("in", "buy", 0.5)
            ctx.limit("far", "sell", b4.size.qty(1), bar.close * 2, tif="gtd", expires="5h")
            assert ctx.orders == {}, "what is asked for works from this row's decision on"
        if step == 11:
            assert [(w.key, w.kind, w.side, w.qty) for w in ctx.orders.values()] == [("far", "limit", "sell", 1.0)]
            assert ctx.orders["far"].price == pytest.approx(self.seen[9][2] * 2, rel=1e-3)
            assert position.is_open
            assert position.bars_held == 1
            assert 0.4 < account.gross < 0.6
            assert position.weight == pytest.approx(position.qty * bar.close / account.equity)
            ctx.stop("guard", "sell", b4.size.qty(position.qty), bar.close / 3, reduce_only=True)
            ctx.limit("more", "buy", 0.01, bar.close * 2, stop=bar.close / 2)
        if step == 12:
            assert ctx.orders["guard"].trigger == pytest.approx(self.seen[10][2] / 3, rel=1e-3)
            assert ctx.orders["guard"].price is None
            assert list(ctx.held()) == ["more"]
            assert ctx.working("ETH/USDT:USDT") == {}
            ctx.cancel("guard")
            ctx.cancel("guard")
        if step == 13:
            assert sorted(ctx.orders) == ["far"]


def test_what_a_callback_sees_is_the_present_and_the_past():
    result = run(Looker, perpetuals(walk(60, 4), walk(60, 5)), cash=5_000)
    assert set(result.orders["key"]) == {"in", "far", "guard", "more"}
    assert result.orders.filter(pl.col("key") == "guard")["cause"].to_list() == ["withdrawn"]


def test_an_order_for_an_asset_without_a_bar_is_sent_now_and_its_target_waits():
    bars = frame([10.0 + i for i in range(8)])
    holes = bars.filter(np.array([True, True, False, False, True, True, True, True]))

    class Pair(b4.Events):
        on = "1h"

        def on_bar(self, ctx, bar):
            if ctx.now == START + 3 * HOUR:  # ETH has no bar here
                ctx.market("in", "buy", b4.size.qty(1), symbol="ETH/USDT:USDT")
                ctx.target(qty=1.0, symbol="XRP/USDT:USDT")

    fills = run(Pair, perpetuals(bars, holes, holes), cash=10_000, collar=1.0, **FREE).fills
    hours = {s[:3]: (t - START) // HOUR for s, t in zip(fills["symbol"], fills["ts"].dt.epoch("ms"), strict=True)}
    assert hours == {"ETH": 4, "XRP": 5}


def test_a_key_asked_for_again_is_kept_replaced_or_cancelled():
    class Again(b4.Events):
        on = "1h"

        def on_bar(self, ctx, bar):
            hour = (ctx.now - START) // HOUR
            if hour <= 2:
                ctx.limit("far", "buy", 0.1, 50.0)  # the second time changes nothing
            elif hour == 3:
                ctx.limit("far", "buy", 0.1, 40.0)
                ctx.limit("far", "buy", 0.1, 45.0)  # of two asks the later counts
            elif hour == 4:
                ctx.limit("far", "buy", 0.1, 30.0)
                ctx.cancel("far")

    orders = run(Again, market(frame([100.0] * 8)), cash=10_000, **FREE).orders
    assert orders["price"].to_list() == [50.0, 45.0]
    assert orders["cause"].to_list() == ["replaced", "withdrawn"]


def test_compute_latency_comes_on_top_and_only_where_latency_counts():
    class Slow(Teller):
        compute_latency_ms = 2 * HOUR

    data = perpetuals(frame([100.0 + i for i in range(9)]))
    for realism, hour in (("strict", 4), ("neutral", 4), ("naive", 2)):
        Teller.said.clear()
        result = run(Slow, data, cash=10_000, realism=realism, **FREE)
        (told,) = [words for words in Teller.said if words[1] == "fill"]
        assert told[-2] == START + hour * HOUR
        assert (" + 7200000 ms to decide" in result.config.latency_text()) == (realism != "naive")
    assert run(Slow, data, latency_ms=HOUR, cash=10_000, **FREE).why("in").count("2020-01-01 05:00") >= 1


# --- what is known of it ----------------------------------------------------------------------------------------------------------


def test_the_identity_is_weak_and_follows_source_and_what_it_imports(tmp_path):
    (tmp_path / "levels.py").write_text("STEP = 0.01\n")
    code = (
        "import bot4 as b4\nfrom levels import STEP\n\n\nclass Grid(b4.Events):\n    on = '1h'\n"
        "    size: float = b4.param(0.1, 0.01, 1.0)\n\n"
        "    def on_bar(self, ctx, bar):\n        ctx.limit('dip', 'buy', self.size, bar.close * (1 - STEP))\n"
    )
    place = tmp_path / "grid.py"
    place.write_text(code)
    data = perpetuals(walk(50, 1))

    def identity(**params):
        import sys

        sys.modules.pop("levels", None)
        return run(place, data, **params).identity

    first = identity()
    assert first.startswith("weak-")
    assert len(first) == 69
    assert identity() == first
    assert identity(size=0.2) != first
    (tmp_path / "levels.py").write_text("STEP = 0.02\n")
    second = identity()
    assert second != first
    place.write_text(code + "# another line\n")
    assert identity() not in (first, second)


def test_a_class_without_a_file_has_an_identity_of_its_code():
    spaces: list[dict[str, Any]] = [{"b4": b4, "__name__": "nowhere"} for _ in range(3)]
    for space, size in zip(spaces, ("0.5", "0.5", "0.4"), strict=True):
        exec(
            f"class Steady(b4.Events):\n    on = '1h'\n    def on_bar(self, ctx, bar):\n        ctx.target({size})\n",
            space,
        )
    data = perpetuals(walk(50, 1))
    one, two, three = (run(space["Steady"], data).identity for space in spaces)
    assert one == two != three


def test_equal_runs_are_equal_to_the_bit_and_every_run_makes_its_own_instance():
    data = perpetuals(walk(200, 1), walk(200, 2))
    a, b = run(Dip, data), run(Dip, data)
    same(a, b)
    assert a.records["state_hash"] == b.records["state_hash"]
    runs = a.realisms()
    same(runs["naive"], run(Dip, data, realism="naive"))


def test_parameters_are_there_when_the_instance_is_made():
    class Sized(b4.Events):
        on = "1h"
        size: float = b4.param(0.1, 0.01, 1.0)

        def __init__(self):
            self.twice = 2 * self.size

        def on_bar(self, ctx, bar):
            ctx.target(self.twice)

    strategy = EventStrategy(Sized)
    assert strategy(size=0.2).twice == 0.4
    assert strategy.parse_parameters(["size=0.3"]) == {"size": 0.3}
    a, b = (run(Sized, perpetuals(walk(50, 1)), size=size) for size in (0.1, 0.2))
    assert a.params == {"size": 0.1}
    assert abs(b.fills["qty"][0]) > 1.9 * abs(a.fills["qty"][0])
    assert a.identity != b.identity


def test_a_run_is_recorded_shown_and_explained(tmp_path, monkeypatch):
    monkeypatch.setenv("BOT4_HOME", str(tmp_path / "home"))
    data = perpetuals(walk(200, 1))
    b4.backtest(Quotes, data)
    result = b4.backtest(Quotes, data)
    assert result.trials is not None
    assert (result.trials.runs, result.trials.distinct) == (1, 1)
    assert result.to_dict()["strategy"]["kind"] == "events"
    assert "callbacks" not in result.to_json()
    assert "a weak identity" in result.summary()
    assert "Quotes" in repr(result)
    page = result.report(tmp_path / "report.html").read_text()
    assert result.identity in page
    assert "the strategy listed it" in result.why(0)
    assert len(result.signals) == 200


def test_nothing_asked_for_is_said():
    class Idle(b4.Events):
        on = "1h"

        def on_bar(self, ctx, bar):
            self.last = bar.close

    assert any("No method of Idle asked" in note for note in run(Idle, perpetuals(walk(20, 1))).notes)


def test_progress_is_told_and_may_stop_the_run():
    told: list[tuple[int, int]] = []
    data = perpetuals(walk(9_000, 1))
    run(Dip, data, progress=lambda done, total: told.append((done, total)))
    assert told == [(4_096, 9_000), (8_192, 9_000)]

    def stop(done, total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(Dip, data, progress=stop)


def test_a_class_in_a_file_runs_from_the_command_line(tmp_path, monkeypatch, capsys):
    from bot4.cli.main import run as command

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BOT4_HOME", str(tmp_path))
    walk(300).write_parquet("synth-BTCUSDT-1h.parquet")
    Path("steady.py").write_text(
        "import bot4 as b4\n\n\nclass Steady(b4.Events):\n    on = b4.bars('1h')\n    weight: float = b4.param(0.5, 0.1, 1.0)\n\n"
        "    def on_bar(self, ctx, bar):\n        ctx.target(self.weight)\n"
    )
    words = [
        "backtest",
        "steady.py:Steady",
        "--data",
        "synth-BTCUSDT-1h.parquet",
        "--param",
        "weight=0.4",
        "--realism",
        "all",
    ]
    assert command(words) == 0
    out = capsys.readouterr().out
    assert "Steady · BTC/USDT · 1h" in out
    assert "300 callbacks" in out
