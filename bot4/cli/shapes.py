"""What the JSON of each command holds, as types: its schema is made from them, and tests hold real output to it.

Every number may be null where it cannot be computed; a type says `| None` only where null has another meaning. Keys are stable.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from bot4.gate.selftest import SelfTest
from bot4.report.stats import Stats
from bot4.report.tear import PARTS
from bot4.report.tear.plain import twin
from bot4.risk.commands import ACTIONS

from .data_shapes import ImportedTicks
from .gate_shapes import GateCheck, GateListed, GateShow, GateVerify, RegistrationOf
from .health import Finding as Checked
from .journal_shapes import SHAPES as JOURNAL_SHAPES
from .journal_shapes import Replayed
from .operator_shapes import Operator
from .shapes_bar import Explain, Why
from .shapes_rehearse import Rehearsed
from .shapes_risk import ControlReport, RiskCheck, RiskControls
from .stats_shapes import ListedStatistic, StatisticOf
from .sweep_shapes import Sweep
from .walk_shapes import CrossValidation, WalkForward

if TYPE_CHECKING:
    TearSheetOf = dict[str, Any]
else:
    TearSheetOf = twin("TearSheetOf", PARTS, "Every statistic of the report by part: docs/reference/tear-sheet.md.")


@dataclass(frozen=True)
class StrategyOf:
    """Which strategy ran. `identity` is the hash of graph and parameters."""

    name: str
    kind: str
    identity: str
    params: dict[str, Any]


@dataclass(frozen=True)
class DataOf:
    """On which data. `hash` covers bars and funding rates; `funding` names per perpetual a file, `default` or `none`."""

    instruments: list[str]
    interval_ms: int
    start_ms: int
    end_ms: int
    bars: int
    currency: str
    hash: str
    funding: dict[str, str]


@dataclass(frozen=True)
class Trials:
    """Recorded runs on the same instruments and times, and how many of them differ."""

    runs: int
    distinct: int


@dataclass(frozen=True)
class AssetRow:
    """One asset's share of the result, amounts in account currency; `price_return` is that of its price."""

    symbol: str
    pnl: float
    trades: int
    win_rate: float
    fees: float
    traded: float
    open_value: float
    funding: float
    price_return: float


@dataclass(frozen=True)
class YearRow:
    """Returns of a calendar year by month, as fractions; null for months without a bar."""

    year: int
    months: list[float]
    total: float


@dataclass(frozen=True)
class SleeveRow:
    """One strategy of several on the account, with the statistics of its own book."""

    name: str
    share: float
    strategy: str
    identity: str
    params: dict[str, Any]
    stats: Stats
    own_crosses: int


@dataclass(frozen=True)
class Backtest:
    """`bot4 backtest`, `bot4 demo` and `result.to_json()`: see docs/metrics.md for every number."""

    version: int
    strategy: StrategyOf
    data: DataOf
    settings: dict[str, Any]
    stats: Stats
    sleeves: list[SleeveRow] | None
    realisms: dict[str, Stats] | None
    assets: list[AssetRow]
    months: list[YearRow]
    warm_up_bars: int
    trials: Trials | None
    notes: list[str]
    caveats: list[str]
    state_hash: str
    bot4_version: str
    making: dict[str, Any] | None
    tear_sheet: TearSheetOf | None


@dataclass(frozen=True)
class FindingRow:
    """Something found in bars: how often, the first rows (from 0) and their times."""

    kind: str
    severity: Literal["error", "warning", "info"]
    count: int
    rows: list[int]
    times: list[str]
    detail: str


@dataclass(frozen=True)
class FileReport:
    """One asset of one file: its span, and what was found."""

    file: str
    venue: str
    symbol: str
    interval: str | None
    bars: int
    first: str | None
    last: str | None
    missing: int
    ok: bool
    findings: list[FindingRow]


@dataclass(frozen=True)
class Comparison:
    """Bars of one instrument at two intervals, compared."""

    slow: str
    fast: str
    compared: int
    findings: list[FindingRow]


@dataclass(frozen=True)
class DataCheck:
    """`bot4 data check`."""

    files: list[FileReport]
    comparisons: list[Comparison]


@dataclass(frozen=True)
class ListedFile:
    """One file of `bot4 data list`; `error` says why it could not be read."""

    file: str
    venue: str
    symbol: str
    kind: str | None
    interval: str | None
    first: str | None
    last: str | None
    bars: int
    missing: int | None
    error: str | None


