"""What this room refuses, in one sentence."""

from __future__ import annotations


class RiskError(Exception):
    """A policy or a journal that cannot be read: file, key and fix in one sentence."""
