"""Random runs under random policies: every order's lots and cause are those of the slow gate, bit for bit; and one control at a time at its
boundary."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pytest

import bot4 as b4
from bot4.backtest.reasons import CAUSES
from bot4.risk.policy import InstrumentLimits, Policy
from tests.backtest.markets import HOUR, START, perpetuals, walk

from .model import judge
from .slow_book import KEYED, Book, Moments
from .slow_gate import STRATEGY, Gate, Terms
from .test_model import restless, stopped

RUNS = 90
PAUSED, EMERGENCY, CANCELLED = 2, 3, 2
RISK_REDUCE = 19
CORRELATION_BREAK = 23


@b4.strategy(on=b4.bars("1h"))
def keyed(m, size: float = 2.0, n: int = 3):
    """Limits on both sides and a market order, without exits."""
    return b4.orders(
        b4.order.limit("dip", "buy", size=b4.size.weight(size / 2), price=m.close * 0.995),
        b4.order.limit("top", "sell", size=b4.size.weight(size / 3), price=m.close * 1.003),
        b4.order.limit(
            "near", "buy", size=b4.size.weight(size / 4), price=m.close * 1.001, when=m.close < m.close.sma(n)
        ),
        b4.order.market("out", "sell", size=b4.size.weight(size / 2), when=m.close > m.close.sma(n) * 1.01),
    )


def some_policy(rng: np.random.Generator, symbols: tuple[str, ...]) -> Policy:
    """Many limits at once in half of the runs, a few in the others: where all stand, the first ones cut all."""
    share = float(rng.choice([0.3, 1.0]))

    def maybe(chance, *values):
        return values[rng.integers(len(values))] if rng.random() < chance * share else None

    own = InstrumentLimits(symbols[0], maybe(0.3, 50.0, 200.0), maybe(0.3, 100.0, 300.0), maybe(0.3, 400.0, 2_000.0))
    return Policy(
        hourly_loss=maybe(0.5, 0.005, 0.02), daily_loss=maybe(0.5, 0.03, 0.05), total_loss=None, drawdown=maybe(0.5, 0.3),
        max_leverage=maybe(0.7, 1.5, 2.0), correlation=maybe(0.4, 0.1, 0.3, 0.7), span=int(rng.choice([2, 10, 40])),
        value_at_risk=maybe(0.4, 0.02, 0.05, 0.1), expected_shortfall=maybe(0.3, 0.05, 0.1), concentration=maybe(0.3, 0.5, 1.2),
        max_exposure=maybe(0.2, 9_000.0), max_positions=maybe(0.3, 1, 2), volatility_target=maybe(0.3, 0.5, 1.5),
        kelly=maybe(0.2, 0.5, 5.0), kelly_trades=int(rng.choice([2, 5])), heat=maybe(0.3, 0.5, 2.0), risk_per_trade=maybe(0.5, 0.005, 0.02),
        max_value=maybe(0.2, 5_000.0), max_volume_share=maybe(0.3, 0.01, 0.05), orders_per_day=maybe(0.2, 6),
        messages_per_minute=maybe(0.2, 2, 3), price_collar=maybe(0.2, 0.002, 0.004), collar_window=maybe(0.3, 0.01, 0.03),
        collar_bars=int(rng.choice([3, 20])), duplicate_window=maybe(0.2, "1h", "1d"), self_match=maybe(0.4, True),
        max_age=maybe(0.2, "1h"), max_move=maybe(0.3, 0.005, 0.02), per_instrument=(own,),
        instruments=symbols[:1] if rng.random() < 0.05 else None,
    )  # fmt: skip


def judged(result, policy, until: int | None = None) -> tuple[Book, Counter[str], Gate, dict[int, int]]:
    """Asserts that each order of the strategy is the slow gate's, up to a decision; returns what is known of the run, how often each cause
    cut, the gate as it stands then, and the guard's states."""
    instruments, records = result.market.instruments, result.records
    book = Book(result, HOUR)
    limits = policy.engine_terms(result.market.symbols, [one.lot for one in instruments])
    most = round(result.config.max_leverage * 10**9)
    terms = Terms(most, result.config.half_spread_e9, [1] * book.assets, [0] * book.assets)
    table, trades = records["orders"], records["trades"]
    for row, order in enumerate(book.orders):
        if order["reason"] == RISK_REDUCE and order["lots"] < order["wanted"]:
            book.trimmed[order["id"]] = (order["wanted"], order["done_ts"])
        if table["price_ticks"][row] >= 0:
            terms.prices[order["id"]] = int(table["price_ticks"][row])
        if result.program.name == "stopped" and order["reason"] in STRATEGY:
            close = result.market.columns[order["asset"]].close[row_of(result, order)]
            terms.distances[order["id"]] = int(np.rint(close * 0.02 * 100.0))
    gate = Gate(book, limits, terms)
    rows = zip(trades["exit_ts"], trades["pnl"], trades["entry_notional"], strict=True)
    closed = [(int(ts), int(pnl) / max(1, int(of))) for ts, pnl, of in rows]
    states = states_of(result, book)
    causes: Counter[str] = Counter()
    for t in book.times:
        gate.see(t)
        gate.profits = [profit for ts, profit in closed if 0 <= ts < t]
        for order in book.orders:
            if order["ts"] != t or order["reason"] not in STRATEGY:
                continue
            lots, cause = gate.allowed(order, states[t])
            was = (order, CAUSES[cause], lots)
            done = order["done_ts"] if order["done_ts"] != -1 else book.times[-1]
            pauses = [at for at in book.times if t < at <= done and states[at] == PAUSED]
            if order["lots"] < lots and pauses:
                book.trimmed[order["id"]] = (lots, pauses[0])
            else:
                assert order["lots"] == lots, was
                assert order["status"] == CANCELLED or order["cause"] == cause, was
            causes[CAUSES[cause]] += 1
            gate.note(order)
        if t == until:
            break
    return book, causes, gate, states


