"""What the JSON of `bot4 gate` holds, as types (see `shapes`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bot4.gate.finding import Finding


@dataclass(frozen=True)
class RegistrationOf:
    """What was fixed before the days out of sample were opened: strategy and its identity, parameters and neighbourhood (the registered
    configuration first), instruments, hash of the bars, split, costs, thresholds, seed, and where all of it was read from."""

    id: str
    created_ms: int
    strategy: str
    identity: str
    parameters: dict[str, Any]
    grid: list[dict[str, Any]]
    universe: list[str]
    interval: str
    data_digest: str
    data_start_ms: int
    data_end_ms: int
    design: str
    split: dict[str, Any]
    costs: dict[str, Any]
    settings: dict[str, Any]
    seed: int
    sources: dict[str, Any]


@dataclass(frozen=True)
class VerdictOf:
    """PASS, EXTEND (with days, date and chance of the next look) or FAIL, with reasons and every finding. `evidence`: its SHA-256."""

    registration: str
    evidence: str
    outcome: str
    words: str
    reasons: list[str]
    warnings: list[str]
    look: int
    days: int
    next_days: int | None
    next_ms: int | None
    chance: float | None
    findings: list[Finding]


@dataclass(frozen=True)
class HeadOf:
    """The entry of the registry that opened the days out of sample."""

    number: int
    digest: str


@dataclass(frozen=True)
class GateCheck:
    """The signed file of a check, on one line. Arrays in `evidence` are base64 of little-endian numbers with `shape` and `type`; the
    signature is that of `key` over everything else."""

    evidence: dict[str, Any]
    form: int
    head: HeadOf
    key: str
    signature: str
    verdict: VerdictOf


@dataclass(frozen=True)
class GateVerify:
    """How many entries and runs were read again, the last entry's digest, and what was found of a signed file."""

    entries: int
    runs: int
    last: str
    file: str | None
    found: list[str]


@dataclass(frozen=True)
class GateListed:
    """One registration: `status` is registered, opened, PASS, EXTEND, FAIL or withdrawn; `days` out of sample so far."""

    id: str
    created_ms: int
    strategy: str
    design: str
    instruments: int
    out_start_ms: int
    days: int
    openings: int
    status: str
    next_ms: int | None


@dataclass(frozen=True)
class GateShow(GateListed):
    """One registration whole, with its last verdict; null before the first check."""

    registration: RegistrationOf
    verdict: VerdictOf | None
