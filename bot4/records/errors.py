"""What can be wrong with the run records, as one sentence with the place and the fix."""

from __future__ import annotations


class RecordsError(Exception):
    """The store cannot be read or written: one sentence with the place and the fix. A run goes on without its record."""


class StoreLocked(RecordsError):
    """Another process held the store longer than a writer waits."""
