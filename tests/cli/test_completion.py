"""Completion as a shell does it: the script is loaded into bash, and what bash would offer is read back."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bot4.cli.main import run

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    """A folder with a `bot4` on PATH that runs this tree."""
    folder = tmp_path_factory.mktemp("bin")
    script = folder / "bot4"
    script.write_text(f'#!/bin/sh\nPYTHONPATH="{ROOT}" exec "{sys.executable}" -m bot4.cli.main "$@"\n')
    script.chmod(0o755)
    return folder


def offered(program: Path, *words: str) -> list[str]:
    """Returns what bash offers for the last of the words."""
    lines = [
        'eval "$(bot4 completion bash)"',
        f"COMP_WORDS=({' '.join(map(repr, words))})",
        f"COMP_CWORD={len(words) - 1}",
        "_bot4_completion bot4",
        'printf "%s\\n" "${COMPREPLY[@]}"',
    ]
    env = os.environ | {"PATH": f"{program}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(
        ["bash", "--norc", "-c", "\n".join(lines)], env=env, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["bot4", "do"], ["doctor"]),
        (["bot4", "data", ""], ["check", "list", "synth", "import"]),
        (["bot4", "new", "x", "--template", "p"], ["portfolio", "pairs"]),
        (["bot4", "backtest", "x.py", "--realism", "n"], ["neutral", "naive"]),
        (["bot4", "backtest", "--lev"], ["--leverage"]),
    ],
)
@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
def test_bash_offers_commands_options_and_their_words(program, words, expected):
    assert offered(program, *words) == expected


@pytest.mark.parametrize(
    ("shell", "mark"),
    [("bash", "complete -o default -F"), ("zsh", "#compdef bot4"), ("fish", "complete --command bot4")],
)
def test_every_shell_has_its_script(shell, mark, capsys):
    assert run(["completion", shell]) == 0
    out = capsys.readouterr().out
    assert mark in out
    assert "_BOT4_COMPLETE" in out


def test_an_unknown_shell_is_refused(capsys):
    assert run(["completion", "tcsh"]) == 2
    assert "give bash, zsh, fish" in capsys.readouterr().err
