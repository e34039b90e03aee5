"""Every test that asks for `url` or `store` runs on SQLite and on PostgreSQL."""

from __future__ import annotations

import pytest

from bot4.records.store import RecordStore
from tests.records.postgres import postgres_server, postgres_url

__all__ = ["postgres_server", "postgres_url"]


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, tmp_path, monkeypatch):
    monkeypatch.setenv("BOT4_HOME", str(tmp_path / "home"))  # key and head of a database by URL
    if request.param == "postgresql":
        return request.getfixturevalue("postgres_url")
    return f"sqlite:///{tmp_path}/store/records.sqlite"


@pytest.fixture
def store(url):
    return RecordStore(url)
