"""`bot4 new`: every template is green as written, runs on the synthetic market, and reads as this project's own code."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from bot4.cli.main import run
from bot4.cli.new import PERPETUALS, TEMPLATES

ROOT = Path(__file__).parents[2]
NAME = "my_idea"


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """A folder for each template with what `bot4 new` writes into it."""
    folder = tmp_path_factory.mktemp("new")
    for template in TEMPLATES:
        assert run(["new", NAME, "--template", template, "--out", str(folder / template)]) == 0
    return folder


@pytest.fixture(scope="module")
def markets(tmp_path_factory):
    """The synthetic market, as coins and as perpetuals."""
    folder = tmp_path_factory.mktemp("markets")
    for words in (["--out", str(folder / "spot")], ["--out", str(folder / "perpetual"), "--perpetual"]):
        assert run(["data", "synth", "--bars", "9000", *words]) == 0
    return folder


def call(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, "-m", *words], cwd=cwd, env=env, capture_output=True, text=True, timeout=120, check=False
    )


def test_the_tests_of_all_templates_are_green_as_written(written):
    # One process for all: a start of Python and Polars costs more than the tests.
    done = call("pytest", "-q", "-p", "no:cacheprovider", "--import-mode=importlib", "-W", "error", ".", cwd=written)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "24 passed" in done.stdout  # four for each


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_template_trades_on_the_synthetic_market(template, written, markets, capsys):
    data = markets / ("perpetual" if template in PERPETUALS else "spot")
    assert run(["backtest", str(written / template / f"{NAME}.py"), "--data", str(data), "--json", "-"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["strategy"]["name"].lower().replace("_", "") == "myidea"
    assert found["stats"]["trades"] > 5
    rejected = [int(count) for note in found["notes"] for count in re.findall(r"(\d+) were rejected", note)]
    assert sum(rejected) < 0.05 * found["stats"]["orders"]


def test_what_is_written_is_formatted_and_without_a_lint(written):
    for words in (["format", "--check"], ["check"]):
        done = call("ruff", *words, "--config", str(ROOT / "pyproject.toml"), "--no-cache", ".", cwd=written)
        assert done.returncode == 0, done.stdout + done.stderr


def test_every_template_has_its_folder_and_every_folder_its_template():
    folders = {path.name for path in (ROOT / "bot4" / "cli" / "templates").iterdir() if path.is_dir()}
    assert folders == set(TEMPLATES)


def test_nothing_is_overwritten_and_nothing_half_written(tmp_path, capsys):
    (tmp_path / f"test_{NAME}.py").write_text("mine")
    assert run(["new", NAME, "--out", str(tmp_path)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert f"test_{NAME}.py exists and is not overwritten; give another name or --out FOLDER" in err
    assert [path.name for path in tmp_path.iterdir()] == [f"test_{NAME}.py"]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("my-idea", "such as my_idea"),
        ("MyIdea.py", "such as myidea"),
        ("2fast", "cannot name a strategy"),
        ("lambda", "cannot name a strategy"),
        ("statistics", "would hide the module statistics"),
        ("bot4", "would hide the module bot4"),
    ],
)
def test_a_name_that_cannot_be_is_refused_with_one_that_can(name, said, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert run(["new", name]) == 2
    assert said in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_template_is_refused_with_those_there_are(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert run(["new", NAME, "-t", "moon"]) == 2
    said = capsys.readouterr().err
    assert all(template in said for template in TEMPLATES)


def test_next_steps_are_commands_that_run(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert run(["new", NAME, "--template", "pairs", "--json", "-"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["files"] == [f"{NAME}.py", f"test_{NAME}.py"]
    test, synth, backtest = found["next"]
    assert test == f"python -m pytest test_{NAME}.py"
    assert run(synth.split()[1:]) == 0
    assert run([*backtest.split()[1:], "--no-record"]) == 0
