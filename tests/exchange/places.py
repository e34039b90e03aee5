"""Environments of their own for other people's programs, made by the tests under `.bench`."""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).parent


def environment(name: str) -> Path:
    """Returns the interpreter of the environment of `requirements-NAME.txt`.

    It is made where it is missing or its requirements changed. Without a network the test is skipped.
    """
    pinned, home = HERE / f"requirements-{name}.txt", ROOT / ".bench" / name
    digest = hashlib.blake2b(pinned.read_bytes() + sys.version.encode()).hexdigest()
    python, stamp = home / "bin" / "python", home / "installed.blake2b"
    home.parent.mkdir(exist_ok=True)
    # Tests run side by side: the second waits for the first.
    with (home.parent / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (python.exists() and stamp.exists() and stamp.read_text() == digest):
            shutil.rmtree(home, ignore_errors=True)
            subprocess.run([sys.executable, "-m", "venv", str(home)], check=True)
            # Byte code is made when a module is first used, which most never are.
            pip = [str(python), "-m", "pip", "install", "-q", "--no-compile", "--disable-pip-version-check"]
            if subprocess.run([*pip, "-r", str(pinned)], check=False).returncode != 0:
                pytest.skip(f"pip cannot install the environment `{name}`: no network")
            stamp.write_text(digest)
    return python
