"""Every field of the tear sheet says what it is, and the page made from that is up to date."""

from __future__ import annotations

from dataclasses import fields

import pytest

from bot4.report.tear import PARTS
from scripts.reference import tear
from scripts.reference.pages import FOLDER, NOTE

KINDS = {kind for part in PARTS.values() for kind in (part, *tear.rows_in(part))}


@pytest.mark.parametrize("kind", sorted(KINDS, key=lambda kind: kind.__name__))
def test_every_field_has_a_docstring(kind):
    assert [one.name for one in fields(kind) if not tear.field_docs(kind).get(one.name)] == []


def test_the_page_is_as_the_code_is():
    """If not: python -m scripts.reference."""
    assert (FOLDER / "tear-sheet.md").read_text(encoding="utf-8") == NOTE + tear.page().strip() + "\n"


def test_every_part_has_its_section_and_rows_their_table():
    page = tear.page()
    for name, part in PARTS.items():
        section = page.split(f"\n## {name}\n")[1].split("\n## ")[0]
        for kind in (part, *tear.rows_in(part)):
            assert all(f"| `{one.name}` |" in section for one in fields(kind)), (name, kind)
