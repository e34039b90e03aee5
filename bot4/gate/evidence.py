"""Everything a verdict is computed from, and nothing else: a registration, what the registered strategy did, and the trials beside it.

A verdict is a pure function of an `Evidence`, so that another process can compute it again from the file and compare. Days are UTC days,
returns fractions of the equity at their start, instants UTC milliseconds. D: days out of sample, A: assets in the order of the universe,
K: configurations of the neighbourhood, the registered one first. Not here: how it is collected (`collect`), what is made of it (`verdict`).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from . import canonical
from .finding import Settings

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

ID_LENGTH = 12
"""Hex digits of a registration's digest that name it."""


@dataclass(frozen=True)
class Registration:
    """What was fixed before the part out of sample was opened."""

    id: str
    """The first 12 hex digits of the digest of everything else here."""
    created_ms: int
    """By the machine's clock; one behind the last entry of the registry is refused."""
    strategy: str
    """FILE:NAME as given."""
    identity: str
    """Hash of the canonical program with the registered parameters; for an event class, of its source."""
    parameters: dict[str, object]
    grid: list[dict[str, object]]
    """Parameters of each configuration of the neighbourhood, the registered one first."""
    universe: tuple[str, ...]
    interval: str
    data_digest: str
    """SHA-256 of the bars of all assets up to `data_end_ms`."""
    data_start_ms: int
    data_end_ms: int
    design: str
    """`walk-forward` or `holdout`."""
    split: dict[str, object]
    """Which days are out of sample, and what lies between them and the days in sample."""
    costs: dict[str, object]
    """Fees, spread, impact, latency, realism, funding: what every run pays."""
    settings: Settings
    """The thresholds in force."""
    seed: int
    sources: dict[str, object] = field(default_factory=dict)
    """Where strategy and data were read from and with which settings, so that a check finds them again; and the hash of the programs of
    the whole neighbourhood."""


@dataclass(frozen=True)
class Daily:
    """Net returns of UTC days."""

    days: Integers
    """Start of each day, ms, shape (D,)."""
    returns: Floats
    """Shape (D,)."""


@dataclass(frozen=True)
class Trades:
    """Closed trades out of sample, one row each, in order of their exit."""

    entry_ms: Integers
    exit_ms: Integers
    asset: Integers
    """Index into the universe."""
    side: Integers
    """+1 or −1."""
    notional: Floats
    """At entry, as a fraction of the equity then."""
    pnl: Floats
    """Net, as a fraction of the equity at entry."""
    adds_under_water: Integers
    """How often the position was increased while its unrealised profit was negative."""


@dataclass(frozen=True)
class Trials:
    """What the run records know of other attempts on these instruments and days."""

    runs: int
    """Runs that opened the days out of sample, the registered one not counted."""
    different: int
    """Distinct strategies and parameters among them."""
    effective: float
    """How many independent trials they and the registered one count as, at least 1. Further openings are not in it: N = effective +
    openings − 1."""
    words: str
    """How it was computed, one sentence."""


@dataclass(frozen=True)
class Evidence:
    """Everything one verdict is computed from."""

    registration: Registration
    look: int
    """0: the one only look at three years and more; else which of twelve."""
    first_days: int
    """T₀, the days out of sample when it was registered."""
    openings: int
    """How often the days out of sample have been opened, this time included."""
    clock_ms: int
    """When it was collected."""
    out: Daily
    """The registered strategy out of sample."""
    inside: Daily
    """The same in sample."""
    stress: dict[str, Floats]
    """Daily returns out of sample, shape (D,), under `costs_2x` and `delay_1`."""
    gross: Floats
    """Before fees, spread and impact, shape (D,); funding stays in."""
    trades: Trades
    rebalances: int
    """Decisions out of sample that changed a position."""
    asset_pnl: Floats
    """Profit of each day and asset as a fraction of that day's opening equity, shape (D, A)."""
    exposure: Floats
    """Mean gross exposure of each day, in equities, shape (D,)."""
    traded: Floats
    """Own traded value, account currency, shape (D, A)."""
    volume: Floats
    """The market's traded value, account currency, shape (D, A)."""
    volatility: Floats
    """Daily volatility over the 30 days before, known at the day's start, shape (D, A); NaN where there were too few."""
    market: Daily
    """Equal-weight buy and hold of the universe, in and out of sample."""
    neighbours: Floats
    """Daily returns of the neighbourhood over `neighbour_days`, shape (D_all, K)."""
    neighbour_days: Integers
    """Start of each day in and out of sample, ms, shape (D_all,)."""
    trials: Trials
    equity: float
    """At the start, account currency."""


def to_bytes(evidence: Evidence) -> bytes:
    """Returns the one spelling of evidence in bytes."""
    return canonical.encode(evidence)


def from_bytes(data: bytes, what: str = "the evidence") -> Evidence:
    """Returns evidence from its bytes. Raises GateError for bytes that `to_bytes` would not have made."""
    return canonical.decode(Evidence, data, what)


def digest(evidence: Evidence) -> str:
    """Returns SHA-256 of the evidence's bytes, 64 hex digits."""
    return hashlib.sha256(to_bytes(evidence)).hexdigest()


def save(evidence: Evidence, path: str | Path) -> None:
    """Writes evidence to a file."""
    Path(path).write_bytes(to_bytes(evidence))


def load(path: str | Path) -> Evidence:
    """Returns the evidence in a file. Raises GateError for a file that was changed, OSError for one that cannot be read."""
    return from_bytes(Path(path).read_bytes(), f"the evidence in {path}")
