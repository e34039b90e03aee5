"""Run records of tests go to a folder of their own."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def records_home(tmp_path, monkeypatch):
    """Run records of tests go to a folder of their own."""
    monkeypatch.setenv("BOT4_HOME", str(tmp_path / "records"))
