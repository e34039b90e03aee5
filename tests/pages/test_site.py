"""The documentation site in Chromium: light and dark, desk and phone, without a request to another host; the search finds."""

from __future__ import annotations

import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest

from scripts.shell import ROOT
from scripts.site import build


class Quiet(SimpleHTTPRequestHandler):
    """Serves files and says nothing about it."""

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


@pytest.fixture(scope="module")
def address():
    """Where the site is served. The checks have built it before; alone, this builds it."""
    site = ROOT / "site"
    if not (site / "index.html").exists():
        build.build(site)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(site)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


@pytest.fixture
def visit(browser, address):
    """Opens a page and returns it, what went wrong, and what it asked other hosts for."""
    contexts = []

    def visited(path, width=1280, scheme="light"):
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        contexts.append(context)
        page, errors, elsewhere = context.new_page(), [], []
        page.on("console", lambda m: errors.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on(
            "request", lambda r: elsewhere.append(r.url) if not r.url.startswith((address, "data:", "blob:")) else None
        )
        page.goto(address + path)
        page.wait_for_selector("h1")
        return page, errors, elsewhere

    yield visited
    for context in contexts:
        context.close()


@pytest.mark.parametrize(
    "path", ["index.html", "reference/cli.html", "reference/api/strategy.html", "notebooks/01-first-strategy.html"]
)
def test_pages_fit_a_phone_and_ask_nobody_else(visit, path):
    page, errors, elsewhere = visit(path, width=390, scheme="dark")
    assert (errors, elsewhere) == ([], [])
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0


def test_light_and_dark_differ_and_links_can_be_read_in_both(visit):
    seen = []
    for scheme in ("light", "dark"):
        page, _, _ = visit("reference/cli.html", scheme=scheme)
        link = "getComputedStyle(document.querySelector('article a[href*=json]')).color"
        seen.append((page.evaluate("getComputedStyle(document.body).backgroundColor"), page.evaluate(link)))
    (light, light_link), (dark, dark_link) = (tuple(map(brightness, pair)) for pair in seen)
    assert light > 200 > 100 > dark
    assert light - light_link > 100
    assert dark_link - dark > 100


def brightness(colour: str) -> float:
    """Returns the mean of the channels of `rgb(r, g, b)`."""
    channels = [float(part) for part in colour.removeprefix("rgb(").rstrip(")").split(",")]
    return sum(channels) / 3


def test_the_search_finds_a_setting(visit):
    page, errors, _ = visit("index.html")
    page.fill("input.md-search__input", "latency_sigma")
    page.wait_for_selector(".md-search-result__item")
    assert "latency_sigma" in page.inner_text(".md-search-result__list")
    assert errors == []
