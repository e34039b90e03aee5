"""docs/stats.md has a row for every statistic with its series, settings and meaning as the code has them, and no other."""

from __future__ import annotations

import re

from bot4.gate.stats.catalogue import STATISTICS, Statistic
from scripts.shell import ROOT

PAGE = ROOT / "docs" / "stats.md"


def row(one: Statistic) -> str:
    """Returns a statistic's row of the page."""
    settings = [
        f"`{name}`" if setting.default in (None, setting.empty) else f"`{name}={setting.default}`"
        for name, setting in one.settings.items()
    ]
    name = f"`{one.name}`" + (" ✦" if one.needs_extra else "")
    cells = [name, ", ".join(one.series) or "–", " ".join(settings) or "–", one.summary]
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def test_the_page_has_a_row_for_every_statistic_as_the_code_has_it() -> None:
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    wanted = [row(one) for one in STATISTICS.values()]
    assert [line for line in lines if re.match(r"\| `", line)] == wanted
    groups = list(dict.fromkeys(one.group for one in STATISTICS.values()))
    assert [line.removeprefix("### ") for line in lines if line.startswith("### ")] == groups
