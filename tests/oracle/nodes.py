"""Every node of the catalogue by its definition: one function from a window of inputs to one value.

It is not fast and keeps state only where the definition itself is recursive. A function sees a `Row`: the input columns, the number
of the current row and, for recursive nodes, a memory. NaN is missing; `evaluate` turns any non-finite result into missing.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

NAN = math.nan


@dataclass
class Row:
    """The current row of one node for one asset: `cols[k][i]` is the value of input k now, `out` the node's own earlier values."""

    f: list[float]
    ms: bool
    cols: list[Sequence[float]]
    ts: list[int]
    interval: int
    out: list[float]
    i: int = 0
    memo: dict[str, float] = field(default_factory=dict)
    seed: list[float] = field(default_factory=list)

    def x(self, k: int = 0) -> float:
        return self.cols[k][self.i]


def missing(*values: float) -> bool:
    return any(math.isnan(v) for v in values)


def true(v: float) -> bool:
    """Whether a value counts as true; missing does not."""
    return not math.isnan(v) and v != 0.0


# --- element-wise ---------------------------------------------------------------------------------------------------


def sign(a: float) -> float:
    return float((a > 0) - (a < 0))


def kleene_and(a: float, b: float) -> float:
    if a == 0.0 or b == 0.0:
        return 0.0
    return NAN if missing(a, b) else 1.0


def kleene_or(a: float, b: float) -> float:
    if true(a) or true(b):
        return 1.0
    return NAN if missing(a, b) else 0.0


STRICT: dict[str, Callable[..., float]] = {  # missing as soon as one input is missing
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "div": lambda a, b: a / b,
    "pow": math.pow,  # raises where the result is not a real number
    "minimum": min,
    "maximum": max,
    "lt": lambda a, b: float(a < b),
    "le": lambda a, b: float(a <= b),
    "gt": lambda a, b: float(a > b),
    "ge": lambda a, b: float(a >= b),
    "eq": lambda a, b: float(a == b),
    "ne": lambda a, b: float(a != b),
    "neg": lambda a: -a,
    "abs": abs,
    "sign": sign,
    "sqrt": math.sqrt,
    "log": math.log,
    "exp": math.exp,
    "not": lambda a: float(a == 0.0),
    "clip": lambda x, lo, hi: min(max(x, lo), hi),
    "between": lambda x, lo, hi: float(lo <= x <= hi),
}
LENIENT: dict[str, Callable[..., float]] = {
    "and": kleene_and,
    "or": kleene_or,
    "is_missing": lambda a: float(math.isnan(a)),
    "where": lambda c, a, b: NAN if missing(c) else (a if c != 0.0 else b),
    "fill_missing": lambda x, y: y if missing(x) else x,
}

# --- history --------------------------------------------------------------------------------------------------------


def lagged(r: Row) -> float:
    """x[t-k]; a time lag reads the last row at or before ts - k (our choice: semantics.md defines only the row lag)."""
    if not r.ms:
        j = r.i - int(r.f[0])
    else:
        earlier = [j for j in range(r.i + 1) if r.ts[j] <= r.ts[r.i] - r.f[0]]
        j = earlier[-1] if earlier else -1
    return r.cols[0][j] if j >= 0 else NAN


def log_return(r: Row) -> float:
    return math.log(r.x() / lagged(r))


HISTORY: dict[str, Callable[[Row], float]] = {
    "shift": lagged,
    "change": lambda r: r.x() - lagged(r),
    "returns": lambda r: r.x() / lagged(r) - 1.0,
    "log_return": log_return,
}

# --- rolling windows ------------------------------------------------------------------------------------------------


def window_start(r: Row) -> int | None:
    """Returns the first row of the window ending now, or None while the window is not full."""
    if not r.ms:
        start = r.i - int(r.f[0]) + 1
        return start if start >= 0 else None
    if r.ts[r.i] < r.ts[0] + r.f[0] - r.interval:
        return None
    return next(j for j in range(r.i + 1) if r.ts[j] > r.ts[r.i] - r.f[0])


def windows(r: Row) -> list[Sequence[float]] | None:
    """Returns the window of every input, or None if it is not full or holds a missing value."""
    start = window_start(r)
    if start is None:
        return None
    parts = [col[start : r.i + 1] for col in r.cols]
    return None if any(missing(*p) for p in parts) else parts


def mean(w: Sequence[float]) -> float:
    return math.fsum(w) / len(w)


def variance(w: Sequence[float], ddof: int) -> float:
    if len(w) <= ddof:
        return NAN
    return 0.0 if min(w) == max(w) else covariance(w, w, ddof)


def covariance(w: Sequence[float], y: Sequence[float], ddof: int) -> float:
    mx, my = mean(w), mean(y)
    return math.fsum((a - mx) * (b - my) for a, b in zip(w, y, strict=True)) / (len(w) - ddof)


def zscore(w: Sequence[float], ddof: int) -> float:
    return (w[-1] - mean(w)) / math.sqrt(variance(w, ddof))


