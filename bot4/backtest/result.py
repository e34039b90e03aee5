"""`Result`: everything one run says, made from the engine's records when first asked for.

Frames for analysis, statistics, the summary, the HTML report, JSON. Not here: formulas (`bot4.report`), how a frame is built
(`frames`), what went wrong (`diagnose`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .config import Config
from .controlled import Controlled
from .engine import Beside, run_engine
from .errors import BacktestError
from .funding import Funding
from .realism import REALISMS, Realism

if TYPE_CHECKING:
    import polars as pl
    from plotly.graph_objects import Figure
    from rich.console import Console, ConsoleOptions, Group

    from bot4.data import Market
    from bot4.data.timeframe import TimeLike
    from bot4.records.record import Trials
    from bot4.report.columns import Floats, Ints, RunColumns
    from bot4.report.stats import Stats
    from bot4.report.tear import TearSheet
    from bot4.report.view import RunView
    from bot4.strategy import Program, Strategy

    from .at import Decision
    from .at.lens import Lens
    from .events import CallbackTime

JSON_VERSION = 1


class Result(Controlled):
    """The outcome of a backtest.

    `records` holds the engine's exact integers (docs/design.md); frames and statistics are derived from them. `trials` counts earlier
    runs on the same markets and times, None where the run was not recorded.
    """

    def __init__(
        self,
        strategy: Strategy,
        program: Program,
        market: Market,
        config: Config,
        records: Mapping[str, Any],
        trade_from_ms: int | None = None,
        beside: Beside | None = None,
    ) -> None:
        self.strategy = strategy
        self.program = program
        self.market = market
        self.config = config
        self.records = records
        self.trade_from_ms = trade_from_ms
        self.beside = beside if beside is not None else Beside(Funding((None,) * len(market)))
        self.trials: Trials | None = None
        self._others: dict[Realism, Result] = {}

    @property
    def name(self) -> str:
        """Returns the strategy's name."""
        return self.program.name

    @property
    def params(self) -> Mapping[str, Any]:
        """Returns the parameters' values."""
        return self.program.parameters

    @property
    def instrument_names(self) -> tuple[str, ...]:
        """Returns `venue:symbol` of every instrument, in id order."""
        return tuple(f"{i.venue}:{i.symbol}" for i in self.market.instruments)

    @property
    def data_hash(self) -> str:
        """Returns the identity of the data: bars, and rates of funding and finer bars where there are any."""
        return self.beside.data_hash(self.market)

    @cached_property
    def description(self) -> Mapping[str, Any]:
        """Returns the engine's description of the program: identity, warm-up, which nodes are feedback."""
        from bot4 import _engine

        return _engine.describe(self.program.json, list(self.market.symbols))

    @property
    def identity(self) -> str:
        """Returns the strategy's identity: a hash of graph and parameters; of an event class one of its source, which is weak."""
        from bot4 import __version__

        found = str(self.description["identity"])
        return found if self.program.events is None else self.program.events.identity(found, __version__)

    @property
    def parts(self) -> Mapping[str, Result]:
        """Returns the result of each sleeve by name; of a strategy that has the account to itself this one, without a name."""
        return {"": self}

    def sleeve(self, name: str) -> Result:
        """Returns one sleeve's own result (`b4.sleeves`): its book, statistics, frames. Raises BacktestError for an unknown name."""
        if name not in self.parts or not self.program.sleeves:
            known = ", ".join(one.name for one in self.program.sleeves) or "for runs of b4.sleeves alone"
            raise BacktestError(f"there is no sleeve {name!r}; sleeves are {known}.")
        return self.parts[name]

    @cached_property
    def settled_rows(self) -> tuple[int | None, ...]:
        """Returns how many bars each asset needs before its first decision; None for an asset that nothing addresses."""
        if self.program.events is not None:
            return (self.program.events.settled_rows(self.description["node_settled"]),) * len(self.market.symbols)
        addressed = self.program.addressed
        settled = zip(self.market.symbols, self.description["settled"], strict=True)
        return tuple(int(rows) if None in addressed or symbol in addressed else None for symbol, rows in settled)

    @cached_property
    def columns(self) -> RunColumns:
        """Returns bars and records as the statistics read them."""
        from .columns import run_columns

        return run_columns(self)

    # --- numbers ----------------------------------------------------------------------------------------------------------

    @cached_property
    def stats(self) -> Stats:
        """Returns the statistics; docs/metrics.md lists them with formulas."""
        from bot4.report.stats import compute

        return compute(self.columns)

    @cached_property
    def daily_returns(self) -> tuple[Ints, Floats]:
        """Returns (close times in UTC ms, returns) for each UTC day from the first possible decision on."""
        from bot4.report.stats import daily_returns

        return daily_returns(self.columns)

    @cached_property
    def notes(self) -> tuple[str, ...]:
        """Returns what a user should look at: no trades and why, cut orders, too much trading, open positions."""
        from .diagnose import diagnose

        return tuple(diagnose(self))

    def realisms(self) -> dict[Realism, Result]:
        """Returns this run under strict, neutral and naive: the other two are run when first asked for, and not recorded."""
        for realism in REALISMS:
            if realism != self.config.realism and realism not in self._others:
                self._others[realism] = self._under(realism)
        known = self._others | {self.config.realism: self}
        return {realism: known[realism] for realism in REALISMS}

    @property
    def has_realisms(self) -> bool:
        """Returns whether all three have been run."""
        return len(self._others) == len(REALISMS) - 1

    def _under(self, realism: Realism) -> Result:
        config = replace(self.config, realism=realism)
        records = run_engine(self.market, self.program, config, self.trade_from_ms, self.beside)
        return type(self)(self.strategy, self.program, self.market, config, records, self.trade_from_ms, self.beside)

    # --- frames -----------------------------------------------------------------------------------------------------------

    @cached_property
    def equity(self) -> pl.DataFrame:
        """Returns `ts, equity, drawdown, holding`, one row for each mark."""
        from .frames import equity_frame

        return equity_frame(self.columns)

    @cached_property
    def orders(self) -> pl.DataFrame:
        """Returns `id, ts, symbol, key, kind, side, qty, filled, wanted, ref_price, price, trigger, tif, reason, status, cause, done_ts,
        parent, evidence, evidence_ts`."""
        from .frames import orders_frame

        return orders_frame(self.columns)

    @cached_property
    def fills(self) -> pl.DataFrame:
        """Returns `order, ts, symbol, qty, price, base_price, value, fee, maker, rule, volume_left, reason, position, cash_flow`."""
        from .frames import fills_frame

        return fills_frame(self.columns)

    @cached_property
    def trades(self) -> pl.DataFrame:
        """Returns `symbol, side, entry_ts, exit_ts, qty, entry_price, exit_price, fees, funding, pnl, return, bars, reason, mae, mfe`."""
        from .frames import trades_frame

        return trades_frame(self.columns)

    @cached_property
    def funding(self) -> pl.DataFrame:
        """Returns `ts, symbol, rate, amount, qty`, one row for each settlement of an open position."""
        from .frames import funding_frame

        return funding_frame(self.columns)

    @cached_property
    def sleeves(self) -> pl.DataFrame:
        """Returns `name, share, start_equity, final_equity, return, sharpe, max_drawdown, trades, costs, own_crosses`, one row for each
        sleeve (`own_crosses`: orders sent a bar later because they could have met a resting order of another); none without."""
        from .sleeves import sleeves_frame

        return sleeves_frame(self)

    @cached_property
    def sleeve_equity(self) -> pl.DataFrame:
        """Returns `ts`, the equity of each sleeve, and `cash` where shares left some over; they add up to the account's equity."""
        from .sleeves import sleeve_equity_frame

        return sleeve_equity_frame(self)

    @cached_property
    def positions(self) -> pl.DataFrame:
        """Returns `ts, symbol, qty, value`, one row for each asset's bar."""
        from .frames import positions_frame

        return positions_frame(self.columns)

    @property
    def callback_time(self) -> CallbackTime | None:
        """Returns what the methods of an event class took on this machine's clock; None for other strategies."""
        from .events import CallbackTime

        times = self.records.get("callbacks")
        return None if times is None else CallbackTime(**times)

    @cached_property
    def signals(self) -> pl.DataFrame:
        """Returns `ts, symbol, target`: the raw target before band, budget and stops, one row for each asset's bar (null without one)."""
        from .frames import value_frame

        columns = self.evaluate([target["node"] for target in self.program.targets])
        found = {}
        for target in self.program.targets:
            for number, symbol in enumerate(self.market.symbols):
                if target["asset"] in (None, symbol):
                    found[0, number] = columns[target["node"], number]
        return value_frame(self.market, found, {"target": 0}, self.trade_from_ms)

    def why(self, order: int | str, at: TimeLike | None = None) -> str:
        """Returns what became of an order and why, in a few lines: wanted, checked, sent, every fill with its rule, and how it ended.

        order: its id in `orders`, or its key; `at` picks the last order of the key sent at or before that time (UTC).
        Raises BacktestError for an order there is not.
        """
        from .why import explain

        return explain(self, order, at)

    def at(self, time: TimeLike, symbol: str | None = None) -> Decision:
        """Returns what was known, decided and done at an asset's last bar that had closed by `time` (UTC), and why nothing else was.

        `symbol` may be left out where there is one asset. The times of `orders`, `signals` and `positions` are such times. Raises
        BacktestError where there is no such bar or asset.
        """
        from .at import decide_at

        return decide_at(self, time, symbol)

    @cached_property
    def lens(self) -> Lens:
        """Returns what steps this run again to look at single rows."""
        from .at.lens import Lens

        return Lens(self)

    def look(self, open_ms: int) -> Mapping[str, Any]:
        """Returns the engine's look at the row of the bars that opened at `open_ms` (docs/design-runs.md, "One bar")."""
        return self.lens.look(open_ms)[0]

    def evaluate(self, nodes: list[int]) -> Mapping[tuple[int, int], Floats]:
        """Returns the columns of nodes by (node, asset id), on each asset's bars; with the run's own trading where they look at it.

        A node of one asset (`b4.asset`) has a column for that asset alone.
        """
        from bot4 import _engine

        needs_run = not self.program.feedback.isdisjoint(nodes)
        config = self.config.engine_json(self.market, self.trade_from_ms) if needs_run else None
        beside = self.beside.arguments() if needs_run else {}
        found = _engine.evaluate(self.market.native, self.program.json, sorted(set(nodes)), 0, config, **beside)
        return {key: column for key, column in found.items() if len(column)}

    @cached_property
    def tear_sheet(self) -> TearSheet:
        """Returns the statistics that are not in the summary, in parts computed when first read (docs/metrics.md, "Tear sheet"),
        beside buying and holding; `bot4.report.tear.tear_sheet` takes another benchmark."""
        from bot4.report.tear import tear_sheet

        from .reasons import CAUSES, REASONS

        return tear_sheet(self.columns, self.stats, reasons=REASONS, causes=CAUSES)

    # --- for people ---------------------------------------------------------------------------------------------------------

    @property
    def view(self) -> RunView:
        """Returns what the summary and the report show; the three realisms are part of it once they have been run."""
        from .columns import run_view

        return run_view(self)

    def summary(self, width: int = 80) -> str:
        """Returns the summary as plain text, at most `width` columns."""
        from bot4.report.table import summary_text

        return summary_text(self.view, width)

    def report(self, path: str | Path = "report.html") -> Path:
        """Writes the self-contained HTML report and returns its path. Raises OSError where it cannot be written.

        It shows the result under all three realisms, so the other two are run first, and what was decided at any bar that is clicked.
        """
        from bot4.report.html import write_report

        from .at.columns import bar_decisions

        self.realisms()
        view = replace(self.view, decisions=bar_decisions(self))
        return write_report(view, path, self.tear_sheet)

    def png(self, path: str | Path = "result.png", *, dark: bool = False) -> Path:
        """Writes key numbers, equity and drawdown as one picture (2,400 × 1,350 pixels) and returns its path.

        Chromium draws it: PictureError where there is none, OSError where the file cannot be written.
        """
        from bot4.report.picture import write_picture

        return write_picture(self.view, path, dark=dark)

    def plot(self, symbol: str | None = None) -> Figure:
        """Returns price with fills, equity and drawdown as a Plotly figure, for notebooks: it zooms, and can be changed like any other.

        symbol: whose price; that of the most traded asset if None. Raises BacktestError for an asset there is not.
        """
        from plotly.graph_objects import Figure

        from bot4.report.chart import figure

        symbols = list(self.market.symbols)
        if symbol is not None and symbol not in symbols:
            raise BacktestError(f"there is no asset {symbol!r} in this run; there are {', '.join(symbols)}.")
        return Figure(figure(self.columns, None if symbol is None else symbols.index(symbol)))

    def to_dict(self, *, tear_sheet: bool = False) -> dict[str, Any]:
        """Returns the result as plain data. The keys are stable and listed in docs/metrics.md; what cannot be computed is None.

        tear_sheet: with every statistic of the report under `tear_sheet`, which else is None.
        """
        from .columns import as_dict

        return as_dict(self, JSON_VERSION) | {"tear_sheet": self.tear_sheet.to_dict() if tear_sheet else None}

    def to_json(self, *, tear_sheet: bool = False) -> str:
        """Returns `to_dict` as JSON text."""
        return json.dumps(self.to_dict(tear_sheet=tear_sheet), indent=2, ensure_ascii=False, allow_nan=False)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Group]:
        """Yields the summary for rich's console."""
        from bot4.report.table import summary

        yield summary(self.view, options.max_width)

    def __repr__(self) -> str:
        """Returns one line: title, return, Sharpe ratio, trades."""
        from bot4.report import text

        s = self.stats
        return (
            f"<Result {self.view.title} · return {text.percent(s.total_return, signed=True)} · "
            f"Sharpe {text.ratio(s.sharpe)} ± {text.ratio(s.sharpe_se)} · {text.plural(s.trades, 'trade')}>"
        )

    def _repr_html_(self) -> str:
        """Returns key numbers and equity for a notebook."""
        from bot4.report.notebook import notebook_html

        return notebook_html(self.view)
