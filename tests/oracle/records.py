"""What the desk keeps and hands out: bars, signals, orders, fills, counters, and the codes of docs/design.md."""

from __future__ import annotations

from dataclasses import dataclass, field

TARGET, STOP_FIXED, STOP_TRAILING, STOP_TIME, GAP_FIXED, GAP_TRAILING = 1, 2, 3, 4, 5, 6
NONE, SUPERSEDED, STOPPED, COLLAR, BALANCE, LEVERAGE, MIN_SIZE, MIN_NOTIONAL, MAX_NOTIONAL, NO_SHORT, EQUITY = (
    0,
    *range(20, 30),
)
FILLED, CANCELLED, REJECTED, WORKING = 1, 2, 3, 4
PRICE_STOPS = (STOP_FIXED, STOP_TRAILING, GAP_FIXED, GAP_TRAILING)


@dataclass(frozen=True)
class IntBar:
    """One bar in ticks and lots."""

    open: int
    high: int
    low: int
    close: int
    volume: int


@dataclass(frozen=True)
class Signal:
    """What the strategy says on one row: the raw target in billionths, one distance in ticks for each price stop of the spec."""

    raw: int | None
    distances: tuple[int | None, ...] = ()


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
    filled: int = 0
    status: int = WORKING
    cause: int = NONE
    done_ts: int = -1

    @property
    def left(self) -> int:
        return (self.lots - self.filled) * self.side

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


@dataclass
class Asset:
    """The desk's own memory of one asset."""

    rows: int = 0
    acted: int = 0
    raw_sign: int = 0
    levels: list[int | None] = field(default_factory=list)
    stopped: int = 0  # the sign of the position that was stopped; 0: not held
    stopped_row: int = 0
    stopped_at: int = 0
    cap_left: int = 0


@dataclass
class Counters:
    budget_rows: int = 0
    budget_max_gross_e9: int = 0
    missing_rows: list[int] = field(default_factory=list)
    flips: list[int] = field(default_factory=list)
    acts: list[int] = field(default_factory=list)
    band_holds: list[int] = field(default_factory=list)
