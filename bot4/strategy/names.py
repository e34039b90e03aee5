"""Misspelt names: a class that inherits `Named` answers an unknown attribute with the nearest known one.

Knows the names other libraries use for the same thing (pandas, Polars, TA packages). Not here: operators and built-ins used
wrongly (`pitfalls`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from .errors import UnknownNameError, near


def public_names(owner: type) -> list[str]:
    """Returns the names a user may write after a dot."""
    return [n for n in dir(owner) if not n.startswith("_")]


class Named:
    """Gives a helpful error for an unknown attribute; `_what` names the thing, `_aliases` foreign names and what to write."""

    __slots__ = ()

    _what: ClassVar[str]
    _aliases: ClassVar[dict[str, str]] = {}

    if not TYPE_CHECKING:  # hidden from type checkers, which would otherwise accept any attribute

        def __getattr__(self, name: str) -> object:
            if name.startswith("_"):  # protocols (copy, pickle, NumPy, IPython) probe for these
                raise AttributeError(name)
            raise unknown_name(type(self), name)


def unknown_name(owner: type[Named], name: str) -> UnknownNameError:
    """Returns the error for `name`, which `owner` does not have."""
    known = public_names(owner)
    alias = owner._aliases.get(name)
    if alias is not None:
        fix = f"Write {alias}"
    else:
        close = near(name, known)
        fix = f"Did you mean {close}?" if close else "Known names: " + ", ".join(known)
    return UnknownNameError(f"{owner._what} has no {name!r}", fix)
