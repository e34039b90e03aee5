"""Headless Chromium for tests of pages: `open_page` opens a file and collects what went wrong.

    def test_the_page_is_drawn(open_page, tmp_path):
        opened = open_page(page.write(tmp_path / "p.html"), width=390, dark=True)
        opened.fine()                          # no console error, no request to the network, no overflow, every figure drawn
        opened.page.click("#theme")            # Playwright's page

The fixtures are those of tests/conftest.py, skipped where there is no Chromium or no Playwright: one browser for a test session, a
context of its own for each opened page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from bot4.report import browser as browsers

PHONE, DESK = 390, 1280
WAIT_MS = 30_000


def chromium() -> str | None:
    """Returns the path of the browser that users' pictures are drawn by."""
    return browsers.found()


@dataclass
class Opened:
    """A page in the browser and what it said."""

    page: Any
    errors: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    """Everything the page asked for beside itself and inline data."""

    def undrawn(self) -> list[str]:
        """Returns the ids of figures that hold no mark."""
        found: list[str] = self.page.evaluate(
            """() => [...document.querySelectorAll(".figure .plot")].filter((place) =>
                 !place.querySelector("svg path, svg rect, svg circle, svg line, canvas")).map((place) => place.id || "svg")"""
        )
        return found

    def overflow(self) -> int:
        """Returns by how many pixels the page is wider than the window."""
        width: int = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        return width

    def background(self) -> str:
        """Returns the colour behind the page, `rgb(r, g, b)`."""
        colour: str = self.page.evaluate("getComputedStyle(document.body).backgroundColor")
        return colour

    def fine(self) -> None:
        """Asserts what holds for every page."""
        assert self.errors == []
        assert self.requests == []
        assert self.undrawn() == []
        assert self.overflow() <= 0


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """A headless Chromium for the whole session."""
    playwright = pytest.importorskip("playwright.sync_api")
    path = chromium()
    if path is None:
        pytest.skip("there is no Chromium: apt-get install chromium")
    with playwright.sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture
def open_page(browser: Any) -> Iterator[Callable[..., Opened]]:
    """`open_page(path, width=1280, dark=False, height=900)` opens a file, waits until it says that it is ready, and returns `Opened`."""
    contexts = []

    def open_(path: Path, width: int = DESK, dark: bool = False, height: int = 900) -> Opened:
        context = browser.new_context(
            viewport={"width": width, "height": height}, color_scheme="dark" if dark else "light"
        )
        contexts.append(context)
        opened = Opened(context.new_page())
        address = Path(path).resolve().as_uri()
        opened.page.on("console", lambda m: opened.errors.append(m.text) if m.type in ("error", "warning") else None)
        opened.page.on("pageerror", lambda error: opened.errors.append(str(error)))
        opened.page.on(
            "request",
            lambda r: opened.requests.append(r.url) if not r.url.startswith(("data:", "blob:", address)) else None,
        )
        opened.page.goto(address)
        opened.page.wait_for_selector('html[data-ready="true"]', timeout=WAIT_MS, state="attached")
        return opened

    yield open_
    for context in contexts:
        context.close()
