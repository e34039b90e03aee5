"""Programs the tests need are found, installed where that is possible, and asked for in one sentence where not."""

from pathlib import Path

import pytest

from scripts import tools


def test_the_llvm_version_is_read_from_rustc() -> None:
    assert tools.llvm_major("rustc 1.95.0\nhost: x\nLLVM version: 22.1.2\n") == "22"


def test_a_toolchain_that_names_no_llvm_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        tools.llvm_major("rustc 1.95.0\n")
    assert "LLVM" in capsys.readouterr().err


def test_what_is_there_is_not_installed() -> None:
    assert tools.need("sh", "dash", "", prefix=lambda: pytest.fail("asked for root")).endswith("/sh")


def test_without_root_one_sentence_says_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        tools.need("no-such-program", "package", "install it by hand", prefix=lambda: None)
    assert capsys.readouterr().err == (
        "`no-such-program` is missing and cannot be installed here without root: install it by hand, then repeat.\n"
    )


def test_a_missing_program_is_installed_as_root(monkeypatch: pytest.MonkeyPatch) -> None:
    installed: list[tuple[str, list[str]]] = []
    monkeypatch.setattr(tools, "install_debian", lambda package, prefix: installed.append((package, prefix)))
    monkeypatch.setattr(tools, "find", lambda program: "/usr/bin/x" if installed else None)
    assert tools.need("x", "package-x", "", prefix=lambda: ["sudo", "-n"]) == "/usr/bin/x"
    assert installed == [("package-x", ["sudo", "-n"])]


def test_chrome_will_do_where_there_is_no_chromium(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tools, "find", lambda program: "/opt/chrome" if program == "google-chrome" else None)
    assert tools.chromium() == "/opt/chrome"


def test_the_newest_postgresql_is_taken(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(tools, "find", lambda program: None)
    for version in ("9.6", "17", "15"):
        (tmp_path / version / "bin").mkdir(parents=True)
        (tmp_path / version / "bin" / "initdb").touch()
    assert tools.postgresql(tmp_path) == tmp_path / "17" / "bin"


def test_postgresql_is_installed_as_root_or_asked_for(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(tools, "find", lambda program: None)
    monkeypatch.setattr(tools, "root_prefix", lambda: None)
    with pytest.raises(SystemExit):
        tools.postgresql(tmp_path)
    assert capsys.readouterr().err.startswith("`initdb` is missing and cannot be installed here without root: ")

    def install(package: str, prefix: list[str]) -> None:
        (tmp_path / "16" / "bin").mkdir(parents=True)
        (tmp_path / "16" / "bin" / "initdb").touch()

    monkeypatch.setattr(tools, "root_prefix", list)
    monkeypatch.setattr(tools, "install_debian", install)
    assert tools.postgresql(tmp_path) == tmp_path / "16" / "bin"
