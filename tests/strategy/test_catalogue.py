"""The tracer's catalogue is the design's and the engine's."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot4.strategy import CATALOGUE, trace_expression

from .test_language import HOUR, ONE_COLUMN, TWO_COLUMNS, Method

DESIGN = Path(__file__).resolve().parents[2] / "docs" / "design.md"


def catalogue_of_the_design() -> set[str]:
    """Returns the names in the node catalogue of docs/design.md: in back quotes, before the colon-less remarks in parentheses."""
    text = DESIGN.read_text().partition("### Node catalogue")[2].partition("\n## ")[0]
    names: set[str] = set()
    for line in text.splitlines():
        for quoted in re.findall(r"`([a-z_ ]+)`", line.partition(":")[2]):
            names.update(quoted.split())
    return names


def test_the_catalogue_is_the_designs() -> None:
    assert set(CATALOGUE) == catalogue_of_the_design()


def test_the_engine_knows_every_node_with_as_many_inputs() -> None:
    engine = pytest.importorskip("bot4._engine", reason="the engine is not built")
    known = {name: inputs for name, _, inputs in engine.catalogue()}
    assert {name: len(op.takes) for name, op in CATALOGUE.items()} == {name: known.get(name) for name in CATALOGUE}


@pytest.mark.parametrize("method", [c[1] for c in ONE_COLUMN] + [c[0] for c in TWO_COLUMNS])
def test_the_engine_accepts_what_the_tracer_writes(method: Method) -> None:
    engine = pytest.importorskip("bot4._engine", reason="the engine is not built")
    program = trace_expression(method, interval_ms=HOUR)
    described = engine.describe(program.json, ["A", "B"])
    assert len(described["identity"]) == 64  # BLAKE3 in hex
