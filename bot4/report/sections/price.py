"""The bars themselves: candles, fills, position and equity; a click shows the decision."""

from __future__ import annotations

from ..bars import add_bars
from ..page import Page
from ..tear import TearSheet
from ..view import RunView


def bars(page: Page, view: RunView, _tear: TearSheet) -> None:
    """Adds the chart of bars."""
    if any(len(asset.ts) for asset in view.run.assets):
        place = add_bars(page, view)
        page.section("Bars and decisions", place, "Click a bar to see what was decided at its close, and why.")