def rank(w: Sequence[float]) -> float:
    below = sum(v < w[-1] for v in w)
    equal = sum(v == w[-1] for v in w)
    return (below + (equal + 1) / 2) / len(w)


def corr(w: Sequence[float], y: Sequence[float]) -> float:
    if variance(w, 0) == 0.0 or variance(y, 0) == 0.0:
        return NAN
    return covariance(w, y, 0) / (math.sqrt(variance(w, 0)) * math.sqrt(variance(y, 0)))


def beta(w: Sequence[float], y: Sequence[float]) -> float:
    return covariance(w, y, 0) / variance(y, 0)


def ddof_of(r: Row) -> int:
    return int(r.f[1]) if len(r.f) > 1 else 1


ROLLING: dict[str, Callable[[Row, list[Sequence[float]]], float]] = {
    "roll_sum": lambda r, w: math.fsum(w[0]),
    "roll_mean": lambda r, w: mean(w[0]),
    "roll_min": lambda r, w: min(w[0]),
    "roll_max": lambda r, w: max(w[0]),
    "roll_rank": lambda r, w: rank(w[0]),
    "roll_var": lambda r, w: variance(w[0], ddof_of(r)),
    "roll_std": lambda r, w: math.sqrt(variance(w[0], ddof_of(r))),
    "roll_zscore": lambda r, w: zscore(w[0], ddof_of(r)),
    "roll_corr": lambda r, w: corr(w[0], w[1]),
    "roll_beta": lambda r, w: beta(w[0], w[1]),
}

# --- recursive: a missing input leaves the state and gives a missing output -------------------------------------------


def seeded(r: Row, x: float, n: int, alpha: float) -> float:
    """Returns y: the mean of the first n present inputs, then (1 - alpha) y + alpha x."""
    if "y" in r.memo:
        r.memo["y"] = (1.0 - alpha) * r.memo["y"] + alpha * x
        return r.memo["y"]
    r.seed.append(x)
    if len(r.seed) < n:
        return NAN
    r.memo["y"] = mean(r.seed)
    return r.memo["y"]


def ema(r: Row) -> float:
    return NAN if missing(r.x()) else seeded(r, r.x(), int(r.f[0]), 2.0 / (r.f[0] + 1.0))


def rma(r: Row) -> float:
    return NAN if missing(r.x()) else seeded(r, r.x(), int(r.f[0]), 1.0 / r.f[0])


def ewm_mean(r: Row) -> float:
    if missing(r.x()):
        return NAN
    alpha, x = r.f[0], r.x()
    r.memo["y"] = (1.0 - alpha) * r.memo["y"] + alpha * x if "y" in r.memo else x
    return r.memo["y"]


def ewm_std(r: Row) -> float:
    if missing(r.x()):
        return NAN
    if "m" not in r.memo:
        r.memo["m"], r.memo["v"] = r.x(), 0.0
        return NAN
    alpha, d = r.f[0], r.x() - r.memo["m"]
    r.memo["m"] += alpha * d
    r.memo["v"] = (1.0 - alpha) * (r.memo["v"] + alpha * d * d)
    return math.sqrt(r.memo["v"])


def true_range(r: Row) -> float:
    """max(high-low, |high-close before|, |low-close before|), with the close of the previous row."""
    before = r.cols[2][r.i - 1] if r.i > 0 else NAN
    return NAN if missing(r.x(0), r.x(1), before) else range_of(r.x(0), r.x(1), before)


def range_of(high: float, low: float, close_before: float) -> float:
    return max(high - low, abs(high - close_before), abs(low - close_before))


def atr(r: Row) -> float:
    """Wilder's average true range. A row with a missing input is skipped: the close before is the last present row's (our choice)."""
    high, low, close = r.x(0), r.x(1), r.x(2)
    if missing(high, low, close):
        return NAN
    before = r.memo.get("close", NAN)
    r.memo["close"] = close
    if missing(before):
        return NAN
    n = int(r.f[0])
    tr = range_of(high, low, before)
    if "y" in r.memo:
        r.memo["y"] = (r.memo["y"] * (n - 1) + tr) / n
        return r.memo["y"]
    return seeded(r, tr, n, 1.0 / n)


def rsi(r: Row) -> float:
    """Wilder's RSI of the changes between present inputs: 100 up / (up + down), 0 where both are 0."""
    x = r.x()
    if missing(x):
        return NAN
    before = r.memo.get("x", NAN)
    r.memo["x"] = x
    if missing(before):
        return NAN
    n = int(r.f[0])
    gain, loss = max(x - before, 0.0), max(before - x, 0.0)
    if "up" in r.memo:
        r.memo["up"] = (r.memo["up"] * (n - 1) + gain) / n
        r.memo["down"] = (r.memo["down"] * (n - 1) + loss) / n
    else:
        r.seed.append(gain)
        r.memo["losses"] = math.fsum([r.memo.get("losses", 0.0), loss])
        if len(r.seed) < n:
            return NAN
        r.memo["up"], r.memo["down"] = mean(r.seed), r.memo["losses"] / n
    total = r.memo["up"] + r.memo["down"]
    return 0.0 if total == 0.0 else 100.0 * r.memo["up"] / total