def states_of(result, book: Book) -> dict[int, int]:
    """The guard's state after each decision."""
    guard = result.records["guard"]
    changes, state, found = dict(zip(guard["ts"].tolist(), guard["to"].tolist(), strict=True)), 0, {}
    for t in book.times:
        state = found[t] = changes.get(t, state)
    return found


def row_of(result, order) -> int:
    return int(np.searchsorted(result.market.columns[order["asset"]].ts, order["ts"] - HOUR))


def layers_of(result, policy) -> int:
    """Asserts that the guard's records and cuts are the slow model's; returns how many positions were cut."""
    book, *_ = judged(result, policy)
    measured = portfolio_of(book, policy.span)
    trades, guard, orders = (result.records[name] for name in ("trades", "guard", "orders"))

    def profits(t):
        return trades["pnl"][(trades["exit_ts"] >= 0) & (trades["exit_ts"] == t - HOUR)].tolist()

    limits = policy.engine_terms(result.market.symbols, [one.lot for one in result.market.instruments])
    judge(result.records, HOUR, limits, profits, START + HOUR, measured.__getitem__)
    began = set(guard["ts"][guard["layer"] == CORRELATION_BREAK].tolist())
    latched = min(guard["ts"][guard["to"] >= EMERGENCY].tolist(), default=10**18)
    sent = np.flatnonzero(orders["reason"] == RISK_REDUCE)
    cut = {
        (int(orders["ts"][row]), int(orders["asset"][row])): int(orders["side"][row] * orders["wanted"][row])
        for row in sent
    }
    expected = {}
    for t, (risk, _) in measured.items():
        keep = [limits["var_breach_e9"] * 10**9 // risk] if risk >= limits.get("var_breach_e9", 10**18) else []
        keep += [5 * 10**8] if t in began else []
        for asset in range(book.assets if keep and t < latched else 0):
            position = book.position(asset, t)
            works = any(o["asset"] == asset and o["reason"] not in KEYED for o in at_work(book, t))
            lots = abs(position) - abs(position) * min(keep) // 10**9
            if lots > 0 and not works:
                expected[t, asset] = -lots if position > 0 else lots
    assert cut == expected
    return len(cut)


def portfolio_of(book: Book, span: int) -> dict[int, tuple[int, int]]:
    """Value at risk and the largest correlation at each decision, billionths."""
    moments, measured = Moments(book.assets, span, HOUR), {}
    for t in book.times:
        moments.see({asset: bars[t][0] for asset, bars in enumerate(book.bars) if t in bars})
        if t not in book.equity:
            continue
        x = book.weights(t, None)
        risk = math.floor(moments.value_at_risk(x) * 1e9) if book.equity[t] > 0 else 10**9
        pairs = [(i, j) for i in range(len(x)) for j in range(i + 1, len(x)) if x[i] != 0 and x[j] != 0]
        signed = [(math.copysign(1.0, x[i] * x[j]), moments.correlation(i, j)) for i, j in pairs]
        found = [math.floor(sign * rho * 1e9) for sign, rho in signed if rho is not None]
        measured[t] = (risk, max([-(10**9), *found]))
    return measured


def at_work(book: Book, t: int) -> list[dict[str, int]]:
    """Orders at work after the strategy's decisions at `t`."""
    sent = [o["id"] for o in book.orders if o["ts"] < t or (o["ts"] == t and o["reason"] in STRATEGY)]
    return book.working(t, max(sent, default=-1) + 1)


@pytest.mark.parametrize("strategy", [restless, stopped, keyed], ids=lambda strategy: strategy.name)
def test_every_order_is_cut_as_the_slow_gate_says(strategy):
    causes: Counter[str] = Counter()
    for seed in range(RUNS // 3):
        rng = np.random.default_rng(seed)
        market = perpetuals(*(walk(110, seed=10 * seed + at) for at in range(rng.integers(1, 4))))
        policy = some_policy(rng, market.symbols)
        result = b4.backtest(
            strategy, market, policy=policy, record=False, size=float(rng.uniform(1, 3)), n=int(rng.integers(2, 9)),
            volume_share=float(rng.choice([0.01, 0.1])), latency_ms=int(rng.choice([0, 1, HOUR])), cash=float(rng.choice([1e4, 1e5])),
            funding_default=0.0,
        )  # fmt: skip
        causes += judged(result, policy)[1]
    cut = {name: count for name, count in causes.items() if name != "none"}
    assert len(cut) > 12, cut
    assert sum(cut.values()) > 250


@pytest.mark.parametrize("strategy", [restless, keyed], ids=lambda strategy: strategy.name)
def test_layers_of_the_portfolio_act_and_cut_as_the_slow_model_says(strategy):
    cuts = 0
    for seed in range(12):
        rng = np.random.default_rng(1_000 + seed)
        # Bars are deep enough that what the guard cuts fills at once: an order that lanes shrink bar by bar leaves no trace of how.
        bars = [walk(110, seed=10 * seed + at) for at in range(rng.integers(1, 4))]
        market = perpetuals(*(each.with_columns(volume=each["volume"] * 1_000) for each in bars))
        policy = Policy(
            correlation=None, span=int(rng.choice([2, 10])), var_breach=float(rng.choice([0.05, 0.15])), total_loss=None,
            correlation_break=float(rng.choice([0.2, 0.6])), strategy_daily_loss=float(rng.choice([0.02, 0.05])),
            strategy_drawdown=0.3, drawdown=float(rng.choice([0.2, 0.5])),
        )  # fmt: skip
        result = b4.backtest(
            strategy, market, policy=policy, record=False, size=float(rng.uniform(1, 3)), n=int(rng.integers(2, 9)),
            volume_share=0.1, latency_ms=int(rng.choice([0, HOUR])), funding_default=0.0,
        )  # fmt: skip
        cuts += layers_of(result, policy)
    assert cuts > 20
