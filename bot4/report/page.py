"""`Page`: one HTML file that needs no network, for light and dark screens, on a desk or a phone, on paper.

Everything a page shows is written into the file: style, script, data, and plotly.js where a Plotly figure is on it (compressed). The
report, the sweep, the walk-forward, `bot4 chart` and `bot4 explain` are pages. Order of use: make one, add sections made of `figure`,
`table` and your own HTML, then `write`.

Text is escaped unless it is `Html`. Colours are names of the style sheet, `--strategy` or `--c1` to `--c6`: they follow the theme
in SVG (`stroke="var(--c1)"`), in Bot4's plots and in Plotly figures alike.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Mapping, Sequence
from functools import lru_cache
from html import escape
from importlib import resources
from importlib.util import find_spec
from pathlib import Path
from string import Template
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .files import write_whole

Cell = object
"""A cell of a table: `Html`, or anything else, whose text is escaped."""


class Html(str):
    """Text that is HTML already."""

    __slots__ = ()


def markup(value: object) -> str:
    """Returns HTML of a value: `Html` as it is, everything else escaped."""
    return str(value) if isinstance(value, Html) else escape(str(value))


class Page:
    """One self-contained HTML file in the making.

    title, subtitle: plain text; lines: further lines of the head, each plain text or `Html`. theme: `light` or `dark`, where the reader is
    not to choose; style: CSS of its own.
    """

    def __init__(
        self, title: str, subtitle: str = "", lines: Sequence[object] = (), *, theme: str = "", style: str = ""
    ) -> None:
        self.title = title
        self._theme = theme
        self._style = style
        self._head = [line for line in (subtitle, *lines) if line]
        self.body: list[str] = []
        """The parts between head and data, in order."""
        self._contents: list[tuple[str, str]] = []
        self._figures: dict[str, Any] = {}
        self._scripts: list[str] = []
        self._blocks: list[str] = []

    def lead(self, html: str) -> None:
        """Adds HTML without a heading, before the first section or between two."""
        self.body.append(html)

    def section(self, title: str, html: str, note: str = "") -> str:
        """Adds a section of ready HTML under a heading and the table of contents; `note` is a line of plain text below the heading.

        Returns the section's anchor.
        """
        anchor = f"s{len(self._contents) + 1}"
        self._contents.append((anchor, title))
        below = f'<p class="soft small">{escape(note)}</p>' if note else ""
        self.body.append(f'<section id="{anchor}"><h2>{escape(title)}</h2>{below}{html}</section>')
        return anchor

    def figure(
        self, figure: Mapping[str, Any] | str | Any, height: int = 360, label: str = "", caption: str = ""
    ) -> Html:
        """Returns the place of a figure, for `section`; the page draws it when it opens and again when theme or width change.

        figure: a Plotly figure or its dictionary (`data`, `layout`), a plot of `bot4.report.plots` (`series`), or the text of an
        `<svg>`. label: what it shows, for those who cannot see it. caption: a line of plain text below. height: CSS pixels.
        """
        below = f"<figcaption>{escape(caption)}</figcaption>" if caption else ""
        name = f'aria-label="{escape(label or caption or "Figure")}"'
        if isinstance(figure, str):
            return Html(
                f'<figure class="figure"><div class="plot svg" role="img" {name}>{figure}</div>{below}</figure>'
            )
        key = f"figure{len(self._figures) + 1}"
        self._figures[key] = dict(figure) if isinstance(figure, Mapping) else json.loads(figure.to_json())
        place = f'<div class="plot" id="{key}" role="img" {name} style="height:{height}px"></div>'
        return Html(f'<figure class="figure">{place}{below}</figure>')

    def table(
        self, headers: Sequence[object], rows: Sequence[Sequence[object]], left: int = 1, *, name: str = "",
        sortable: bool = False, tall: bool = False, filterable: bool = False,
    ) -> Html:  # fmt: skip
        """Returns a table that scrolls inside its own box, for `section`.

        left: so many columns are set left, the others right. sortable: a click on a head sorts. tall: at most a screen high, the head
        stays. filterable: a box above it keeps the rows that hold a text. name: what it shows, for those who cannot see it.
        """
        kind = " ".join(word for word, on in (("scroll", True), ("tall", tall)) if on)
        head = "".join(_cell("th", cell, i < left) for i, cell in enumerate(headers))
        body = "".join(
            "<tr>" + "".join(_cell("td", cell, i < left) for i, cell in enumerate(row)) + "</tr>" for row in rows
        )
        told = f' aria-label="{escape(name)}"' if name else ""
        table = f"<table{' data-sortable' if sortable else ''}{told}><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        box = '<input class="filter" type="search" placeholder="Filter rows" aria-label="Filter rows">'
        return Html(
            f'<div class="tablebox">{box if filterable else ""}<div class="{kind}" tabindex="0">{table}</div></div>'
        )

    def data(self, name: str, value: object) -> None:
        """Adds plain data for the page's scripts: `Bot4.data(name)` reads it."""
        self._blocks.append(f'<script id="{escape(name)}" type="application/json">{script_json(value)}</script>')

    def columns(self, name: str, arrays: Mapping[str, NDArray[Any]]) -> int:
        """Adds arrays in compressed form: `await Bot4.columns(name)` has them as typed arrays by name. Returns the size in bytes.

        The format is in docs/design-pages.md. Integers of 64 bits become float64: exact up to 2^53.
        """
        packed, spec = pack(arrays)
        content = base64.b64encode(packed).decode("ascii")
        head = escape(json.dumps(spec, separators=(",", ":")))
        self._blocks.append(
            f'<script id="{escape(name)}" type="application/octet-stream" data-columns="{head}">{content}</script>'
        )
        return len(content)

    def script(self, text: str) -> None:
        """Adds JavaScript, run after the page's own; `Bot4` has the helpers (assets/page.js)."""
        self._scripts.append(text.replace("</script", "<\\/script"))

    def html(self) -> str:
        """Returns the whole file as text."""
        scripts = [asset("page.js"), asset("plots.js"), *self._scripts, "Bot4.start();"]
        blocks = [*self._blocks, f'<script id="figures" type="application/json">{script_json(self._figures)}</script>']
        if any("data" in figure for figure in self._figures.values()):
            blocks.append(f'<script id="plotly" type="application/octet-stream">{plotly_packed()}</script>')
        parts = {
            "title": escape(self.title),
            "theme": f' data-theme="{self._theme}"' if self._theme else "",
            "css": asset("page.css") + self._style,
            "head": "".join(f'<p class="soft">{markup(line)}</p>' for line in self._head),
            "contents": "".join(
                f'<li><a href="#{anchor}">{escape(title)}</a></li>' for anchor, title in self._contents
            ),
            "hidden": "" if self._contents else " hidden",
            "body": "\n".join(self.body),
            "blocks": "\n".join(blocks),
            "script": "\n".join(scripts),
        }
        return Template(asset("page.html")).substitute(parts)

    def write(self, path: str | Path) -> Path:
        """Writes the file and returns its path; an interrupted write leaves no half file. Raises OSError."""
        target = Path(path)
        write_whole(target, self.html())
        return target


