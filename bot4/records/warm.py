"""Loads the database libraries beside other work, so that recording a run does not lengthen it by their import.

SQLAlchemy takes a quarter of a second to import. `begin` does it on a thread of its own while data is read and the engine runs, both
of which leave the interpreter to others; `finish` waits for what is left of it.
"""

from __future__ import annotations

import importlib
import threading

MODULES = (
    "sqlalchemy",
    "sqlalchemy.dialects.sqlite",
    "bot4.records.upgrade",
    "bot4.records.write",
    "bot4.records.count",
    "bot4.records.chain.link",
)

_thread: threading.Thread | None = None


def begin() -> None:
    """Starts to load; does nothing where it has been started before."""
    global _thread
    if _thread is None:
        # A daemon: a command that fails early ends at once.
        _thread = threading.Thread(target=_load, name="bot4-records", daemon=True)
        _thread.start()


def finish() -> None:
    """Waits until everything is loaded, if `begin` was called."""
    if _thread is not None:
        _thread.join()


def _load() -> None:
    for name in MODULES:
        importlib.import_module(name)
