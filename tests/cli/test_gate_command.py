"""`bot4 gate` as a user meets it: what it prints, the files it writes, the sentences it refuses with."""

from __future__ import annotations

import json
import sqlite3

import pytest

from bot4.cli.main import run
from tests.gate.worlds import IDLE, STRATEGY, write_bars

QUICK = ["--set", "resamples=200", "--set", "blocks=4"]


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BOT4_HOME", str(tmp_path / "home"))
    (tmp_path / "drift.py").write_text(STRATEGY)
    write_bars(tmp_path / "bars", 700)
    return tmp_path


def said(capsys, code, *words):
    """Runs a command and returns what it printed, results and errors."""
    capsys.readouterr()
    assert run(["gate", *words]) == code
    printed = capsys.readouterr()
    return printed.out if code == 0 else printed.err


def test_register_check_verify_show_and_list(here, capsys):
    first = said(capsys, 0, "register", "drift.py", "--data", "bars", *QUICK)
    id = first.split(".")[0].split()[-1]
    assert first.startswith(f"Registered as {id}. Nothing was run on the days out of sample.")
    assert f"Next: bot4 gate check {id} --report gate.html" in first
    for word in ("fast 3, weight 0.4", "15 configurations", "fee 10 bp, spread 2 bp", "look 1 of 12, at"):
        assert word in first
    checked = said(capsys, 0, "check", id[:5], "--report", "gate.html", "--json", "gate.json")
    assert id in checked
    assert "G2" in checked
    assert "Report: gate.html" in checked
    body = json.loads((here / "gate.json").read_text())
    assert body["verdict"]["registration"] == id
    page = (here / "gate.html").read_text()
    assert id in page
    assert body["verdict"]["outcome"] in page
    assert "the same to the bit" in said(capsys, 0, "verify", "gate.json")
    assert body["verdict"]["outcome"] in said(capsys, 0, "list")
    again = said(capsys, 0, "show", "--report", "again.html")
    assert "Opened once; signed:" in again
    assert (here / "again.html").read_text() == page
    assert "add --again" in said(capsys, 2, "check")
    assert "Opened 2 times" in said(capsys, 0, "check", "--again") + said(capsys, 0, "show")


def test_json_alone_is_the_signed_file(here, capsys):
    said(capsys, 0, "register", "drift.py", "--data", "bars", *QUICK)
    printed = said(capsys, 0, "check", "--json", "-")
    (signed,) = (here / "home" / "gate").iterdir()
    assert printed == signed.read_text()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["check", "abc"], "there is no registration abc; `bot4 gate register` makes the first"),
        (["show"], "there is no registration; `bot4 gate register` makes the first"),
        (["register", "drift.py", "--data", "bars", "--realism", "all"], "a registration has one realism"),
        (["register", "drift.py", "--data", "bars", "--no-record"], "leave --no-record out"),
        (["register", "drift.py", "--data", "bars", "--set", "luck"], "--set luck is no threshold"),
        (["register", "drift.py", "--data", "bars", "--set", "luck=1"], "there is no setting luck"),
        (["register", "drift.py", "--data", "bars", "--fee-bps", "0"], "costs are missing: fees (--fee-bps)"),
        (["register", "drift.py", "--data", "bars", "--train", "3y"], "a window of 1,095 days training"),
        (["verify", "none.json"], "none.json"),
        (["verify", "drift.py"], "cannot be read"),
    ],
)
def test_mistakes_are_one_sentence(here, capsys, words, sentence):
    found = said(capsys, 2, *words)
    assert sentence in found
    assert found.count("\n") == 1
    assert found.startswith("error: ")


def test_a_strategy_that_never_trades_is_one_sentence_and_no_verdict(here, capsys):
    (here / "drift.py").write_text(IDLE)
    said(capsys, 0, "register", "drift.py", "--data", "bars", *QUICK)
    assert "a series of zeros proves nothing" in said(capsys, 2, "check")
    assert "opened" in said(capsys, 0, "list")
    assert "Next: bot4 gate check" in said(capsys, 0, "show")


def test_a_deleted_trial_is_named(here, capsys):
    assert run(["backtest", "drift.py", "--data", "bars"]) == 0
    said(capsys, 0, "register", "drift.py", "--data", "bars", *QUICK)
    database = sqlite3.connect(here / "home" / "records.sqlite")
    database.execute("DELETE FROM runs")
    database.commit()
    database.close()
    for words in (["check"], ["verify"], ["show"]):
        assert "entry 1 of the registry stands for 1 run (number 1)" in said(capsys, 2, *words)


def test_an_empty_registry_says_how_to_begin(here, capsys):
    assert said(capsys, 0, "list") == "Nothing is registered yet; bot4 gate register FILE --data … does it.\n"
    assert "is whole: 0 entries, 0 runs" in said(capsys, 0, "verify")
