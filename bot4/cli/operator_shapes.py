"""What the JSON of `bot4 operator …` holds, as types (see `shapes`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Operator:
    """Every `bot4 operator …`: what was asked, and the answer of the desk, in which `state` is its guard's."""

    do: str
    answer: dict[str, Any]
