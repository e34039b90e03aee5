"""How a command shows its result: in colour on a terminal, as plain text anywhere else, or as JSON with a schema.

One way for every command: the option `Json` (`--json FILE`, or `--json -` for standard output, where then nothing else stands), checked by
`check_target` before anything runs, carried out by `emit`. The JSON of each command is described by `schemas` and docs/reference/json.md.
Not here: what the result is.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from rich.table import Table as RichTable

STDOUT = "-"
"""The target that stands for standard output."""

PLAIN_WIDTH = 160
"""Columns of a table that goes to a file or a pipe: wide enough that no cell of ours is broken."""

Json = Annotated[
    str | None, typer.Option("--json", metavar="FILE|-", help="Write the result as JSON; - prints only that.")
]


def check_target(option: str, target: str | Path | None) -> None:
    """Raises a usage error, before anything runs, for a file that could not be written."""
    if target is None or str(target) == STDOUT:
        return
    path = Path(target)
    if path.is_dir():
        raise typer.BadParameter(f"{path} is a folder; give {option} the name of a file")
    if not path.parent.is_dir():
        raise typer.BadParameter(f"the folder {path.parent} does not exist; make it or give {option} another place")


def emit(body: Any, target: str | None, show: Callable[[], None]) -> None:
    """Shows a result: `show` for people; for `-` the JSON of `body` alone; for a file both, and a line that names the file.

    A file is written whole or not at all. Raises OSError where it cannot be written.
    """
    if target == STDOUT:
        sys.stdout.write(json_text(body) + "\n")
        return
    show()
    if target is not None:
        print("\n" + write_json(body, target))


def write_json(body: Any, target: str) -> str:
    """Writes the JSON of `body` to a file, whole or not at all, and returns the line that says so. Raises OSError."""
    from bot4.report.files import write_whole

    write_whole(Path(target), json_text(body) + "\n")
    return f"JSON: {target}"


def json_text(body: Any) -> str:
    """Returns a result as JSON, two blanks to a level. What cannot be computed (NaN, ±∞) is null."""
    return json.dumps(plain(body), indent=2, ensure_ascii=False, allow_nan=False)


def plain(value: Any) -> Any:
    """Returns a value as JSON holds it: dataclasses and mappings as objects, sequences and arrays as lists, paths as text.

    An object with `to_dict` or `as_dict` says itself what it is. Raises TypeError for anything else, so that nothing is written by chance.
    """
    for name in ("to_dict", "as_dict"):
        if callable(own := getattr(value, name, None)) and not isinstance(value, type):
            return plain(own())
    if isinstance(value, Mapping):
        return {str(key): plain(inner) for key, inner in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, (list, tuple)):
        return [plain(inner) for inner in value]
    if hasattr(value, "tolist"):  # a NumPy scalar or array, whose type is not imported for this
        return plain(value.tolist())
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Path):
        return str(value)
    if value is None or isinstance(value, (bool, int, str)):
        return value
    raise TypeError(f"{type(value).__name__} has no form in JSON")


def table(*columns: str, right: tuple[str, ...] = (), more: tuple[str, ...] = ()) -> RichTable:
    """Returns an empty table: `columns` on the left, `right` aligned to the right, then `more` on the left again."""
    from rich.table import Table

    made = Table(box=None, header_style="bold", pad_edge=False)
    for name in columns:
        made.add_column(name, overflow="fold")
    for name in right:
        made.add_column(name, justify="right")
    for name in more:
        made.add_column(name, overflow="fold")
    return made


def escape(text: str) -> str:
    """Returns a text in which rich sees no mark-up: names of files and symbols may hold brackets."""
    from rich.markup import escape as rich_escape

    return rich_escape(text)


def show(renderable: Any) -> None:
    """Prints something of rich: in colour and as wide as a terminal, or plain and `PLAIN_WIDTH` wide into a file or pipe."""
    from rich.console import Console

    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=PLAIN_WIDTH, no_color=True)
    console.print(renderable)
