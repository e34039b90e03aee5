"""Slow circuit breakers in Python, made from docs/semantics.md (section 12) alone: from what happened between decisions they say which
breaker changes when, and which orders of a run they forbid. They keep all of history and know nothing of the engine."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

CLOSED, HALF_OPEN, OPEN = range(3)
GLOBAL, VENUE, ACCOUNT, STRATEGY, FEED, SYMBOL = range(6)
KINDS = {"venue": VENUE, "account": ACCOUNT, "strategy": STRATEGY, "feed": FEED, "symbol": SYMBOL}
(
    ERROR_RATE, FAILURES, LOSING_STREAK, REJECT_STORM, LOSS, DRAWDOWN, STALE, SKEW, SLIPPAGE, SPREAD, GAP, LATENCY, DRIFT, TRIAL_FAILED,
    TRIALS_PASSED, COOLED_DOWN, DERIVED,
) = range(1, 18)  # fmt: skip
MEASURES = {
    VENUE: {LATENCY: "latency_ns"},
    ACCOUNT: {LOSS: "loss_e9", DRAWDOWN: "drawdown_e9", DRIFT: "position_drift"},
    STRATEGY: {},
    FEED: {STALE: "stale_ms", SKEW: "clock_skew_ms"},
    SYMBOL: {SLIPPAGE: "slippage_e9", SPREAD: "spread_e9", GAP: "price_gap_e9"},
}
OF_STRATEGY = {1, 4, 12, 13, 14}
REFUSED, BREAKER = 51, 50


def loss(reference: int, equity: int) -> int:
    return 10**9 if reference <= 0 else int(Fraction(reference - equity, reference) * 10**9 // 1)


class Component:
    def __init__(self, kind: int, index: int, rules: dict[str, int]) -> None:
        self.kind, self.index, self.rules, self.state = kind, index, rules, CLOSED
        self.begin(0)

    def begin(self, t: int) -> None:
        self.since = t
        self.outcomes: list[tuple[int, ...]] = []
        self.equities: list[tuple[int, ...]] = []
        self.row = self.passed = self.good = 0

    def recent(self, rows: list[tuple[int, ...]], t: int) -> list[tuple[int, ...]]:
        length = -(-self.rules["window_ms"] // 8)
        return [row for row in rows if row[0] // length > t // length - 8]

    def look(self, t: int, equity: int, good: int, bad: int, measured: dict[int, int]) -> tuple[int, ...] | None:
        rules, before = self.rules, self.state
        if self.state == OPEN:
            if t - self.since < rules["cooldown_ms"]:
                return None
            return self.turn(t, equity, HALF_OPEN, COOLED_DOWN, t - self.since, rules["cooldown_ms"])
        if self.kind == ACCOUNT:
            self.equities.append((t, equity))
            # The window's reference is the first equity of its oldest slice that has one; what left the window is gone for good.
            self.equities_in_window = self.recent(self.equities, t)
            measured = measured | {
                LOSS: loss(self.equities_in_window[0][1], equity),
                DRAWDOWN: loss(max(e for _, e in self.equities), equity),
            }
            good += before == HALF_OPEN
        for source, key in MEASURES[self.kind].items():
            if key in rules and source in measured and measured[source] >= rules[key]:
                return self.turn(t, equity, OPEN, source, measured[source], rules[key])
        if before == HALF_OPEN:
            if bad:
                return self.turn(t, equity, OPEN, TRIAL_FAILED, bad, 1)
            self.good += good
            if self.good >= rules["trials"]:
                return self.turn(t, equity, CLOSED, TRIALS_PASSED, self.good, rules["trials"])
            if t - self.since >= rules["cooldown_ms"]:
                self.since, self.passed = t, 0
            return None
        self.outcomes.append((t, good, bad))
        self.row = 0 if good else self.row + bad
        if not bad:
            return None
        recent = self.recent(self.outcomes, t)
        all_bad = sum(row[2] for row in recent)
        calls = all_bad + sum(row[1] for row in recent)
        rate = all_bad * 10**9 // calls
        if self.row >= rules.get("failures", 10**18):
            code = LOSING_STREAK if self.kind == STRATEGY else FAILURES
            return self.turn(t, equity, OPEN, code, self.row, rules["failures"])
        if all_bad >= rules.get("storm", 10**18):
            return self.turn(t, equity, OPEN, REJECT_STORM, all_bad, rules["storm"])
        if calls >= rules["min_calls"] and rate >= rules.get("error_rate_e9", 10**18):
            return self.turn(t, equity, OPEN, ERROR_RATE, rate, rules["error_rate_e9"])
        return None

    def turn(self, t: int, equity: int, to: int, source: int, value: int, limit: int) -> tuple[int, ...]:
        before, self.state = self.state, to
        self.begin(t)
        if source in (COOLED_DOWN, TRIALS_PASSED):
            self.equities.append((t, equity))
        return (t, self.kind, self.index, before, to, source, value, limit)


class Model:
    def __init__(self, settings: dict[str, Any]) -> None:
        self.venue_of, self.share, self.is_open = settings["venue_of"], settings.get("global_share_e9"), False
        counts = {VENUE: max(self.venue_of) + 1, FEED: len(self.venue_of), SYMBOL: len(self.venue_of)}
        self.components = {
            (code, index): Component(code, index, settings[name])
            for name, code in KINDS.items()
            if name in settings
            for index in range(counts.get(code, 1))
        }

    def look(self, t: int, equity: int, happened: dict[Any, Any]) -> list[tuple[int, ...]]:
        """`happened` holds by (kind, number) a pair of outcomes and by (kind, number, source) the largest measure."""
        found = []
        for (kind, index), component in self.components.items():
            good, bad = happened.get((kind, index), (0, 0))
            measured = {key[2]: value for key, value in happened.items() if len(key) == 3 and key[:2] == (kind, index)}
            found.append(component.look(t, equity, good, bad, measured))
        if self.share and self.components:
            value = sum(c.state == OPEN for c in self.components.values()) * 10**9 // len(self.components)
            if (value >= self.share) != self.is_open:
                states = (OPEN, CLOSED) if self.is_open else (CLOSED, OPEN)
                self.is_open = not self.is_open
                found.append((t, GLOBAL, 0, *states, DERIVED, value, self.share))
        return [change for change in found if change]

    def covering(self, asset: int) -> list[Component]:
        keys = [(VENUE, self.venue_of[asset]), (ACCOUNT, 0), (STRATEGY, 0), (FEED, asset), (SYMBOL, asset)]
        return [self.components[key] for key in keys if key in self.components]

    def lets_open(self, asset: int) -> bool:
        ok = {CLOSED: True, OPEN: False}
        return not self.is_open and all(ok.get(c.state, c.passed < c.rules["trials"]) for c in self.covering(asset))

    def sent(self, asset: int) -> None:
        for component in self.covering(asset):
            component.passed += component.state == HALF_OPEN


def happened_at(
    records: Any, market: Any, venue_of: list[int], interval: int, times: list[int], at: int
) -> dict[Any, Any]:
    """Returns what the bars, fills, trades and refusals up to the decision `times[at]`, and after the one before, say."""
    t = times[at]
    earlier = times[at - 1] if at else -(10**18)
    found: dict[Any, Any] = {}

    def outcome(kind: int, index: int, good: bool) -> None:
        old = found.get((kind, index), (0, 0))
        found[kind, index] = (old[0] + good, old[1] + (not good))

    def measure(kind: int, index: int, source: int, value: int) -> None:
        found[kind, index, source] = max(found.get((kind, index, source), value), value)

    fills, orders, trades = records["fills"], records["orders"], records["trades"]
    for row in range(len(fills["ts"])):
        if fills["ts"][row] + interval == t:
            order, asset = int(fills["order"][row]), int(fills["asset"][row])
            side, reference = int(orders["side"][order]), int(orders["ref_ticks"][order])
            price, base = int(fills["ticks"][row]), int(fills["base_ticks"][row])
            cost, model = max(0, side * (price - reference)), max(1, side * (price - base))
            measure(SYMBOL, asset, SLIPPAGE, cost * 10**9 // model)
            outcome(SYMBOL, asset, True)
            outcome(VENUE, venue_of[asset], True)
    for row in range(len(orders["ts"])):
        if orders["cause"][row] == REFUSED and earlier <= orders["ts"][row] < t:
            outcome(VENUE, venue_of[int(orders["asset"][row])], False)
    for row in range(len(trades["exit_ts"])):
        if trades["exit_ts"][row] >= 0 and trades["exit_ts"][row] + interval == t:
            outcome(STRATEGY, 0, bool(trades["pnl"][row] >= 0))
    for asset, (instrument, columns) in enumerate(zip(market.instruments, market.columns, strict=True)):
        tick = Fraction(instrument.tick[0], 10 ** instrument.tick[1])
        seen = [row for row in range(len(columns.ts)) if times[0] <= columns.ts[row] + interval <= t]
        last = [row for row in seen if columns.ts[row] + interval < t]
        if last:
            measure(FEED, asset, STALE, t - int(columns.ts[last[-1]]) - interval)
        if seen and columns.ts[seen[-1]] + interval == t:
            outcome(FEED, asset, True)
            if last:
                now, before = (
                    round(Fraction(str(x)) / tick) for x in (columns.open[seen[-1]], columns.close[last[-1]])
                )
                measure(SYMBOL, asset, GAP, abs(now - before) * 10**9 // before)
    return found


def judge(records: Any, market: Any, settings: dict[str, Any], interval: int, from_ms: int) -> tuple[int, int]:
    """Asserts that a run's records are the model's and that nothing opened that a breaker forbids; returns changes and refusals."""
    model = Model(settings)
    times = [t for t in records["equity_ts"].tolist() if t >= from_ms]
    equities = records["equity"].tolist()[-len(times) :]
    orders, fills = records["orders"], records["fills"]
    found, cut = [], 0
    for at, t in enumerate(times):
        happened = happened_at(records, market, settings["venue_of"], interval, times, at)
        found += model.look(t, equities[at], happened)
        for row in range(len(orders["id"])):
            if orders["ts"][row] != t or int(orders["reason"][row]) not in OF_STRATEGY:
                continue
            asset, side, cause = (int(orders[name][row]) for name in ("asset", "side", "cause"))
            held = int(fills["lots"][(fills["asset"] == asset) & (fills["ts"] < t)].sum())
            is_sent = orders["status"][row] != 3 or cause == REFUSED
            lots = int(orders["lots"][row])
            if is_sent and lots > max(0, -side * held):
                assert model.lets_open(asset), (t, row)
                model.sent(asset)
            if cause == BREAKER:
                cut += 1
                assert not model.lets_open(asset), (t, row)
    names = ("ts", "kind", "index", "from", "to", "trip", "value", "limit")
    table = records["breakers"]
    assert [tuple(int(table[name][row]) for name in names) for row in range(len(table["ts"]))] == found
    return len(found), cut
