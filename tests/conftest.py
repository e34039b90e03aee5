"""One browser for all tests that open pages: two at once in one process is what Playwright refuses."""

from tests.pages.browser import browser, open_page

__all__ = ["browser", "open_page"]
