"""Random programs as JSON (docs/design.md): any op of the catalogue, for the signal tests (strategies that trade: `strategies`)."""

from __future__ import annotations

from random import Random
from typing import Any

from .generate import Case, Market, config, market

PRICES = ["open", "high", "low", "close"]
BINARY = ["add", "sub", "mul", "div", "pow", "minimum", "maximum"]
COMPARE = ["lt", "le", "gt", "ge", "eq", "ne"]
UNARY = ["neg", "abs", "sign", "sqrt", "log", "exp"]
LAGS = ["shift", "change", "returns", "log_return"]
ROLL = ["roll_sum", "roll_mean", "roll_min", "roll_max", "roll_rank"]
ROLL_DDOF = ["roll_var", "roll_std", "roll_zscore"]
ALL_OPS = {
    *BINARY, *COMPARE, *UNARY, *LAGS, *ROLL, *ROLL_DDOF,
    *("const col not and or is_missing where clip between fill_missing roll_corr roll_beta ema rma ewm_mean ewm_std").split(),
    *("true_range atr rsi crosses_above crosses_below bars_since latch hold_when state").split(),
    *("cs_rank cs_zscore cs_demean cs_scale cs_bucket cs_top carry carry_event pick pick_event").split(),
}  # fmt: skip


class Builder:
    """Appends nodes to a program. `n(op, inputs…)` returns the new node's index; `at` and `only` set clock and asset scope."""

    def __init__(self, interval: int, kind: str = "portfolio") -> None:
        self.interval, self.kind = interval, kind
        self.clocks = [interval]
        self.nodes: list[dict[str, Any]] = []

    def n(
        self, op: str, *sources: int, f: list[float] | None = None, s: str = "", at: int = 0, only: str | None = None
    ) -> int:
        node: dict[str, Any] = {"op": op, "in": list(sources)}
        if f:
            node["f"] = f
        if s:
            node["s"] = s
        if at:
            node["clock"] = at
        if only:
            node["only"] = only
        self.nodes.append(node)
        return len(self.nodes) - 1

    def const(self, value: float, at: int = 0, only: str | None = None) -> int:
        return self.n("const", f=[value], at=at, only=only)

    def col(self, name: str, at: int = 0, only: str | None = None) -> int:
        return self.n("col", s=name, at=at, only=only)

    def program(self, targets: list[dict[str, Any]], rebalance: dict[str, Any] | None = None) -> dict[str, Any]:
        return {
            "version": 1,
            "kind": self.kind,
            "interval_ms": self.interval,
            "clocks": self.clocks,
            "rebalance": rebalance,
            "nodes": self.nodes,
            "targets": targets,
        }


def target(node: int, **changes: Any) -> dict[str, Any]:
    plain = {
        "node": node,
        "kind": "weight",
        "asset": None,
        "band": 0.01,
        "budget": 1.0,
        "rearm": {"mode": "new_signal"},
        "stops": [],
    }
    return plain | changes


# --- any op -------------------------------------------------------------------------------------------------------------


