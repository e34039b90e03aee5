"""Set-up repeats a step only when what it depends on changed."""

from pathlib import Path

import pytest

from scripts import bootstrap
from scripts.shell import ROOT


def test_a_step_runs_once_per_key(tmp_path: Path) -> None:
    runs: list[int] = []

    def step(key: str) -> bool:
        return bootstrap.once("engine", key, "building", lambda: runs.append(1), tmp_path)

    assert [step("a"), step("a"), step("b"), step("b"), step("a")] == [True, False, True, False, True]
    assert len(runs) == 3


def test_a_step_that_failed_runs_again(tmp_path: Path) -> None:
    def fail() -> None:
        raise OSError

    bootstrap.once("engine", "a", "building", lambda: None, tmp_path)
    with pytest.raises(OSError):
        bootstrap.once("engine", "b", "building", fail, tmp_path)
    assert bootstrap.once("engine", "a", "building", lambda: None, tmp_path)


def test_the_digest_sees_names_contents_and_words(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(bootstrap, "ROOT", tmp_path)
    one, two = tmp_path / "one.rs", tmp_path / "two.rs"
    one.write_text("x")
    two.write_text("x")
    digests = {bootstrap.digest([one]), bootstrap.digest([two]), bootstrap.digest([one], "word")}
    one.write_text("y")
    digests.add(bootstrap.digest([one]))
    assert len(digests) == 4
    assert bootstrap.digest([one, two]) == bootstrap.digest([two, one])


def test_the_engine_is_built_from_its_crates_and_manifests() -> None:
    names = {path.relative_to(ROOT).as_posix() for path in bootstrap.engine_sources()}
    assert {
        "Cargo.toml",
        "Cargo.lock",
        "pyproject.toml",
        "engine/core/src/lib.rs",
        "engine/bindings/Cargo.toml",
    } <= names
    assert not any(name.startswith("target/") for name in names)


def test_without_cargo_one_sentence_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("shutil.which", lambda program: None)
    with pytest.raises(SystemExit):
        bootstrap.main([])
    assert "rustup.rs" in capsys.readouterr().err
