"""What the desk keeps and hands out: bars, signals, orders, fills, counters, and the codes of docs/design.md."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

# Reasons of orders and fills.
TARGET, STOP_FIXED, STOP_TRAILING, STOP_TIME, GAP_FIXED, GAP_TRAILING = 1, 2, 3, 4, 5, 6
TAKE, STOP, TRAIL, GAP_STOP, GAP_TRAIL, ORDER, ENTRY, EXIT_SIGNAL, LIQUIDATION = range(7, 16)
# Causes of a cut, a rejection or a cancel.
NONE, SUPERSEDED, STOPPED, COLLAR, BALANCE, LEVERAGE, MIN_SIZE, MIN_NOTIONAL, MAX_NOTIONAL, NO_SHORT, EQUITY = (
    0,
    *range(20, 30),
)
WITHDRAWN, REPLACED, EXPIRED, IOC, FOK, WOULD_TAKE, REDUCE_ONLY, OCO, MARGIN, LIQUIDATED, BROKEN_LEG = range(31, 42)
FILLED, CANCELLED, REJECTED, WORKING = 1, 2, 3, 4
PRICE_STOPS = (STOP_FIXED, STOP_TRAILING, GAP_FIXED, GAP_TRAILING)
# Rules of fills, evidence of orders that were reached and not filled.
OPEN, OPEN_LIMIT, GAP_LIMIT, THROUGH, TOUCH, TRIGGER, GAP_TRIGGER, LIQUIDATED_AT = range(1, 9)
NOT_THROUGH, VOLUME_CAP, IN_FLIGHT = 1, 2, 3
KINDS = ["market", "limit", "stop", "stop_limit", "take_profit", "trailing"]
TIFS = ["gtc", "ioc", "fok", "gtd"]


@dataclass(frozen=True)
class IntBar:
    """One bar in ticks and lots."""

    open: int
    high: int
    low: int
    close: int
    volume: int


@dataclass(frozen=True)
class Ask:
    """What one key asks for on one row, quantised; None is missing (a `when` that the key does not have is None too)."""

    size: int | None
    price: int | None = None
    trigger: int | None = None
    distance: int | None = None
    per_unit: int | None = None
    when: bool | None = None
    until: bool = False
    exits: Mapping[str, int | None] = field(default_factory=dict)  # of the exits that the key has


@dataclass(frozen=True)
class Unit:
    """What entries say on one row: signals (a missing one is false), size, the largest first."""

    long: bool
    short: bool
    exit: bool
    size: int | None
    per_unit: int | None = None
    priority: float | None = None


@dataclass(frozen=True)
class Signal:
    """What the strategy says on one row: the raw target in billionths, one distance in ticks for each price stop of the spec."""

    raw: int | None
    distances: tuple[int | None, ...] = ()
    take: int | None = None
    asks: tuple[Ask, ...] = ()  # of the asset's lanes, in lane order
    unit: Unit | None = None


@dataclass
class Order:
    id: int
    ts: int
    asset: int
    side: int
    lots: int
    wanted: int
    ref_ticks: int
    reason: int
    due: int
    distances: tuple[int | None, ...] = ()
    take: int | None = None
    filled: int = 0
    status: int = WORKING
    cause: int = NONE
    done_ts: int = -1
    key: str | None = None
    kind: str = "market"
    price: int = -1
    trigger: int = -1
    tif: str = "gtc"
    parent: int = -1
    evidence: int = 0
    evidence_row: int = -1
    ask: Ask | None = None  # what it was sent with
    row: int = 0  # of its decision
    seen: bool = False  # a bar has opened since it was due
    triggered: bool = False
    closes: bool = False  # reduce-only, or an exit
    extreme: int = 0  # of a trailing order, since its first bar

    @property
    def left(self) -> int:
        """Signed lots that are not filled."""
        return (self.lots - self.filled) * self.side

    @property
    def at_market(self) -> bool:
        """Whether it takes what it finds: a market order, or a stop that was triggered."""
        return self.kind == "market" or (self.triggered and self.kind != "stop_limit")

    @property
    def rests(self) -> bool:
        """Whether it is a limit now."""
        return self.kind == "limit" or (self.triggered and self.kind == "stop_limit")

    def end(self, status: int, cause: int, ts: int) -> None:
        self.status, self.done_ts = status, ts
        self.cause = cause or self.cause


@dataclass(frozen=True)
class Fill:
    order: int
    ts: int
    row: int
    asset: int
    lots: int
    ticks: int
    fee: int
    reason: int
    position: int
    flow: int
    base_ticks: int
    rule: int
    maker: bool
    volume_left: int


@dataclass(frozen=True)
class Funding:
    """One settlement of one position; paid is negative."""

    ts: int
    asset: int
    rate_e9: int
    amount: int
    position: int


@dataclass
class Asset:
    """The desk's own memory of one asset."""

    acted: int = 0
    raw_sign: int = 0
    levels: list[int | None] = field(default_factory=list)
    stopped: int = 0  # the sign of the position that was stopped; 0: not held
    stopped_row: int = 0
    stopped_at: int = 0
    take: int | None = None  # the level of the take


@dataclass
class Counters:
    missing_rows: list[int]
    flips: list[int]
    acts: list[int]
    band_holds: list[int]
    rejected_units: list[int]
    broken_legs: list[int]
    ignored_signals: list[int]
    budget_rows: int = 0
    budget_max_gross_e9: int = 0

    @classmethod
    def of(cls, assets: int) -> Counters:
        return cls(*([0] * assets for _ in range(7)))  # type: ignore[arg-type]
