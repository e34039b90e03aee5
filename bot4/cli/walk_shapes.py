"""What the JSON of `bot4 walkforward` holds, as types: windows, or with `--cpcv` splits and paths (see `shapes`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from bot4.backtest.walkforward.cpcv_result import CpcvStats
from bot4.backtest.walkforward.numbers import WalkStats
from bot4.report.stats import Stats


@dataclass(frozen=True)
class WalkData:
    """On which data; `hash` covers bars, funding rates and finer bars."""

    instruments: list[str]
    interval_ms: int
    start_ms: int
    end_ms: int
    currency: str
    hash: str


@dataclass(frozen=True)
class WalkTrials:
    """Recorded runs on the same instruments and times before this call, and how many of them differ."""

    runs: int
    distinct: int


@dataclass(frozen=True)
class LengthsOf:
    """The lengths of the windows, in ms; `step` is from one test to the next."""

    train: int
    test: int
    step: int
    purge: int
    embargo: int
    anchored: bool


@dataclass(frozen=True)
class DailyOf:
    """Daily returns of the stitched curve, with the ends of the days."""

    ts_ms: list[int]
    daily: list[float]


@dataclass(frozen=True)
class WindowOf:
    """One window: [start, end) of training and test, what was chosen, how it did in both, and how the defaults did in the test.

    `growth_in` and `growth_out` are growth rates a year, `efficiency` their ratio.
    """

    window: int
    train_ms: list[int]
    test_ms: list[int]
    params: dict[str, Any]
    has_choice: bool
    in_sample: Stats
    out_of_sample: Stats
    default_out_of_sample: Stats | None
    growth_in: float
    growth_out: float
    efficiency: float
    beats_default: bool | None


@dataclass(frozen=True)
class WalkForward:
    """`bot4 walkforward` and `WalkForwardResult.to_json()`: see docs/walkforward.md for every number."""

    version: int
    kind: Literal["walkforward"]
    strategy: str
    data: WalkData
    settings: dict[str, Any]
    metric: str
    select: str
    combinations: int
    refused: int
    evaluations: int
    lengths_ms: LengthsOf
    stats: WalkStats
    windows: list[WindowOf]
    daily: DailyOf
    trials: WalkTrials | None
    notes: list[str]
    caveats: list[str]


@dataclass(frozen=True)
class FoldOf:
    """One split: the numbers of its test groups (from 1), the chosen parameters, and how they did in training and test."""

    split: int
    tested: list[int]
    params: dict[str, Any]
    has_choice: bool
    train_days: int
    test_days: int
    sharpe_in: float
    sharpe_out: float
    return_out: float
    rank: float


@dataclass(frozen=True)
class PathOf:
    """One path: its numbers, and its daily returns (their days are `days_ms`)."""

    path: int
    sharpe: float
    sharpe_se: float
    total_return: float
    max_drawdown: float
    daily: list[float]


@dataclass(frozen=True)
class CrossValidation:
    """`bot4 walkforward --cpcv` and `CpcvResult.to_json()`. `groups_ms` are [start, end) of each group, `days_ms` the ends of the days."""

    version: int
    kind: Literal["cpcv"]
    strategy: str
    data: WalkData
    settings: dict[str, Any]
    metric: str
    select: str
    combinations: int
    refused: int
    evaluations: int
    groups_ms: list[list[int]]
    tested: int
    purge_ms: int
    embargo_ms: int
    stats: CpcvStats
    splits: list[FoldOf]
    paths: list[PathOf]
    days_ms: list[int]
    trials: WalkTrials | None
    notes: list[str]
    caveats: list[str]
