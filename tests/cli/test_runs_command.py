"""`bot4 runs` as a user calls it: lists within 80 columns, one run in full, runs against each other."""

from __future__ import annotations

import json
import shlex

import numpy as np
import pytest

import bot4 as b4
from bot4.cli.main import run
from bot4.records.store import RecordStore, Trials
from tests.backtest.markets import walk
from tests.records.samples import DAY, ETH, record, row, sweep

MINE = """
import bot4 as b4

@b4.strategy
def mine(m, span: int = b4.param(9, 2, 50)):
    return b4.target(b4.where(m.close > m.close.ema(span), 0.5, 0.0))
"""


@pytest.fixture
def store(records_home):
    return RecordStore(records_home)


def printed(capsys, *words: str) -> str:
    """Returns what a call prints, all of it within 80 columns but for hashes and command lines."""
    capsys.readouterr()
    assert run(["runs", *words]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    return str(out)


def refused(capsys, *words: str) -> str:
    """Returns the one sentence of a call that must fail."""
    capsys.readouterr()
    assert run(["runs", *words]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    return str(err)


def returns(seed, days=300):
    return np.random.default_rng(seed).normal(0.001, 0.02, days)


def test_a_sweep_is_one_line_and_all_shows_its_runs(store, capsys):
    store.append(record(at_ms=DAY, stats={"total_return": 0.1234, "sharpe": 1.5}))
    group = store.open_group(sweep(1_000_000))
    store.append_many(group, [row(n, at_ms=3 * DAY) for n in range(30)])
    store.append(record(name="a_long_name_of_a_strategy", instruments=(ETH, "binance:SOL/USDT"), at_ms=2 * DAY))
    lines = printed(capsys, "list").splitlines()
    assert [line.split()[0] for line in lines] == ["id", "g1", "32", "1"]
    assert "30/1,000,000 running" in lines[1]
    assert "a_long_name_…" in lines[2]
    assert "SOL" not in lines[2], "the first instrument and how many more"
    assert "+1" in lines[2]
    assert "+12.3\u00a0%    1.50" in lines[3]
    assert max(map(len, lines)) <= 80
    assert len(printed(capsys, "list", "--all", "--limit", "100").splitlines()) == 1 + 32


def test_a_list_is_narrowed_by_kind_name_time_and_number(store, capsys):
    store.append(record(at_ms=DAY))
    store.append(record(at_ms=400 * DAY, name="100%_carry", kind="walkforward"))
    store.open_group(sweep())

    def ids(*words):
        return [line["id"] for line in json.loads(printed(capsys, "list", "--json", "-", *words))]

    assert ids() == ["g1", "2", "1"]
    assert ids("--kind", "walkforward") == ["2"]
    assert ids("--name", "TREND") == ["g1", "1"]
    assert ids("--name", "%_c") == ["2"], "a text, not a pattern"
    assert ids("--since", "1971-01-01") == ["g1", "2"]
    assert ids("--limit", "1") == ["g1"]
    assert "No such runs in" in printed(capsys, "list", "--kind", "nothing")


def test_without_records_the_list_says_so_and_makes_nothing(records_home, capsys):
    assert "No such runs in" in printed(capsys, "list")
    assert not records_home.exists()


def test_a_run_is_shown_in_full_with_the_command_that_repeats_it(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    walk(400).write_parquet("synth-BTCUSDT-1h.parquet")
    (tmp_path / "mine.py").write_text(MINE)
    words = ["backtest", "mine.py", "--data", "synth-BTCUSDT-1h.parquet", "--param", "span=7", "--fee-bps", "3"]
    assert run(words) == 0
    out = printed(capsys, "show", "1")
    assert "parameters\n  span  7\n" in out
    assert "fee_bps             3" in out
    shown = json.loads(printed(capsys, "show", "1", "--json", "-"))["run"]
    assert out.endswith(f"to repeat it\n  {shown['repeat']}\n")
    again = shlex.split(shown["repeat"])
    assert again[0] == "bot4"
    capsys.readouterr()
    assert run(again[1:]) == 0
    assert printed(capsys, "diff", "1", "2").startswith("Runs 1 and 2 are the same")


def test_a_run_from_python_is_repeated_in_python(store, monkeypatch, capsys):
    monkeypatch.setattr("bot4.records.command._current", None)
    store.append(record(config={"cash": 5_000.0, "fee_bps": None, "spread_bps": 2.0, "compute_latency_ms": 0}))
    shown = json.loads(printed(capsys, "show", "1", "--json", "-"))["run"]
    assert shown["repeat"] == "b4.backtest(trend, data, params={'fast': 24}, cash=5000.0)"


def test_a_run_of_a_sweep_is_repeated_by_the_sweep_s_command(store, capsys):
    group = store.open_group(sweep(2), command="bot4 sweep trend.py --param fast=0,1")
    store.append_many(group, [row(0), row(1)])
    out = printed(capsys, "show", "2")
    assert "sweep, number 1 of group g1" in out
    assert out.endswith("bot4 sweep trend.py --param fast=0,1   # its run with fast=1\n")


def test_a_group_shows_what_was_asked_and_its_best_runs(store, capsys):
    group = store.open_group(sweep(20), command="bot4 sweep trend.py")
    stats = [
        {"sharpe": None if n == 3 else n / 10, "max_drawdown": -n / 100, "total_return": n / 50} for n in range(12)
    ]
    store.append_many(group, [row(n, stats=stats[n]) for n in range(12)])
    store.close_group(group, "stopped")
    out = printed(capsys, "show", "g1")
    assert "12 of 20 runs, stopped" in out
    assert "grid  fast=[1, 2]" in out
    assert [line.split()[1] for line in out.partition("best by")[2].splitlines() if "fast=" in line] == [
        f"fast={n}" for n in (11, 10, 9, 8, 7)
    ]
    lowest = json.loads(printed(capsys, "show", "g1", "--metric", "max_drawdown", "--json", "-"))["group"]
    assert [best["params"]["fast"] for best in lowest["best"]] == [0, 1, 2, 3, 4]
    assert "'alpha' is no statistic of these runs; they have" in refused(capsys, "show", "g1", "--metric", "alpha")


def test_what_was_asked_is_wrapped_and_times_are_dates(store, capsys):
    settings = {f"setting_{n}": n / 7 for n in range(20)}
    group = store.open_group(sweep(1, settings=settings))
    store.append_many(
        group, [row(0, stats={"max_drawdown_end_ms": 1_651_284_000_000.0, "interest": -0.0, "sharpe": 1.0})]
    )
    assert max(map(len, printed(capsys, "show", "g1").splitlines())) <= 80
    shown = printed(capsys, "show", "1")
    assert "max_drawdown_end_ms  2022-04-30 02:00\n" in shown
    assert "interest             0\n" in shown
    assert "max_drawdown_end_ms  2022-04-30" in printed(capsys, "compare", "1", "1")


def test_a_group_without_runs_is_shown(store, capsys):
    store.open_group(sweep(3))
    assert "0 of 3 runs, running" in printed(capsys, "show", "g1")


def test_runs_are_compared_side_by_side_in_80_columns(store, capsys):
    for seed in range(6):
        stats = {
            "sharpe": seed / 3,
            "total_return": 0.1 * seed,
            "final_equity": 1e6 * seed + 0.5,
            "end_ms": 20_000 * DAY,
        }
        store.append(record(params={"fast": seed}, stats=stats, daily_returns=returns(seed)))
    out = printed(capsys, "compare", "1", "2", "3", "4", "5", "6")
    assert max(map(len, out.splitlines())) <= 80
    assert "run 4" in out.splitlines()[0]
    assert "run 5" not in out.splitlines()[0]
    body = json.loads(printed(capsys, "compare", "1", "2", "--json", "-"))
    (pair,) = body["pairs"]
    one, two = returns(0), returns(1)
    assert pair["correlation"] == pytest.approx(np.corrcoef(one, two)[0, 1])
    assert pair["difference"] == pytest.approx(
        (two.mean() / two.std(ddof=1) - one.mean() / one.std(ddof=1)) * np.sqrt(365)
    )
    assert pair["z"] == pytest.approx(pair["difference"] / pair["standard_error"])


def test_a_diff_names_what_differs_and_doubts_results_that_differ_alone(store, capsys):
    store.append(record(stats={"sharpe": 1.0}))
    store.append(record(stats={"sharpe": 2.0}, params={"fast": 25}, data_hash="e"))
    store.append(record(stats={"sharpe": 3.0}))
    out = printed(capsys, "diff", "1", "2")
    assert [line.split() for line in out.splitlines()[1:]] == [
        ["parameters", "fast", "24", "25"],
        ["data", "data_hash", "d", "e"],
        ["statistics", "sharpe", "1", "2"],
    ]
    assert "one of them was not made by this code and data alone" in printed(capsys, "diff", "1", "3")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("show", "7"), "There is no run 7 in"),
        (("show", "g7"), "There is no group 7 in"),
        (("show", "x"), "'x' is no number of a run"),
        (("compare", "1"), "takes two runs or more"),
        (("diff", "1", "-2"), "o such option"),
        (("list", "--since", "yesterday"), "yesterday"),
        (("list", "--json", "nowhere/x.json"), "the folder nowhere does not exist"),
    ],
)
def test_mistakes_are_one_sentence(words, sentence, capsys):
    assert sentence in refused(capsys, *words)


