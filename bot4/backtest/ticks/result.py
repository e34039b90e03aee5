"""`TickResult`: what a run on ticks says beyond one on bars: evidence of every fill, what making earned, what it assumes.

Not here: the measures (`bot4.report.making`), the engine's records (`engine`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from bot4.report import text

from ..result import Result
from .engine import evaluate_ticks
from .settings import SENTENCES, TickConfig
from .setup import TickBeside, TickSetup

if TYPE_CHECKING:
    import polars as pl

    from bot4.data.timeframe import TimeLike
    from bot4.report.columns import Floats
    from bot4.report.making import Making
    from bot4.report.view import RunView

    from ..at import Decision
    from ..realism import Realism


class TickResult(Result):
    """The outcome of a back-test over ticks."""

    config: TickConfig
    beside: TickBeside

    @cached_property
    def making(self) -> Making:
        """Returns spread captured, adverse selection, inventory, and the split of making and taking (docs/metrics.md, "Ticks")."""
        from bot4.report.making import making

        return making(self.columns.assets[0], self.market.interval_ms, self.records, self.records["evidence"])

    @cached_property
    def fills(self) -> pl.DataFrame:
        """Returns the columns of `Result.fills`, and `venue_ts` (ns), `ahead` (quantity before the order when it joined the queue; null
        where it took), `mid` when it was filled and `captured` (value at the mid less value at its price)."""
        import polars as pl

        from ..frames import fills_frame

        frame, evidence = fills_frame(self.columns), self.records["evidence"]
        asset, fills = self.columns.assets[0], self.records["fills"]
        mid = evidence["mid2"] * asset.tick / 2
        ahead = pl.Series(np.where(evidence["ahead"] < 0, np.nan, evidence["ahead"] * asset.lot)).fill_nan(None)
        captured = asset.amount(fills["lots"], mid) - asset.amount(fills["lots"], fills["ticks"] * asset.tick)
        return frame.with_columns(
            venue_ts=pl.Series(evidence["venue_ns"]).cast(pl.Datetime("ns", "UTC")),
            ahead=ahead,
            mid=pl.Series(mid),
            captured=pl.Series(captured),
        )

    @property
    def view(self) -> RunView:
        """Returns what the summary and the report show, with the part on making and taking."""
        view = super().view
        return replace(
            view,
            making=self.making,
            realism_sentence=SENTENCES[self.config.realism],
            assumptions=[*self._assumptions(), *view.assumptions],
            limits=self._limits(),
        )

    def _assumptions(self) -> list[str]:
        config = self.config
        return [f"Orders: {config.latency_text()}; queue: {config.queue}; {config.costs_text(self.market)}"]

    def _limits(self) -> list[str]:
        found = [
            "The market does not answer: nobody reacts to the orders of this run, except that what they take is gone for a while."
        ]
        if self.market.instruments[0].kind != "spot":
            found.append("No position is liquidated and no funding is paid here, on a venue they are.")
        clock = self.beside.ticks.ticks.clock
        if clock.shift_ns:
            found.append(
                f"The local clock was moved by {clock.shift_ns / 1e6:,.0f} ms, so feed latencies are true up to a constant (docs/ticks.md)."
            )
        return found

    def evaluate(self, nodes: list[int]) -> Mapping[tuple[int, int], Floats]:
        """Returns the columns of nodes by (node, asset id), on the rows; with the run's own fills where they look at the position."""
        config = self.config.engine_json(self.market, self.trade_from_ms)
        return evaluate_ticks(self.beside.ticks, self.program, nodes, config, self.records["reports"])

    def at(self, time: TimeLike, symbol: str | None = None) -> Decision:
        """Returns the decision at the last row by `time`: the values of its tree, position, orders and fills (docs/language-ticks.md).

        Raises BacktestError for no such row.
        """
        from ..at.gather import find_bar
        from ..at.ticks import decision_on_ticks

        return decision_on_ticks(self, *find_bar(self, time, symbol))

    def report(self, path: str | Path = "report.html") -> Path:
        """Writes the self-contained HTML report and returns its path. Raises OSError where it cannot be written.

        It shows the result under all three realisms, so the other two are run first.
        """
        from bot4.report.html import write_report

        self.realisms()
        return write_report(self.view, path, self.tear_sheet)

    def to_dict(self, *, tear_sheet: bool = False) -> dict[str, Any]:
        """Returns the result as plain data, with `making`."""
        from ..columns import finite

        return super().to_dict(tear_sheet=tear_sheet) | {"making": finite(self.making.to_dict())}

    def _under(self, realism: Realism) -> Result:
        config = replace(self.config, realism=realism)
        beside = replace(self.beside, journal=None)
        setup = TickSetup(self.strategy, self.market, config, self.trade_from_ms, beside)
        return setup.run(self.program)

    def __repr__(self) -> str:
        """Returns one line: title, return, fills, maker share."""
        m = self.making
        return (
            f"<TickResult {self.view.title} · return {text.percent(self.stats.total_return, 3, signed=True)} · "
            f"{text.plural(m.maker.fills + m.taker.fills, 'fill')}, {text.percent(m.maker_share)} made>"
        )
