"""The error of this room."""

from __future__ import annotations


class GateError(ValueError):
    """Series or settings from which nothing can be computed: one sentence with what, where and the fix."""
