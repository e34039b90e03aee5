"""The instruction gate, with a fake runner: what fails, what passes, what is recorded."""

import json
from pathlib import Path

import pytest

from scripts import instructions


@pytest.fixture
def example(monkeypatch: pytest.MonkeyPatch) -> None:
    """One example named `instr_a`."""
    monkeypatch.setattr(instructions, "programs", lambda: {"instr_a": ("instr_a",)})


def gate(path: Path, count: int, *, update: bool = False, toolchain: str = "t1") -> None:
    instructions.check(update=update, runner=lambda name: count, path=path, toolchain=toolchain)


@pytest.mark.usefixtures("example")
def test_growth_above_two_percent_fails_and_two_percent_passes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "baselines.json"
    gate(path, 1000, update=True)
    gate(path, 1020)
    with pytest.raises(SystemExit):
        gate(path, 1021)
    assert "instr_a takes 1,021 instructions, +2.1% against 1,000" in capsys.readouterr().err


@pytest.mark.usefixtures("example")
def test_a_gain_passes_and_asks_to_be_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "baselines.json"
    gate(path, 1000, update=True)
    gate(path, 900)
    assert "keep the gain" in capsys.readouterr().out


@pytest.mark.usefixtures("example")
def test_an_unknown_toolchain_warns_and_update_keeps_the_others(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "baselines.json"
    gate(path, 1000, update=True)
    gate(path, 5000, toolchain="t2")
    assert "WARNING: no baseline for this toolchain (t2)" in capsys.readouterr().out
    gate(path, 5000, update=True, toolchain="t2")
    assert json.loads(path.read_text()) == {"t1": {"instr_a": 1000}, "t2": {"instr_a": 5000}}


def test_a_gate_without_work_fails(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(instructions, "programs", dict)
    with pytest.raises(SystemExit):
        instructions.check(runner=lambda name: 1, toolchain="t1")
    assert "Nothing to count" in capsys.readouterr().err


def test_a_new_example_and_a_lost_one_fail() -> None:
    outcome = instructions.compare({"new": 1}, {"lost": 1}, "t")
    assert [text.split()[0] for text in outcome.failures] == ["new", "lost"]


def test_the_collected_count_is_read_from_callgrinds_summary() -> None:
    assert instructions.collected("version: 1\nsummary: 4711\n\nfn=x\n1 4711\n") == 4711


def test_nothing_collected_is_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        instructions.collected("summary: 0\n")
    assert "instr_section" in capsys.readouterr().err


def test_the_stored_baselines_name_rustc_and_valgrind() -> None:
    stored = json.loads(instructions.BASELINES.read_text())
    assert all(key.startswith("rustc ") and "valgrind-" in key for key in stored)
    assert all(set(counts) == set(instructions.programs()) for counts in stored.values())


def test_a_check_of_the_breakers_takes_at_most_sixty_instructions() -> None:
    """`instr_breaker` makes two batches of a million checks; the gate above holds the stored count."""
    stored = json.loads(instructions.BASELINES.read_text())
    assert all(counts["instr_breaker"] <= 60 * 2_000_000 for counts in stored.values())
