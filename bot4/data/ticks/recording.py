"""What a reader of one recording hands on: columns on a fine grid, not yet on the instrument's, and what it noticed.

`price` and `quantity` are integers of 10^-`decimals`; `grid.py` finds tick and lot in them. The order is that of arrival.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from bot4.data.instrument import Kind
from bot4.data.ticks.columns import Best, Depth, Orders, Trades


@dataclass(frozen=True)
class Finding:
    """Something an import noticed: its stable code, how often, and one sentence."""

    code: str
    count: int
    detail: str


@dataclass
class Recording:
    """One recording as read. The ticks and lots of its columns are integers of 10^-`decimals`, until `grid.py` has seen them."""

    venue: str
    base: str
    quote: str
    kind: Kind
    depth: Depth
    trades: Trades
    best: Best
    lines: int
    decimals: int = 8
    estimated: tuple[str, ...] = ()
    """Kinds whose venue time is not in the recording and was set from the local time."""
    findings: list[Finding] = field(default_factory=list)
    contract: str | None = None
    """Quote units of one inverse contract."""
    orders: Orders = field(default_factory=Orders.empty)
    """Orders by number where the recording tells them; the depth is then made of them (`levels.py`)."""

    @property
    def symbol(self) -> str:
        """Returns the symbol as in ccxt."""
        settle = {"spot": "", "linear": f":{self.quote}", "inverse": f":{self.base}"}[self.kind]
        return f"{self.base}/{self.quote}{settle}"

    @property
    def key(self) -> tuple[str, str]:
        """Returns (venue, symbol)."""
        return self.venue, self.symbol
