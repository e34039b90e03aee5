"""`EventPlan`: what a run needs of an event strategy beside its signals' program."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .base import Events


@dataclass(frozen=True, slots=True)
class EventPlan:
    """The class, its parameters' values, the nodes of its signals by name, and the hash of its source."""

    made: type[Events]
    parameters: Mapping[str, Any]
    signals: Mapping[str, int]
    source_hash: str

    def instance(self) -> Events:
        """Returns a fresh strategy with its parameters set."""
        found = self.made()
        for name, value in self.parameters.items():
            setattr(found, name, value)
        return found

    def identity(self, program: str) -> str:
        """Returns the strategy's identity: hash of its signals' program, its source and its parameters, hexadecimal."""
        parts = [program, self.source_hash, *(f"{name}={self.parameters[name]!r}" for name in sorted(self.parameters))]
        return hashlib.blake2b("\n".join(parts).encode(), digest_size=32).hexdigest()
