"""`bot4 doctor`: every ailment is named with its fix and gives exit code 1; a sound installation gives 0."""

from __future__ import annotations

import json
import sqlite3
import sys
import time
from collections import namedtuple
from pathlib import Path

import pytest

from bot4.cli import health
from bot4.cli.main import run
from bot4.records import upgrade
from bot4.records.store import RecordStore
from bot4.records.version import HEAD
from tests.records.samples import record as sample_record


def only(findings):
    """Returns the one finding of a check."""
    (finding,) = findings
    return finding


def test_a_sound_installation_has_no_problem(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run(["doctor", "--json", "-"]) == 0
    found = json.loads(capsys.readouterr().out)
    checks = {row["check"] for row in found["findings"]}
    assert checks >= {"Python", "engine", "run records", "data", "browser", "cores", "memory", "clock", "terminal"}
    assert found["problem"] == 0
    assert all(row["fix"] for row in found["findings"] if row["status"] != "ok")


def test_people_see_a_line_for_each_check_and_a_verdict(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(health, "browser", lambda: iter([health.Finding("browser", "warning", "none", "Get one.")]))
    assert run(["doctor"]) == 0
    out = capsys.readouterr().out
    assert "Get one." in out
    assert out.splitlines()[-1] == "1 warning."


def test_a_problem_is_exit_code_1(capsys, tmp_path):
    (tmp_path / "synth-BTCUSDT-1h.parquet").write_text("no parquet")
    assert run(["data", "synth", "--out", str(tmp_path), "--bars", "50", "--coins", "2"]) == 0
    (tmp_path / "synth-BTCUSDT-1h.parquet").write_text("no parquet")
    assert run(["doctor", "--data", str(tmp_path), "--json", "-"]) == 1
    out = capsys.readouterr().out
    rows = [row for row in json.loads(out[out.index("{") :])["findings"] if row["check"] == "data"]
    assert [row["status"] for row in rows] == ["ok", "problem"]
    assert rows[0]["said"].startswith("1 file, 50 bars, 0 missing")
    assert "synth-BTCUSDT-1h.parquet: " in rows[1]["said"]
    assert "bot4 data check" in rows[1]["fix"]


def test_a_folder_without_bars_is_a_warning_only_if_it_was_named(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert only(health.data(None)).status == "ok"
    assert only(health.data(tmp_path)).status == "warning"


def test_an_old_python_is_a_problem(monkeypatch):
    monkeypatch.setattr(health, "OLDEST_PYTHON", (99, 0))
    assert only(health.python()).status == "problem"


def test_an_engine_of_another_version_is_a_problem(monkeypatch):
    monkeypatch.setattr("bot4.__version__", "9.9.9")
    finding = only(health.engine())
    assert finding.status == "problem"
    assert "Bot4 is 9.9.9" in finding.said


def test_an_engine_that_is_not_built_is_a_problem(monkeypatch):
    import bot4

    monkeypatch.setitem(sys.modules, "bot4._engine", None)
    monkeypatch.delattr(bot4, "_engine")
    finding = only(health.engine())
    assert finding.status == "problem"
    assert "make setup" in finding.fix


def test_sources_that_are_not_installed_are_a_warning(monkeypatch):
    from importlib import metadata

    def requires(name):
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "requires", requires)
    assert only(health.dependencies()).status == "warning"


def test_records_that_are_no_database_are_a_problem(records_home):
    records_home.mkdir()
    (records_home / "records.sqlite").write_text("something else " * 100)
    finding = only(health.records())
    assert finding.status == "problem"
    assert "records.sqlite" in finding.said


def test_records_that_cannot_be_written_are_a_problem(records_home, monkeypatch):
    records_home.mkdir()
    sqlite3.connect(records_home / "records.sqlite").close()
    # Root may write everywhere, so the answer of the system is what is changed.
    monkeypatch.setattr("os.access", lambda path, mode: False)
    assert "cannot be written" in only(health.records()).said
    (records_home / "records.sqlite").unlink()
    assert "cannot be written" in only(health.records()).said


@pytest.mark.parametrize(
    ("number", "status", "said"),
    [
        (upgrade.FOREIGN, "problem", "tables that are not Bot4's"),
        (upgrade.NEW, "ok", "empty"),
        (HEAD - 1, "warning", f"schema {HEAD - 1}"),
        (HEAD, "ok", f"1,234 runs, schema {HEAD}"),
        (HEAD + 1, "problem", f"this Bot4 reads up to {HEAD}"),
    ],
)
def test_the_schema_of_the_records_is_judged(records_home, monkeypatch, number, status, said):
    records_home.mkdir()
    (records_home / "records.sqlite").touch()
    monkeypatch.setattr(health, "_stored", lambda place: (number, 1234))
    finding = only(health.records())
    assert finding.status == status
    assert said in finding.said
    assert bool(finding.fix) is (status != "ok")


def test_recorded_runs_are_counted_and_an_older_store_is_left_as_it_is(records_home):
    store = RecordStore()
    assert store.path is not None
    run_id = store.append(sample_record())
    assert run_id == 1
    assert f"1 run, schema {HEAD}" in only(health.records()).said
    with sqlite3.connect(store.path) as file:
        file.execute("UPDATE records_version SET version_num = '0001'")
    before = store.path.read_bytes()
    assert only(health.records()).status == "warning"
    assert store.path.read_bytes() == before


def test_a_database_that_cannot_be_reached_is_a_problem_without_its_password(monkeypatch):
    monkeypatch.setenv("BOT4_RECORDS", "postgresql://ann:s3cret@127.0.0.1:9/none")
    finding = only(health.records())
    assert finding.status == "problem"
    assert "s3cret" not in finding.said + finding.fix


def test_the_doctor_leaves_no_records_behind(records_home):
    assert only(health.records()).status == "ok"
    assert not records_home.exists()


@pytest.mark.parametrize(
    ("version", "bounds", "fits"),
    [
        ("2.1.0", [">=2.1", "<3"], True),
        ("2.0.9", [">=2.1", "<3"], False),
        ("3.0", [">=2.1", "<3"], False),
        ("2.60.0", ["<3", ">=2.60"], True),
        ("3.0rc1", ["<3"], False),
        ("0.15.1+local", [">=0.15", "<0.16"], True),
    ],
)
def test_versions_are_held_to_the_stated_ranges(version, bounds, fits):
    assert health.within(version, bounds) is fits


def test_requirements_are_read_with_and_without_extras():
    assert health.split_requirement("psycopg[binary]<4,>=3.3 ") == ("psycopg", ["<4", ">=3.3"])
    assert health.split_requirement("arch (>=8,<9)") == ("arch", [">=8", "<9"])
    assert health.split_requirement("TA-Lib") == ("TA-Lib", [])


STATED = ["polars<3,>=2.1", "ray<3,>=2.60; extra == 'ray'", "cmaes<1; extra == 'search'", "optuna<6; extra == 'search'"]


def test_missing_packages_are_a_problem_missing_extras_are_not(monkeypatch):
    from importlib import metadata

    installed = {"polars": "1.0", "optuna": "5.1"}

    def version(name):
        if name not in installed:
            raise metadata.PackageNotFoundError(name)
        return installed[name]

    monkeypatch.setattr(metadata, "requires", lambda name: STATED)
    monkeypatch.setattr(metadata, "version", version)
    by_check = {finding.check: finding for finding in health.dependencies()}
    assert (by_check["packages"].status, by_check["packages"].said) == ("problem", "unfit: polars 1.0")
    assert by_check["extra ray"].status == "ok"
    assert "pip install -U 'bot4[ray]' adds ray" in by_check["extra ray"].said
    assert (by_check["extra search"].status, by_check["extra search"].said) == ("warning", "missing: cmaes")


def test_little_memory_and_a_missing_browser_are_warnings(monkeypatch, tmp_path):
    meminfo = tmp_path / "meminfo"
    meminfo.write_text("MemTotal:  8000000 kB\nMemAvailable:  1000 kB\n")
    assert health.free_memory(meminfo) == 1_024_000
    assert health.free_memory(tmp_path / "none") is None
    monkeypatch.setattr(health, "free_memory", lambda: 1_024_000)
    assert [finding.status for finding in health.machine()] == ["ok", "warning"]
    monkeypatch.setattr("shutil.which", lambda name: None)
    assert only(health.browser()).status == "warning"
    monkeypatch.setenv("BOT4_CHROMIUM", "/nowhere/chrome")
    assert "BOT4_CHROMIUM is /nowhere/chrome, and there is no such program" in only(health.browser()).said


def test_a_clock_before_the_installation_is_a_problem():
    assert only(health.clock(lambda: 1e9)).status == "problem"
    assert only(health.clock(time.time)).status == "ok"


def test_a_terminal_that_cannot_print_the_curves_is_a_problem(monkeypatch):
    Stream = namedtuple("Stream", "encoding isatty")
    monkeypatch.setattr("sys.stdout", Stream("ascii", lambda: False))
    finding = only(health.terminal())
    monkeypatch.setattr("sys.stdout", Stream("utf-8", lambda: True))
    monkeypatch.setenv("COLUMNS", "40")
    narrow = only(health.terminal())
    monkeypatch.undo()
    assert (finding.status, narrow.status) == ("problem", "warning")


def test_a_check_that_fails_does_not_stop_the_others(monkeypatch):
    def broken():
        raise KeyError("x")

    monkeypatch.setattr(health, "clock", broken)
    found = {finding.check: finding for finding in health.examine(Path())}
    assert "the check itself failed: KeyError" in found["clock"].said
    assert found["terminal"].status == "ok"
