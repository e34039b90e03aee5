"""`bot4 stats`: files, runs and numbers as series; the table, the list, the JSON; mistakes as sentences."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from bot4.cli.main import run
from bot4.gate import stats
from bot4.records.store import RecordStore
from tests.records.samples import record, row, sweep

VALUES = np.random.default_rng(1).normal(size=300) * 0.01


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with bars of two coins, a CSV and a Parquet file of columns, and a file that is neither."""
    made = tmp_path_factory.mktemp("series")
    words = ["data", "synth", "--coins", "2", "--bars", "900", "--interval", "4h", "--json", str(made / "x.json")]
    assert run([*words, "--out", str(made)]) == 0
    frame = pl.DataFrame({"ts_ms": np.arange(300) * 86_400_000, "one": VALUES, "two": VALUES[::-1], "name": "a"})
    frame.write_csv(made / "table.csv")
    frame.select("ts_ms", "one").write_parquet(made / "one.parquet")
    frame.with_columns(one=pl.when(pl.col("ts_ms") > 0).then("one")).write_parquet(made / "gap.parquet")
    (made / "broken.parquet").write_text("no")
    return made


@pytest.fixture
def here(folder, monkeypatch):
    monkeypatch.chdir(folder)
    return folder


def asked(capsys, *words):
    """Returns the JSON of a call that must succeed."""
    capsys.readouterr()
    assert run(["stats", *words, "--json", "-"]) == 0
    return json.loads(capsys.readouterr().out)


def refused(capsys, *words):
    """Returns the sentence of a call that must fail."""
    capsys.readouterr()
    assert run(["stats", *words]) == 2
    said = capsys.readouterr().err
    assert said.startswith("error: ")
    assert said.count("\n") == 1
    return said


def test_a_column_is_read_as_it_stands(here, capsys):
    found = asked(capsys, "ljung_box", "table.csv:one", "-p", "lags=4")
    assert found["result"]["statistic"] == pytest.approx(stats.ljung_box(VALUES, lags=4).statistic)
    assert (found["rows"], found["settings"], found["series"]) == (300, {"lags": 4}, ["table.csv:one"])
    alone = asked(capsys, "ljung_box", "one.parquet", "-p", "lags=4")
    assert alone["result"] == found["result"]


def test_bars_are_read_as_returns_of_their_closes_with_their_own_year(here, capsys):
    closes = pl.read_parquet("synth-BTCUSDT-4h.parquet")["close"].to_numpy()
    found = asked(capsys, "sharpe", "synth-BTCUSDT-4h.parquet")
    assert found["settings"] == {"periods_per_year": 2190.0}
    own = stats.sharpe(closes[1:] / closes[:-1] - 1, periods_per_year=2190)
    assert found["result"]["sharpe"] == pytest.approx(own.sharpe)
    prices = asked(capsys, "adf", "synth-BTCUSDT-4h.parquet:close")
    assert prices["result"]["statistic"] == pytest.approx(stats.adf(closes).statistic)


def test_several_files_and_all_columns_make_a_table(here, capsys):
    found = asked(capsys, "dcc", "synth-BTCUSDT-4h.parquet", "synth-ETHUSDT-4h.parquet")
    assert found["series"] == ["BTC/USDT", "ETH/USDT"]
    assert np.array(found["result"]["last"]).shape == (2, 2)
    assert asked(capsys, "cscv", "table.csv:*", "-p", "blocks=4")["result"]["columns"] == 2


def test_coins_with_different_spans_are_put_on_common_times(here, capsys):
    bars = pl.read_parquet("synth-ETHUSDT-4h.parquet")
    bars.slice(100, 700).write_parquet("synth-XRPUSDT-4h.parquet")
    found = asked(capsys, "effective_trials", "synth-BTCUSDT-4h.parquet", "synth-XRPUSDT-4h.parquet")
    assert found["result"]["count"] == 699
    bars.slice(0, 100).write_parquet("synth-XRPUSDT-4h.parquet")
    bars.slice(200, 100).write_parquet("synth-SOLUSDT-4h.parquet")
    assert "0 times in common" in refused(capsys, "dcc", "synth-XRPUSDT-4h.parquet", "synth-SOLUSDT-4h.parquet")
    Path("synth-XRPUSDT-4h.parquet").unlink()
    Path("synth-SOLUSDT-4h.parquet").unlink()


def test_runs_and_groups_are_read_from_the_records(capsys):
    store = RecordStore()
    number = store.append(replace(record(), daily_returns=VALUES))
    found = asked(capsys, "psr", f"run:{number}")
    assert found["result"]["probability"] == pytest.approx(stats.probabilistic_sharpe(VALUES).probability)
    assert found["settings"] == {"periods_per_year": 365.0}
    group = store.open_group(sweep(2))
    store.append_many(group, [replace(row(0), daily_returns=VALUES), replace(row(1), daily_returns=VALUES[::-1])])
    table = np.column_stack([VALUES, VALUES[::-1]])
    assert asked(capsys, "pbo", f"run:g{group}")["result"]["pbo"] == stats.cscv(table).pbo
    assert "99" in refused(capsys, "psr", "run:99")
    assert "`bot4 runs list`" in refused(capsys, "psr", "run:x")


