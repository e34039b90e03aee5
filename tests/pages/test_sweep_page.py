"""The page of a sweep in Chromium: drawn in light and dark and on a phone, chosen anew without a reload, marks keep rows."""

from __future__ import annotations

import pytest

import bot4 as b4
from tests.backtest.markets import market, walk


@b4.strategy(on=b4.bars("1h"))
def cross(m, fast: int = b4.param(8, 2, 60), slow: int = b4.param(30, 5, 200), weight: float = b4.param(0.5, 0.1, 1.0)):
    b4.require(fast < slow)
    return b4.target(b4.where(m.close.ema(fast) > m.close.ema(slow), weight, 0.0), band=0.02)


@pytest.fixture(scope="module")
def swept(tmp_path_factory):
    """(result, path of its page) of a grid of three parameters."""
    grid = {"fast": "5:30:5", "slow": "20:80:20", "weight": [0.25, 0.5]}
    result = b4.sweep(cross, market(walk(1_200, seed=3)), grid, record=False)
    return result, result.report(tmp_path_factory.mktemp("page") / "sweep.html")


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (1280, True), (390, False)])
def test_the_page_is_drawn_on_every_screen(swept, open_page, width, dark):
    result, path = swept
    opened = open_page(path, width=width, dark=dark)
    opened.fine()
    assert opened.page.locator("#heat rect").count() == 6 * 4
    assert opened.page.evaluate("document.getElementById('lines-canvas').dataset.drawn") == str(len(result))
    assert path.stat().st_size < 200_000


def test_heat_map_follows_what_is_chosen(swept, open_page):
    result, path = swept
    page = open_page(path).page
    cell = page.locator("#heat rect title").filter(has_text="fast = 10, slow = 40:")
    best = result.heatmap("fast", "slow", "sharpe")
    value = best.filter(best["slow"] == 40)["10"].item()
    assert cell.text_content() == f"fast = 10, slow = 40: Sharpe ratio {value:.2f}".replace("-", "−")
    page.select_option("#heat-metric", "max_drawdown")
    page.click("#heat-how button[value=mean]")
    mean = result.heatmap("fast", "slow", "max_drawdown", how="mean")
    value = mean.filter(mean["slow"] == 40)["10"].item()
    assert cell.text_content() == f"fast = 10, slow = 40: Max drawdown {value * 100:.1f} %".replace("-", "−")
    page.select_option("#heat-y", "weight")
    assert page.locator("#heat rect").count() == 6 * 2
    page.select_option("#heat-x", "weight")
    assert "Choose two different parameters" in page.locator("#heat").inner_text()


def test_a_mark_on_an_axis_keeps_the_rows_that_pass_it(swept, open_page):
    result, path = swept
    page = open_page(path).page
    page.locator("#lines-canvas").scroll_into_view_if_needed()
    box = page.locator("#lines-canvas").bounding_box()
    x = box["x"] + 52  # the first axis, fast: 5 below, 30 on top
    page.mouse.move(x, box["y"] + 316)
    page.mouse.down()
    page.mouse.move(x, box["y"] + 230, steps=4)
    page.mouse.up()
    kept = result.frame.filter(result.frame["fast"] <= 10).height
    assert page.locator("#lines-read").inner_text().startswith(f"{kept} of {len(result)} rows")
    page.mouse.click(x, box["y"] + 200)
    assert "Drag along an axis" in page.locator("#lines-read").inner_text()


def test_numbers_of_a_search_are_put_into_bins(open_page, tmp_path):
    grid = {"fast": "2:60", "weight": "0.1:1.0"}
    result = b4.sweep(cross, market(walk(1_200, seed=3)), grid, params={"slow": 100}, search="lhs", n=120, record=False)
    opened = open_page(result.report(tmp_path / "search.html"))
    opened.fine()
    assert opened.page.locator("#heat rect").count() <= 96 * 24


def test_one_parameter_has_no_heat_map(open_page, tmp_path):
    result = b4.sweep(cross, market(walk(1_200, seed=3)), {"fast": [5, 10]}, record=False)
    opened = open_page(result.report(tmp_path / "one.html"))
    opened.fine()
    assert opened.page.locator("#heat").count() == 0
