"""Small helpers every tool uses: where the project is, run a command, stop with one sentence.

Not a framework: no tool needs more than these few functions.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
CACHE = ROOT / ".cache"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")


def stop(sentence: str, code: int = 1) -> NoReturn:
    """Ends the program with one sentence on stderr: what, where, the fix."""
    print(sentence, file=sys.stderr)
    raise SystemExit(code)


def in_ci() -> bool:
    """Returns whether this runs unattended (`CI` is set, as every CI service does)."""
    return os.environ.get("CI", "").lower() not in ("", "0", "false")


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Returns the environment with the project's own programs first on PATH."""
    tools = CACHE / "tools" / "bin"
    path = os.pathsep.join([str(BIN), str(tools), os.environ.get("PATH", "")])
    return {**os.environ, "PATH": path, "VIRTUAL_ENV": str(VENV), "PYTHONHASHSEED": "0", **(extra or {})}


def run(command: Sequence[str], env: Mapping[str, str] | None = None, cwd: Path = ROOT) -> None:
    """Runs a command with its output shown. Raises CalledProcessError when it fails."""
    subprocess.run(list(command), check=True, cwd=cwd, env=environment(env), stdin=subprocess.DEVNULL)


def output(command: Sequence[str], env: Mapping[str, str] | None = None, cwd: Path = ROOT) -> str:
    """Returns what a command prints on stdout. Raises CalledProcessError when it fails."""
    done = subprocess.run(
        list(command),
        check=True,
        cwd=cwd,
        env=environment(env),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    )
    return done.stdout
