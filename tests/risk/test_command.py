"""`bot4 risk` and `--policy` as a user meets them: tables, the policy file, a run with its journal, replayed and reported."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from bot4.cli.main import run
from bot4.cli.schema import schema_of
from tests.risk.test_crashes import made_bars

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture
def crash(tmp_path, monkeypatch, capsys):
    """Makes a folder with the made crash as a file and the journal of a run under the example policy; returns what the run printed."""
    monkeypatch.chdir(tmp_path)
    bars = made_bars()["BTC/USDT:USDT"]
    bars.rename({"ts": "ts_ms"}).write_parquet("binancefut-BTCUSDT-1h.parquet")
    words = ["backtest", str(EXAMPLES / "leveraged_long.py"), "--data", "binancefut-BTCUSDT-1h.parquet", "--no-record"]
    assert run([*words, "--policy", str(EXAMPLES / "policy.toml"), "--journal", "run.journal"]) == 0
    return capsys.readouterr().out


def shown(capsys, *words):
    assert run(list(words)) == 0
    return capsys.readouterr().out


def test_a_run_under_a_policy_says_in_its_summary_which_layer_acted(crash):
    out = " ".join(crash.split())
    assert "Policy: drawdown acted" in out
    assert "Policy: everything was flat" in out


def test_its_journal_replays_and_its_control_report_names_every_layer(crash, capsys):
    assert "all the same, bit for bit" in shown(capsys, "replay", "run.journal")
    out = shown(capsys, "risk", "report", "run.journal")
    for words in (
        "hourly_loss",
        "daily_loss",
        "total_loss",
        "drawdown",
        "emergency",
        "killed",
        "The guard ended killed.",
    ):
        assert words in out, out
    assert "guard" in shown(capsys, "journal", "tail", "run.journal", "--count", "400")


@pytest.mark.parametrize("words", [("risk", "controls"), ("risk", "check"), ("risk", "report")])
def test_the_json_is_what_its_schema_says(crash, capsys, words):
    target = {"controls": [], "check": [str(EXAMPLES / "policy.toml")], "report": ["run.journal"]}[words[1]]
    found = json.loads(shown(capsys, *words, *target, "--json", "-"))
    jsonschema.validate(found, schema_of(" ".join(words)))
    if words[1] == "report":
        acted = {row["id"]: row["count"] for row in found["controls"]}
        assert acted["drawdown"] == 1
        assert found["last_state"] == "killed"
        assert found["policy"]["drawdown_e9"] == 150_000_000


def test_the_table_says_what_is_not_built(capsys):
    out = shown(capsys, "risk", "controls")
    assert "RTS 6 Art. 15(1)(a)" in out
    assert out.rstrip().endswith("48 active, 4 rehearsal, 1 live only.")
    assert "override" not in shown(capsys, "risk", "controls", "--active")


def test_a_policy_that_is_wrong_is_one_sentence_and_exit_code_2(tmp_path, capsys):
    path = tmp_path / "policy.toml"
    path.write_text("[account]\ndrawdown = 2")
    assert run(["risk", "check", str(path)]) == 2
    error = capsys.readouterr().err
    assert (
        error
        == f"error: {path}: account.drawdown is 2; it must lie between 1e-09 and 1: give a fraction such as 0.15, or false.\n"
    )
    assert run(["risk", "report", str(tmp_path / "none")]) == 2
    assert "is not a folder; give the folder that --journal wrote." in capsys.readouterr().err
