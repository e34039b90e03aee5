"""The error of this room."""

from __future__ import annotations


class BacktestError(ValueError):
    """A setting or a strategy file that cannot be used: one sentence with what, where and the fix."""
