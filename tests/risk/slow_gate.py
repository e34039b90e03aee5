"""A slow gate in Python, made from docs/semantics.md (sections 5 and 11) alone: for each order of a strategy the lots that may be sent and
the cause that cut them, out of a run's records. Knows nothing of the engine."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

from .slow_book import EXPECTED_SHORTFALL, REJECTED, VALUE_AT_RISK, Book, Moments

E9 = 10**9
MINUTE, DAY = 60_000, 86_400_000
NAMES = {
    "risk_reduced": 43, "risk_paused": 44, "risk_per_trade": 46, "order_limit": 47, "not_allowed": 48, "volume_limit": 49, "stale_data": 60,
    "unreasonable_data": 61, "message_limit": 62, "max_quantity": 63, "volatility_target": 64, "kelly": 65, "price_collar": 66,
    "collar_window": 67, "duplicate_order": 68, "self_match": 69, "position_limit": 70, "exposure_limit": 71, "daily_volume": 72,
    "max_positions": 73, "concentration": 74, "correlation": 75, "heat": 76, "value_at_risk": 77, "expected_shortfall": 78,
    "equity": 29, "min_size": 25, "min_notional": 26, "max_notional": 27, "leverage": 24,
}  # fmt: skip
REDUCED, PAUSED = 1, 2
STRATEGY = {1, 12, 13, 14}
MARKET, LIMIT = 0, 1
COUNTED_CANCELS = {20, 31, 32}


@dataclass
class Terms:
    """What the run itself limits, by asset where it is a list."""

    max_leverage_e9: int
    half_spread_e9: int
    min_lots: list[int]
    min_notional: list[int]
    distances: dict[int, int] = field(default_factory=dict)
    """Tightest stop distance of each order by number, ticks."""
    prices: dict[int, int] = field(default_factory=dict)
    """Limit price of orders that rest, by number."""


class Gate:
    """Walks through the decisions of a run; `allowed` is asked for each order in turn."""

    def __init__(self, book: Book, limits: dict[str, Any], terms: Terms) -> None:
        self.book, self.limits, self.terms = book, limits, terms
        self.moments = Moments(book.assets, limits.get("span", 100), book.interval)
        self.closes: list[list[tuple[int, int, int]]] = [[] for _ in range(book.assets)]
        self.sent: list[dict[str, int]] = []
        self.profits: list[float] = []

    def see(self, t: int) -> None:
        present = {asset: bars[t] for asset, bars in enumerate(self.book.bars) if t in bars}
        for asset, (close, volume) in present.items():
            self.closes[asset].append((t, close, volume))
        self.moments.see({asset: close for asset, (close, _) in present.items()})

    def allowed(self, order: dict[str, int], state: int) -> tuple[int, int]:
        """Lots to send and the cause (0: none) of an order that wants `wanted` lots."""
        book, t, asset, side = self.book, order["ts"], order["asset"], order["side"]
        position = book.position(asset, t)
        closing = min(order["wanted"], max(0, -side * position))
        growing = order["wanted"] - closing
        if growing == 0:
            return closing, 0
        is_keyed = order["reason"] == 12
        working = book.working(t, order["id"])
        beside = sum(
            book.left(o, t) for o in working if o["asset"] == asset and o["reason"] == 12 and o["side"] == side
        )
        held = max(0, side * position) + beside if is_keyed else (0 if closing else abs(position))
        lots, cause = growing, ""
        for name, allow in self.controls(order, state, held, book.weights(t, order["id"])):
            if lots > 0 and (found := min(lots, allow(lots))) < lots:
                lots, cause = found, name
        if lots > 0:
            before, by_policy = lots, cause
            for name, allow in self.of_run(order, held):
                if lots > 0 and (found := min(lots, allow(lots))) < lots:
                    lots, cause = found, name
            if lots == 0 and cause in ("min_size", "min_notional") and by_policy:
                cause = by_policy
            if 0 < lots < before and not self.is_large_enough(order, lots):
                lots = 0
        return closing + lots, NAMES.get(cause, 0)

    def is_large_enough(self, order: dict[str, int], lots: int) -> bool:
        asset = order["asset"]
        value = self.book.floor(asset, lots, order["ref_ticks"])
        return lots >= self.terms.min_lots[asset] and value >= self.terms.min_notional[asset]

    def of_run(self, order: dict[str, int], held: int):
        book, t, asset, ticks = self.book, order["ts"], order["asset"], order["ref_ticks"]
        equity = book.equity[t]
        yield "equity", lambda lots: lots if equity > 0 else 0
        yield "min_size", lambda lots: lots if lots >= self.terms.min_lots[asset] else 0
        least = self.terms.min_notional[asset]
        yield "min_notional", lambda lots: lots if least == 0 or book.floor(asset, lots, ticks) >= least else 0
        if "max_notional" in self.limits:
            yield "max_notional", lambda lots: book.lots_up_to(asset, self.limits["max_notional"], ticks)
        values = book.values(t, book.exposures(t, order["id"]))
        others = sum(abs(value) for at, value in enumerate(values) if at != asset)
        most = equity * min(self.terms.max_leverage_e9, self.limits.get("max_leverage_e9", 10**18)) // E9 - others
        yield "leverage", lambda lots: max(0, book.lots_up_to(asset, most, ticks) - held)

    def controls(self, order: dict[str, int], state: int, held: int, x: list[float]):
        book, limits, moments = self.book, self.limits, self.moments
        t, a, side, ticks, equity = (
            order["ts"],
            order["asset"],
            order["side"],
            order["ref_ticks"],
            book.equity[order["ts"]],
        )

        def only_if(holds: bool):
            return lambda lots: lots if holds else 0

        def within_amount(amount: int):
            return lambda lots: max(0, book.lots_up_to(a, max(amount, 0), ticks) - held)

        def within(y: float):
            return (lambda lots: lots) if y == math.inf else within_amount(math.floor(y * float(equity)))

        def of(name: str) -> float:
            return float(limits[name]) / 1e9

        yield "risk_paused", only_if(state != PAUSED)
        yield "risk_reduced", lambda lots: lots // 2 if state == REDUCED else lots
        yield "not_allowed", only_if(limits.get("allowed") is None or limits["allowed"][a])
        if "max_age_ms" in limits:
            aged = [at for at in range(book.assets) if at == a or book.position(at, t) != 0]
            yield "stale_data", only_if(all(t - self.closes[at][-1][0] <= limits["max_age_ms"] for at in aged))
        if "max_move_e9" in limits and len(self.closes[a]) > 1:
            (_, q, _), (_, p, _) = self.closes[a][-2:]
            yield "unreasonable_data", only_if(abs(p - q) * E9 <= limits["max_move_e9"] * q)
        minute = [o for o in self.sent if o["ts"] // MINUTE == t // MINUTE]
        day = [o for o in self.sent if o["ts"] // DAY == t // DAY]
        yield "order_limit", only_if(len(minute) < limits.get("orders_per_minute", 10**18))
        yield "order_limit", only_if(len(day) < limits.get("orders_per_day", 10**18))
        cancels = [
            o for o in book.orders if o["status"] == 2 and o["cause"] in COUNTED_CANCELS and o["id"] < order["id"]
        ]
        cancels = [o for o in cancels if o["done_ts"] // MINUTE == t // MINUTE and o["done_ts"] <= t]
        yield "message_limit", only_if(len(minute) + len(cancels) < limits.get("messages_per_minute", 10**18))
        yield "max_quantity", lambda lots: self.own("max_quantity", a, lots)
        distance = self.terms.distances.get(order["id"], 0)
        if "risk_per_trade_e9" in limits and distance > 0:
            unit = E9 * distance * book.scales[a]
            most = math.floor(max(equity, 0) * limits["risk_per_trade_e9"] / unit)
            yield "risk_per_trade", lambda lots: max(0, most - held)
        if "volatility_target_e9" in limits:
            vol = moments.volatility(a)
            wide = math.inf if vol == 0 else of("volatility_target_e9") / vol
            yield "volatility_target", within(wide if moments.known(a, a) else 0.0)
        yield "kelly", within(self.kelly())
        if "volume_share_e9" in limits:
            yield "volume_limit", lambda lots: self.closes[a][-1][2] * limits["volume_share_e9"] // E9
        close = self.closes[a][-1][1]
        yield "price_collar", only_if(abs(ticks - close) * E9 <= limits.get("price_collar_e9", 10**18) * close)
        if "collar_window_e9" in limits:
            window = [c for _, c, _ in self.closes[a][-limits["collar_bars"] :]]
            c = limits["collar_window_e9"]
            is_in = ticks * E9 <= (E9 + c) * min(window) if side > 0 else ticks * E9 >= (E9 - c) * max(window)
            yield "collar_window", only_if(is_in)
        if "duplicate_ms" in limits:
            last = [o for o in self.sent if o["asset"] == a][-16:]
            like = [o for o in last if all(o[n] == order[n] for n in ("side", "wanted", "ref_ticks"))]
            yield "duplicate_order", only_if(all(t - o["ts"] > limits["duplicate_ms"] for o in like))
        if limits.get("self_match"):
            yield "self_match", only_if(not self.meets_own(order))
        yield "position_limit", lambda lots: max(0, self.own("max_position", a, lots + held) - held)
        if "max_exposure" in limits:
            yield "exposure_limit", within_amount(limits["max_exposure"])
        opened = sum(o["opened"] for o in day if o["asset"] == a)
        yield "daily_volume", lambda lots: max(0, self.own("daily_volume", a, lots + opened) - opened)
        if "max_positions" in limits and x[a] == 0.0:
            yield "max_positions", only_if(sum(w != 0 for w in x) < limits["max_positions"])
        if "concentration_e9" in limits:
            yield "concentration", within_amount(equity * limits["concentration_e9"] // E9)
        yield from self.of_portfolio(a, side, x, within, only_if)

    def of_portfolio(self, a: int, side: int, x: list[float], within: Any, only_if: Any):
        limits, moments = self.limits, self.moments
        others = [j for j in range(self.book.assets) if j != a and x[j] != 0.0]
        if "correlation_e9" in limits:
            found = [(side * math.copysign(1.0, x[j]), moments.correlation(a, j)) for j in others]
            limit = limits["correlation_e9"] / 1e9
            yield "correlation", only_if(not any(rho is not None and s * rho >= limit for s, rho in found))
        if "heat_e9" in limits:
            own, hot = moments.volatility(a), 0.0
            for j in others:
                hot += abs(x[j]) * moments.volatility(j)
            room = math.inf if own == 0 else max((limits["heat_e9"] / 1e9 - hot) / own, 0.0)
            yield "heat", within(room if moments.known(a, a) else 0.0)
        for name, factor in (("value_at_risk", VALUE_AT_RISK), ("expected_shortfall", EXPECTED_SHORTFALL)):
            if f"{name}_e9" in limits:
                q = limits[f"{name}_e9"] / 1e9 / moments.factor(factor)
                yield name, within(moments.most(a, side, x, q))

    def own(self, name: str, asset: int, lots: int) -> int:
        most = limits[asset] if (limits := self.limits.get(name)) else None
        return lots if most is None else min(lots, most)

    def kelly(self) -> float:
        if "kelly_e9" not in self.limits or len(self.profits) < self.limits["kelly_trades"]:
            return math.inf
        last = self.profits[-self.limits["kelly_trades"] :]
        n, mean, spread = float(len(last)), 0.0, 0.0
        for each in last:
            mean += each
        mean /= n
        for each in last:
            spread += (each - mean) * (each - mean)
        spread /= n - 1.0
        if mean <= 0:
            return 0.0
        if spread == 0:
            return math.inf
        sharpe2 = mean * mean / spread
        return float(self.limits["kelly_e9"]) / 1e9 * (mean / spread) * (sharpe2 / (sharpe2 + 1.0 / n))

    def meets_own(self, order: dict[str, int]) -> bool:
        if order["kind"] not in (MARKET, LIMIT):
            return False
        ticks, side = order["ref_ticks"], order["side"]
        price = ticks if order["kind"] == LIMIT else ticks + side * -(-ticks * self.terms.half_spread_e9 // E9)
        for other in self.book.working(order["ts"], order["id"]):
            if other["asset"] == order["asset"] and other["side"] == -side and other["id"] in self.terms.prices:
                rests_at = self.terms.prices[other["id"]]
                if price >= rests_at if side > 0 else price <= rests_at:
                    return True
        return False

    def note(self, order: dict[str, int]) -> None:
        if order["status"] != REJECTED:
            position = self.book.position(order["asset"], order["ts"])
            opened = max(0, order["lots"] - max(0, -order["side"] * position))
            self.sent.append({**order, "opened": opened})
