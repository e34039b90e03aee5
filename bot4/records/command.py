"""The command line that is running, so that what it records can be repeated."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

_current: str | None = None


def note_command(words: Sequence[str]) -> None:
    """Notes the words after `bot4`; the program does so when it starts."""
    global _current
    _current = shlex.join(["bot4", *words]) if words else None


def current_command() -> str | None:
    """Returns the command line, quoted for a shell; None in a notebook or a script."""
    return _current
