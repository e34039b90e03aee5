"""What funding a run assumes: a series, a stated default, or none, for each perpetual; and how to say so.

Not here: reading and judging series (`bot4.data.funding`), booking payments (the engine).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot4.report import text

if TYPE_CHECKING:
    from bot4.data import Market
    from bot4.data.funding import FundingSeries

E9 = 1_000_000_000
PERIOD_MS = 8 * 3_600_000
"""A stated default applies at 00:00, 08:00 and 16:00 UTC."""
NAMED = 3


@dataclass(frozen=True, eq=False)
class Funding:
    """The funding of one run: `series` in id order (None: none, and for spot), `default` the rate each 8 hours where there is none."""

    series: tuple[FundingSeries | None, ...]
    default: float | None = None

    def arguments(self) -> dict[str, Any]:
        """Returns the engine's keyword arguments; nothing where no funding is assumed."""
        if self.default is None and not any(self.series):
            return {}
        pairs = [None if one is None else (one.ts, one.rate) for one in self.series]
        default = None if self.default is None else (round(self.default * E9), PERIOD_MS)
        return {"funding": pairs, "funding_default": default}

    def sources(self, market: Market) -> dict[str, str]:
        """Returns where the funding of each perpetual comes from: symbol to file, `default` or `none`."""
        absent = "none" if self.default is None else "default"
        pairs = zip(market.instruments, self.series, strict=True)
        return {x.symbol: absent if one is None else one.label for x, one in pairs if x.kind != "spot"}

    def line(self, market: Market) -> str:
        """Returns what is assumed in one line, empty where there is no perpetual."""
        sources = self.sources(market)
        given = [symbol for symbol, source in sources.items() if source not in ("none", "default")]
        rest = [symbol for symbol in sources if symbol not in given]
        parts = [f"from its series for {named(given)}"] if given else []
        if rest:
            parts.append(
                f"none for {named(rest)}"
                if self.default is None
                else f"a stated default of {text.percent(self.default, 4)} each 8 h for {named(rest)}"
            )
        return f"Funding: {', '.join(parts)}" if parts else ""

    def holes(self, market: Market) -> Iterator[str]:
        """Yields what the series lack over the span of the bars."""
        for instrument, columns, one in zip(market.instruments, market.columns, self.series, strict=True):
            holes = one.holes(int(columns.ts[0]), int(columns.ts[-1]) + market.interval_ms) if one is not None else []
            if one is not None and holes:
                yield f"{one.label}: the funding of {instrument.symbol} {', and '.join(holes)}; nothing is paid there."

    def data_hash(self, market: Market) -> str:
        """Returns the identity of bars and rates together; the bars' own where there is no series."""
        if not any(self.series):
            return market.hash
        import numpy as np

        state = hashlib.blake2b(market.hash.encode(), digest_size=32)
        for number, one in enumerate(self.series):
            if one is not None:
                state.update(f" {number} {len(one.ts)} ".encode())
                state.update(np.ascontiguousarray(one.ts, "<i8").data)
                state.update(np.ascontiguousarray(one.rate, "<f8").data)
        return state.hexdigest()


def named(symbols: list[str]) -> str:
    more = f" and {len(symbols) - NAMED} more" if len(symbols) > NAMED else ""
    return ", ".join(symbols[:NAMED]) + more
