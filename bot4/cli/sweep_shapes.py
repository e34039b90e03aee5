"""What the JSON of `bot4 sweep` holds, as types (see `shapes`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class SweepTrials:
    """Recorded runs on the same instruments and times, and how many of them differ."""

    runs: int
    distinct: int


@dataclass(frozen=True)
class Space:
    """The values of each parameter that is varied, and the others."""

    axes: dict[str, Any]
    fixed: dict[str, Any]


@dataclass(frozen=True)
class Sweep:
    """`bot4 sweep`: counts of combinations, and a row for each of them (`ordinal`, parameters, and the statistics of docs/metrics.md).

    `best` holds the rows of the best values of the first metric, each with `neighbourhood`: how its neighbours in the space do.
    """

    version: int
    strategy: str
    search: str
    space: Space
    metric: list[str]
    instruments: list[str]
    interval_ms: int
    settings: dict[str, Any]
    data_hash: str
    bot4_version: str
    combinations: int
    runs: int
    refused: int
    repeated: int
    known: int
    seconds: float
    nodes: int
    nodes_alone: int
    trials: SweepTrials | None
    worth: str | None
    best: list[dict[str, Any]]
    rows: list[dict[str, Any]]
