"""`Decision`: one bar of one asset as plain values, what `result.at` returns.

Times are UTC milliseconds, quantities in base units (contracts of inverse perpetuals), prices and money in quote and account currency,
weights fractions of equity. A number that is missing is NaN here and null in `to_dict`. Not here: where the values come from (`gather`).
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions
    from rich.tree import Tree

DECISION_VERSION = 1
NAN = float("nan")


@dataclass(frozen=True)
class NodeValue:
    """One node of the expression tree at this bar. `before` is its value at the asset's previous bar, NaN where that is not known."""

    node: int
    text: str
    label: str
    """The text with long parts as …, which stand below it in the tree."""
    op: str
    is_condition: bool
    value: float
    before: float
    inputs: tuple[int, ...]
    part: str
    """`static`, or `feedback` where it depends on the position or the account."""
    clock_ms: int
    """Interval of the clock it is computed on."""
    line: str
    """`file:line` where it is written."""
    note: str = ""
    """Its place in a cross-section, `3rd of 25`."""


@dataclass(frozen=True)
class TargetState:
    """A target on its way through budget and band, in `unit`: weights after an asset's share, but for `raw`."""

    unit: str
    raw: float
    """As the expression gives it."""
    wanted: float
    """After a hold (then 0) and an asset's share, before the budget."""
    budgeted: float
    """After the budget: what the band compares."""
    acted_before: float
    """What was last acted on before this decision, and after it."""
    acted: float
    band: float
    gross: float
    """Gross weight that all targets together ask for, and the largest allowed."""
    budget: float
    is_due: bool
    """Whether the rebalance schedule lets targets act now."""
    next_due: int | None
    """When it does next; None without a schedule."""

    @property
    def distance(self) -> float:
        """Returns how far the target is from what was last acted on, in its unit."""
        return abs(self.budgeted - self.acted_before)


@dataclass(frozen=True)
class EntrySignals:
    """Signals of entries, and what may hold them back."""

    long: bool
    short: bool
    exit: bool
    units: int
    max_units: int
    cooling_until: str
    """In words, empty where nothing cools down."""


@dataclass(frozen=True)
class OrderWish:
    """One keyed order of `b4.orders` at this decision: its numbers as read, and where its lane stands after it."""

    key: str
    side: str
    kind: str
    size: float
    price: float
    trigger: float
    when: bool | None
    until: bool | None
    held: float
    """Lots that the lane holds for its exits, in base units."""
    why: str


@dataclass(frozen=True)
class Decision:
    """What happened at one bar of one asset, and why."""

    strategy: str
    sleeve: str
    symbol: str
    ts: int
    """Decision time: the bar's close, ms."""
    bar: Mapping[str, float]
    """`ts` (its open, ms), `row`, `open`, `high`, `low`, `close`, `volume`."""
    warm_up: Mapping[str, Any]
    """`rows_needed`, `rows_seen`, `is_over`, `first_decision` (ms; None if never)."""
    account: Mapping[str, float]
    """`equity`, `cash`, `gross`, `drawdown`, after the bar and before the decision."""
    position: Mapping[str, float]
    """`qty`, `weight`, `avg_price`, `pnl`, `bars_held`, `units`, `pending`, `mae`, `mfe`, after the bar and before the decision."""
    roots: Mapping[str, int]
    """Nodes that decide, by what for: `target`, `stop trailing`, `long`, `order dip price` …"""
    nodes: Mapping[int, NodeValue]
    target: TargetState | None = None
    entries: EntrySignals | None = None
    orders: tuple[OrderWish, ...] = ()
    hold: Mapping[str, Any] | None = None
    """After a stop, take or liquidation: `side`, `since` (ms), `until` (in words)."""
    stops: Mapping[str, float] = field(default_factory=dict)
    """Levels that protect the position: `fixed`, `trailing`, `take`."""
    sent: tuple[Mapping[str, Any], ...] = ()
    """Orders sent or refused at this decision, as rows of `result.orders`."""
    exits: tuple[Mapping[str, Any], ...] = ()
    """Orders that stops, takes and liquidations sent inside this bar."""
    fills: tuple[Mapping[str, Any], ...] = ()
    """Fills inside this bar, before the decision, as rows of `result.fills`."""
    cancelled: tuple[Mapping[str, Any], ...] = ()
    """Orders that this decision cancelled."""
    working: tuple[Mapping[str, Any], ...] = ()
    """Orders at work after it."""
    why: tuple[str, ...] = ()
    """What was done or not, and why: one or two plain sentences."""
    because: tuple[str, ...] = ()
    """Why the values that decide are what they are."""
    sleeves: tuple[Decision, ...] = ()
    """Of `b4.sleeves` the decision of each sleeve; everything else is then that of the account."""

    @property
    def is_acting(self) -> bool:
        """Returns whether an order was sent, or refused, at this decision."""
        return bool(self.sent) or any(one.is_acting for one in self.sleeves)

    def to_dict(self) -> dict[str, Any]:
        """Returns plain data with stable keys; missing numbers are None."""
        found = asdict(self) | {
            "version": DECISION_VERSION,
            "nodes": [asdict(node) for node in self.nodes.values()],
            "sleeves": [one.to_dict() for one in self.sleeves],
        }
        if self.target is not None:
            found["target"]["distance"] = self.target.distance
        return _plain(found)  # type: ignore[no-any-return]  # a dictionary stays one

    def to_json(self) -> str:
        """Returns `to_dict` as JSON text."""
        return json.dumps(self.to_dict(), indent=2, ensure_ascii=False, allow_nan=False)

    def __str__(self) -> str:
        from .render import plain

        return plain(self)

    def __repr__(self) -> str:
        from bot4.report import text

        return f"<Decision {self.symbol} {text.moment(self.ts)}: {' '.join(self.why)}>"

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Tree]:
        """Yields the tree for rich's console."""
        from .render import tree

        yield tree(self)

    def _repr_html_(self) -> str:
        """Returns the text for a notebook."""
        from html import escape

        return f"<pre>{escape(str(self))}</pre>"


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(inner) for inner in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
