"""`bot4 explain` as a user calls it: text, SVG, page, JSON; data only where they are needed; one sentence for a mistake."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from bot4.cli.main import run
from tests.backtest.markets import walk

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted(path for path in (ROOT / "examples").glob("*.py") if not path.stem.endswith("_client"))


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_every_example_is_explained_and_drawn_without_data(example, capsys, here):
    assert run(["explain", str(example), "--svg", "graph.svg"]) == 0
    out = capsys.readouterr().out
    assert "identity " in out
    assert "warm-up: " in out
    drawings = list(here.glob("graph*.svg"))
    assert len(drawings) == out.count("SVG: ") >= 1
    for drawing in drawings:
        assert ElementTree.parse(drawing).getroot().tag.endswith("svg")


def test_json_and_parameters(capsys):
    words = ["explain", str(ROOT / "examples" / "trend.py"), "--param", "fast=5", "--json", "-"]
    assert run(words) == 0
    (graph,) = json.loads(capsys.readouterr().out)["graphs"]
    assert graph["parameters"] == {"fast": 5, "slow": 168}
    assert {node["part"] for node in graph["nodes"]} == {"static"}
    assert graph["settled"] == {"the asset": 1680}


def test_a_page_holds_drawing_and_nodes(capsys, here):
    assert run(["explain", str(ROOT / "examples" / "donchian.py"), "--html", "graph.html"]) == 0
    assert "Page: graph.html" in capsys.readouterr().out
    text = (here / "graph.html").read_text()
    assert '<svg xmlns="http://www.w3.org/2000/svg" class="layers"' in text
    assert "rolling_max(high, 20)" in text


def test_a_strategy_without_a_clock_takes_it_from_option_or_data(capsys, here):
    Path("plain.py").write_text(
        "import bot4 as b4\n\n\n@b4.strategy\ndef plain(m):\n    return b4.target(m.close.sma(3) / 1e6)\n"
    )
    assert run(["explain", "plain.py"]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert run(["explain", "plain.py", "--timeframe", "4h"]) == 0
    assert "plain · strategy on 4h bars" in capsys.readouterr().out
    walk(50).write_parquet("synth-BTCUSDT-1h.parquet")
    assert run(["explain", "plain.py", "--data", "synth-BTCUSDT-1h.parquet"]) == 0
    assert "plain · strategy on 1h bars" in capsys.readouterr().out


def test_a_folder_that_does_not_exist_is_a_sentence(capsys):
    assert run(["explain", str(EXAMPLES[0]), "--svg", "nowhere/graph.svg"]) == 2
    assert "the folder nowhere does not exist" in capsys.readouterr().err