def test_a_frame_of_runs_for_notebooks(store, records_home):
    assert b4.runs().height == 0
    store.append(record(params={"fast": 3}))
    group = store.open_group(sweep())
    store.append_many(group, [row(0), row(1)])
    frame = b4.runs()
    assert frame["id"].to_list() == [3, 2, 1]
    assert frame["params"].struct.field("fast").to_list() == [1, 0, 3]
    assert frame["instruments"].to_list() == [["binance:BTC/USDT"]] * 3
    assert b4.runs(kind="sweep").height == 2
    assert b4.runs(group=group, limit=1)["ordinal"].to_list() == [1]
    assert b4.runs(name="nothing", url=records_home).columns == frame.columns


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A folder with `mine.py` and 60 days of hours of a coin, made the current one."""
    monkeypatch.chdir(tmp_path)
    walk(1_440).write_parquet("synth-BTCUSDT-1h.parquet")
    (tmp_path / "mine.py").write_text(MINE)
    return tmp_path


@pytest.mark.parametrize(
    ("words", "kinds"),
    [
        (["backtest"], {"backtest": 1}),
        (["backtest", "--realism", "all", "--report", "r.html"], {"backtest": 1}),
        (["backtest", "--no-record"], {}),
        (["sweep", "--param", "span=5:20:5"], {"sweep": 4}),
        (["sweep", "--param", "span=5:20:5", "--no-record"], {}),
        (["sweep", "--param", "span=2:50", "--search", "random", "--n", "3"], {"search": 3}),
        (["why", "--at", "2020-01-20"], {}),
    ],
)
def test_every_command_records_each_of_its_runs_once(words, kinds, here, records_home, capsys):
    command, *options = words
    assert run([command, "mine.py", "--data", "synth-BTCUSDT-1h.parquet", *options]) == 0, capsys.readouterr().err
    recorded = RecordStore(records_home).runs(None)
    found = [record["kind"] for record in recorded]
    assert {kind: found.count(kind) for kind in found} == kinds
    assert all((record["group"] is None) == (record["command"] is not None) for record in recorded)


def test_runs_of_a_walk_forward_are_one_group(here, records_home, capsys):
    words = ["--param", "span=5,10", "--train", "20d", "--test", "10d", "--json", "w.json"]
    assert run(["walkforward", "mine.py", "--data", "synth-BTCUSDT-1h.parquet", *words]) == 0, capsys.readouterr().err
    store = RecordStore(records_home)
    (group,) = store.groups()
    assert (group.kind, group.status) == ("walkforward", "done")
    assert group.runs == len(store.runs(None)) > 4
    assert group.command is not None
    assert group.command.startswith("bot4 walkforward mine.py --data synth-BTCUSDT-1h.parquet --param span=5,10")


def test_calls_from_python_record_each_run_once_and_not_where_they_are_told_not_to(here, records_home):
    result = b4.backtest("mine.py", "synth-BTCUSDT-1h.parquet", span=5)
    result.report("r.html")
    result.realisms()
    assert result.trials == Trials(0, 0)
    b4.sweep("mine.py", "synth-BTCUSDT-1h.parquet", {"span": [5, 10]})
    b4.backtest("mine.py", "synth-BTCUSDT-1h.parquet", record=False)
    b4.sweep("mine.py", "synth-BTCUSDT-1h.parquet", {"span": [5, 10]}, record=False)
    assert b4.backtest("mine.py", "synth-BTCUSDT-1h.parquet", span=10).trials == Trials(3, 2)
    assert len(RecordStore(records_home).runs(None)) == 4
