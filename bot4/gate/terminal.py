"""The verdict in the terminal: what it is, why, every check in a line; 100 columns at most, readable without colour."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from bot4.report import text
from bot4.report.table import sentences_table

from . import shown
from .verdict import Verdict

if TYPE_CHECKING:
    from rich.console import Group, RenderableType
    from rich.table import Table
    from rich.text import Text

WIDTH = 100
COLOURS = {"good": "green", "mark": "yellow", "bad": "red", "soft": "dim"}


def summary_text(verdict: Verdict, width: int = WIDTH) -> str:
    """Returns the verdict as plain text, without colour."""
    from rich.console import Console

    stream = io.StringIO()
    Console(file=stream, width=min(width, WIDTH), no_color=True, highlight=False, legacy_windows=False).print(
        summary(verdict)
    )
    return "\n".join(line.rstrip() for line in stream.getvalue().splitlines()) + "\n"


def summary(verdict: Verdict) -> Group:
    """Returns the verdict as something rich can print."""
    from rich.console import Group
    from rich.text import Text

    parts: list[RenderableType] = [_head(verdict), Text(), _table(verdict)]
    if verdict.reasons:
        parts += [Text(), sentences_table("What stands in the way", verdict.reasons, "!", "red")]
    if verdict.warnings:
        parts += [Text(), sentences_table("Warnings", verdict.warnings, "!", "yellow")]
    return Group(*parts)


def _head(verdict: Verdict) -> Text:
    from rich.text import Text

    colour = COLOURS[shown.TONES[verdict.outcome]]
    made = Text()
    made.append(f" {verdict.outcome} ", style=f"bold reverse {colour}")
    made.append(f"  {verdict.registration}", style="bold")
    look = f" · look {verdict.look} of 12" if verdict.look else ""
    made.append(f" · {verdict.days:,} days out of sample{look}\n{shown.counted(verdict)}", style="dim")
    made.append(f"\n\n{verdict.words}")
    return made


def _table(verdict: Verdict) -> Table:
    """One line for each check: number, name, result, value, bar."""
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for name in ("", "Check", "Result", "Value", "Bar", ""):
        table.add_column(name, justify="right" if name in ("Value", "Bar") else "left", no_wrap=True)
    for one in verdict.findings:
        style = COLOURS[shown.tone(one, verdict.outcome)]
        unit = one.unit if one.unit in ("days", "trades", "z", "p") else ""
        table.add_row(
            Text(one.id, style="dim"), one.name, Text(shown.result(one, verdict.outcome), style=style),
            shown.value(one) if one.value is not None else text.MISSING if one.role != "info" else "", shown.bar(one),
            Text(unit, style="dim"),
        )  # fmt: skip
    return table
