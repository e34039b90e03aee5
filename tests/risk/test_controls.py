"""The table of controls is honest: each active one is breached by a run here and leaves its codes, and none beside them."""

from __future__ import annotations

from dataclasses import asdict

import pytest

import bot4 as b4
from bot4.backtest.reasons import CAUSES, LAYERS, REASONS
from bot4.data import load
from bot4.risk.catalogue import ACTIVE, CONTROLS, NOT_YET
from bot4.risk.policy import LIMITS, Policy
from tests.backtest.markets import FREE, frame, market, perpetuals

OFF = {section: dict.fromkeys(keys, False) for section, keys in {
    "account": ("hourly_loss", "daily_loss", "total_loss", "drawdown", "max_leverage"), "order": ("risk_per_trade",)}.items()}  # fmt: skip
FALL = [100, 100, 100, 90, 89, 88, 87, 86, 85]


@b4.strategy(on=b4.bars("1h"))
def long(m, weight: float = 1.0):
    return b4.target(b4.where(m.close > 0, weight, 0.0), budget=10.0)


@b4.strategy(on=b4.bars("1h"))
def more(m):
    """Asks for more the lower the price is."""
    return b4.target(b4.where(m.close < 95, 2.0, 1.0), budget=10.0)


@b4.strategy(on=b4.bars("1h"))
def risky(m):
    return b4.target(b4.where(m.close > 0, 1.0, 0.0), stop=b4.stop.fixed(pct=0.5))


@b4.strategy(on=b4.bars("1h"))
def in_and_out(m):
    return b4.target(b4.where(m.close > m.close.shift(1), 1.0, 0.0), band=0.01)


@b4.strategy(on=b4.bars("1h"))
def ruined(m):
    """Three times equity, and one coin more after the fall."""
    return b4.orders(
        b4.order.market("first", "buy", size=b4.size.qty(2_999.0), when=m.close > 90),
        b4.order.market("again", "buy", size=b4.size.qty(1.0), when=m.close < 61),
    )


@b4.strategy(on=b4.bars("1h"))
def rising(m):
    """A tenth more with each bar that rises by 1."""
    return b4.target((m.close - 99) / 10)


def only(**limits):
    """A policy in which only these limits stand."""
    sections = {section: dict(keys) for section, keys in OFF.items()}
    for key, value in limits.items():
        sections.setdefault(LIMITS[key][0] if key in LIMITS else "order", {})[key] = value
    return sections


def codes(strategy, bars, policy=None, **settings):
    """Returns every code that a run left: causes and reasons of orders, layers of the guard."""
    settings = FREE | {"record": False, "funding_default": 0.0} | settings
    result = b4.backtest(strategy, bars, policy=policy, **settings)
    orders = result.records["orders"]
    found = {CAUSES[int(code)] for code in orders["cause"]} | {REASONS[int(code)] for code in orders["reason"]}
    return found | {LAYERS[int(code)] for code in result.records["guard"]["layer"]}


def spot(closes, **columns):
    return market(frame(closes, **columns))


def future(closes, **columns):
    return perpetuals(frame(closes, **columns))


def with_terms(closes, symbol="BTC/USDT", **terms):
    return load({symbol: frame(closes)}, instruments={"instruments": [{"symbol": symbol, **terms}]})


MARGIN = {"mode": "cross", "leverage": 1, "tiers": [[0, 0.004]]}
SAW = [100, 101, 99, 101, 98, 101, 97, 101, 96, 95, 97]
BREACHES = {
    "losing_streak": lambda: codes(in_and_out, future(SAW), only(losing_streak=2)),
    "repeated_orders": lambda: codes(rising, future([100, 101, 102, 103, 104, 105]), only(repeated_orders=2)),
    "hourly_loss": lambda: codes(more, future(FALL), only(hourly_loss=0.05)),
    "daily_loss": lambda: codes(more, future(FALL), only(daily_loss=0.05)),
    "total_loss": lambda: codes(more, future(FALL), only(total_loss=0.05)),
    "drawdown": lambda: codes(long, future(FALL, volume=1_000.0), only(drawdown=0.05), volume_share=0.2),
    "instruments": lambda: codes(long, perpetuals(frame(FALL), frame(FALL)), only(instruments=["ETH/USDT:USDT"])),
    "orders_per_minute": lambda: codes(long, perpetuals(frame(FALL), frame(FALL)), only(orders_per_minute=1)),
    "orders_per_day": lambda: codes(in_and_out, future(SAW), only(orders_per_day=3)),
    "risk_per_trade": lambda: codes(risky, future(FALL), only(risk_per_trade=0.02)),
    "max_volume_share": lambda: codes(long, future(FALL, volume=1_000.0), only(max_volume_share=0.1)),
    "equity": lambda: codes(ruined, future([100, 100, 100, 60, 50, 60, 50, 60])),
    "min_size": lambda: codes(long, with_terms(FALL, min_qty="10000")),
    "min_notional": lambda: codes(long, with_terms(FALL, min_notional="1000000")),
    "max_value": lambda: codes(long, future(FALL), only(max_value=500)),
    "max_leverage": lambda: codes(long, future(FALL), only(max_leverage=0.5)),
    "balance": lambda: codes(long, spot(FALL), fee_bps=10.0),
    "margin": lambda: codes(long, with_terms(FALL, "BTC/USDT:USDT", margin=MARGIN), weight=2.0),
    "no_short": lambda: codes(long, spot(FALL), weight=-1.0),
    "collar": lambda: codes(long, future(FALL, opens=[100, 150, 100, 90, 89, 88, 87, 86, 85])),
}  # fmt: skip


@pytest.mark.parametrize("control", ACTIVE, ids=lambda control: control.id)
def test_each_active_control_is_breached_and_leaves_its_codes(control):
    assert set(control.codes) <= BREACHES[control.id]()


def test_the_table_and_the_breaches_are_one_list():
    assert list(BREACHES) == [control.id for control in ACTIVE]
    known = {*CAUSES.values(), *LAYERS.values(), *REASONS.values()}
    assert {code for control in ACTIVE for code in control.codes} <= known
    ids = [control.id for control in CONTROLS]
    assert len(set(ids)) == len(ids)
    assert all(control.metric == f"bot4_risk_{control.id}_total" and control.rule for control in ACTIVE)
    assert not any(control.codes or control.metric for control in NOT_YET)


def test_every_key_of_the_policy_is_an_active_control_with_its_default():
    by_id = {control.id: control for control in ACTIVE}
    for key, value in asdict(Policy()).items():
        assert by_id[key].default == ("off" if value is None else f"{value:g}"), key
        assert by_id[key].key == f"policy: {LIMITS[key][0] if key in LIMITS else 'order'}.{key}"
