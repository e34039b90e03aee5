"""Runs an event strategy: rows come from the engine, callbacks answer, orders go back (docs/design.md, "Event strategies").

Of one row: timers that are due, fills in order, then on_bar of each asset that has a bar, by id. The time of each callback is
measured and reported apart; it changes nothing in the result.
"""

from __future__ import annotations

import heapq
import json
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from bot4.strategy.events import Context, Fill, Working
from bot4.strategy.events.context import ACCOUNT, COLUMNS, KINDS, POSITION

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot4.data import Market
    from bot4.strategy import Program

    Progress = Callable[[int, int], object]

ROWS_BETWEEN_PROGRESS = 4_096
Timer = tuple[int, int, int, str, int]
"""When (UTC ms), order of setting, asset, name, period in ms (0 = once)."""


def run_events(
    market: Market, program: Program, config_json: str, progress: Progress | None = None, **settlement: Any
) -> dict[str, Any]:
    """Returns the records of a run, as `bot4._engine.run`, with `callbacks`: how many, and their times in nanoseconds.

    `settlement` is funding, as the engine takes it. Raises what a callback raises, with asset, time and method added.
    """
    return _Run(market, program, config_json, settlement).to_the_end(progress)


class _Run:
    """One run: the host, a context for each asset, timers, and the strategy itself."""

    def __init__(self, market: Market, program: Program, config_json: str, settlement: dict[str, Any]) -> None:
        from bot4 import _engine

        assert program.events is not None  # `run_events` is asked for these programs only
        self.market = market
        self.strategy = program.events.instance()
        assets = len(market.symbols)
        view = np.zeros(len(ACCOUNT) + len(POSITION) * assets)
        present = np.zeros(2 * assets, dtype=np.int64)
        self.present = present.data
        settled, signals = _signals(market, program)
        lanes = type(self.strategy).lanes
        later = _with_latency(config_json, type(self.strategy).compute_ms)
        self.host: Any = _engine.Events(market.native, later, settled, lanes, view, present, **settlement)
        memory = view.data
        columns = [{name: getattr(c, name).data for name in COLUMNS} for _, c in market]
        self.each = [
            Context(self, n, symbol, columns[n], signals[n], memory) for n, symbol in enumerate(market.symbols)
        ]
        self.contexts = dict(zip(market.symbols, self.each, strict=True))
        self.keys: dict[str, int] = {}
        self.names: list[str] = []
        self.groups: dict[str, int] = {}
        self.timers: list[Timer] = []
        self.timers_set = 0
        self.started = [False] * assets
        self.durations: list[int] = []

    # --- what contexts ask for ------------------------------------------------------------------------------------------------

    def order(self, asset: int, key: str, words: tuple[Any, ...], numbers: Sequence[float]) -> bool:
        known = self.keys.get(key)
        if known is None:
            known = self._key(key)
        works: bool = self.host.order(asset, known, *words, numbers)
        return works

    def _key(self, key: str) -> int:
        if not isinstance(key, str) or not key:
            raise TypeError(key)  # the context says which order, and on which line
        self.keys[key] = self.host.key(key)
        self.names.append(key)
        return self.keys[key]

    def cancel(self, asset: int, key: str | None) -> None:
        if key is None:
            self.host.cancel(asset, -1)
        elif key in self.keys:
            self.host.cancel(asset, self.keys[key])

    def working(self, asset: int) -> list[Working]:
        return [
            Working(self.names[key], KINDS[kind], left, None if price != price else price, None if at != at else at)
            for key, kind, left, price, at in self.host.working(asset)
        ]

    def group(self, name: str) -> int:
        return self.groups.setdefault(name, len(self.groups) + 1)

    def timer(self, asset: int, name: str, at_ms: int, every_ms: int) -> None:
        self.cancel_timer(asset, name)
        self.timers_set += 1
        heapq.heappush(self.timers, (at_ms, self.timers_set, asset, name, every_ms))

    def cancel_timer(self, asset: int, name: str) -> None:
        kept = [t for t in self.timers if (t[2], t[3]) != (asset, name)]
        if len(kept) != len(self.timers):
            self.timers = kept
            heapq.heapify(self.timers)

    # --- the rows ---------------------------------------------------------------------------------------------------------------

    def to_the_end(self, progress: Progress | None) -> dict[str, Any]:
        host, present, contexts = self.host, self.present, self.each
        advance, on_bar, clock, note = host.advance, self.strategy.on_bar, time.perf_counter_ns, self.durations.append
        total = (self.market.end_ms - self.market.start_ms) // self.market.interval_ms
        done = 0
        while (deciding := advance()) >= 0:
            now = host.now
            for i in range(deciding):
                ctx = contexts[present[2 * i]]
                ctx.row, ctx.now = present[2 * i + 1], now
            if self.timers and self.timers[0][0] <= now:
                self._fire(now)
            if host.fill_count:
                self._tell_fills(now)
            for i in range(deciding):
                asset = present[2 * i]
                ctx = contexts[asset]
                if not self.started[asset]:
                    self._start(ctx, asset)
                begun = clock()
                try:
                    on_bar(ctx)
                except Exception as error:
                    raise self._placed(error, "on_bar", ctx) from None
                note(clock() - begun)
            done += 1
            if progress is not None and done % ROWS_BETWEEN_PROGRESS == 0:
                progress(min(done, total), total)
        records: dict[str, Any] = host.results()
        return records | {"callbacks": self._times()}

    def _start(self, ctx: Context, asset: int) -> None:
        self.started[asset] = True
        self._call("on_start", ctx)

    def _fire(self, now: int) -> None:
        due: list[Timer] = []
        absent: list[Timer] = []
        while self.timers and self.timers[0][0] <= now:
            timer = heapq.heappop(self.timers)
            # An asset without a bar now could ask for nothing: its timers wait for its next row.
            (due if self.each[timer[2]].now == now else absent).append(timer)
        for timer in absent:
            heapq.heappush(self.timers, timer)
        for at, _, asset, name, every in due:
            if every:
                missed = (now - at) // every  # a timer that slept through several periods wakes once
                self.timer(asset, name, at + (missed + 1) * every, every)
            self._call("on_timer", self.each[asset], name)

    def _tell_fills(self, now: int) -> None:
        for asset, key, order, ts, qty, price, fee, maker, reason in self.host.fills():
            ctx = self.each[asset]
            ctx.now = now
            self._call(
                "on_fill", ctx, Fill(self.names[key] if key >= 0 else "", order, ts, qty, price, fee, maker, reason)
            )

    def _call(self, method: str, ctx: Context, *arguments: object) -> None:
        begun = time.perf_counter_ns()
        try:
            getattr(self.strategy, method)(ctx, *arguments)
        except Exception as error:
            raise self._placed(error, method, ctx) from None
        self.durations.append(time.perf_counter_ns() - begun)

    def _placed(self, error: Exception, method: str, ctx: Context) -> Exception:
        """Returns the error with where and when it happened added."""
        when = datetime.fromtimestamp(ctx.now / 1000, UTC).strftime("%Y-%m-%d %H:%M")
        error.add_note(f"in {type(self.strategy).__name__}.{method} of {ctx.symbol}, at {when} UTC")
        return error

    def _times(self) -> dict[str, int]:
        if not self.durations:
            return {"count": 0, "total_ns": 0, "p50_ns": 0, "p99_ns": 0, "max_ns": 0}
        times = np.asarray(self.durations, dtype=np.int64)
        half, most = np.percentile(times, [50, 99])
        return {
            "count": len(times),
            "total_ns": int(times.sum()),
            "p50_ns": int(half),
            "p99_ns": int(most),
            "max_ns": int(times.max()),
        }


def _with_latency(config_json: str, compute_ms: int) -> str:
    """Returns the configuration with the strategy's own time added to each order's latency."""
    if not compute_ms:
        return config_json
    config = json.loads(config_json)
    return json.dumps(config | {"latency_ms": config["latency_ms"] + compute_ms})


def _signals(market: Market, program: Program) -> tuple[list[int], list[dict[str, Any]]]:
    """Returns, for each asset, the row from which its signals are settled and their columns by name."""
    from bot4 import _engine

    plan = program.events
    assert plan is not None
    nodes = sorted({*plan.signals.values(), *program.outputs.values()})
    rows = _engine.describe(program.json, list(market.symbols))["node_settled"]
    settled = max((int(rows[node]) for node in nodes), default=0)
    columns = _engine.evaluate(market.native, program.json, nodes)
    found: list[dict[str, Any]] = []
    for number in range(len(market.symbols)):
        mine = {name: columns.get((node, number)) for name, node in plan.signals.items()}
        found.append({name: column.data for name, column in mine.items() if column is not None and len(column)})
    return [settled] * len(market.symbols), found
