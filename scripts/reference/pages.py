"""Which pages there are, and whether the files are as the code is."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from pathlib import Path

from scripts.reference import codes, commands, names, orders, schemas, settings, tear, telemetry
from scripts.shell import ROOT

FOLDER = ROOT / "docs" / "reference"
NOTE = "\n<!-- Written by `python -m scripts.reference` from the code: change it there. -->\n"
PAGES: Mapping[str, Callable[[], str]] = {
    "cli.md": commands.page,
    "settings.md": settings.page,
    "reasons.md": codes.page,
    "names.md": names.page,
    "orders.md": orders.page,
    "json.md": schemas.page,
    "tear-sheet.md": tear.page,
    "telemetry.md": telemetry.page,
}


@functools.cache
def texts() -> dict[str, str]:
    """Returns every generated file by its path below docs/reference."""
    made = {name: page().strip() + "\n" + NOTE for name, page in PAGES.items()}
    return made | schemas.files()


def differing(folder: Path = FOLDER) -> list[str]:
    """Returns the files that are missing, not as the code is, or left over."""
    wanted = texts()
    wrong = [name for name, text in wanted.items() if _read(folder / name) != text]
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    return sorted([*wrong, *(there - wanted.keys())])


def write(folder: Path = FOLDER) -> list[str]:
    """Writes what differs, removes what is left over, and returns the names of both."""
    wanted, changed = texts(), differing(folder)
    for name in changed:
        path = folder / name
        if name in wanted:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(wanted[name], encoding="utf-8", newline="\n")
        else:
            path.unlink()
    return changed


def _read(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.exists() else None
