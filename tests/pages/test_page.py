"""The page skeleton in headless Chromium."""

from __future__ import annotations

import numpy as np
import pytest

from bot4.report.page import Html, Page, pack
from bot4.report.plots.spec import band, bars, line, plot, points

from .browser import PHONE

X = np.arange(400) * 86_400_000 + 1_577_836_800_000
Y = 1000 + 100 * np.sin(np.arange(400) / 20)


def every_kind(plotly: bool = False) -> Page:
    """A page with each kind of figure and a wide table; plotly.js takes a second to start, so most tests do without."""
    page = Page("Every kind", "2020 to 2021", ["fast = 3"])
    curve = [band(X, Y * 0.9, Y * 1.1, "range"), line(X, Y, "Strategy", "strategy")]
    page.section("Lines", page.figure(plot(curve, y="amount"), label="A curve", caption="A caption."), note="A note.")
    named = plot([bars(np.array([0.1, -0.2]), is_signed=True)], x="names", y="percent", names=["BTC", "ETH"])
    page.section("Bars", page.figure(named, 220))
    cloud = plot([points(Y, Y[::-1], "trades")], x="number", y="percent")
    page.section("Points", page.figure(cloud, 260))
    page.section(
        "SVG", page.figure('<svg width="900" height="9"><rect width="900" height="9" fill="var(--c2)"/></svg>')
    )
    if plotly:
        heat = {"data": [{"type": "heatmap", "z": [[1, 2], [3, 4]], "colorscale": [[0, "--ground"], [1, "--c1"]]}]}
        page.section("Plotly", page.figure(heat, 300, "A heat map"))
    rows = [["BTC", "−1,200", "12 %"], ["<b>ETH", "30", "–"], [Html("<i>SOL</i>"), "7", "3 %"]]
    wide = [[*row, *(["a wide cell"] * 12)] for row in rows]
    head = ["Asset", "P&L", "Share", *(["More"] * 12)]
    page.section("Table", page.table(head, wide, sortable=True, filterable=True, tall=True, name="Assets"))
    return page


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    return every_kind().write(tmp_path_factory.mktemp("page") / "page.html")


def test_every_kind_of_figure_is_drawn_without_a_word_on_the_console(open_page, tmp_path):
    opened = open_page(every_kind(plotly=True).write(tmp_path / "page.html"))
    opened.fine()
    assert opened.page.locator(".plot").count() == 5
    assert opened.page.locator("nav a").count() == 6
    opened.page.click("#theme")
    assert opened.background() == "rgb(16, 21, 28)"
    opened.fine()
    assert opened.page.locator("text=<b>ETH").count() == 1, "text is escaped"
    assert opened.page.locator("td i").inner_text() == "SOL"


def test_a_phone_sees_no_page_wider_than_itself(open_page, written):
    opened = open_page(written, width=PHONE)
    opened.fine()
    assert opened.page.evaluate("document.querySelector('.scroll').scrollWidth > 500"), "the table scrolls in its box"
    assert opened.page.evaluate("document.querySelector('#figure1 svg').clientWidth") < PHONE


def test_the_system_chooses_the_theme_and_the_switch_changes_it_by_key(open_page, written):
    light, dark = open_page(written), open_page(written, dark=True)
    assert light.background() == "rgb(255, 255, 255)"
    assert dark.background() == "rgb(16, 21, 28)"
    before = dark.page.evaluate("getComputedStyle(document.querySelector('.series.line path')).stroke")
    dark.page.focus("#theme")
    dark.page.keyboard.press("Enter")
    assert dark.background() == light.background()
    assert dark.page.get_attribute("#theme", "aria-pressed") == "false"
    assert dark.page.evaluate("getComputedStyle(document.querySelector('.series.line path')).stroke") != before
    dark.fine()


def test_paper_is_white(open_page, written):
    opened = open_page(written, dark=True)
    opened.page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert opened.background() == "rgb(255, 255, 255)"
    opened.page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert opened.background() == "rgb(16, 21, 28)"
    opened.page.emulate_media(media="print")
    assert not opened.page.locator("#theme").is_visible()


