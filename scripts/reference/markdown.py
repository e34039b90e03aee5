"""Small pieces of Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence


def table(headers: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Returns a table; `|` and line breaks inside cells are made safe."""
    lines = ["| " + " | ".join(headers) + " |", "|" + "---|" * len(headers)]
    lines += ["| " + " | ".join(cell(text) for text in row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def cell(text: str) -> str:
    """Returns a text that may stand in a table."""
    return re.sub(r"(?<!\\)\|", r"\\|", " ".join(text.split()))


def code(text: str) -> str:
    """Returns a text as code, empty for an empty one."""
    return f"`{text}`" if text else ""


def first_paragraph(doc: str | None) -> str:
    """Returns the first paragraph of a docstring on one line; what looks like a tag of HTML is none."""
    return " ".join((doc or "").strip().split("\n\n")[0].split()).replace("<", "&lt;")