def test_numbers_are_series_too(here, capsys):
    assert asked(capsys, "holm", "0.01", "0.04", "0.03")["result"]["p_values"] == [0.03, 0.06, 0.06]
    capsys.readouterr()
    assert run(["stats", "kupiec", "table.csv:one", "-p", "level=0.95", "--json", "-", "--", "-0.0165"]) == 0
    found = json.loads(capsys.readouterr().out)["result"]
    assert found["exceedances"] == int(np.sum(VALUES < -0.0165))


def test_a_benchmark_is_what_has_to_be_beaten(here, capsys):
    found = asked(capsys, "spa", "table.csv:one", "--benchmark", "table.csv:two", "-p", "resamples=200")
    own = stats.spa(VALUES, VALUES[::-1], resamples=200)
    assert found["result"]["p_value"] == own.p_value
    assert found["result"]["excess"] == pytest.approx(0.0, abs=1e-15)
    assert "has no benchmark" in refused(capsys, "adf", "table.csv:one", "--benchmark", "table.csv:two")
    assert "spa needs series" in refused(capsys, "spa", "--benchmark", "table.csv:two")


def test_no_series_are_needed_where_none_are_taken(capsys):
    assert asked(capsys, "minbtl", "-p", "trials=45")["result"]["years"] == pytest.approx(5.0, abs=0.05)


def test_the_table_says_what_every_number_is(here, capsys):
    assert run(["stats", "jarque-bera", "table.csv:one"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("jarque_bera of table.csv:one: ")
    for name, value in vars(stats.jarque_bera(VALUES)).items():
        line = next(line for line in said.splitlines() if line.startswith(f"{name} "))
        assert (f"{value:.5g}" if isinstance(value, float) else str(value)) in line
    assert run(["stats", "gjr", "table.csv:one"]) == 0
    assert "gamma" in capsys.readouterr().out
    assert run(["stats", "cdcc", "table.csv:one", "table.csv:two"]) == 0
    assert "last table.csv:two" in capsys.readouterr().out


def test_series_that_are_found_are_shown_by_name(here, capsys):
    shifted = pl.DataFrame({"flat": VALUES - VALUES.mean(), "good": VALUES[::-1] + 0.003})
    shifted.write_parquet("shifted.parquet")
    assert run(["stats", "stepm", "shifted.parquet:*", "-p", "resamples=200"]) == 0
    assert "shifted.parquet:good" in next(line for line in capsys.readouterr().out.splitlines() if "superior" in line)
    assert run(["stats", "spa", "shifted.parquet:*", "-p", "resamples=200"]) == 0
    assert "shifted.parquet:good" in next(
        line for line in capsys.readouterr().out.splitlines() if line.startswith("best")
    )
    assert run(["stats", "stepm", "shifted.parquet:flat", "-p", "resamples=200"]) == 0
    assert "none" in next(line for line in capsys.readouterr().out.splitlines() if line.startswith("superior"))


def test_the_list_has_every_statistic(capsys):
    rows = asked(capsys, "--list")
    assert [row["name"] for row in rows] == list(stats_by_name())
    assert next(row for row in rows if row["name"] == "dcc")["needs_extra"]
    assert run(["stats", "--list"]) == 0
    said = capsys.readouterr().out
    assert all(name in said for name in stats_by_name())


def stats_by_name():
    from bot4.gate.stats.catalogue import STATISTICS

    return STATISTICS


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "--list shows them all"),
        (["adff", "table.csv:one"], "did you mean adf?"),
        (["adf"], "adf takes 1 (values) and not 0"),
        (["kupiec", "table.csv:one"], "kupiec takes 2 (returns, value at risk) and not 1"),
        (["dcc"], "dcc needs series"),
        (["adf", "nowhere.csv:one"], "there is no file nowhere.csv"),
        (["adf", "table.csv"], "name one of them, table.csv:COLUMN (one, two), or all"),
        (["adf", "table.csv:three"], "has no column 'three'; it has ts_ms, one, two, name"),
        (["adf", "table.csv:name"], "holds no numbers; those that do: one, two"),
        (["adf", "broken.parquet"], "cannot be read as Parquet"),
        (["adf", "gap.parquet:one"], "row 1 (NaN)"),
        (["adf", "table.csv:one", "-p", "lag=4"], "adf has no setting 'lag'; did you mean lags?"),
        (["adf", "table.csv:one", "-p", "lags"], "write lags=VALUE"),
        (["adf", "table.csv:one", "-p", "lags=few"], "'few'; give it a whole number or none"),
        (["arch_lm", "table.csv:one", "-p", "demean=maybe"], "give it true or false"),
        (["adf", "table.csv:one", "-p", "trend=x"], "one of n, c, ct"),
        (["deflated_sharpe", "table.csv:one"], "deflated_sharpe needs trials"),
        (["dcc", "table.csv:one", "synth-BTCUSDT-4h.parquet"], "differ in length: table.csv:one 300, BTC/USDT 899"),
    ],
)
def test_mistakes_are_answered_with_one_sentence(words, said, here, capsys):
    assert said in refused(capsys, *words)


def test_settings_are_read_as_what_they_are(here, capsys):
    found = asked(capsys, "adf", "table.csv:one", "-p", "lags=none", "-p", "trend=ct")
    assert found["settings"] == {"lags": None, "trend": "ct"}
    found = asked(capsys, "arch_lm", "table.csv:one", "-p", "demean=false")
    assert found["settings"] == {"demean": False}