class Garden:
    """Grows random nodes: a pool of numbers and a pool of bools for each (clock, scope)."""

    def __init__(self, r: Random, m: Market) -> None:
        self.r, self.b, self.symbols = r, Builder(m.interval_ms), m.symbols
        for _ in range(r.choice([0, 1, 1, 2])):
            self.b.clocks.append(m.interval_ms * r.choice([2, 3, 4, 7]))
        self.only = r.choice([None, r.choice(m.symbols)])
        self.numbers: dict[tuple[int, str | None], list[int]] = {}
        self.bools: dict[tuple[int, str | None], list[int]] = {}
        for clock in range(len(self.b.clocks)):
            for only in {None, self.only}:
                self._plant(clock, only)

    def _plant(self, at: int, only: str | None) -> None:
        b, key = self.b, (at, only)
        names = {*self.r.sample(["open", "high", "low", "volume"], 2), "close"}
        columns = [b.col(name, at, only) for name in sorted(names)]
        lag = b.n("returns", columns[0], f=[1.0], at=at, only=only)
        self.numbers[key] = [*columns, lag, b.const(round(self.r.uniform(-2, 2), 3), at, only), b.const(0.0, at, only)]
        noisy = b.n("gt", lag, b.const(0.0, at, only), at=at, only=only)
        holes = b.n(
            "where", noisy, columns[0], b.n("div", lag, b.const(0.0, at, only), at=at, only=only), at=at, only=only
        )
        self.numbers[key].append(holes)
        self.bools[key] = [noisy, b.n("ge", columns[0], columns[-1], at=at, only=only)]

    def grow(self, count: int) -> None:
        keys = sorted(self.numbers, key=lambda k: (k[0], k[1] or ""))
        for _ in range(count):
            at, only = self.r.choice(keys)
            self.sprout(at, only)

    def sprout(self, at: int, only: str | None) -> None:
        r, key = self.r, (at, only)
        kinds = [self.number, self.number, self.roll, self.roll, self.recursive, self.logic, self.event, self.loop]
        if at == 0 and only is None:
            kinds += [self.cross]
        if at > 0:
            kinds += [self.carry]
        if at == 0 and only:
            kinds += [self.pick]
        node, is_bool, key = r.choice(kinds)(at, only)
        (self.bools if is_bool else self.numbers)[key].append(node)

    def x(self, at: int, only: str | None) -> int:
        return self.r.choice(self.numbers[at, only])

    def c(self, at: int, only: str | None) -> int:
        return self.r.choice(self.bools[at, only])

    def number(self, at: int, only: str | None) -> tuple[int, bool, tuple[int, str | None]]:
        r, b, x, key = self.r, self.b, self.x, (at, only)
        op = r.choice([*BINARY, *UNARY, *LAGS, "where", "clip", "fill_missing"])
        if op in BINARY or op == "fill_missing":
            return b.n(op, x(*key), x(*key), at=at, only=only), False, key
        if op in UNARY:
            return b.n(op, x(*key), at=at, only=only), False, key
        if op in LAGS:
            f, s = self.window(at)
            return b.n(op, x(*key), f=f, s=s, at=at, only=only), False, key
        if op == "where":
            return b.n(op, self.c(*key), x(*key), x(*key), at=at, only=only), False, key
        low = r.uniform(-2, 100)
        bounds = [b.const(low, at, only), b.const(low + r.uniform(0, 500), at, only)]
        return b.n("clip", x(*key), *bounds, at=at, only=only), False, key

    def window(self, at: int, least: int = 1) -> tuple[list[float], str]:
        n = self.r.choice([least, 2, 3, 5, 8, 13, 20])
        if self.r.random() < 0.2:
            return [float(n * self.b.clocks[at])], "ms"
        return [float(max(n, least))], ""

    def roll(self, at: int, only: str | None) -> tuple[int, bool, tuple[int, str | None]]:
        op = self.r.choice([*ROLL, *ROLL_DDOF, "roll_corr", "roll_beta"])
        f, s = self.window(at, 1 if op in ROLL else 2)
        if op in ROLL_DDOF:
            f.append(float(self.r.choice([0, 1, 1])))
        sources = [self.x(at, only) for _ in range(2 if op in ("roll_corr", "roll_beta") else 1)]
        return self.b.n(op, *sources, f=f, s=s, at=at, only=only), False, (at, only)

    def recursive(self, at: int, only: str | None) -> tuple[int, bool, tuple[int, str | None]]:
        r, b, key = self.r, self.b, (at, only)
        op = r.choice(["ema", "rma", "ewm_mean", "ewm_std", "rsi", "atr", "true_range"])
        if op in ("atr", "true_range"):
            hlc = [b.col(name, at, only) for name in ("high", "low", "close")]
            if r.random() < 0.3:
                hlc[r.randrange(3)] = self.x(*key)
            return b.n(op, *hlc, f=[float(r.choice([2, 5, 14]))] if op == "atr" else None, at=at, only=only), False, key
        f = [r.choice([1.0, 0.5, 0.1, 0.031])] if op.startswith("ewm") else [float(r.choice([2, 3, 10, 14]))]
        return b.n(op, self.x(*key), f=f, at=at, only=only), False, key

    def logic(self, at: int, only: str | None) -> tuple[int, bool, tuple[int, str | None]]:
        r, b, key = self.r, self.b, (at, only)
        op = r.choice([*COMPARE, "and", "or", "not", "is_missing", "between"])
        if op in COMPARE:
            return b.n(op, self.x(*key), self.x(*key), at=at, only=only), True, key
        if op == "is_missing":
            return b.n(op, self.x(*key), at=at, only=only), True, key
        if op == "between":
            return b.n(op, self.x(*key), self.x(*key), self.x(*key), at=at, only=only), True, key
        return b.n(op, *[self.c(*key) for _ in range(1 if op == "not" else 2)], at=at, only=only), True, key

    def event(self, at: int, only: str | None) -> tuple[int, bool, tuple[int, str | None]]:
        r, b, key = self.r, self.b, (at, only)
        op = r.choice(["crosses_above", "crosses_below", "bars_since", "latch", "hold_when"])
        if op.startswith("crosses"):
            return b.n(op, self.x(*key), self.x(*key), at=at, only=only), True, key
        if op == "bars_since":
            return b.n(op, self.c(*key), at=at, only=only), False, key
        if op == "latch":
            return b.n(op, self.c(*key), self.c(*key), self.c(*key), at=at, only=only), False, key
        return b.n(op, self.x(*key), self.c(*key), at=at, only=only), False, key

    def loop(self, at: int, only: str | None) -> tuple[int, bool, tuple[int, str | None]]:
        """state(init).next(where(c, state * k + x, x)): the input of `state` is a later node."""
        b, key = self.b, (at, only)
        held = b.n("state", len(b.nodes) + 4, f=[round(self.r.uniform(-1, 1), 2)], at=at, only=only)
        k = b.const(self.r.choice([0.5, 0.9, -0.5]), at, only)
        scaled = b.n("mul", held, k, at=at, only=only)
        total = b.n("add", scaled, self.x(*key), at=at, only=only)
        b.n("where", self.c(*key), total, self.x(*key), at=at, only=only)
        return held, False, key

    def cross(self, at: int, only: str | None) -> tuple[int, bool, tuple[int, str | None]]:
        op = self.r.choice(["cs_rank", "cs_zscore", "cs_demean", "cs_scale", "cs_bucket", "cs_top"])
        f: list[float] | None = None
        if op == "cs_scale":
            f = self.r.choice([[1.0], [0.7, 0.4]])
        elif op in ("cs_bucket", "cs_top"):
            f = [float(self.r.randint(1, 4))]
        return self.b.n(op, self.x(at, only), f=f), op == "cs_top", (0, None)

    def carry(self, at: int, only: str | None) -> tuple[int, bool, tuple[int, str | None]]:
        if self.r.random() < 0.4:
            return self.b.n("carry_event", self.c(at, only), only=only), True, (0, only)
        return self.b.n("carry", self.x(at, only), only=only), False, (0, only)

    def pick(self, at: int, only: str | None) -> tuple[int, bool, tuple[int, str | None]]:
        assert only is not None
        if self.r.random() < 0.4:
            return self.b.n("pick_event", self.c(at, only), s=only), True, (0, None)
        return self.b.n("pick", self.x(at, only), s=only), False, (0, None)


def signal_program(r: Random, m: Market, size: int = 24) -> dict[str, Any]:
    """A program of many random nodes; its target is one of them."""
    g = Garden(r, m)
    g.grow(size)
    return g.b.program([target(r.choice(g.numbers[0, None]))])


def signal_case(seed: int) -> Case:
    """A random market and a random program of every kind of node."""
    r = Random(seed)
    m = market(r, rows=(60, 120), assets=4)
    return Case(seed, m, signal_program(r, m), config(r, m))
