"""What a slow reader knows of a run at a decision, out of its records alone: positions, orders at work, exposures, moments of returns.

Made from docs/semantics.md (sections 4, 5, 7 and 11); knows nothing of the engine. For linear perpetuals on one wallet.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np

FILLED, REJECTED = 1, 3
AT_DECISIONS = {20, 31, 32, 44, 45}
"""Causes of cancels that happen at a decision, before its sends."""
TAKE = 7
KEYED = {12}
VALUE_AT_RISK, EXPECTED_SHORTFALL = 2.3263478740408408, 3.6915104856807615


class Book:
    """The records of a run by decision. `orders` holds one dict for each order, by number."""

    def __init__(self, result: Any, interval: int) -> None:
        table, fills = result.records["orders"], result.records["fills"]
        names = "id ts asset side lots wanted ref_ticks reason cause status done_ts kind".split()
        self.orders = [{name: int(table[name][row]) for name in names} for row in range(len(table["id"]))]
        self.fills = [
            tuple(int(fills[name][row]) for name in ("order", "ts", "asset", "lots")) for row in range(len(fills["ts"]))
        ]
        self.interval = interval
        self.trimmed: dict[int, tuple[int, int]] = {}
        """Lots as sent of orders of which a pause later kept only the closing part, and the decision at which."""
        self.assets = len(result.market.instruments)
        self.scales, self.bars = [], []
        for instrument, columns in zip(result.market.instruments, result.market.columns, strict=True):
            tick, lot = (Fraction(n, 10**d) for n, d in (instrument.tick, instrument.lot))
            self.scales.append(tick * lot * 10**8)
            closes = [int(x) for x in np.rint(np.asarray(columns.close) / float(tick))]
            volumes = [int(x) for x in np.rint(np.asarray(columns.volume) / float(lot))]
            times = [int(ts) + interval for ts in columns.ts]
            self.bars.append(dict(zip(times, zip(closes, volumes, strict=True), strict=True)))
        self.times = sorted({t for bars in self.bars for t in bars})
        equity_ts = result.records["equity_ts"].tolist()
        self.equity = dict(zip(equity_ts, result.records["equity"].tolist(), strict=True))

    def position(self, asset: int, t: int) -> int:
        return sum(lots for _, ts, of, lots in self.fills if of == asset and ts < t)

    def left(self, order: dict[str, int], t: int, early: bool = False) -> int:
        """Lots left at decision `t`; early: before a pause has trimmed the order."""
        lots = order["lots"]
        if order["id"] in self.trimmed:
            as_sent, at = self.trimmed[order["id"]]
            lots = as_sent if t < at or (t == at and early) else lots
        return lots - sum(abs(filled) for number, ts, _, filled in self.fills if number == order["id"] and ts < t)

    def working(self, t: int, before: int | None) -> list[dict[str, int]]:
        """Orders at work at decision `t` before the order of that number is sent; None: before anything is cancelled."""
        found = []
        for order in self.orders:
            is_sent = order["status"] != REJECTED and (order["ts"] < t or (order["ts"] == t and before is not None))
            if not is_sent or (before is not None and order["id"] >= before):
                continue
            done = order["done_ts"]
            is_over = done != -1 and done < t
            if done == t and before is not None:
                is_over = order["status"] != FILLED and order["cause"] in AT_DECISIONS
            if not is_over:
                found.append(order)
        return found

    def floor(self, asset: int, lots: int, ticks: int) -> int:
        return math.floor(lots * ticks * self.scales[asset])

    def lots_up_to(self, asset: int, amount: int, ticks: int) -> int:
        """The most lots whose amount, rounded down, stays within `amount`."""
        if amount < 0:
            return 0
        return math.ceil((amount + 1) / (ticks * self.scales[asset])) - 1

    def mark(self, asset: int, t: int) -> int:
        return self.bars[asset][max(ts for ts in self.bars[asset] if ts <= t)][0]

    def exposures(self, t: int, before: int | None) -> list[int]:
        """Signed lots of each asset with what is in flight."""
        working = self.working(t, before)
        found = []
        for asset in range(self.assets):
            own = [order for order in working if order["asset"] == asset and order["reason"] != TAKE]
            left = {order["id"]: self.left(order, t, before is None) for order in own}
            flat = self.position(asset, t) + sum(o["side"] * left[o["id"]] for o in own if o["reason"] not in KEYED)
            keyed = [o for o in own if o["reason"] in KEYED]
            buys, sells = (sum(left[o["id"]] for o in keyed if o["side"] == side) for side in (1, -1))
            up, down = flat + buys, flat - sells
            found.append(up if abs(up) >= abs(down) else down)
        return found

    def values(self, t: int, lots: list[int]) -> list[int]:
        return [
            0 if each == 0 else (1 if each > 0 else -1) * self.floor(asset, abs(each), self.mark(asset, t))
            for asset, each in enumerate(lots)
        ]

    def weights(self, t: int, before: int | None) -> list[float]:
        equity = self.equity[t]
        values = self.values(t, self.exposures(t, before))
        return [value / float(equity) if equity > 0 else 0.0 for value in values]


class Moments:
    """Exponentially weighted second moments around 0."""

    def __init__(self, assets: int, span: int, interval: int) -> None:
        self.span, self.alpha = span, 2.0 / (span + 1.0)
        self.s: dict[tuple[int, int], float] = {}
        self.n: dict[tuple[int, int], int] = {}
        self.last: dict[int, int] = {}
        self.assets = assets
        self.per_day = 86_400_000.0 / interval

    def see(self, closes: dict[int, int]) -> None:
        returns = {}
        for asset, close in sorted(closes.items()):
            if asset in self.last:
                before = self.last[asset]
                returns[asset] = (float(close) - float(before)) / float(before)
            self.last[asset] = close
        for i, own in returns.items():
            for j, other in returns.items():
                if i <= j:
                    new = own * other
                    if (i, j) in self.s:
                        new = (1.0 - self.alpha) * self.s[i, j] + self.alpha * new
                    self.s[i, j] = self.s[j, i] = new
                    self.n[i, j] = self.n[j, i] = self.n.get((i, j), 0) + 1

    def known(self, i: int, j: int) -> bool:
        return self.n.get((i, j), 0) >= self.span

    def moment(self, i: int, j: int) -> float:
        return self.s.get((i, j), 0.0)

    def volatility(self, i: int) -> float:
        return math.sqrt(self.moment(i, i)) * math.sqrt(365.0 * self.per_day)

    def correlation(self, i: int, j: int) -> float | None:
        scale = self.moment(i, i) * self.moment(j, j)
        return self.moment(i, j) / math.sqrt(scale) if self.known(i, j) and scale > 0 else None

    def row(self, i: int, x: list[float], but: int) -> float:
        total = 0.0
        for j in range(self.assets):
            if j != but:
                total += self.moment(i, j) * x[j]
        return total

    def variance(self, x: list[float], but: int = -1) -> float:
        total = 0.0
        for i in range(self.assets):
            if i != but:
                total += x[i] * self.row(i, x, but)
        return total

    def factor(self, of: float) -> float:
        return of * math.sqrt(self.per_day)

    def value_at_risk(self, x: list[float]) -> float:
        return math.sqrt(max(self.variance(x), 0.0)) * self.factor(VALUE_AT_RISK)

    def most(self, a: int, side: int, x: list[float], q: float) -> float:
        own = self.moment(a, a)
        if not self.known(a, a):
            return 0.0
        if own == 0.0:
            return math.inf
        b, c = self.row(a, x, a), self.variance(x, a)
        bound = max(q * q, (c + (2.0 * x[a]) * b) + (x[a] * x[a]) * own)
        return (-side * b + math.sqrt(max(b * b + own * (bound - c), 0.0))) / own
