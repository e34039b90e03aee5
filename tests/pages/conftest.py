"""The browser for this folder's tests; other folders import the two fixtures in a conftest of their own."""

from __future__ import annotations

import pytest

from .browser import browser, open_page

__all__ = ["browser", "open_page", "records_home"]


@pytest.fixture(autouse=True)
def records_home(tmp_path, monkeypatch):
    """Run records of tests go to a folder of their own."""
    monkeypatch.setenv("BOT4_HOME", str(tmp_path / "records"))
