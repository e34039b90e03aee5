"""Where the records are: a folder, a SQLite URL, PostgreSQL by URL; passwords are never shown."""

from __future__ import annotations

import pickle
import sys
from pathlib import Path

import pytest

from bot4.records.store import RecordsError, RecordStore
from bot4.records.url import find_place

from .postgres import PASSWORD, QUOTED_PASSWORD
from .samples import record

SECRET = "postgresql://me:s3cret%2Fword@host:5433/bench?sslmode=require&password=other1"


def test_the_environment_names_the_place(monkeypatch, tmp_path):
    monkeypatch.setenv("BOT4_HOME", str(tmp_path))
    assert find_place().path == tmp_path / "records.sqlite"
    monkeypatch.setenv("BOT4_RECORDS", f"sqlite:///{tmp_path}/mine.db")
    assert find_place().path == tmp_path / "mine.db"
    monkeypatch.setenv("BOT4_RECORDS", SECRET)
    assert find_place().path is None
    assert RecordStore().path is None
    monkeypatch.setenv("BOT4_RECORDS", "")
    assert find_place().path == tmp_path / "records.sqlite"


def test_sqlite_urls_are_relative_with_three_slashes_and_absolute_with_four():
    assert find_place("sqlite:///a%20b/c.db").path == Path("a b/c.db")
    assert find_place("sqlite:////a/c.db").path == Path("/a/c.db")
    assert find_place("folder").path == Path("folder/records.sqlite")


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg"])
def test_a_place_is_shown_without_password_and_options(scheme):
    place = find_place(SECRET.replace("postgresql", scheme, 1))
    assert place.shown == "postgresql://me@host:5433/bench"
    assert "s3cret" not in f"{place!r} {RecordStore(SECRET)!r}"
    assert set(place.secrets) == {"s3cret%2Fword", "s3cret/word", "other1"}
    assert find_place("postgresql:///bench").shown == "postgresql:///bench"


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("mysql://u:s3cret@h/d", r"starts with mysql://.*use sqlite:///"),
        ("sqlite://", "names no file"),
        ("sqlite:///", "names no file"),
        ("postgresql://u:s3cret@h:port/d", "no valid PostgreSQL URL; use postgresql://user"),
        ("postgresql://u:123/s3cret@h/d", "special characters of the password as %2F"),
        ("postgresql://u:s3cret#4@h/d", "special characters of the password as %2F"),
    ],
)
def test_another_url_is_refused_without_its_password(url, sentence):
    with pytest.raises(RecordsError, match=sentence) as caught:
        find_place(url)
    assert "s3cret" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_url_that_only_the_driver_refuses_is_said_without_its_password():
    with pytest.raises(RecordsError, match=r"URL postgresql://u@h/d cannot be read; use postgresql://user") as caught:
        RecordStore("postgresql://u:s3cret@h:/d").runs()
    assert "s3cret" not in str(caught.value)


def test_a_missing_driver_names_the_pip_command(monkeypatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(
        RecordsError, match=r'need the PostgreSQL driver; install it with: pip install "bot4\[postgres\]"\.'
    ):
        RecordStore(SECRET).runs()


def test_a_refused_password_is_not_shown(postgres_url):
    wrong = postgres_url.replace(QUOTED_PASSWORD, "wr0ng-word")
    with pytest.raises(
        RecordsError, match=r"cannot be used \(.*password authentication failed.*check BOT4_RECORDS"
    ) as caught:
        RecordStore(wrong).runs()
    assert "wr0ng" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_server_that_is_not_there_is_said_in_one_sentence():
    with pytest.raises(RecordsError, match=r"postgresql://u@127\.0\.0\.1:1/d cannot be used") as caught:
        RecordStore("postgresql://u:s3cret@127.0.0.1:1/d").append(record())
    assert "s3cret" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_message_with_the_password_is_not_passed_on():
    place = find_place(SECRET)
    assert "s3cret" not in place.scrubbed("failed for s3cret/word")
    assert place.scrubbed("failed") == "failed"


def test_a_store_goes_to_another_process_without_its_connections(store):
    number = store.append(record())
    assert pickle.loads(pickle.dumps(store)).run(number)["name"] == "trend"
    assert PASSWORD not in repr(store)
