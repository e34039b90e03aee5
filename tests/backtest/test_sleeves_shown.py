"""Several strategies on one account as a user meets them: results, notes, parameters, files, and what is refused."""

from __future__ import annotations

import json
import signal
import threading
import time

import pytest

import bot4 as b4

from .markets import frame, market, perpetuals, walk
from .sleeve_cases import both, buyer, dip, feedback, trend

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
    timer = threading.Timer(0.02, signal.raise_signal, (signal.SIGINT,))
    made = b4.sleeves(**{f"s{n}": (feedback, 0.02) for n in range(40)})

    def running(done: int, total: int) -> None:
        if done < total and timer.ident is None:
            timer.start()

    begun = time.perf_counter()
    with pytest.raises(KeyboardInterrupt):
        b4.backtest(made, data, record=False, progress=running)
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
