"""Ten million random orders against the gate: none leaves that a limit forbids, and none is held back that all limits let out.

Many runs under random policies are stopped at a random decision, and the gate is asked about many orders there; the slow gate, which has
walked through the records, says what each may be. `BOT4_GATE_ORDERS=100000000 pytest tests/risk/test_random_orders.py` asks about more.
"""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import replace

import numpy as np

from bot4 import _engine
from bot4.backtest.reasons import CAUSES
from bot4.backtest.setup import prepare
from tests.backtest.markets import HOUR, perpetuals, walk

from .slow_gate import NAMES, REDUCED, STRATEGY
from .test_gate import PAUSED, judged, some_policy
from .test_model import restless

ORDERS = int(os.environ.get("BOT4_GATE_ORDERS", "10000000"))
AT_A_STATE = 100_000
UNBOUND = 10**15
OF_GUARD = {16, 19}


def test_no_order_leaves_that_a_limit_forbids():
    cut: Counter[str] = Counter()
    asked = seed = 0
    while asked < ORDERS:
        seed += 1
        rng = np.random.default_rng(50_000 + seed)
        market = perpetuals(*(walk(90, seed=10 * seed + at) for at in range(rng.integers(1, 4))))
        policy = replace(some_policy(rng, market.symbols), duplicate_window=None)
        setup = prepare(
            restless,
            market,
            {"cash": 1e5, "policy": policy, "latency_ms": int(rng.choice([0, HOUR])), "funding_default": 0.0},
        )
        program = setup.trace({"size": float(rng.uniform(1, 3)), "n": int(rng.integers(2, 9))})
        t = int(rng.choice(setup.market.columns[0].ts[10:])) + HOUR
        book, _, gate, states = judged(setup.run(program), policy, until=t)
        if states[t] > PAUSED:
            continue
        run = _engine.Replay(setup.market.native, program.json, setup.config.engine_json(setup.market, None))
        for _ in range(sum(each <= t for each in book.times)):
            run.advance(1)
        assets = rng.integers(0, book.assets, AT_A_STATE)
        lots = np.round(np.exp(rng.uniform(0, np.log(3e6), AT_A_STATE))).astype(np.int64) * rng.choice(
            [-1, 1], AT_A_STATE
        )
        closes = np.array([book.bars[asset][t][0] for asset in range(book.assets)], dtype=np.int64)
        passed, causes = run.would_pass(assets, lots, closes[assets])
        for asset in range(book.assets):
            for side in (1, -1):
                mine = (assets == asset) & (np.sign(lots) == side)
                expected, by = slow(book, gate, t, asset, side, np.abs(lots[mine]), states[t])
                assert np.array_equal(passed[mine], expected), (seed, asset, side)
                assert np.array_equal(causes[mine], by), (seed, asset, side)
        cut.update(
            {CAUSES[int(code)]: int(count) for code, count in zip(*np.unique(causes, return_counts=True), strict=True)}
        )
        asked += AT_A_STATE
    assert len(cut) > 12, cut
    assert cut["none"] > asked // 20, cut


def slow(book, gate, t, asset, side, wanted, state):
    """What the slow gate lets out of market orders of one instrument and side, and the codes of what cuts them."""
    sent = [o["id"] for o in book.orders if o["ts"] < t or (o["ts"] == t and o["reason"] in STRATEGY | OF_GUARD)]
    number = max(sent, default=-1) + 1
    position = book.position(asset, t)
    closing = np.minimum(wanted, max(0, -side * position))
    order = {
        "id": number, "ts": t, "asset": asset, "side": side, "wanted": 1, "ref_ticks": book.bars[asset][t][0], "reason": 1, "kind": 0,
    }  # fmt: skip
    held = 0 if -side * position > 0 else abs(position)
    left, code = wanted - closing, np.zeros(len(wanted), dtype=np.uint8)
    limits = [*gate.controls(order, state, held, book.weights(t, number)), *gate.of_run(order, held)]
    for name, allow in limits:
        halves = name == "risk_reduced" and state == REDUCED
        most = left // 2 if halves else np.minimum(left, allow(UNBOUND))
        code[most < left] = NAMES[name]
        left = most
    return closing + left, code
