"""What is remembered: a run, a group of runs (a sweep, a search, a walk-forward), and the count of trials.

Plain data without a database. Not here: how it is stored (`schema`), how it is written down as text and bytes (`encode`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

Status = Literal["running", "done", "stopped"]
"""`running` until `close_group`; a group whose process was killed stays `running` and is found again by its specification."""


@dataclass(frozen=True)
class RunRecord:
    """What is remembered of one run. Times are UTC ms; `daily_returns` are fractions, one per UTC day from `daily_start_ms` on."""

    at_ms: int
    identity: str
    name: str
    params: Mapping[str, Any]
    instruments: tuple[str, ...]
    """`venue:symbol`, for example `binance:BTC/USDT`."""
    interval_ms: int
    start_ms: int
    end_ms: int
    config: Mapping[str, Any]
    data_hash: str
    stats: Mapping[str, Any]
    daily_returns: Sequence[float]
    daily_start_ms: int
    version: str
    seed: int | None = None
    kind: str = "backtest"
    group: int | None = None
    """Number of the group this run is part of; None for a run of its own."""
    ordinal: int | None = None
    """Place within the group, from 0; a group holds each place once."""
    command: str | None = None
    """The command line that made the run, None where it was called from Python."""


@dataclass(frozen=True)
class GroupRecord:
    """What is known of a group before its first run: its kind and name, what was asked (`spec`, plain data), how many runs it will have.

    `spec` names everything that makes the group what it is (strategy identity, grid, data hash, settings, seed): two groups with equal
    kind, name and spec are the same work, and the second call of a stopped one goes on with it.
    """

    kind: str
    """`sweep`, `search`, `walkforward`, `cpcv`, …"""
    name: str
    spec: Mapping[str, Any]
    total: int

    @property
    def spec_hash(self) -> str:
        """Returns the identity of what was asked: a hash of kind, name and specification (64 hex digits)."""
        from .encode import digest

        return digest(self.kind, self.name, self.spec)


@dataclass(frozen=True)
class StoredGroup:
    """A group as it stands in the store. `runs` have been recorded so far, of `total`."""

    id: int
    kind: str
    name: str
    spec: Mapping[str, Any]
    spec_hash: str
    total: int
    status: Status
    created_ms: int
    updated_ms: int
    command: str | None
    runs: int
    instruments: tuple[str, ...]
    """`venue:symbol` of its first run's instruments; none before there is a run."""


@dataclass(frozen=True)
class Trials:
    """How often the same markets and times were tried: `runs` in all, `distinct` different (identity, parameters)."""

    runs: int
    distinct: int
