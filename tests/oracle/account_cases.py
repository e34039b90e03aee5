"""Random accounts: funding at the minute of fills, tiers that are reached, leverage that ruins, loans, wallets of two currencies."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import Any

from .generate import DAY, HOUR, MINUTE, Case, Market, config, market, to_float, unit
from .instrument import E9
from .orders import OrderTrader, entry, realism
from .strategies import Trader

PRICES = (300, 5_000, 60_000)


def with_inverse(r: Random, m: Market) -> Market:
    """Makes inverse contracts of some linear ones; they settle in the base of an instrument that the market also quotes."""
    instruments, bars = [], dict(m.bars)
    coin = r.choice(sorted({str(i["base"]) for i in m.instruments}))
    for k, (old, rows) in enumerate(zip(m.instruments, m.int_bars, strict=True)):
        info = dict(old)
        if info["kind"] == "linear" and info["base"] != coin and r.random() < 0.7:
            info |= {"kind": "inverse", "base": coin, "symbol": f"{coin}/USD:{coin}-{k}", "quote": "USD"}
            info |= {"lot": [1, 0], "contract": r.choice([[1, 0], [10, 0], [100, 0], [25, 1]])}
            bars.pop(old["symbol"])
            bars[info["symbol"]] = [to_float(t, b, unit(info["tick"]), unit(info["lot"])) for t, b in rows.items()]
        instruments.append(info)
    order = sorted(range(len(instruments)), key=lambda k: (instruments[k]["venue"], instruments[k]["symbol"]))
    named = [instruments[k] for k in order]
    ordered = {str(i["symbol"]): bars[str(i["symbol"])] for i in named}
    return replace(m, instruments=named, bars=ordered, int_bars=[m.int_bars[k] for k in order])


def wallets(r: Random, m: Market, settings: dict[str, Any]) -> dict[str, Any]:
    """One wallet for each settlement currency; the coin's is valued by an instrument of its own."""
    coins = sorted({str(i["base"]) for i in m.instruments if i["kind"] == "inverse"})
    out = [{"currency": "USDT", "cash": settings["cash"], "convert": None, "mode": r.choice(["cash", "cash", "cross"])}]
    out[0]["interest_e9"] = r.choice([0, 100_000_000, 5_000_000_000])
    for coin in coins:
        by = next(k for k, i in enumerate(m.instruments) if i["base"] == coin and i["quote"] == "USDT")
        price = next(iter(m.int_bars[by].values())).close * unit(m.instruments[by]["tick"])
        cash = int(settings["cash"] / price * r.choice([0, 1, 3]))
        out.append({"currency": coin, "cash": min(cash, 10**17), "convert": by, "mode": "cash", "interest_e9": 10**8})
    for info, costs in zip(m.instruments, settings["instruments"], strict=True):
        costs["wallet"] = 1 + coins.index(info["base"]) if info["kind"] == "inverse" else 0
    return settings | {"wallets": out}


def tiers(r: Random, scale: int) -> list[list[int]]:
    """Maintenance brackets whose amounts make the margin continuous, as venues do."""
    rate = r.choice([4_000_000, 10_000_000, 25_000_000])
    out = [[0, rate, 0]]
    for k in range(r.randint(0, 3)):
        floor, more = max(1, scale) * 4**k, out[-1][1] + r.choice([5_000_000, 25_000_000, 100_000_000])
        amount = out[-1][2] + floor * (more - out[-1][1]) // E9
        out.append([floor, more, min(amount, floor * more // E9)])
    return [t for k, t in enumerate(out) if k == 0 or t[0] > out[k - 1][0]]


def margins(r: Random, m: Market, settings: dict[str, Any]) -> None:
    mode = r.choice(["cross", "isolated", "mixed", "some"])
    for info, costs in zip(m.instruments, settings["instruments"], strict=True):
        if mode == "some" and r.random() < 0.5:
            continue
        if info["kind"] == "spot" and r.random() < 0.6:
            continue
        scale = settings["cash"] if info["kind"] != "inverse" else max(1, settings["cash"] // 3_000)
        costs["margin"] = {
            "mode": r.choice(["cross", "isolated"]) if mode in ("mixed", "some") else mode,
            "leverage_e9": r.choice([2, 5, 10, 40]) * E9,
            "tiers": tiers(r, scale // r.choice([1, 3, 10])),
            "liquidation_fee_e9": r.choice([0, 5_000_000, 12_500_000]),
        }
        if info["kind"] == "spot":
            costs["margin"]["mode"] = "cross"
            costs["borrow_e9"] = r.choice([0, 50_000_000, 2_000_000_000])


def series(r: Random, m: Market) -> list[list[tuple[int, float]] | None]:
    """Settlements on the minute of bars, some milliseconds late, between bars, and in bursts."""
    out: list[list[tuple[int, float]] | None] = []
    for info, rows in zip(m.instruments, m.int_bars, strict=True):
        if info["kind"] == "spot" or r.random() < 0.25:
            out.append(None)
            continue
        step = m.interval_ms * r.choice([1, 2, 3, 8]) // r.choice([1, 1, 2])
        first, last = min(rows), max(rows)
        times = range(first - 3 * step, last + step, step)
        rate = r.choice([0.0001, 0.001, 0.02])
        jitter = [0, 0, 3, 999, 1_000, 1_001, -5]
        mine = sorted({t + r.choice(jitter) for t in times if r.random() < 0.9})
        out.append([(t, r.gauss(0.0, rate)) for t in mine])
    return out


def account_case(seed: int) -> Case:
    """Targets, entries or keyed orders on an account with margin, funding, loans or a second currency."""
    r = Random(seed)
    m = market(r, (50, 120), 4, PRICES)
    if r.random() < 0.4:
        m = with_inverse(r, m)
    settings = realism(r, config(r, m), m)
    settings |= {"max_leverage_e9": r.choice([3, 20, 60]) * E9, "volume_share_e9": r.choice([10**8, E9])}
    if any(i["kind"] == "inverse" for i in m.instruments) or r.random() < 0.5:
        settings = wallets(r, m, settings)
    if r.random() < 0.8:
        margins(r, m, settings)
    program = account_program(r, m, settings)
    step = r.choice([m.interval_ms, 8 * HOUR, DAY, 7 * MINUTE])
    default = r.choice([None, (100_000, step)])
    return Case(seed, m, program, settings, series(r, m) if r.random() < 0.7 else None, default)


def account_program(r: Random, m: Market, settings: dict[str, Any]) -> dict[str, Any]:
    t = OrderTrader(r, m, settings["cash"] / 1e8)
    trader: Trader = t.trader
    targets = trader.targets(False, t.cash)
    for x in targets:
        x |= {"budget": r.choice([1.0, 12.0]), "take": t.distance() if r.random() < 0.3 else None}
        if r.random() < 0.5:
            x["stops"] = []
    return t.b.program(targets, trader.rebalance())


def lever_case(seed: int) -> Case:
    """Entries or keyed orders on an account with margin."""
    r = Random(seed)
    case = account_case(seed)
    t = OrderTrader(r, case.market, case.config["cash"] / 1e8)
    mine: dict[str, Any] = {"entries": [entry(t, None)]} if r.random() < 0.5 else {"orders": t.keys(None)}
    return replace(case, program=t.b.program([]) | mine)
