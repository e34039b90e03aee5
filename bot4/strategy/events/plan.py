"""`EventPlan`: what a run needs of an event strategy beside the program of its signals.

Its identity is *weak*: Python code can read what no hash of source covers (files, installed packages), so equal identities promise less
than those of traced programs, and it starts with `weak-` to say so.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .base import Events

PREFIX = "weak-"


@dataclass(frozen=True, slots=True)
class EventPlan:
    """The class, its parameters' values, the nodes of its signals by name, its settings, the hash of its source."""

    made: type[Events]
    methods: frozenset[str]
    parameters: Mapping[str, Any]
    signals: Mapping[str, int]
    compute_latency_ms: int
    budget: float
    room: int
    source_hash: str

    def instance(self) -> Events:
        """Returns a new instance with its parameters set, for one run; `__init__` finds them there."""
        made = self.made.__new__(self.made)
        for name, value in self.parameters.items():
            setattr(made, name, value)
        self.made.__init__(made)
        return made

    def settled_rows(self, settled: Sequence[int]) -> int:
        """Returns the row from which bars are handed out: that at which all signals have settled. `settled` are the nodes' rows."""
        return max((int(settled[node]) for node in self.signals.values()), default=0)

    def identity(self, program: str, version: str) -> str:
        """Returns the weak identity: of source, signals (by their program's identity), parameters, settings and Bot4's version."""
        whole = {
            "source": self.source_hash,
            "signals": program,
            "parameters": dict(self.parameters),
            "settings": [self.compute_latency_ms, self.budget, self.room],
            "bot4": version,
        }
        text = json.dumps(whole, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return PREFIX + hashlib.sha256(text.encode()).hexdigest()
