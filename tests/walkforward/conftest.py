"""Run records of tests go to a folder of their own."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def records_home(tmp_path, monkeypatch):
    home = tmp_path / "records"
    monkeypatch.setenv("BOT4_HOME", str(home))
    return home
