"""Every field of the tear sheet says what it is, and the page made from that is up to date."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from bot4.report.stats import STAT_NAMES
from bot4.report.tear import PARTS
from scripts.reference import tear
from scripts.reference.pages import FOLDER, texts

KINDS: set[type] = {kind for part in PARTS.values() for kind in (part, *tear.rows_in(part))}


@pytest.mark.parametrize("kind", sorted(KINDS, key=str))
def test_every_field_has_a_docstring(kind):
    assert [one.name for one in fields(kind) if not tear.field_docs(kind).get(one.name)] == []


def test_the_page_is_as_the_code_is():
    """If not: python -m scripts.reference."""
    assert (FOLDER / "tear-sheet.md").read_text(encoding="utf-8") == texts()["tear-sheet.md"]


def test_every_part_has_its_section_and_rows_their_table():
    page = tear.page()
    for name, part in PARTS.items():
        section = page.split(f"\n## {name}\n")[1].split("\n## ")[0]
        for kind in (part, *tear.rows_in(part)):
            assert all(f"| `{one.name}` |" in section for one in fields(kind)), (name, kind)


def test_names_in_the_page_of_metrics_exist():
    """What stands there for quantstats and freqtrade is a field of the summary or of a part, or a part."""
    text = (Path(__file__).parents[3] / "docs" / "metrics.md").read_text(encoding="utf-8")
    section = text.split("## What quantstats and freqtrade show")[1].split("Left out, and why")[0]
    names = re.findall(r"`([a-z_0-9.]+)`", section)
    known = (
        set(STAT_NAMES) | set(PARTS) | {f"{part}.{one.name}" for part, kind in PARTS.items() for one in fields(kind)}
    )
    assert len(names) > 90
    assert [name for name in names if name not in known] == []
