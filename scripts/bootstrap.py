"""Sets up `.venv`: pinned dependencies, the engine built once in release, Bot4 installed editable.

Each step keeps a stamp, the hash of all it depends on, in `.venv/.stamps`; a step whose stamp still holds is skipped, so a
second call only hashes the sources. Runs on the system's Python (3.11 or later) with nothing installed.
"""

from __future__ import annotations

import argparse
import hashlib
import shutil
import subprocess
import sys
import venv
from collections.abc import Callable, Iterable
from pathlib import Path

from scripts.shell import BIN, ROOT, VENV, output, run, stop

STAMPS = VENV / ".stamps"
PYTHON = BIN / ("python.exe" if sys.platform == "win32" else "python")
LOCKS = {name: ROOT / "requirements" / f"{name}.txt" for name in ("runtime", "build", "dev")}


def digest(paths: Iterable[Path], *words: str) -> str:
    """Returns the hash of the files' names and contents and of `words`."""
    total = hashlib.sha256("\0".join(words).encode())
    for path in sorted(paths):
        total.update(f"\0{path.relative_to(ROOT).as_posix()}\0".encode())
        total.update(path.read_bytes())
    return total.hexdigest()


def engine_sources() -> list[Path]:
    """Returns every file the extension module is built from."""
    crates = (ROOT / "engine").rglob("*")
    sources = [path for path in crates if path.suffix in (".rs", ".toml") and "target" not in path.parts]
    return [*sources, ROOT / "Cargo.toml", ROOT / "Cargo.lock", ROOT / "pyproject.toml"]


def once(name: str, key: str, why: str, action: Callable[[], None], stamps: Path = STAMPS) -> bool:
    """Runs `action` unless it ran with the same key before; returns whether it ran."""
    stamp = stamps / name
    if stamp.exists() and stamp.read_text() == key:
        return False
    print(f"-- {why}", flush=True)
    stamp.unlink(missing_ok=True)
    action()
    stamps.mkdir(parents=True, exist_ok=True)
    stamp.write_text(key)
    return True


def create_venv() -> None:
    """Creates `.venv` with pip."""
    try:
        venv.create(VENV, with_pip=True, upgrade_deps=False)
    except subprocess.CalledProcessError:
        shutil.rmtree(VENV, ignore_errors=True)
        stop(
            f"Python at {sys.executable} cannot make a virtual environment: install its venv package (Debian: python3-venv) and repeat."
        )


def install(*locks: str) -> None:
    """Installs pinned packages from the lock files named."""
    files = [word for name in locks for word in ("-r", str(LOCKS[name]))]
    run([str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *files])


def build_engine() -> None:
    """Builds `bot4._engine` in release into the source tree and installs Bot4 editable."""
    pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    run([*pip, "--no-deps", "--no-build-isolation", "--editable", "."], {"MATURIN_PEP517_ARGS": "--locked"})


def extension_built() -> bool:
    """Returns whether the extension module lies in the package (`git clean` may have taken it)."""
    return any((ROOT / "bot4").glob("_engine*.so")) or any((ROOT / "bot4").glob("_engine*.pyd"))


def main(arguments: list[str] | None = None) -> None:
    """Sets up what is missing or out of date."""
    parser = argparse.ArgumentParser(prog="make setup", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--dev", action="store_true", help="install what the tests need, too")
    wanted = parser.parse_args(arguments)
    if not shutil.which("cargo"):
        stop(
            "Bot4's engine is built with a Rust toolchain and `cargo` is not on PATH: install it from https://rustup.rs and repeat."
        )
    if not PYTHON.exists():
        once("venv", sys.version, f"making .venv with Python {sys.version.split()[0]}", create_venv)
    once(
        "runtime",
        digest([LOCKS["runtime"], LOCKS["build"]]),
        "installing the dependencies",
        lambda: install("runtime", "build"),
    )
    if wanted.dev:
        once("dev", digest([LOCKS["dev"]]), "installing what the tests need", lambda: install("dev"))
    if not extension_built():
        (STAMPS / "engine").unlink(missing_ok=True)
    key = digest(engine_sources(), output(["rustc", "-vV"]))
    once("engine", key, "building the engine in release (a minute or two, once)", build_engine)


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError as failure:
        stop(
            f"Set-up stopped: `{' '.join(map(str, failure.cmd))}` failed with code {failure.returncode}; its own message is above."
        )