@dataclass(frozen=True)
class DataSynth:
    """`bot4 data synth`: the files written, and the market's hash."""

    files: list[str]
    bars: int
    interval: str
    seed: int
    hash: str


@dataclass(frozen=True)
class New:
    """`bot4 new`: the files written, and commands that go on from there."""

    template: str
    files: list[str]
    next: list[str]


@dataclass(frozen=True)
class Doctor:
    """`bot4 doctor`: every finding, and how many there are of each status."""

    findings: list[Checked]
    ok: int
    warning: int
    problem: int


@dataclass(frozen=True)
class Version:
    """`bot4 version`."""

    bot4: str
    engine: str
    python: str


@dataclass(frozen=True)
class RunLine:
    """One line of `bot4 runs list`: a run, or (`id` g3) a group with how many of its runs there are."""

    id: str
    at_ms: int
    kind: str
    name: str
    instruments: list[str]
    params: dict[str, Any]
    total_return: float
    sharpe: float
    runs: int
    total: int
    status: Literal["running", "done", "stopped"]


@dataclass(frozen=True)
class Recorded:
    """A recorded run; `command` is the command line that made it, null where it was called from Python."""

    id: int
    at_ms: int
    kind: str
    identity: str
    name: str
    params: dict[str, Any]
    interval_ms: int
    start_ms: int
    end_ms: int
    config: dict[str, Any]
    seed: int | None
    data_hash: str
    stats: dict[str, Any]
    daily_start_ms: int
    version: str
    group: int | None
    ordinal: int | None
    instruments: list[str]
    command: str | None


@dataclass(frozen=True)
class RecordedToRepeat(Recorded):
    """The same, with what makes the run again."""

    repeat: str


@dataclass(frozen=True)
class BestRun:
    """One of the best runs of a group."""

    id: int
    ordinal: int
    params: dict[str, Any]
    stats: dict[str, Any]


@dataclass(frozen=True)
class RecordedGroup:
    """A sweep, search or walk-forward: what was asked (`spec`), and its best runs by `metric`."""

    id: int
    kind: str
    name: str
    spec: dict[str, Any]
    spec_hash: str
    total: int
    status: Literal["running", "done", "stopped"]
    created_ms: int
    updated_ms: int
    command: str | None
    runs: int
    instruments: list[str]
    metric: str
    best: list[BestRun]


@dataclass(frozen=True)
class RunsShow:
    """`bot4 runs show`: a run or a group."""

    run: RecordedToRepeat | None
    group: RecordedGroup | None


@dataclass(frozen=True)
class RunPair:
    """Two runs on their common days: Sharpe ratios a year, `difference` of `other` to `one` with its standard error (Memmel 2003)."""

    one: int
    other: int
    days: int
    correlation: float
    sharpe: float
    other_sharpe: float
    difference: float
    standard_error: float
    z: float


@dataclass(frozen=True)
class RunsCompare:
    """`bot4 runs compare`: the runs, and each against the first."""

    runs: list[Recorded]
    pairs: list[RunPair]


@dataclass(frozen=True)
class RunDifference:
    """One field in which two runs differ."""

    part: Literal["strategy", "parameters", "data", "settings", "version", "statistics"]
    field: str
    one: Any
    other: Any


@dataclass(frozen=True)
class RunsDiff:
    """`bot4 runs diff`."""

    one: int
    other: int
    differences: list[RunDifference]


SHAPES: dict[str, Any] = {
    "backtest": Backtest,
    "data check": DataCheck,
    "data list": list[ListedFile],
    "data import": list[ImportedTicks],
    "data synth": DataSynth,
    "demo": Backtest,
    "doctor": Doctor,
    "gate check": GateCheck,
    "gate list": list[GateListed],
    "gate register": RegistrationOf,
    "gate self-test": SelfTest,
    "gate show": GateShow,
    "gate verify": GateVerify,
    **JOURNAL_SHAPES,
    "explain": Explain,
    "new": New,
    **{f"operator {do}": Operator for do in (*ACTIONS, "status")},
    "rehearse": Rehearsed,
    "replay": Replayed,
    "risk check": RiskCheck,
    "risk controls": RiskControls,
    "risk report": ControlReport,
    "runs compare": RunsCompare,
    "runs diff": RunsDiff,
    "runs list": list[RunLine],
    "runs show": RunsShow,
    "stats": StatisticOf | list[ListedStatistic],
    "sweep": Sweep,
    "version": Version,
    "walkforward": WalkForward | CrossValidation,
    "why": Why,
}
"""The type of every command's JSON, by the command's words."""
