"""Builds the wheel into dist/ and tries it out: one abi3 wheel, typed, without tests, importable away from the source tree."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from scripts.shell import BIN, ROOT, output, run, stop

TAG = "cp311-abi3"
MUST_NOT_HOLD = ("tests/", "scripts/", "benchmarks/", "examples/", "engine/")


def build(out: Path) -> Path:
    """Builds the wheel with the release build that `make setup` left, returns its path."""
    shutil.rmtree(out, ignore_errors=True)
    run([str(BIN / "python"), "-m", "maturin", "build", "--release", "--locked", "--quiet", "--out", str(out)])
    (wheel,) = out.glob("*.whl")
    return wheel


def package_files() -> list[str]:
    """Returns every file of the package that git knows: modules, type stubs, the report's page."""
    return output(["git", "ls-files", "bot4"]).splitlines()


def faults(wheel_name: str, members: list[str], package: list[str]) -> list[str]:
    """Returns a sentence for each thing wrong with a wheel of that name and content, where `package` must all be in it."""
    wrong = []
    if TAG not in wheel_name:
        wrong.append(f"{wheel_name} is not tagged {TAG}: one wheel must serve Python 3.11 and later.")
    if not any(name.startswith("bot4/_engine.") and name.endswith((".so", ".pyd")) for name in members):
        wrong.append(f"{wheel_name} holds no compiled bot4/_engine.")
    wrong += [f"{wheel_name} lacks {name}." for name in package if name not in members]
    wrong += [
        f"{wheel_name} holds {name}, which is not for users." for name in members if name.startswith(MUST_NOT_HOLD)
    ]
    return wrong


def check() -> None:
    """Builds, inspects and imports the wheel. Raises SystemExit when something is wrong with it."""
    wheel = build(ROOT / "dist")
    with zipfile.ZipFile(wheel) as archive:
        wrong = faults(wheel.name, archive.namelist(), package_files())
    if wrong:
        stop("\n".join(wrong))
    with tempfile.TemporaryDirectory() as folder:
        run(
            [
                str(BIN / "python"),
                "-m",
                "pip",
                "install",
                "--quiet",
                "--disable-pip-version-check",
                "--no-deps",
                "--target",
                folder,
                str(wheel),
            ]
        )
        program = "import bot4, bot4._engine; print(bot4.__file__)"
        place = output([str(BIN / "python"), "-c", program], {"PYTHONPATH": folder}, cwd=Path(folder)).strip()
        if not Path(place).resolve().is_relative_to(Path(folder).resolve()):
            stop(f"The trial import took bot4 from {place}, not from the wheel.")
    print(f"{wheel.name}: {wheel.stat().st_size / 1e6:.1f} MB, imports away from the source tree")


if __name__ == "__main__":
    try:
        check()
    except subprocess.CalledProcessError as failure:
        sys.exit(
            f"The wheel could not be built: `{' '.join(map(str, failure.cmd[:5]))} …` failed; its own message is above."
        )
