"""The report: one HTML file that needs no network, for light and dark screens, on a desk or a phone.

Order: key numbers, equity and drawdown, months, assets, costs, trades, what the number is not, settings and identity. The page's
frame, style and script are the files `page.*` beside this one; plotly.js comes from the plotly package and is written into the file.
"""

from __future__ import annotations

import json
import os
import tempfile
from html import escape
from importlib import resources
from pathlib import Path
from string import Template

from . import sections
from .chart import figure
from .view import RunView


def write_report(view: RunView, path: str | Path) -> Path:
    """Writes the report and returns its path; an interrupted write leaves no half file. Raises OSError."""
    target = Path(path)
    write_whole(target, page(view))
    return target


def page(view: RunView) -> str:
    """Returns the whole HTML text (about 5 MB, nearly all of it plotly.js)."""
    parts = {
        "title": escape(view.title),
        "css": _file("page.css"),
        "body": "\n".join(sections.all_sections(view)),
        "figure": script_json(figure(view.run)),
        "plotly": plotly_js(),
        "script": _file("page.js"),
    }
    return Template(_file("page.html")).substitute(parts)


def script_json(value: object) -> str:
    """Returns JSON that may stand inside a script element: no `</` can end it early."""
    return json.dumps(value, separators=(",", ":"), allow_nan=False).replace("</", "<\\/")


def plotly_js() -> str:
    """Returns plotly.js as the plotly package ships it; the package's Python side is not imported."""
    import importlib.util

    spec = importlib.util.find_spec("plotly")
    assert spec is not None, "plotly is a dependency of Bot4"
    assert spec.origin is not None, "plotly is a package with a file"
    return (Path(spec.origin).parent / "package_data" / "plotly.min.js").read_text(encoding="utf-8")


def write_whole(path: Path, content: str) -> None:
    """Writes a text file by way of a temporary one in the same folder, so that readers see the old file or the new. Raises OSError."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(content)
        os.chmod(name, 0o666 & ~_umask())
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _file(name: str) -> str:
    return resources.files(__package__).joinpath(name).read_text(encoding="utf-8")
