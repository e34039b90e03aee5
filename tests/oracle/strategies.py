"""Random strategies as programs: they trade soon and often, with holes in the targets, stops of all kinds and feedback."""

from __future__ import annotations

from random import Random
from typing import Any

from .generate import DAY, Case, Market, config, market
from .programs import Builder, target


class Trader:
    """Strategies that trade soon and often: averages with short memories, holes in the targets, stops of all kinds."""

    def __init__(self, r: Random, m: Market) -> None:
        self.r, self.m = r, m
        self.b = Builder(m.interval_ms, r.choice(["portfolio", "strategy"]))
        self.close = self.b.col("close")
        self.hlc = [self.b.col("high"), self.b.col("low"), self.close]
        self.ret = self.b.n("returns", self.close, f=[1.0])
        self.zero = self.b.const(0.0)

    def weight(self) -> int:
        """One raw target, without holes."""
        r, b = self.r, self.b
        size = b.const(r.choice([0.2, 0.5, 0.9, 1.0, 1.7, 4.0, 10.0]))
        match r.randrange(6):
            case 0:
                mean = b.n("roll_mean", self.close, f=[float(r.randint(2, 9))])
                up, down = b.n("gt", self.close, mean), b.n("lt", self.close, mean)
                calm = b.n("lt", b.n("abs", self.ret), b.const(r.choice([0.0005, 0.004])))
                return b.n("mul", b.n("latch", up, down, calm), size)
            case 1:
                z = b.n("roll_zscore", self.close, f=[float(r.randint(3, 9)), 1.0])
                return b.n("clip", b.n("mul", z, b.n("neg", size)), b.const(-3.0), b.const(3.0))
            case 2:
                return b.n("where", b.n("gt", self.ret, self.zero), size, b.n("neg", size))
            case 3 if b.kind == "portfolio":
                return b.n(
                    "cs_scale", b.n("cs_demean", b.n("returns", self.close, f=[3.0])), f=r.choice([[1.5], [0.5, 0.7]])
                )
            case 4:
                return b.n("where", b.n("gt", self.ret, b.const(-0.005)), size, self.zero)
            case _:
                return size

    def holes(self, node: int) -> int:
        """Makes some rows missing, by a division by zero."""
        if self.r.random() < 0.6:
            return node
        never = self.b.n("div", self.zero, self.zero)
        return self.b.n(
            "where", self.b.n("gt", self.b.n("abs", self.ret), self.b.const(self.r.choice([0.003, 0.02]))), never, node
        )

    def stops(self) -> list[dict[str, Any]]:
        r, out = self.r, []
        for kind in r.sample(["fixed", "trailing", "time"], r.choice([0, 1, 1, 2, 3])):
            if kind == "time":
                n = r.choice([1, 3, 10])
                out.append({"kind": kind} | r.choice([{"bars": n}, {"ms": n * self.m.interval_ms}]))
            else:
                out.append({"kind": kind, "node": self.distance()})
        return out

    def distance(self) -> int:
        r, b = self.r, self.b
        k = b.const(r.choice([0.2, 1.0, 3.0]))
        if r.random() < 0.5:
            return self.holes(b.n("mul", b.n("true_range", *self.hlc), k))
        return b.n("mul", self.close, b.const(r.choice([0.0, 0.001, 0.01, 0.05])))

    def feedback(self, node: int) -> int:
        """Changes a target by what the position and the account look like."""
        r, b = self.r, self.b
        match r.randrange(5):
            case 0:
                lost = b.n("lt", b.n("pos", s=r.choice(["pnl", "mae"])), b.const(-0.01))
                return b.n("where", lost, self.zero, node)
            case 1:
                old = b.n("ge", b.n("pos", s="bars_held"), b.const(float(r.randint(1, 6))))
                return b.n("where", old, b.n("neg", node), node)
            case 2:
                gain = b.n("gt", b.n("pos", s="mfe"), b.const(0.01))
                more = b.n("lt", b.n("pos", s="units"), b.const(3.0))
                return b.n("where", b.n("and", gain, more), b.n("mul", node, b.const(1.5)), node)
            case 3:
                deep = b.n("lt", b.n("account", s="drawdown"), b.const(-0.02))
                return b.n("where", deep, b.n("mul", node, b.const(0.5)), node)
            case _:
                busy = b.n(
                    "or",
                    b.n("ne", b.n("pos", s="pending"), self.zero),
                    b.n("gt", b.n("account", s="gross"), b.const(0.9)),
                )
                return b.n("where", busy, b.n("pos", s="weight"), node)

    def targets(self, with_feedback: bool, cash: float) -> list[dict[str, Any]]:
        r = self.r
        settings = {
            "band": r.choice([0.0, 0.01, 0.1]),
            "budget": r.choice([0.5, 1.0, 3.0, 12.0]),
            "rearm": r.choice(
                [
                    {"mode": "new_signal"},
                    {"mode": "immediate"},
                    {"mode": "cooldown", "bars": 4},
                    {"mode": "cooldown", "ms": 3 * self.m.interval_ms},
                ]
            ),
        }
        addressed: list[str | None] = [None]
        if self.b.kind == "portfolio" and r.random() < 0.2:
            addressed = [*r.sample(self.m.symbols, r.randint(1, len(self.m.symbols)))]
        out = []
        for symbol in addressed:
            node = self.weight()
            for _ in range(r.randint(1, 2) if with_feedback else 0):
                node = self.feedback(node)
            kind = "weight" if with_feedback else r.choice(["weight"] * 6 + ["notional", "qty"])
            node = self.sized(node, kind, cash)
            out.append(target(self.holes(node), asset=symbol, kind=kind, stops=self.stops(), **settings))
        return out

    def sized(self, node: int, kind: str, cash: float) -> int:
        """Makes a notional or a quantity of a weight."""
        if kind == "weight":
            return node
        notional = self.b.n("mul", node, self.b.const(cash))
        return notional if kind == "notional" else self.b.n("div", notional, self.close)

    def rebalance(self) -> dict[str, Any] | None:
        step = self.m.interval_ms
        monthly = [{"months": 1, "day": 1, "at_ms": 0}] if step == DAY else []
        weekly = {"period_ms": 3 * step, "anchor_ms": step}
        return self.r.choice([None, None, None, weekly, *monthly])


def desk_case(seed: int, feedback: bool = False) -> Case:
    """A random market, strategy and configuration."""
    r = Random(seed)
    m = market(r)
    t, settings = Trader(r, m), config(r, m)
    targets = t.targets(feedback, settings["cash"] / 1e8)
    if r.random() < 0.15:  # a reckless account: this is how ruin comes
        for spec in targets:
            spec["budget"], spec["stops"] = 12.0, []
        settings |= {"max_leverage_e9": 30 * 10**9, "volume_share_e9": 10**9, "collar_e9": 10**10, "max_notional": None}
    return Case(seed, m, t.b.program(targets, t.rebalance()), settings)
