"""Which random cases run: `BOT4_ORACLE_CASES` of them (1,000 unless set), in ten batches, and every seed that ever failed."""

from __future__ import annotations

import importlib
import os

import pytest

CASES = int(os.environ.get("BOT4_ORACLE_CASES", "1000"))
SHARES = {"signals": 0.35, "desk": 0.45, "feedback": 0.2}
BATCHES = 10

REGRESSIONS: dict[str, list[int]] = {"signals": [], "desk": [], "feedback": []}  # seeds that once failed


def seeds(kind: str, batch: int) -> range:
    """Returns the seeds of one batch; kinds have seeds of their own so that no case is run twice."""
    first = {"signals": 0, "desk": 1_000_000, "feedback": 2_000_000}[kind]
    return range(first + batch, first + round(CASES * SHARES[kind]), BATCHES)


def engine_is_built() -> bool:
    """Whether the engine can already run a program (while the trunk is under construction it may not)."""
    try:
        return hasattr(importlib.import_module("bot4._engine"), "run")
    except ImportError:
        return False


needs_engine = pytest.mark.skipif(not engine_is_built(), reason="bot4._engine cannot run programs yet")
