"""docs/reference/tear-sheet.md: every field of the tear sheet's parts with its formula, from the docstrings that stand below it."""

from __future__ import annotations

import ast
import importlib
import inspect
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any, get_args, get_type_hints

from bot4.report.tear import PARTS
from bot4.report.tear.crises import SPANS
from scripts.reference.markdown import code, first_paragraph, table

INTRO = """# Tear sheet

`result.tear_sheet` has one property for each part; `result.to_dict(tear_sheet=True)` and `bot4 backtest --json FILE --tear-sheet` write
them under `tear_sheet`. Each part is computed when first read. Conventions are those of [the metrics](../metrics.md): UTC days, 365 a
year, risk-free rate 0, fractions, account currency; what cannot be computed is `NaN`, in JSON `null`. Arrays are lists in JSON.
"""


def _dataclasses(hint: Any) -> Iterator[type]:
    if is_dataclass(hint):
        yield hint  # type: ignore[misc]  # `is_dataclass` also admits instances
    for inner in get_args(hint):
        yield from _dataclasses(inner)


def rows_in(part: type) -> list[type]:
    """Returns the dataclasses that stand in a part's fields, each once."""
    hints = get_type_hints(part)
    return list(dict.fromkeys(row for hint in hints.values() for row in _dataclasses(hint)))


ROWS = {row.__name__ for part in PARTS.values() for row in (part, *rows_in(part))}
"""Names of all the dataclasses of the tear sheet."""


def page() -> str:
    """Returns the page."""
    return INTRO + "".join(f"\n## {name}\n\n{section(part)}" for name, part in PARTS.items()) + _spans()


def _spans() -> str:
    rows = [(span.name, str(span.last_high), str(span.low), span.source) for span in SPANS]
    days = "Days are the highest and the lowest daily close of Binance's BTC/USDT in between (a test checks those to 2024)."
    return f"\nThe windows. {days}\n\n{table(['crisis', 'from the close of', 'to the close of', 'source'], rows)}"


def section(part: type) -> str:
    """Returns a part's tables: its own, then those of the rows it holds."""
    head = f"`result.tear_sheet.{_name(part)}`: {first_paragraph(part.__doc__)}\n\n{rows_of(part)}"
    inner = [f"\n{code(row.__name__)}: {first_paragraph(row.__doc__)}\n\n{rows_of(row)}" for row in rows_in(part)]
    return head + "".join(inner)


def rows_of(part: type) -> str:
    """Returns the table of a dataclass. Raises KeyError for a field without a docstring."""
    notes = field_docs(part)
    return table(["name", "is"], [(code(one.name), notes[one.name]) for one in fields(part)])


@cache
def field_docs(part: type) -> dict[str, str]:
    """Returns the text below each field of a dataclass, by name."""
    module = importlib.import_module(part.__module__)
    (found,) = (
        node
        for node in ast.parse(inspect.getsource(module)).body
        if isinstance(node, ast.ClassDef) and node.name == part.__name__
    )
    texts = {}
    for statement, after in zip(found.body, found.body[1:], strict=False):
        is_text = isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant)
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name) and is_text:
            texts[statement.target.id] = first_paragraph(str(after.value.value))  # type: ignore[attr-defined]
    return texts


def _name(part: type) -> str:
    return next(name for name, known in PARTS.items() if known is part)
