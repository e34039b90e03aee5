"""The tutorial notebooks: executed from top to bottom in a folder of their own, and turned into pages with their outputs.

In git they stand without outputs. An execution is kept in `.cache/notebooks` under the hash of the notebook and of the package, so that the
tests and the site share it.
"""

from __future__ import annotations

import base64
import hashlib
import html
import os
import re
import tempfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scripts.shell import CACHE, ROOT

if TYPE_CHECKING:
    from nbformat import NotebookNode

FOLDER = ROOT / "docs" / "notebooks"
CELL_SECONDS = 60
LONGEST_OUTPUT = 60
"""Lines of a text output that a page shows."""


def all_notebooks() -> list[Path]:
    """Returns the notebooks in order."""
    return sorted(FOLDER.glob("*.ipynb"))


def executed(path: Path) -> NotebookNode:
    """Returns a notebook with its outputs, from the cache where nothing changed. Raises nbclient's CellExecutionError."""
    import nbformat

    kept = CACHE / "notebooks" / f"{path.stem}-{_key(path)}.ipynb"
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        for old in kept.parent.glob(f"{path.stem}-*.ipynb"):
            old.unlink()
        unfinished = kept.with_suffix(".unfinished")
        nbformat.write(execute(path), unfinished)  # type: ignore[no-untyped-call]
        unfinished.replace(kept)
    return nbformat.read(kept, as_version=4)  # type: ignore[no-any-return, no-untyped-call]


def execute(path: Path) -> NotebookNode:
    """Runs a notebook in a new folder with run records of its own and returns it with its outputs."""
    import nbformat
    from nbclient import NotebookClient

    notebook = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    with tempfile.TemporaryDirectory() as folder:
        before = dict(os.environ)
        os.environ |= {"PYTHONPATH": str(ROOT), "PYDEVD_DISABLE_FILE_VALIDATION": "1"}
        os.environ.pop("BOT4_HOME", None)
        try:
            NotebookClient(
                notebook, timeout=CELL_SECONDS, kernel_name="python3", resources={"metadata": {"path": folder}}
            ).execute()
        finally:
            os.environ.clear()
            os.environ.update(before)
    return notebook  # type: ignore[no-any-return]


def _key(path: Path) -> str:
    return hashlib.sha256(path.read_bytes() + _package().encode()).hexdigest()[:24]


@cache
def _package() -> str:
    """Returns the hash of the package, engine included."""
    total = hashlib.sha256()
    for file in sorted((ROOT / "bot4").rglob("*")):
        if file.is_file() and "__pycache__" not in file.parts:
            total.update(file.name.encode() + file.read_bytes())
    return total.hexdigest()


def to_markdown(notebook: NotebookNode, folder: str) -> tuple[str, dict[str, bytes]]:
    """Returns a page and its images by name; `folder` is where the page finds them."""
    parts: list[str] = []
    images: dict[str, bytes] = {}
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            parts.append(cell.source)
        elif cell.cell_type == "code":
            parts.append(f"```python\n{cell.source}\n```")
            for output in cell.outputs:
                parts += _shown(output, images, folder)
    return "\n\n".join(parts) + "\n", images


def _shown(output: Any, images: dict[str, bytes], folder: str) -> list[str]:
    data = output.get("data", {})
    if "image/png" in data:
        name = f"{len(images)}.png"
        images[name] = base64.b64decode(data["image/png"])
        return [f"![output]({folder}/{name})"]
    if "image/svg+xml" in data:
        name = f"{len(images)}.svg"
        images[name] = "".join(data["image/svg+xml"]).encode()
        return [f"![output]({folder}/{name})"]
    text = "".join(output.get("text", data.get("text/plain", "")))
    if (rich := "".join(data.get("text/html", ""))).startswith("<pre>"):  # a result shows its summary so
        text = html.unescape(re.sub(r"<[^>]+>", "", rich))
    return [f"```text\n{short(text)}\n```"] if text.strip() else []


def last_line(error: Exception) -> str:
    """Returns the last line that an error of a cell says: the exception and its message."""
    return without_colours(str(error)).strip().splitlines()[-1]


def without_colours(text: str) -> str:
    """Returns a text without the codes that colour it on a terminal."""
    return re.sub(r"\x1b\[[\d;]*m", "", text)


def short(text: str) -> str:
    """Returns a text output without colours, at most `LONGEST_OUTPUT` lines of it."""
    lines = without_colours(text).rstrip().splitlines()
    more = len(lines) - LONGEST_OUTPUT
    return "\n".join([*lines[:LONGEST_OUTPUT], f"… {more} lines more"] if more > 0 else lines)
