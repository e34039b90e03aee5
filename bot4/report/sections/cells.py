"""Cells that several sections share: numbers with their colour, tables of label and value."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

from .. import text
from ..page import Html, Page


def signed(fraction: float, digits: int = 1) -> Html:
    """Returns a fraction in percent with its sign, coloured."""
    shown = text.part(fraction, signed=True) if digits == 1 else text.percent(fraction, digits, signed=True)
    return Html(f'<span class="{way(fraction) if shown[0] in "+−" else ""}">{shown}</span>')


def money(value: float) -> Html:
    """Returns an amount with its sign, coloured."""
    return Html(f'<span class="{way(value)}">{text.amount(value, signed=True)}</span>')


def way(value: float) -> str:
    """Returns the class of a gain or a loss."""
    return "good" if value > 0 else "bad" if value < 0 else ""


def day(ms: int | None) -> str:
    """Returns the day that closes at a time: a close at midnight belongs to the day before."""
    return text.MISSING if ms is None else text.date(ms - 1)


def chance(probability: float) -> str:
    """Returns a probability in percent; never a bare 0 % or 100 %, which would be certain."""
    if math.isfinite(probability) and probability >= 0.9995:
        return f"> 99.9{text.NBSP}%"
    if math.isfinite(probability) and probability < 0.0005:
        return f"< 0.1{text.NBSP}%"
    return text.percent(probability)


def pairs(page: Page, rows: Sequence[tuple[object, object]], name: str = "") -> Html:
    """Returns a table of labels and values without a head."""
    body = [row for row in rows if row[1] != ""]
    table = page.table(["", ""], body, name=name)
    return Html(table.replace("<thead><tr><th class=left></th><th></th></tr></thead>", ""))


def aside(*blocks: str) -> str:
    """Returns blocks side by side, below each other where there is no room."""
    return f'<div class="columns">{"".join(f"<div>{block}</div>" for block in blocks if block)}</div>'


def couple(*figures: str) -> str:
    """Returns figures in two columns, one below the other on a phone."""
    return f'<div class="pair">{"".join(figures)}</div>'


def titled(title: str, html: str) -> str:
    """Returns a block under a small heading."""
    return f"<h3>{escape(title)}</h3>{html}" if html else ""
