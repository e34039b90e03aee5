"""Resolves pyproject.toml's version ranges into exact versions in requirements/*.txt, and checks that both still agree.

Exact versions only: no hashes and no index address, since the index differs from machine to machine. `runtime` comes first;
`build` and `dev` are resolved under its versions. Resolved for the Python and platform that runs this.
"""

from __future__ import annotations

import json
import sys
import tempfile
import tomllib
from pathlib import Path

from scripts.shell import BIN, ROOT, output, stop

FOLDER = ROOT / "requirements"
HEADER = "# Written by `make lock` from pyproject.toml; do not edit.\n"


def ranges(pyproject: Path = ROOT / "pyproject.toml") -> dict[str, list[str]]:
    """Returns the requirements by lock file: `runtime`, `build`, `dev` (with every extra: the tests need them)."""
    data = tomllib.loads(pyproject.read_text())
    groups = data["dependency-groups"]
    extras = [text for texts in data["project"].get("optional-dependencies", {}).values() for text in texts]
    return {"runtime": data["project"]["dependencies"], "build": groups["build"], "dev": [*groups["dev"], *extras]}


def normal(name: str) -> str:
    """Returns a package name as indexes compare them (PEP 503)."""
    return name.lower().replace("_", "-").replace(".", "-")


def resolve(requirements: list[str], constraints: dict[str, str]) -> dict[str, str]:
    """Returns the exact version of every package that pip would install, by name."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.write("".join(f"{name}=={version}\n" for name, version in constraints.items()))
        file.flush()
        pip = [str(BIN / "python"), "-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--dry-run"]
        report = output([*pip, "--ignore-installed", "--report", "-", "--constraint", file.name, *requirements])
    packages = (entry["metadata"] for entry in json.loads(report)["install"])
    return {normal(package["name"]): package["version"] for package in packages}


def pins(lock: Path) -> dict[str, str]:
    """Returns the exact versions in a lock file. Raises SystemExit on a line that is not `name==version`."""
    found: dict[str, str] = {}
    for number, line in enumerate(lock.read_text().splitlines(), start=1):
        if not line or line.startswith("#"):
            continue
        name, separator, version = line.partition("==")
        if not separator or not version or " " in line or "/" in line:
            stop(f"{lock.name}, line {number}: `{line}` is not `name==version`; run `make lock`.")
        found[normal(name)] = version
    return found


def write() -> None:
    """Resolves and writes all lock files."""
    fixed: dict[str, str] = {}
    for name, requirements in ranges().items():
        resolved = resolve(requirements, fixed)
        mine = {package: version for package, version in resolved.items() if package not in fixed}
        fixed.update(mine)
        lines = [f"{package}=={version}\n" for package, version in sorted(mine.items())]
        (FOLDER / f"{name}.txt").write_text(HEADER + "".join(lines))
        print(f"requirements/{name}.txt: {len(lines)} packages")


def disagreements(wanted: dict[str, list[str]], locked: dict[str, str]) -> list[str]:
    """Returns a sentence for each requirement that the locked versions do not satisfy."""
    from packaging.requirements import Requirement

    wrong = []
    for requirement in (Requirement(text) for texts in wanted.values() for text in texts):
        version = locked.get(normal(requirement.name))
        if version is None:
            wrong.append(f"{requirement} is in pyproject.toml and in no lock file; run `make lock`.")
        elif version not in requirement.specifier:
            wrong.append(f"{requirement} in pyproject.toml does not allow the locked {version}; run `make lock`.")
    return wrong


def check() -> None:
    """Raises SystemExit when the lock files do not satisfy pyproject.toml."""
    wanted = ranges()
    locked: dict[str, str] = {}
    for name in wanted:
        locked.update(pins(FOLDER / f"{name}.txt"))
    wrong = disagreements(wanted, locked)
    if wrong:
        stop("\n".join(wrong))


if __name__ == "__main__":
    check() if "--check" in sys.argv else write()
