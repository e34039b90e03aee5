"""What `bot4 stats` prints: the list of statistics, and one result with the meaning of every number."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bot4.gate.stats.catalogue import STATISTICS, Statistic, meanings
from bot4.gate.stats.volatility import Coefficient

from .output import escape, show, table

NUMBERED = ("best", "superior")
"""Fields that hold numbers of series; people are shown their names."""
LONGEST = 12
"""Entries of a list that are shown; the JSON has all."""


def listed() -> list[dict[str, Any]]:
    """Returns a row for every statistic."""
    return [
        {
            "name": one.name,
            "group": one.group,
            "summary": one.summary,
            "series": one.series,
            "settings": {name: _default(setting) for name, setting in one.settings.items()},
            "needs_extra": one.needs_extra,
        }
        for one in STATISTICS.values()
    ]


def print_list(rows: list[dict[str, Any]]) -> None:
    """Prints the statistics by group."""
    made = table("statistic", "series", "settings", "is")
    group = ""
    for row in rows:
        if row["group"] != group:
            group = row["group"]
            made.add_row(f"\n[bold]{group}[/bold]")
        settings = " ".join(name if value is None else f"{name}={value}" for name, value in row["settings"].items())
        made.add_row(row["name"], ", ".join(row["series"]) or "–", escape(settings), escape(row["summary"]))
    show(made)


def print_result(statistic: Statistic, body: dict[str, Any]) -> None:
    """Prints a result: what it is of, then name, value and meaning of every number."""
    names = body["series"]
    several = f"{len(names)} series" if len(names) > 3 else ", ".join(names)
    print(f"{statistic.name}{' of ' if names else ''}{several}: {statistic.summary}.\n")
    made = table("number", right=("value",), more=("is",))
    notes = meanings(statistic.result)
    for name, value in body["result"].items():
        for label, text, note in _lines(name, value, notes.get(name, ""), names):
            made.add_row(escape(label), escape(text), escape(note))
    show(made)


def _lines(name: str, value: Any, note: str, names: tuple[str, ...]) -> Iterator[tuple[str, str, str]]:
    """Yields (name, value, meaning) of a field: one line, or one for each coefficient, entry or row."""
    if name in NUMBERED:  # numbers of series, from 1
        value = ", ".join(names[number - 1] for number in (value if isinstance(value, tuple) else (value,))) or "none"
    if not isinstance(value, tuple):
        yield name, _text(value), note
        return
    if not value:
        yield name, "none", note
    for place, one in enumerate(value[:LONGEST]):
        if isinstance(one, Coefficient):
            yield f"  {one.name}", _text(one.value), f"± {_text(one.error)}, p {_text(one.p_value)}"
        elif isinstance(one, tuple):
            label = names[place] if place < len(names) else str(place + 1)
            yield f"{name} {label}", " ".join(f"{number:6.3f}" for number in one[:LONGEST]), note if not place else ""
        else:
            yield f"{name} {place + 1}", _text(one), note if not place else ""
    if len(value) > LONGEST:
        yield "…", f"{len(value) - LONGEST} more", "in the JSON"


def _text(value: Any) -> str:
    if value is None or value != value:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.1f}" if 1e4 <= abs(value) < 1e15 else f"{value:.5g}"
    return str(value)


def _default(setting: Any) -> Any:
    return "…" if setting.default is setting.empty else setting.default
