"""The number of the store's schema, without importing a database: what decides whether a migration is due."""

from __future__ import annotations

HEAD = 3
"""The schema this Bot4 reads and writes; the newest file in `migrations/versions`."""
VERSION_TABLE = "records_version"


def revision(number: int) -> str:
    """Returns Alembic's name of a schema number, such as `0002`."""
    return f"{number:04d}"
