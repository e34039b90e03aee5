"""Run records of tests go to a folder of their own; a browser for the pages."""

from __future__ import annotations

import pytest

from tests.pages.browser import browser, open_page

__all__ = ["browser", "open_page"]


@pytest.fixture(autouse=True)
def records_home(tmp_path, monkeypatch):
    home = tmp_path / "records"
    monkeypatch.setenv("BOT4_HOME", str(home))
    return home
