"""The browser for this folder's tests; other folders import the two fixtures in a conftest of their own."""

from .browser import browser, open_page

__all__ = ["browser", "open_page"]
