"""Where the run records are: a SQLite file, or a PostgreSQL database by URL. Passwords are never shown.

`BOT4_RECORDS` is a URL (`sqlite:///path/file.sqlite`, `postgresql://user:password@host/database`); without it the records are
`records.sqlite` in `BOT4_HOME`, or else in `./.bot4`. Nothing here opens anything.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from .errors import RecordsError

FILE_NAME = "records.sqlite"
EXAMPLES = "sqlite:///folder/records.sqlite or postgresql://user:password@host/database"


@dataclass(frozen=True, repr=False)
class Place:
    """Where a store is: `path` for SQLite, else `url` for PostgreSQL (with its password: show `shown`)."""

    shown: str
    """For people: the path, or the URL without password and options."""
    path: Path | None = None
    url: str = ""
    secrets: tuple[str, ...] = ()
    """Texts that must never be shown."""

    def __repr__(self) -> str:
        """Returns the place without its password."""
        return f"<Place {self.shown}>"

    def scrubbed(self, message: str) -> str:
        """Returns a driver's message, or, where it holds the password, a sentence instead of it."""
        holds = any(secret in message for secret in self.secrets)
        return "the driver's message holds the password and is not shown" if holds else message


def default_home() -> Path:
    """Returns the folder of the records: `BOT4_HOME`, or `.bot4` in the working directory."""
    home = os.environ.get("BOT4_HOME")
    return Path(home).expanduser() if home else Path(".bot4")


def find_place(url: str | Path | None = None) -> Place:
    """Returns the place named by a URL or a folder, by `BOT4_RECORDS`, or by default. Raises RecordsError for another kind of URL."""
    if url is None:
        url = os.environ.get("BOT4_RECORDS") or default_home()
    if isinstance(url, Path) or "://" not in url:
        return _file(Path(url).expanduser() / FILE_NAME)
    scheme, _, rest = url.partition("://")
    if scheme == "sqlite":
        return _sqlite(rest)
    if scheme in ("postgresql", "postgres", "postgresql+psycopg"):
        return _postgresql(rest)
    raise RecordsError(f"BOT4_RECORDS starts with {scheme}://, which is no known store; use {EXAMPLES}.")


def _file(path: Path) -> Place:
    return Place(str(path), path)


def _sqlite(rest: str) -> Place:
    """`sqlite:///relative/path` and `sqlite:////absolute/path`, as SQLAlchemy reads them."""
    if not rest.startswith("/") or len(rest) == 1:
        raise RecordsError(
            "BOT4_RECORDS names no file after sqlite://; use sqlite:///folder/records.sqlite, or four slashes before an absolute path."
        )
    return _file(Path(unquote(rest[1:])).expanduser())


def _postgresql(rest: str) -> Place:
    try:
        parts = urlsplit(f"postgresql://{rest}")
        port = parts.port
        if "@" in parts.path + parts.fragment:
            raise ValueError("a password with a slash")
    except ValueError:  # its message may repeat the URL
        raise RecordsError(
            "BOT4_RECORDS is no valid PostgreSQL URL; use postgresql://user:password@host/database, with special characters of the "
            "password as %2F and so on."
        ) from None
    options = [value for key, value in parse_qsl(parts.query) if key in ("password", "sslpassword", "passfile")]
    given = [parts.password, *options]
    secrets = {text for word in given if word for text in (word, unquote(word))}
    user = f"{parts.username}@" if parts.username else ""
    host = f"{parts.hostname or ''}{f':{port}' if port else ''}"
    shown = f"postgresql://{user}{host}{parts.path}"
    return Place(shown, None, f"postgresql+psycopg://{rest}", tuple(sorted(secrets)))