@pytest.mark.parametrize("dark", [False, True])
def test_words_stand_out_from_what_is_behind_them(open_page, written, dark):
    """WCAG 2.1, success criterion 1.4.3: contrast of at least 4.5 for text."""
    opened = open_page(written, dark=dark)
    ratios = opened.page.evaluate(
        """() => {
          const level = (name) => {
            const probe = document.createElement("i"); probe.style.color = `var(--${name})`; document.body.append(probe);
            const linear = (v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
            const parts = getComputedStyle(probe).color.match(/\\d+/g).map((v) => linear(v / 255));
            probe.remove();
            return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2];
          };
          const contrast = (a, b) => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
          return ["ink", "soft", "good", "bad"].flatMap((word) =>
            ["ground", "panel"].map((behind) => [word, behind, contrast(level(word), level(behind))]));
        }"""
    )
    assert [found for found in ratios if found[2] < 4.5] == []


def test_heads_sort_numbers_as_numbers_and_missing_ones_last(open_page, written):
    page = open_page(written).page
    first = "table[data-sortable] tbody tr:visible td:first-child"
    page.click("th button:has-text('P&L')")
    assert page.locator(first).all_inner_texts() == ["<b>ETH", "SOL", "BTC"]
    page.click("th button:has-text('P&L')")
    assert page.locator(first).all_inner_texts() == ["BTC", "SOL", "<b>ETH"]
    assert page.get_attribute("th:has-text('P&L')", "aria-sort") == "ascending"
    page.click("th button:has-text('Share')")
    assert page.locator(first).all_inner_texts() == ["BTC", "SOL", "<b>ETH"]
    page.fill(".filter", "sol wide")
    assert page.locator(first).all_inner_texts() == ["SOL"]


def test_pointing_at_a_line_reads_its_value_off(open_page, written):
    page = open_page(written).page
    box = page.locator("#figure1 svg").bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 100)
    said = page.locator("#figure1 .tip").inner_text()
    assert "Strategy" in said
    assert "2020-0" in said


def test_columns_arrive_bit_for_bit(open_page, tmp_path):
    page = Page("Columns")
    sent = {
        "time": X,
        "price": np.array([0.1, np.nan, -1e300]),
        "small": np.array([1.5, -2.25], dtype=np.float32),
        "code": np.array([0, 200], dtype=np.uint8),
        "on": np.array([True, False]),
        "none": np.empty(0),
    }
    page.columns("data", sent)
    opened = open_page(page.write(tmp_path / "c.html"))
    got = opened.page.evaluate(
        "Bot4.columns('data').then((c) => Object.fromEntries(Object.entries(c).map(([k, v]) => [k, [...v].map(String)])))"
    )
    assert [int(float(value)) for value in got["time"]] == X.tolist()
    assert got["price"] == ["0.1", "NaN", "-1e+300"]
    assert (got["small"], got["code"], got["on"], got["none"]) == (["1.5", "-2.25"], ["0", "200"], ["1", "0"], [])


def test_repetitive_columns_become_small():
    packed, spec = pack({"flat": np.full(100_000, 1.5), "steps": np.arange(100_000)})
    assert spec == [("flat", "f8", 100_000), ("steps", "f8", 100_000)]
    assert len(packed) < 160_000, "of 1.6 MB"


def test_a_page_without_plotly_figures_is_small():
    page = Page("Small")
    page.section("Lines", page.figure(plot([line(X, Y, "Strategy")])))
    assert len(page.html()) < 100_000
    assert len(every_kind(plotly=True).html()) > 1_500_000


def test_a_script_cannot_be_ended_from_inside(open_page, tmp_path):
    page = Page("</script><img src=x>", "</title>")
    page.data("evil", {"a": "</script><img src=x>"})
    page.script("window.evil = '</script>';")
    opened = open_page(page.write(tmp_path / "e.html"))
    opened.fine()
    assert opened.page.evaluate("Bot4.data('evil').a") == "</script><img src=x>"
    assert opened.page.locator("img").count() == 0
