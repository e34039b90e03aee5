"""What a run on ticks earned by resting and paid by taking, and the inventory it held."""

from __future__ import annotations

import numpy as np

from .. import text
from ..columns import held_after
from ..making import HORIZONS_S, making_rows
from ..page import Page
from ..tear import TearSheet
from ..view import RunView

WIDTH, HEIGHT, PAD = 720, 160, 4
_NOTE = (
    "Spread captured is the value at the mid of the fill less the value at its price; below it, where the mid went "
    f"{', '.join(str(seconds) for seconds in HORIZONS_S)} seconds later, with the sign of the fill: below 0 it went against it."
)


def making(page: Page, view: RunView, _tear: TearSheet) -> None:
    """Adds the table of making and taking and the inventory over time, of a run on ticks."""
    found = view.making
    if found is None:
        return
    table = page.table(["", "Made", "Took"], [_indented(row) for row in making_rows(found)], name="Making and taking")
    figure = page.figure(_inventory(view), HEIGHT, "Inventory over time", caption=_caption(view))
    page.section("Making and taking", table + figure, note=_NOTE)


def _caption(view: RunView) -> str:
    asset = view.run.assets[0]
    return f"Position in {asset.symbol.partition('/')[0]}, row by row"


def _inventory(view: RunView) -> str:
    """Returns the position over time as an SVG step line through at most `WIDTH` rows."""
    asset = view.run.assets[0]
    fill_rows, positions = view.run.fills_of(0)
    rows = np.unique(np.linspace(0, max(len(asset.ts) - 1, 0), WIDTH).astype(np.int64))
    held = held_after(fill_rows, positions, rows) * asset.lot
    top = float(np.abs(held).max(initial=0.0)) or 1.0
    middle = HEIGHT / 2
    points = [
        f"{x:.1f},{middle - value / top * (middle - PAD):.1f}"
        for x, value in zip(np.linspace(0, WIDTH, len(rows)), held, strict=True)
    ]
    line = f'<polyline points="{" ".join(points)}" fill="none" stroke="var(--strategy)" stroke-width="1.2"/>'
    zero = f'<line x1="0" x2="{WIDTH}" y1="{middle}" y2="{middle}" stroke="var(--c2)" stroke-dasharray="3 3"/>'
    return f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" width="100%" preserveAspectRatio="none">{zero}{line}</svg>'


def _indented(row: tuple[str, str, str]) -> tuple[str, str, str]:
    """Returns a row whose label keeps its two spaces in HTML too."""
    return row[0].replace("  ", 2 * text.NBSP), *row[1:]
