"""Seeded random markets and desk cases. The same seed gives the same case on every machine (only `random.Random` is used).

A market mixes spot and linear instruments of one quote currency; its bars lie exactly on the tick and lot grid. Programs are made by
`programs`; a desk case here adds a configuration that provokes cuts, refusals, ruin and unfinished orders.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from random import Random
from typing import Any

from .records import IntBar
from .signals import Bar

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000


@dataclass(frozen=True)
class Market:
    """Instruments in id order, with the same bars as floats and as integers; `times[id]` are the rows' open times."""

    interval_ms: int
    instruments: list[dict[str, Any]]
    bars: dict[str, list[Bar]]
    int_bars: list[dict[int, IntBar]]

    @property
    def symbols(self) -> list[str]:
        return [str(i["symbol"]) for i in self.instruments]

    def until(self, ts: int) -> Market:
        """Returns the market as it was known when the bars opening at `ts` had closed."""
        bars = {s: [b for b in rows if b[0] <= ts] for s, rows in self.bars.items()}
        return Market(
            self.interval_ms,
            self.instruments,
            bars,
            [{t: b for t, b in rows.items() if t <= ts} for rows in self.int_bars],
        )


@dataclass(frozen=True)
class Case:
    """One reproducible backtest."""

    seed: int
    market: Market
    program: dict[str, Any]
    config: dict[str, Any]
    funding: list[list[tuple[int, float]] | None] | None = None
    funding_default: tuple[int, int] | None = None


def unit(pair: list[int]) -> Fraction:
    return Fraction(pair[0], 10 ** pair[1])


PRICES = (30, 300, 5_000, 60_000, 2_000_000)


def market(r: Random, rows: tuple[int, int] = (60, 160), assets: int = 5, prices: tuple[int, ...] = PRICES) -> Market:
    interval = r.choice([MINUTE, HOUR, DAY])
    count = r.randint(1, assets)
    start = r.randrange(10_000, 12_000) * interval
    length = r.randint(*rows)
    instruments: list[dict[str, Any]] = []
    bars: dict[str, list[Bar]] = {}
    int_bars: list[dict[int, IntBar]] = []
    names = sorted(
        (r.choice(["alpha", "beta"]), f"{base}/USDT")
        for base in r.sample(["ADA", "BTC", "DOGE", "ETH", "SOL", "XRP"], count)
    )
    for venue, symbol in names:
        linear = r.random() < 0.5
        info: dict[str, Any] = {
            "symbol": symbol + (":USDT" if linear else ""),
            "venue": venue,
            "kind": "linear" if linear else "spot",
            "base": symbol.split("/")[0],
            "quote": "USDT",
            "tick": [r.choice([1, 1, 1, 5, 25]), r.randint(0, 6)],
            "lot": [r.choice([1, 1, 1, 5]), r.randint(0, 5)],
        }
        instruments.append(info)
        ints = int_series(r, start, interval, length, prices)
        int_bars.append(ints)
        bars[info["symbol"]] = [to_float(t, b, unit(info["tick"]), unit(info["lot"])) for t, b in ints.items()]
    return Market(interval, instruments, bars, int_bars)


def to_float(ts: int, b: IntBar, tick: Fraction, lot: Fraction) -> Bar:
    prices = [float(p * tick) for p in (b.open, b.high, b.low, b.close)]
    return (ts, prices[0], prices[1], prices[2], prices[3], float(b.volume * lot))


def int_series(
    r: Random, start: int, interval: int, length: int, prices: tuple[int, ...] = PRICES
) -> dict[int, IntBar]:
    """A random walk in ticks with jumps, flat stretches, gaps, bars without volume and a late start."""
    price = float(r.choice(prices))
    sigma, gap_rate = r.choice([0.002, 0.01, 0.04]), r.choice([0.0, 0.02, 0.15])
    quiet_rate, volume = r.choice([0.0, 0.05, 0.3]), r.choice([40, 2_000, 1_000_000])
    late = r.choice([0, 0, r.randint(0, length // 4)])
    jump_rate = r.choice([0.0, 0.02, 0.1])
    rows: dict[int, IntBar] = {}
    flat = 0
    for k in range(length):
        flat = flat - 1 if flat else (r.randint(3, 12) if r.random() < 0.01 else 0)
        opened = price
        if not flat:
            if r.random() < jump_rate:
                opened *= r.choice([0.4, 0.8, 0.9, 1.1, 1.25, 2.4])
            elif r.random() < 0.5:
                opened *= 1.0 + r.gauss(0.0, sigma / 3)
            price = max(3.0, opened * (1.0 + r.gauss(0.0, sigma)))
        wick = 0.0 if flat else abs(r.gauss(0.0, sigma / 2))
        o, c = max(1, round(opened)), max(1, round(price))
        high, low = round(max(o, c) * (1.0 + wick)), max(1, round(min(o, c) * (1.0 - wick)))
        lots = 0 if r.random() < quiet_rate else r.randint(1, volume)
        if k >= late and (r.random() >= gap_rate or k == length - 1):
            rows[start + k * interval] = IntBar(o, high, low, c, lots)
    return rows


def config(r: Random, m: Market) -> dict[str, Any]:
    """Costs and limits, cash between a few lots' worth and more than the volumes can take."""
    first = [
        next(iter(rows.values())).close * unit(i["tick"]) * unit(i["lot"])
        for i, rows in zip(m.instruments, m.int_bars, strict=True)
    ]
    lot_value = max(1, int(max(first) * 10**8))
    cash = max(1000, min(lot_value * r.choice([3, 50, 300, 1_000, 1_000, 20_000, 5_000_000]), 10**17))
    start = min(min(rows) for rows in m.int_bars)
    return {
        "cash": cash,
        "latency_ms": r.choice([0, 0, 0, 1, m.interval_ms, 5 * m.interval_ms // 2]),
        "trade_from_ms": r.choice([None, None, None, start + 40 * m.interval_ms]),
        "half_spread_e9": r.choice([0, 100_000, 5_000_000]),
        "impact": r.choice([0.0, 1.0, 2.5]),
        "volume_share_e9": r.choice([10_000_000, 100_000_000, 1_000_000_000]),
        "collar_e9": r.choice([2_000_000, 20_000_000, 100_000_000, 10_000_000_000]),
        "max_leverage_e9": r.choice([500_000_000, 1_000_000_000, 3_000_000_000, 20_000_000_000]),
        "max_notional": r.choice([None, None, max(1, cash // 5)]),
        "instruments": [
            {
                "taker_e9": r.choice([0, 400_000, 1_000_000, 20_000_000]),
                "maker_e9": 0,
                "min_lots": r.choice([1, 1, 3]),
                "min_notional": r.choice([0, 0, cash // 50]),
            }
            for _ in m.instruments
        ],
    }
