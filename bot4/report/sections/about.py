"""What the number is not, and what pins the run: limits, settings, identity."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from ..page import Html, Page
from ..tear import TearSheet
from ..view import RunView, caveats
from .cells import aside, titled


def not_this(page: Page, view: RunView, _tear: TearSheet) -> None:
    """Adds the limits of the result."""
    items = "".join(f"<li>{escape(sentence)}</li>" for sentence in caveats(view))
    page.section("What this number is not", f"<ul>{items}</ul>")


def settings(page: Page, view: RunView, _tear: TearSheet) -> None:
    """Adds settings and identity side by side."""
    made = [titled(title, _pairs(found)) for title, found in (("Settings", view.settings), ("Identity", view.identity))]
    if any(made):
        page.section("Settings and identity", aside(*made))


def _pairs(found: Mapping[str, str]) -> str:
    rows = "".join(
        f'<tr><th class="left" scope="row">{escape(name)}</th><td class="left wrap"><code>{escape(value)}</code></td></tr>'
        for name, value in found.items()
    )
    return Html(f"<table><tbody>{rows}</tbody></table>") if rows else ""