# --- events and signal state ------------------------------------------------------------------------------------------


def crosses_above(r: Row, now: int = 0, other: int = 1) -> float:
    """x > y now and x <= y on the previous row; missing unless all four values are present (our choice)."""
    if r.i == 0:
        return NAN
    x, y, x0, y0 = r.x(now), r.x(other), r.cols[now][r.i - 1], r.cols[other][r.i - 1]
    return NAN if missing(x, y, x0, y0) else float(x > y and x0 <= y0)


def bars_since(r: Row) -> float:
    for back in range(r.i + 1):
        if true(r.cols[0][r.i - back]):
            return float(back)
    return NAN


def latch(r: Row) -> float:
    state = r.out[r.i - 1] if r.i > 0 else 0.0
    if true(r.x(2)):
        return 0.0
    if true(r.x(0)):
        return 1.0
    return -1.0 if true(r.x(1)) else state


def hold_when(r: Row) -> float:
    """The last output while c is true, else x; a missing c is not true (our choice)."""
    if true(r.x(1)):
        return r.out[r.i - 1] if r.i > 0 else NAN
    return r.x(0)


def state(r: Row) -> float:
    """`init` on the first row, then the value of the (later) input node on the previous row; a missing one keeps the old value."""
    if r.i == 0:
        return r.f[0]
    before = r.cols[0][r.i - 1]
    return r.out[r.i - 1] if missing(before) else before


STATEFUL: dict[str, Callable[[Row], float]] = {
    "ema": ema,
    "rma": rma,
    "ewm_mean": ewm_mean,
    "ewm_std": ewm_std,
    "true_range": true_range,
    "atr": atr,
    "rsi": rsi,
    "crosses_above": crosses_above,
    "crosses_below": lambda r: crosses_above(r, 1, 0),
    "bars_since": bars_since,
    "latch": latch,
    "hold_when": hold_when,
    "state": state,
}

# --- across assets ----------------------------------------------------------------------------------------------------


def cross_section(op: str, f: list[float], values: list[float]) -> list[float]:
    """Returns the node's value for each asset, given the values of the assets with a bar now, in id order."""
    present = [(v, k) for k, v in enumerate(values) if not missing(v)]
    count = len(present)
    position = {k: p for p, (_, k) in enumerate(sorted(present))}
    xs = [v for v, _ in present]
    out = []
    for k, v in enumerate(values):
        out.append(NAN if missing(v) else guarded(lambda v=v, k=k: across(op, f, v, position[k], count, xs)))  # type: ignore[misc]
    return out


def exact_mean(xs: list[float]) -> Fraction:
    """Exact, so that values which differ in their last place only keep their differences."""
    return sum(map(Fraction, xs), Fraction(0)) / len(xs)


def across(op: str, f: list[float], v: float, position: int, count: int, xs: list[float]) -> float:
    match op:
        case "cs_rank":
            return position / (count - 1) if count > 1 else 0.5
        case "cs_zscore":
            center = exact_mean(xs)
            squares = sum((Fraction(x) - center) ** 2 for x in xs)
            return float(Fraction(v) - center) / math.sqrt(squares / (count - 1))
        case "cs_demean":
            return float(Fraction(v) - exact_mean(xs))
        case "cs_bucket":
            return float(position * int(f[0]) // count)
        case "cs_top":
            return float(position >= count - int(f[0]))
        case "cs_scale" if len(f) == 1:
            total = math.fsum(abs(x) for x in xs)
            return v * f[0] / total if total else 0.0
        case "cs_scale":
            side = math.fsum(abs(x) for x in xs if sign(x) == sign(v))
            return v * (f[0] if v > 0 else f[1]) / side if side else 0.0
    raise ValueError(f"unknown cross-section {op!r}")


# --- one place for the rules of missing ----------------------------------------------------------------------------------


def guarded(compute: Callable[[], float]) -> float:
    """Returns the value, or missing where it is not a finite number."""
    try:
        value = compute()
    except (ZeroDivisionError, ValueError, OverflowError):
        return NAN
    return value if math.isfinite(value) else NAN


def evaluate(op: str, r: Row) -> float:
    """Returns the node's value on row `r.i`; NaN is missing."""
    if op == "const":
        return r.f[0]
    if op in STRICT:
        args = [c[r.i] for c in r.cols]
        return NAN if missing(*args) else guarded(lambda: STRICT[op](*args))
    if op in LENIENT:
        return guarded(lambda: LENIENT[op](*(c[r.i] for c in r.cols)))
    if op in HISTORY:
        return guarded(lambda: HISTORY[op](r))
    if op in ROLLING:
        w = windows(r)
        return NAN if w is None else guarded(lambda: ROLLING[op](r, w))
    return guarded(lambda: STATEFUL[op](r))
