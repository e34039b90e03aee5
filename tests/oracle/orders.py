"""Random programs of keyed orders: grids, brackets, groups, followers, moments and sets, of every kind, size and time in force."""

from __future__ import annotations

from random import Random
from typing import Any

from .generate import Case, Market, config, market
from .programs import Builder, target
from .strategies import Trader

COARSE = (30, 300, 300, 5_000, 60_000)  # levels are met exactly where a tick is large
KINDS = ["market", "limit", "limit", "limit", "stop", "stop_limit", "take_profit", "trailing"]


def realism(r: Random, settings: dict[str, Any], m: Market) -> dict[str, Any]:
    """Adds what sections 6 and 7 read: the realism, a log-normal latency, makers' fees."""
    settings["cash"] = min(settings["cash"], 10**15)  # amounts of orders far beyond the account must still fit
    for costs in settings["instruments"]:
        costs["maker_e9"] = r.choice([0, 200_000, 1_000_000])
    more: dict[str, Any] = {"realism": r.choice(["strict", "strict", "neutral", "naive"])}
    if r.random() < 0.25:
        more |= {
            "latency_ms": r.choice([m.interval_ms // 3, m.interval_ms]),
            "latency_sigma": r.choice([0.3, 1.0]),
            "latency_seed": r.randrange(2**32),
        }
    return settings | more


class OrderTrader:
    """Keys that are sent soon and often, near enough to the price to be reached, filled in part, stopped and replaced."""

    def __init__(self, r: Random, m: Market, cash: float) -> None:
        self.r, self.m, self.cash = r, m, cash
        self.trader = Trader(r, m)
        self.b: Builder = self.trader.b
        self.close = self.trader.close
        self.wide = r.choice([0.002, 0.01, 0.03])

    def factor(self, k: float) -> int:
        return self.b.n("mul", self.close, self.b.const(k))

    def near(self, direction: int) -> int:
        """A price below (-1) or above (1) the close, at it or, sometimes, on the wrong side of it."""
        r, b = self.r, self.b
        away = direction * abs(r.gauss(0.0, self.wide)) * r.choice([0.0, 0.5, 1.0, 1.0, 2.0, -0.5])
        match r.randrange(5):
            case 0:
                return b.n("roll_min" if direction < 0 else "roll_max", self.trader.hlc[1], f=[float(r.randint(2, 6))])
            case 1:
                return self.trader.holes(self.factor(1.0 + away))
            case 2 | 3:  # moves rarely: an order may rest for a while
                slow = b.n("hold_when", self.close, b.n("gt", b.n("abs", self.trader.ret), b.const(self.wide / 3)))
                return b.n("mul", slow, b.const(1.0 + away))
            case _:
                return self.factor(1.0 + away)

    def distance(self) -> int:
        if self.r.random() < 0.3:
            k = self.b.const(self.r.choice([0.3, 1.0, 2.5]))
            return self.trader.holes(self.b.n("mul", self.b.n("true_range", *self.trader.hlc), k))
        return self.factor(self.r.choice([0.001, 0.004, 0.01, 0.03]))

    def size(self) -> dict[str, Any]:
        r, b = self.r, self.b
        unit = r.choice(["weight", "weight", "notional", "qty", "risk"])
        share = r.choice([0.05, 0.2, 0.5, 1.0, 2.5])
        if unit == "weight":
            return {"unit": unit, "node": self.trader.holes(b.const(share)), "per_unit": None}
        if unit == "risk":
            return {"unit": unit, "node": b.const(share / 20), "per_unit": self.distance()}
        notional = b.const(self.cash * share)
        if unit == "notional":
            return {"unit": unit, "node": notional, "per_unit": None}
        quantity = b.n("div", notional, b.n("hold_when", self.close, b.const(1.0)) if r.random() < 0.3 else self.close)
        return {"unit": unit, "node": quantity, "per_unit": None}

    def condition(self) -> int:
        r, b = self.r, self.b
        match r.randrange(3):
            case 0:
                return b.n(r.choice(["gt", "lt"]), self.trader.ret, b.const(r.choice([0.0, 0.002, -0.002])))
            case 1:
                mean = b.n("roll_mean", self.close, f=[float(r.randint(2, 9))])
                return b.n(r.choice(["crosses_above", "crosses_below"]), self.close, mean)
            case _:
                return b.n("eq", b.n("pos", s="qty"), self.trader.zero)

    def exits(self) -> dict[str, Any]:
        r, side = self.r, {}
        names = r.choice([["stop", "take"], ["stop", "take"], ["trail"], ["stop"], ["take"], ["stop", "trail", "take"]])
        for name in names:
            side[name] = self.distance()
        return side

    def spec(self, name: str, symbol: str | None) -> dict[str, Any]:
        r, side, kind = self.r, self.r.choice([1, 1, -1]), self.r.choice(KINDS)
        out: dict[str, Any] = {"key": name, "side": side, "kind": kind, "asset": symbol, "size": self.size()}
        toward = side if kind in ("stop", "stop_limit") else -side
        if kind in ("limit", "stop_limit"):
            out["price"] = self.near(toward)
        if kind in ("stop", "stop_limit", "take_profit"):
            out["trigger"] = self.near(toward)
        if kind == "trailing":
            out["distance"] = self.distance()
        if r.random() < 0.4:
            out["when"] = self.condition()
        if r.random() < 0.15:
            out["until"] = self.condition()
        out["tif"] = r.choice(["gtc", "gtc", "gtc", "ioc", "fok", "gtd"])
        if out["tif"] == "gtd":
            n = r.randint(1, 5)
            out["expires"] = r.choice([{"bars": n}, {"ms": n * self.m.interval_ms}])
        out["post_only"] = kind == "limit" and out["tif"] in ("gtc", "gtd") and r.random() < 0.2
        out["reduce_only"] = r.random() < 0.15
        if r.random() < 0.25:
            out["oco"] = r.choice(["g", "h"])
        if not out["reduce_only"] and r.random() < 0.5:
            out["exits"] = self.exits()
            if r.random() < 0.15:
                out["exits"] = {"stop_at": self.near(-side), "take_at": self.near(side)}
        return out

    def grid(self, symbol: str | None) -> list[dict[str, Any]]:
        """Levels below and above a slow price, each with a take."""
        r, b = self.r, self.b
        slow = b.n("roll_mean", self.close, f=[float(r.randint(5, 20))])
        step, size = r.choice([0.003, 0.01]), self.size()
        out = []
        for k in range(1, r.randint(2, 5)):
            for side in r.choice([[1], [1, -1]]):
                price = b.n("mul", slow, b.const(1.0 - side * k * step))
                spec = {"key": f"{'buy' if side > 0 else 'sell'}{k}", "side": side, "kind": "limit", "asset": symbol}
                exits = {"take": self.factor(step)} | ({"stop": self.factor(4 * step)} if r.random() < 0.5 else {})
                out.append(spec | {"size": size, "price": price, "exits": exits})
        return out

    def keys(self, symbol: str | None) -> list[dict[str, Any]]:
        r = self.r
        if r.random() < 0.25:
            return self.grid(symbol)
        names = r.sample(["a", "b", "c", "d", "Z", "dip 2", "é"], r.randint(1, 5))
        out = [self.spec(name, symbol) for name in names]
        for spec in out[1:]:
            if r.random() < 0.2:
                spec["after"] = out[0]["key"]
        r.shuffle(out)
        return out


def orders_case(seed: int) -> Case:
    """A random market, keys on some or all of its assets (sometimes beside targets), a configuration and a realism."""
    r = Random(seed)
    m = market(r, (40, 110), 4, COARSE)
    settings = realism(r, config(r, m), m)
    t = OrderTrader(r, m, settings["cash"] / 1e8)
    targets: list[dict[str, Any]] = []
    if t.b.kind == "portfolio" and len(m.symbols) > 1 and r.random() < 0.3:
        own = r.sample(m.symbols, r.randint(1, len(m.symbols) - 1))
        orders = [spec for symbol in own for spec in t.keys(symbol)]
        targets = [x | {"asset": s} for s in m.symbols if s not in own for x in t.trader.targets(False, t.cash)[:1]]
        for x in targets:
            x |= {"budget": 1.0, "take": t.distance() if r.random() < 0.5 else None}
    else:
        orders = t.keys(None)
    return Case(seed, m, t.b.program(targets) | {"orders": orders}, settings)


def realism_case(seed: int) -> Case:
    """Targets with stops and takes under every realism."""
    r = Random(seed)
    m = market(r, (40, 110), 4, COARSE)
    settings = realism(r, config(r, m), m)
    t = OrderTrader(r, m, settings["cash"] / 1e8)
    targets = t.trader.targets(r.random() < 0.3, t.cash)
    for x in targets:
        x["take"] = t.distance() if r.random() < 0.7 else None
    return Case(seed, m, t.b.program(targets, t.trader.rebalance()), settings)


# --- entries ------------------------------------------------------------------------------------------------------------


def entry(t: OrderTrader, symbol: str | None) -> dict[str, Any]:
    """Entries with what a trader may add to them."""
    r, b = t.r, t.b
    span = r.choice([{"bars": r.randint(1, 6)}, {"ms": r.randint(1, 6) * t.m.interval_ms}])
    modes: list[dict[str, Any]] = [{"mode": "new_signal"}, {"mode": "immediate"}, {"mode": "cooldown", **span}]
    mean = b.n("roll_mean", t.close, f=[float(r.randint(2, 8))])
    long, short = b.n("gt", t.close, mean), b.n("lt", t.close, mean)
    if r.random() < 0.3:
        long, short = t.condition(), t.condition()
    priority = r.choice([None, t.trader.ret, t.trader.holes(t.trader.ret), t.trader.zero])
    out: dict[str, Any] = {
        "asset": symbol,
        "long": r.choice([long, long, long, None]),
        "short": r.choice([None, short, short]),
        "exit": r.choice([None, t.condition()]),
        "size": t.size(),
        "max_units": r.choice([1, 1, 2, 4]),
        "stops": t.trader.stops(),
        "take": r.choice([None, t.distance()]),
        "rearm": r.choice(modes),
        "cooldown": r.choice([None, None, span]),
        "max_positions": r.choice([None, 1, 2]),
        "priority": priority,
    }
    if out["max_positions"] is None:
        out["priority"] = None
    if out["long"] is None and out["short"] is None:
        out["long"] = long
    if out["size"]["unit"] == "risk" and r.random() < 0.5:
        out["size"]["per_unit"] = None
        if not any(s["kind"] == "fixed" for s in out["stops"]):
            out["stops"].append({"kind": "fixed", "node": t.distance()})
    return out


def entries_case(seed: int) -> Case:
    """Entries on some or all assets, sometimes beside targets or keyed orders."""
    r = Random(seed)
    m = market(r, (40, 110), 4, COARSE)
    settings = realism(r, config(r, m), m)
    t = OrderTrader(r, m, settings["cash"] / 1e8)
    program: dict[str, Any] = {}
    targets: list[dict[str, Any]] = []
    if t.b.kind == "portfolio" and len(m.symbols) > 1 and r.random() < 0.4:
        own = r.sample(m.symbols, r.randint(1, len(m.symbols) - 1))
        program["entries"] = [entry(t, s) for s in own]
        others = [s for s in m.symbols if s not in own]
        if r.random() < 0.5:
            targets = [x | {"asset": s, "budget": 2.0} for s in others for x in t.trader.targets(False, t.cash)[:1]]
        else:
            program["orders"] = [spec for s in others for spec in t.keys(s)]
    else:
        program["entries"] = [entry(t, None)]
    return Case(seed, m, t.b.program(targets) | program, settings)


# --- legs ---------------------------------------------------------------------------------------------------------------


def legs_case(seed: int) -> Case:
    """Targets that belong together, in markets too thin for them."""
    r = Random(seed)
    m = market(r, (40, 110), 4, COARSE)
    while len(m.symbols) < 2:
        m = market(r, (40, 110), 4, COARSE)
    settings = realism(r, config(r, m), m)
    settings["volume_share_e9"] = r.choice([10_000_000, 100_000_000, 10**9])
    t = OrderTrader(r, m, settings["cash"] / 1e8)
    t.b.kind = "portfolio"
    common = t.trader.weight()
    targets = []
    for k, symbol in enumerate(m.symbols):
        node = common if k == 0 or r.random() < 0.6 else t.trader.weight()
        node = t.b.n("neg", node) if k % 2 else node
        spec = target(t.trader.holes(node), asset=symbol, stops=t.trader.stops() if r.random() < 0.4 else [])
        modes = [{"mode": "new_signal"}, {"mode": "immediate"}, {"mode": "cooldown", "bars": 3}]
        spec |= {"band": r.choice([0.0, 0.05]), "budget": 3.0, "rearm": r.choice(modes)}
        spec["take"] = t.distance() if r.random() < 0.3 else None
        targets.append(spec)
    chosen = r.sample(range(len(targets)), r.randint(2, len(targets)))
    broken = r.choice(["flatten", "flatten", "complete", "complete", "hold"])
    legs = [{"targets": chosen, "broken": broken, "tolerance": r.choice([0.0, 0.05, 0.3])}]
    return Case(seed, m, t.b.program(targets, t.trader.rebalance()) | {"legs": legs}, settings)
