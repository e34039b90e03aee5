"""Programs the tests need are found, installed where that is possible, and asked for in one sentence where not."""

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
