"""A switch follows the regime it was given, after confirmation, directly or through flat."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest

import bot4 as b4
from bot4.strategy import Target
from bot4.strategy.build import Frame, build_program
from tests.backtest.markets import FREE, START

HOUR = 3_600_000


def data(regimes: list[float]) -> pl.DataFrame:
    """Bars at a price of 100 whose volume is the regime (in thousands, so that orders fill)."""
    rows = len(regimes)
    price = np.full(rows, 100.0)
    return pl.DataFrame(
        {
            "ts": START + np.arange(rows, dtype=np.int64) * HOUR,
            **dict.fromkeys(("open", "high", "low", "close"), price),
            "volume": np.asarray(regimes) * 1000.0,
        }
    )


def values(made: Any, regimes: list[float]) -> list[float | None]:
    return b4.peek(lambda m: made(m).expression, {"BTC/USDT": data(regimes)})["value"].to_list()


def confirmed(regimes: list[float], count: int) -> list[float | None]:
    held: float | None = None
    found: list[float | None] = []
    for i in range(len(regimes)):
        last = regimes[max(0, i - count + 1) : i + 1]
        if len(last) == count and len(set(last)) == 1:
            held = last[0]
        found.append(held)
    return found


@pytest.mark.parametrize("count", [1, 2, 5])
def test_a_regime_counts_after_as_many_equal_rows(count: int) -> None:
    rng = np.random.default_rng(count)
    regimes = [float(x) for x in np.repeat(rng.integers(1, 4, 80), rng.integers(1, 8, 80))]
    weights = {1000: -0.5, 2000: 0.25, 3000: 1.0}
    found = values(lambda m: b4.switch(m.volume, weights, confirm=count), regimes)
    assert found == [None if r is None else weights[int(r) * 1000] for r in confirmed(regimes, count)]


def test_a_value_without_a_key_has_its_own_number_and_a_missing_one_holds() -> None:
    found = values(
        lambda m: b4.switch(m.volume.where(m.volume > 1500), {2000: 1.0, 3000: 0.5}, otherwise=0.1), [1, 2, 3, 4]
    )
    assert found == [None, 1.0, 0.5, 0.1]


def test_a_condition_has_the_regimes_true_and_false() -> None:
    found = values(lambda m: b4.switch(m.volume > 1500, {True: 1.0, False: -1.0}), [1, 2])
    assert found == [-1.0, 1.0]


def test_a_slower_regime_is_confirmed_on_its_own_rows() -> None:
    regimes = [1.0] * 8 + [2.0] * 8
    slow = values(
        lambda m: b4.switch(m.at("4h").close.where(m.at("4h").volume > 5000), {100: 1.0, 1: 0.0}, confirm=2), regimes
    )
    assert slow[:15] == [None] * 15
    assert slow[15] == 1.0  # the second four-hour bar of the new regime ends here


def weights_held(handover: Any) -> list[float]:
    @b4.strategy(on=b4.bars("1h"))
    def regime(m):
        """Long in one regime, short in the other."""
        return b4.switch(m.volume, {1000: 0.5, 2000: -0.5}, handover=handover)

    regimes = [1.0] * 4 + [2.0] * 5 + [1.0] * 4
    result = b4.backtest(regime, {"BTC/USDT:USDT": data(regimes)}, cash=10_000, **FREE)
    fills = result.fills
    return [round(float(p), 3) for p in fills["qty"]]


def test_a_handover_through_flat_closes_before_it_opens() -> None:
    assert weights_held("direct") == [50.0, -100.0, 100.0]
    assert weights_held("flat") == [50.0, -50.0, -50.0, 50.0, 50.0]


def test_settings_stops_and_takes_of_the_regimes_go_with_them() -> None:
    m = b4.market()
    calm = b4.target(1.0, band=0.05, rearm="12h", stop=[b4.stop.trailing(2 * m.atr(5)), b4.stop.time(9)])
    wild = b4.target(
        0.2,
        band=0.05,
        rearm="12h",
        stop=[b4.stop.trailing(5 * m.atr(5)), b4.stop.time(9), b4.stop.fixed(pct=0.1)],
        take=m.atr(5),
    )
    made = b4.switch(m.volume, {1: calm, 2: wild})
    assert isinstance(made, Target)
    p = build_program([made], Frame("s", "strategy", HOUR))
    (t,) = p.targets
    assert (t["band"], t["rearm"]) == (0.05, {"mode": "cooldown", "ms": 12 * HOUR})
    assert [s["kind"] for s in t["stops"]] == ["fixed", "trailing", "time"]
    chosen = p.lines[t["stops"][1]["node"]].text
    assert chosen == (
        "where(volume == 1, 2 * atr(high, low, close, 5), where(volume == 2, 5 * atr(high, low, close, 5), missing))"
    )
    assert (
        p.lines[t["stops"][0]["node"]].text == "where(volume == 1, missing, where(volume == 2, close * 0.1, missing))"
    )
    assert p.lines[t["take"]].text.startswith("where(volume == 1, missing")


def test_an_addressed_switch_keeps_its_address() -> None:
    a = b4.asset("A")
    made = b4.switch(a.volume, {1: b4.target(1.0, asset="A"), 2: b4.target(0.0, asset="A")}, handover="flat")
    assert made.asset == "A"
    p = build_program([made], Frame("s", "portfolio", HOUR))
    assert {n.only for n in p.nodes if n.op == "pos"} == {"A"}
