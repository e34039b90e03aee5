"""The page of a verdict in Chromium: drawn in light and dark and on a phone; the verdict first, every check on it."""

from __future__ import annotations

import pytest

from bot4.gate.finding import Settings
from bot4.gate.page import write_page
from bot4.gate.verdict import judge
from tests.gate.checks.samples import evidence

QUICK = Settings(resamples=500)


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """{name: (verdict, path of its page)}."""
    folder = tmp_path_factory.mktemp("gate")
    given = {
        "extend": evidence(sharpe=1.7, out=790, first=730, look=2, made_settings=QUICK),
        "fail": evidence(sharpe=-1.0, out=1_200, made_settings=QUICK),
        "bare": evidence(
            sharpe=3.0, out=400, inside=0, look=0, first=390, made_parameters={}, made_grid=[{}], made_settings=QUICK
        ),
    }
    made = {}
    for name, one in given.items():
        judged = judge(one)
        made[name] = judged, write_page(one, judged, folder / f"{name}.html")
    return made


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (1280, True), (390, False)])
@pytest.mark.parametrize("name", ["extend", "fail", "bare"])
def test_the_page_is_drawn_on_every_screen(pages, open_page, name, width, dark):
    judged, path = pages[name]
    opened = open_page(path, width=width, dark=dark)
    opened.fine()
    assert opened.page.locator(".stamp").inner_text() == judged.outcome
    assert path.stat().st_size < 600_000


def test_the_verdict_comes_first_and_every_check_is_on_the_page(pages, open_page):
    judged, path = pages["extend"]
    page = open_page(path).page
    text = page.locator("main").inner_text()
    assert text.index(judged.words) < text.index("Evidence over time")
    rows = page.locator('table[aria-label="All checks"] tbody tr')
    assert rows.count() == len(judged.findings)
    for place, one in enumerate(judged.findings):
        shown = " ".join(rows.nth(place).inner_text().split())
        assert one.id in shown
        assert " ".join(one.words.split()) in shown


def test_what_was_registered_stands_on_the_page(pages, open_page):
    judged, path = pages["fail"]
    text = open_page(path).page.locator("main").inner_text()
    for word in (
        judged.registration,
        judged.evidence,
        "momentum.py:momentum",
        "taker bps 5",
        "fast 10, slow 40",
    ):
        assert word in text


def test_text_from_the_registration_is_escaped(tmp_path):
    given = evidence(sharpe=3.0, out=400, look=0, first=390, made_strategy="<script>x</script>.py:<b>")
    html = write_page(given, judge(given), tmp_path / "page.html").read_text(encoding="utf-8")
    assert "<script>x" not in html
    assert "&lt;script&gt;x" in html