def script_json(value: object) -> str:
    """Returns JSON that may stand inside a script element: no `</` can end it early."""
    return json.dumps(value, separators=(",", ":"), allow_nan=False).replace("</", "<\\/")


def pack(arrays: Mapping[str, NDArray[Any]]) -> tuple[bytes, list[tuple[str, str, int]]]:
    """Returns (compressed bytes, [(name, type, length)]) of arrays: little-endian, bytes of the same weight together, deflated.

    Types are `f4 f8 i4 u1` and so on, as NumPy names them. Bytes are shuffled because exponents repeat and mantissas do not.
    """
    spec, parts = [], []
    for name, array in arrays.items():
        flat = np.ascontiguousarray(array).reshape(-1)
        if flat.dtype.kind in "iu" and flat.dtype.itemsize == 8:
            flat = flat.astype(np.float64)
        flat = flat.astype(flat.dtype.newbyteorder("<"), copy=False)
        size = flat.dtype.itemsize
        spec.append((name, f"{'u' if flat.dtype.kind == 'b' else flat.dtype.kind}{size}", len(flat)))
        parts.append(flat.view(np.uint8).reshape(-1, size).T.tobytes() if len(flat) else b"")
    return zlib.compress(b"".join(parts), 3), spec


@lru_cache(maxsize=1)
def plotly_packed() -> str:
    """Returns plotly.js as the plotly package ships it, deflated, in base64: 2 MB instead of 4.8. The package is not imported."""
    spec = find_spec("plotly")
    assert spec is not None, "plotly is a dependency of Bot4"
    assert spec.origin is not None, "plotly is a package with a file"
    raw = (Path(spec.origin).parent / "package_data" / "plotly.min.js").read_bytes()
    return base64.b64encode(zlib.compress(raw, 6)).decode("ascii")


def asset(name: str) -> str:
    """Returns a file of the folder `assets`."""
    return resources.files(__package__).joinpath("assets", name).read_text(encoding="utf-8")


def _cell(tag: str, cell: object, is_left: bool) -> str:
    return f"<{tag}{' class=left' if is_left else ''}>{markup(cell)}</{tag}>"
