"""The HTML report as text: sections, escaping, tables, whole files. How it looks in a browser is in tests/pages."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser

import pytest

from bot4.report import html
from bot4.report.files import write_whole
from bot4.report.page import Page, script_json
from bot4.report.sections import about, activity, returns, trades
from bot4.report.tear import tear_sheet

from .samples import run
from .test_shown import long_run, view


class Outline(HTMLParser):
    """Collects headings and checks that elements nest."""

    def __init__(self):
        super().__init__()
        self.open, self.headings, self.scripts, self.urls = [], [], [], []

    def handle_starttag(self, tag, attrs):
        self.urls += [value for name, value in attrs if name in ("src", "href")]
        if tag not in ("meta", "br", "img", "input", "link"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] in ("h1", "h2"):
            self.headings.append(data)
        if self.open and self.open[-1] == "script":
            self.scripts.append(data)


def html_of(made):
    return html.report_page(made).html()


def section(add, made):
    """One section's HTML."""
    page = Page("")
    add(page, made, tear_sheet(made.run, made.stats))
    return "".join(page.body)


def outline(page):
    parser = Outline()
    parser.feed(page)
    assert parser.open == []
    return parser


def test_the_report_is_one_file_with_every_section_and_no_network():
    page = html_of(view(long_run(), settings={"cash": "1,000"}, identity={"data": "ab"}, notes=("Look.",)))
    parsed = outline(page)
    assert parsed.headings[0] == "trend · BTC/USDT · 1h"
    for heading in (
        "Equity and drawdown",
        "Monthly returns",
        "Assets",
        "Costs",
        "100 trades",
        "What this number is not",
    ):
        assert heading in parsed.headings
    assert "Settings and identity" in parsed.headings
    assert {url for url in parsed.urls if not url.startswith("#")} == {"data:,"}
    figures = json.loads(next(script for script in parsed.scripts if script.startswith('{"figure1"')))
    assert figures["figure1"]["series"][1]["name"] == "Strategy"
    assert "prefers-color-scheme: dark" in page
    assert 'name="viewport"' in page


def test_text_from_outside_cannot_break_the_page():
    evil = "</script><img src=x onerror=alert(1)>"
    sample = long_run(days=3, symbols=(evil,))
    page = html_of(view(sample, name=evil, doc=evil, params={evil: evil}, notes=(evil,), settings={evil: evil}))
    assert "<img" not in page[: page.index("<script id=")]
    assert {url for url in outline(page).urls if not url.startswith("#")} == {"data:,"}
    assert script_json({"a": evil}).count("</") == 0
    assert json.loads(script_json({"a": evil})) == {"a": evil}


def test_long_runs_show_the_last_thousand_trades():
    page = section(trades.trades, view(long_run(days=2500), reasons={1: "stop_fixed"}))
    assert "the last 1,000 of 1,250" in page
    assert page.count("<tr>") == 1001 + 11
    assert "stop fixed" in page


def test_open_trades_and_missing_numbers_are_dashes():
    page = section(trades.trades, view())
    assert "<td class=left>open</td>" in page
    assert "1 trade and 1 still open" in page
    assert "There was no trade" in section(trades.trades, view(run([1.0, 1.0])))
    assert section(about.settings, view()) == ""
    assert "nan" not in section(activity.costs, view(run([1.0, 1.0]))).lower()


def test_heat_grows_with_the_return_up_to_a_limit():
    cells = [returns.heat(value) for value in (0.05, 0.1, 0.5, -0.1, 0.0)]
    heats = [float(re.findall(r"--heat:([\d.]+)", cell)[0]) for cell in cells]
    assert heats == [0.17, 0.35, 0.7, 0.35, 0.0] or heats == [0.18, 0.35, 0.7, 0.35, 0.0]
    assert ["up" in cells[0], "down" in cells[3]] == [True, True]


def test_the_file_appears_whole_or_not_at_all(tmp_path, monkeypatch):
    target = tmp_path / "report.html"
    assert html.write_report(view(), target) == target
    assert target.read_text(encoding="utf-8").startswith("<!doctype html>")
    target.write_text("old")

    def fail(*_):
        raise OSError("disk full")

    monkeypatch.setattr("os.replace", fail)
    with pytest.raises(OSError, match="disk full"):
        write_whole(target, "new")
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]
    assert target.read_text() == "old"


def test_a_run_without_a_day_has_no_months():
    assert section(returns.months, view(run([1.0]))) == ""
