"""The drawing of graphs: layers go one way, boxes never meet, heights are the nearest allowed ones; it is SVG that any parser reads."""

from __future__ import annotations

import itertools
import random
import re
from xml.etree import ElementTree

import numpy as np
import pytest

from bot4.report.layers import BOX_HEIGHT, Box, drawing, rising

SVG = "{http://www.w3.org/2000/svg}"


def parsed(text):
    root = ElementTree.fromstring(text)
    boxes = [group.findall(f"{SVG}rect")[0].attrib for group in root.iter(f"{SVG}g")]
    return root, [{name: float(box[name]) for name in ("x", "y", "width", "height")} for box in boxes]


def random_graph(seed, count=100):
    draw = random.Random(seed)
    edges = [(draw.randrange(end), end) for end in range(1, count) for _ in range(draw.choice([0, 1, 1, 2, 3]))]
    return [Box(f"node {n} of {seed}", "below" * draw.randrange(3)) for n in range(count)], edges


@pytest.mark.parametrize("seed", range(6))
def test_a_hundred_nodes_stand_apart_with_inputs_to_the_left(seed):
    boxes, edges = random_graph(seed)
    root, placed = parsed(drawing(boxes, edges, label="a & b"))
    assert root.attrib["aria-label"] == "a & b"
    assert len(placed) == len(boxes)
    for start, end in edges:
        assert placed[start]["x"] + placed[start]["width"] < placed[end]["x"]
    width, height = float(root.attrib["width"]), float(root.attrib["height"])
    for i, one in enumerate(placed):
        assert 0 <= one["x"] <= one["x"] + one["width"] <= width
        assert 0 <= one["y"] <= one["y"] + BOX_HEIGHT <= height
        for other in placed[i + 1 :]:
            beside = one["x"] + one["width"] <= other["x"] or other["x"] + other["width"] <= one["x"]
            assert beside or abs(one["y"] - other["y"]) >= BOX_HEIGHT
    assert len(root.findall(f"{SVG}path")) == len(set(edges))


def test_a_chain_is_a_straight_line_and_a_state_leads_back():
    text = drawing([Box("a"), Box("b"), Box("c")], [(0, 1), (1, 2)], back=[(2, 0)])
    root, placed = parsed(text)
    assert len({one["y"] for one in placed}) == 1
    assert [path.attrib.get("class") for path in root.findall(f"{SVG}path")] == [None, None, "back"]


def test_text_is_escaped_and_there_is_no_colour_that_ignores_the_theme():
    text = drawing([Box("a < b & c", tip='say "no"')], [])
    assert "a &lt; b &amp; c" in text
    body = text[text.index("</style>") :]
    assert not re.search(r"#[0-9a-f]{3}", body)
    assert "prefers-color-scheme:dark" in text


def test_an_empty_graph_is_an_empty_drawing():
    assert parsed(drawing([], []))[1] == []


@pytest.mark.parametrize("seed", range(20))
def test_rising_is_the_nearest_that_never_falls(seed):
    draw = np.random.default_rng(seed)
    values = draw.normal(size=12).tolist()
    found = rising(values)
    assert all(a <= b + 1e-12 for a, b in itertools.pairwise(found))
    best = np.sum((np.array(found) - values) ** 2)
    for _ in range(200):  # no other rising list is nearer
        other = np.sort(np.array(found) + draw.normal(scale=0.1, size=12))
        assert np.sum((other - values) ** 2) >= best - 1e-12
