"""Fills an `Evidence` for one look. Whoever calls it has written down the opening before: from here on the days are seen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot4.backtest.walkforward.cut import cut
from bot4.backtest.walkforward.splits import Span
from bot4.report.columns import DAY_MS

from ..evidence import Daily, Evidence, Trades
from ..registry.make import Made
from ..registry.plan import plan_of
from . import days, market, neighbours, trades, windows
from .log import record_runs
from .trials import trials_of

if TYPE_CHECKING:
    from bot4.records.store import RecordStore

Told = Callable[[int, int], object]


@dataclass(frozen=True)
class Opened:
    """One opening of the days out of sample."""

    look: int
    days: int
    """Out of sample, of this look."""
    openings: int
    """This one included."""
    now_ms: int


def gather(made: Made, opened: Opened, inside: Daily, store: RecordStore, told: Told | None = None) -> Evidence:
    """Returns the evidence of one look, and records the runs it took; `told` hears (runs done, runs in all). inside: of `inside_days`.

    Raises GateError where the account is ruined, EngineError for what the engine refuses.
    """
    held = made.registration
    plan = plan_of(held.design, held.split)
    end_ms = plan.out_start_ms + opened.days * DAY_MS
    whole = Span(plan.inside_start_ms, end_ms)
    tell = _counted(told, windows.count(made, plan, end_ms) + len(made.programs) + 1)
    chosen = windows.choices(made, plan, end_ms, tell)
    out, closed, rebalances = _outside(made, chosen, tell)
    stress = {name: windows.stress_returns(made, chosen, name, tell) for name in windows.STRESSES}
    around, rows = neighbours.neighbours(made, whole, tell)
    edges = days.edges_of(Span(plan.out_start_ms, end_ms))
    alone = cut(made.setup, whole).run(made.programs[0])
    tell(1)
    full = made.setup.run(made.programs[0]).columns if len(alone.market) < len(made.setup.market) else alone.columns
    trials = trials_of(store, held, out.starts, out.returns)
    record_runs(store, made, opened.now_ms, (plan.out_start_ms, out.returns), rows)
    return Evidence(
        registration=held,
        look=opened.look,
        first_days=plan.first_days,
        openings=opened.openings,
        clock_ms=opened.now_ms,
        out=Daily(out.starts, out.returns),
        inside=inside,
        stress=stress,
        gross=out.gross,
        trades=closed,
        rebalances=rebalances,
        asset_pnl=out.asset_pnl,
        exposure=out.exposure,
        traded=out.traded,
        volume=market.volumes(made.setup.market, edges),
        volatility=market.volatilities(full, edges),
        market=market.held(alone.columns, days.edges_of(whole)),
        neighbours=around,
        neighbour_days=days.edges_of(whole)[:-1],
        trials=trials,
        equity=float(alone.stats.start_equity),
    )


def _outside(made: Made, chosen: list[windows.Chosen], tell: windows.Tell) -> tuple[days.Days, Trades, int]:
    """Returns days, closed trades and rebalances out of sample."""
    universe = made.registration.universe
    parts, closed, rebalances = [], [], 0
    for span, result in windows.run_tests(made.setup, chosen, tell):
        parts.append(days.days_of(result, span, universe))
        closed.append(trades.trades_of(result, universe, span))
        rebalances += trades.rebalances_of(result)
    return days.joined(parts), trades.joined(closed), rebalances


def inside_days(made: Made) -> Daily:
    """Returns the registered configuration's days in sample. Run before anything is opened: a strategy that fails, fails here."""
    span = plan_of(made.registration.design, made.registration.split).inside
    found = days.days_of(cut(made.setup, span).run(made.programs[0]), span, made.registration.universe)
    return Daily(found.starts, found.returns)


def _counted(told: Told | None, total: int) -> Callable[[int], object]:
    done = 0

    def tell(runs: int) -> None:
        nonlocal done
        done += runs
        if told is not None:
            told(min(done, total), total)

    return tell
