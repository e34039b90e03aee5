"""How results are shown: the JSON alone for `-`, both for a file, nothing of rich's marks in a pipe, no value by chance."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import typer

from bot4.cli import output


@dataclass
class Row:
    name: str
    value: float
    place: Path


class Told:
    def to_dict(self):
        return {"said": math.inf}


def test_results_become_plain_json_and_what_cannot_be_computed_is_null():
    body = {
        "rows": (Row("a", math.nan, Path("x") / "y"),),
        3: np.array([1.5, np.nan]),
        "n": np.int64(7),
        "told": Told(),
    }
    found = json.loads(output.json_text(body))
    assert found == {
        "rows": [{"name": "a", "value": None, "place": "x/y"}],
        "3": [1.5, None],
        "n": 7,
        "told": {"said": None},
    }


def test_what_has_no_form_in_json_is_refused():
    with pytest.raises(TypeError, match="object has no form in JSON"):
        output.json_text({"x": object()})


def test_a_dash_prints_the_json_alone(capsys):
    output.emit([1], "-", lambda: print("for people"))
    assert capsys.readouterr().out == "[\n  1\n]\n"


def test_a_file_is_written_beside_what_people_see(capsys, tmp_path):
    target = tmp_path / "r.json"
    output.emit({"ä": 1}, str(target), lambda: print("for people"))
    assert capsys.readouterr().out == f"for people\n\nJSON: {target}\n"
    assert target.read_text(encoding="utf-8") == '{\n  "ä": 1\n}\n'


@pytest.mark.parametrize(("place", "said"), [("", "is a folder"), ("no/r.json", "does not exist")])
def test_a_target_that_cannot_be_is_refused_before_anything_runs(tmp_path, place, said):
    with pytest.raises(typer.BadParameter, match=said):
        output.check_target("--json", tmp_path / place)


def test_a_table_in_a_pipe_is_plain_and_wide(capsys):
    rows = output.table("file", right=("bars",), more=("note",))
    rows.add_row(output.escape("a[1].csv"), "[red]7[/]", "x" * 100)
    output.show(rows)
    head, row = capsys.readouterr().out.splitlines()
    assert head.split() == ["file", "bars", "note"]
    assert row.split() == ["a[1].csv", "7", "x" * 100]
