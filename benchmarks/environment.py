"""The peers' own Python environments under `.bench/`, built from the pinned requirement files, once per change of those files."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BENCH = ROOT / ".bench"
REQUIREMENTS = {
    "venv": "requirements.txt",
    "vectorbt": "requirements-vectorbt.txt",
    "hftbacktest": "requirements-hftbacktest.txt",
}


def python_of(environment: str) -> Path:
    """Returns the interpreter of `.bench/<environment>`, whether or not it exists yet."""
    return BENCH / environment / "bin" / "python"


def ensure(environment: str) -> Path:
    """Builds `.bench/<environment>` unless it already holds what its requirement file pins; returns its interpreter.

    Raises:
        RuntimeError: pip could not install the requirements.
    """
    requirements = ROOT / "benchmarks" / REQUIREMENTS[environment]
    home, python = BENCH / environment, python_of(environment)
    stamp = home / "installed.blake2b"
    digest = hashlib.blake2b(requirements.read_bytes() + sys.version.encode()).hexdigest()
    if python.exists() and stamp.exists() and stamp.read_text() == digest:
        return python
    print(
        f"Installing {requirements.name} into {home.relative_to(ROOT)} (a minute or two) …", file=sys.stderr, flush=True
    )
    shutil.rmtree(home, ignore_errors=True)
    subprocess.run([sys.executable, "-m", "venv", str(home)], check=True)
    pip = [str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check", "-r", str(requirements)]
    if subprocess.run(pip, check=False).returncode != 0:
        raise RuntimeError(
            f"pip could not install {requirements.name}; check the network, or leave peers out with --no-peers."
        )
    stamp.write_text(digest)
    return python
