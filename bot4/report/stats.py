"""The statistics of one run: which formula gets which columns.

`Stats` is the typed list of every published number; `docs/metrics.md` has a row for each field (a test compares the two). Statistics
start at the first possible decision: the warm-up is left out. Ratios come from daily closes of equity (UTC, 365 days a year), drawdowns
and exposure from every mark. Not here: the formulas (`formulas`, `costs`, `exposure`, `holding`), the number of trials (`records`).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from . import formulas, text
from .carry import carry
from .columns import AMOUNT, DAY_MS, YEAR_MS, Floats, Ints, RunColumns
from .costs import fill_costs, turnover
from .exposure import exposure
from .holding import holding_values


@dataclass(frozen=True, slots=True)
class Stats(Mapping[str, "float | int | None"]):
    """Every number of a run's summary, as attribute and as mapping key. Fractions, not per cent; amounts in account currency;
    times in UTC ms; NaN where a measure cannot be computed, None where a time does not exist."""

    start_ms: int
    end_ms: int
    days: float
    bars: int
    start_equity: float
    final_equity: float
    total_return: float
    cagr: float
    volatility: float
    sharpe: float
    sharpe_se: float
    sharpe_se_iid: float
    sortino: float
    calmar: float
    skewness: float
    kurtosis: float
    max_drawdown: float
    max_drawdown_start_ms: int
    max_drawdown_trough_ms: int
    max_drawdown_end_ms: int | None
    max_drawdown_days: float
    longest_drawdown_days: float
    time_in_market: float
    mean_gross: float
    max_gross: float
    turnover: float
    traded: float
    fees: float
    spread_cost: float
    impact_cost: float
    liquidation_fees: float
    interest: float
    total_cost: float
    funding: float
    liquidations: int
    orders: int
    fills: int
    trades: int
    open_positions: int
    win_rate: float
    profit_factor: float
    expectancy: float
    mean_trade_return: float
    mean_bars_held: float
    holding_return: float
    holding_cagr: float
    holding_volatility: float
    holding_sharpe: float
    holding_max_drawdown: float

    def __getitem__(self, key: str) -> float | int | None:
        if key not in STAT_NAMES:
            raise KeyError(key)
        value: float | int | None = getattr(self, key)
        return value

    def __iter__(self) -> Iterator[str]:
        return iter(STAT_NAMES)

    def __len__(self) -> int:
        return len(STAT_NAMES)

    def __str__(self) -> str:
        """Returns one line for each number, times as dates."""
        width = max(len(name) for name in STAT_NAMES)
        return "\n".join(f"{name:{width}}  {_shown(name, self[name])}" for name in STAT_NAMES)


STAT_NAMES: tuple[str, ...] = tuple(field.name for field in fields(Stats))


def _shown(name: str, value: float | int | None) -> str:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return text.MISSING
    if name.endswith("_ms"):
        return text.minute(int(value))
    return f"{value:,}" if isinstance(value, int) else f"{value:,.6g}"


def compute(run: RunColumns) -> Stats:
    """Returns the statistics of a run. Raises nothing for empty or short runs: what cannot be computed is NaN."""
    ts, equity = run.equity_ts, run.equity
    start, end = (int(ts[0]), int(ts[-1])) if len(ts) else (0, 0)
    fall = formulas.max_drawdown(ts, equity)
    values: dict[str, Any] = {"start_ms": start, "end_ms": end, "days": (end - start) / DAY_MS, "bars": len(ts)}
    values |= _performance(ts, equity, run.cash, fall.depth) | _drawdown(fall, end)
    values |= _activity(run, end - start) | _trades(run) | _holding(run)
    return Stats(**values)


def daily_returns(run: RunColumns) -> tuple[Ints, Floats]:
    """Returns (close times, returns) of equity per UTC day from the first possible decision on."""
    times, closes = formulas.daily_closes(run.equity_ts, run.equity)
    return times[1:], formulas.simple_returns(closes)


def _performance(ts: Ints, equity: Ints, cash: int, depth: float) -> dict[str, Any]:
    first, last = (int(equity[0]), int(equity[-1])) if len(equity) else (cash, cash)
    returns = formulas.simple_returns(formulas.daily_closes(ts, equity)[1])
    skew, kurt = formulas.skewness(returns), formulas.kurtosis(returns)
    ratio = formulas.sharpe(returns)
    per_day = ratio / math.sqrt(formulas.DAYS_PER_YEAR)
    yearly = math.sqrt(formulas.DAYS_PER_YEAR)
    growth = formulas.cagr(first, last, int(ts[-1] - ts[0]) if len(ts) else 0)
    return {
        "start_equity": first * AMOUNT,
        "final_equity": last * AMOUNT,
        "total_return": formulas.total_return(first, last),
        "cagr": growth,
        "volatility": formulas.volatility(returns),
        "sharpe": ratio,
        "sharpe_se": formulas.sharpe_se(per_day, len(returns), skew, kurt) * yearly,
        "sharpe_se_iid": formulas.sharpe_se_iid(per_day, len(returns)) * yearly,
        "sortino": formulas.sortino(returns),
        "calmar": formulas.calmar(growth, depth),
        "skewness": skew,
        "kurtosis": kurt,
    }


def _drawdown(fall: formulas.Drawdown, end_ms: int) -> dict[str, Any]:
    return {
        "max_drawdown": fall.depth,
        "max_drawdown_start_ms": fall.start_ms,
        "max_drawdown_trough_ms": fall.trough_ms,
        "max_drawdown_end_ms": fall.end_ms,
        "max_drawdown_days": fall.length_ms(end_ms) / DAY_MS,
        "longest_drawdown_days": fall.longest_ms / DAY_MS,
    }


def _activity(run: RunColumns, span_ms: int) -> dict[str, Any]:
    costs = fill_costs(run)
    stake, held = exposure(run), carry(run)
    traded, fees, spread, impact = (float(x.sum()) for x in (costs.notional, costs.fees, costs.spread, costs.impact))
    if run.is_single:  # whole units summed first: a sweep keeps those sums and no fills (`rows`)
        trades = run.table("trades")
        units = formulas.exact_sum(trades["entry_notional"]) + formulas.exact_sum(trades["exit_notional"])
        traded, fees = units * AMOUNT, formulas.exact_sum(run.table("fills")["fee"]) * AMOUNT
    mean_equity = formulas.exact_sum(run.equity) / len(run.equity) * AMOUNT if len(run.equity) else math.nan
    return {
        "time_in_market": stake.time_in_market,
        "mean_gross": stake.mean_gross,
        "max_gross": stake.max_gross,
        "turnover": turnover(traded, mean_equity, span_ms / YEAR_MS),
        "traded": traded,
        "fees": fees - held.fees,
        "spread_cost": spread,
        "impact_cost": impact,
        "liquidation_fees": held.fees,
        "interest": held.interest,
        "total_cost": fees + spread + impact + held.interest,
        "funding": held.funding,
        "liquidations": held.liquidations,
        "orders": len(run.table("orders")["id"]),
        "fills": len(run.table("fills")["asset"]),
    }


def _trades(run: RunColumns) -> dict[str, Any]:
    """Closed trades only; profit is after fees. A trade of exactly 0 is neither a win nor a loss."""
    trades = run.table("trades")
    closed = trades["exit_ts"] >= 0
    pnl = trades["pnl"][closed]
    entry = trades["entry_notional"][closed]
    count = len(pnl)
    gains, losses = formulas.exact_sum(pnl[pnl > 0]), -formulas.exact_sum(pnl[pnl < 0])
    won, lost = gains * AMOUNT, losses * AMOUNT
    return {
        "trades": count,
        "open_positions": int(np.count_nonzero(~closed)),
        "win_rate": float(np.count_nonzero(pnl > 0)) / count if count else math.nan,
        "profit_factor": won / lost if lost > 0 else math.nan,
        "expectancy": (gains - losses) / count * AMOUNT if count else math.nan,
        "mean_trade_return": float(np.mean((pnl * AMOUNT) / (entry * AMOUNT)))
        if count and (entry > 0).all()
        else math.nan,
        "mean_bars_held": formulas.exact_sum(trades["bars"][closed]) / count if count else math.nan,
    }


def _holding(run: RunColumns) -> dict[str, Any]:
    ts = run.equity_ts
    if not len(ts):
        nothing = math.nan
        return dict.fromkeys([name for name in STAT_NAMES if name.startswith("holding_")], nothing)
    values = holding_values(run, ts)
    start = run.cash * AMOUNT
    returns = formulas.simple_returns(formulas.daily_closes(ts, values)[1])
    return {
        "holding_return": formulas.total_return(start, float(values[-1])),
        "holding_cagr": formulas.cagr(start, float(values[-1]), int(ts[-1] - ts[0])),
        "holding_volatility": formulas.volatility(returns),
        "holding_sharpe": formulas.sharpe(returns),
        "holding_max_drawdown": formulas.max_drawdown(ts, values).depth,
    }
