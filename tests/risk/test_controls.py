"""The table of controls is honest: each active one is breached by a run here and leaves its codes, and none beside them."""

from __future__ import annotations

from dataclasses import asdict

import pytest

import bot4 as b4
from bot4.backtest.reasons import CAUSES, LAYERS, REASONS
from bot4.data import load
from bot4.risk.catalogue import ACTIVE, CONTROLS, LIVE_ONLY, REHEARSED
from bot4.risk.keys import LIMITS, PARAMETERS, QUANTITIES
from bot4.risk.policy import Policy
from tests.backtest.markets import FREE, HOUR, START, frame, market, perpetuals

OFF = {section: dict.fromkeys(keys, False) for section, keys in {
    "account": ("hourly_loss", "daily_loss", "total_loss", "drawdown", "max_leverage"), "portfolio": ("correlation",),
    "order": ("risk_per_trade",)}.items()}  # fmt: skip
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


@b4.strategy(on=b4.bars("1h"))
def late(m):
    """Long once the price is above 103."""
    return b4.target(b4.where(m.close > 103, 1.0, 0.0), budget=10.0)


@b4.strategy(on=b4.bars("1h"))
def twice(m):
    return b4.orders(
        b4.order.market("first", "buy", size=b4.size.qty(1.0), when=m.close > 90),
        b4.order.market("second", "buy", size=b4.size.qty(1.0), when=m.close > 90),
    )


@b4.strategy(on=b4.bars("1h"))
def far(m):
    return b4.orders(b4.order.limit("far", "buy", size=b4.size.qty(1.0), price=m.close * 0.5))


@b4.strategy(on=b4.bars("1h"))
def crossing(m):
    return b4.orders(
        b4.order.limit("a", "sell", size=b4.size.qty(1.0), price=m.close * 1.02, when=m.close > 90),
        b4.order.limit("b", "buy", size=b4.size.qty(1.0), price=m.close * 1.03, when=m.close > 90),
    )


@b4.strategy(on=b4.bars("1h"))
def trailed(m):
    return b4.target(b4.where(m.close > 0, 1.0, 0.0), stop=b4.stop.trailing(pct=0.05))


@b4.strategy(on=b4.bars("1h"))
def fixed(m):
    return b4.target(b4.where(m.close > 0, 1.0, 0.0), stop=b4.stop.fixed(pct=0.05))


@b4.strategy(on=b4.bars("1h"))
def bracketed(m):
    size = b4.size.qty(1.0)
    return b4.orders(b4.order.market("one", "buy", size=size, when=m.close > 99, stop=b4.stop.fixed(m.close * 0.05)))


@b4.strategy(on=b4.bars("1h"))
def followed(m):
    size = b4.size.qty(1.0)
    return b4.orders(b4.order.market("one", "buy", size=size, when=m.close > 99, trail=m.close * 0.05))


def only(**limits):
    """A policy in which only these limits stand; quantities are those of BTC/USDT:USDT."""
    sections: dict[str, dict[str, object]] = {section: dict(keys) for section, keys in OFF.items()}
    for field, value in limits.items():
        key = {**LIMITS, **PARAMETERS}.get(field)
        if field in QUANTITIES:
            sections["instrument"] = {"BTC/USDT:USDT": {field: value}}
        elif key is None:
            sections["order"][field] = value
        else:
            sections.setdefault(key.section, {})[key.name] = value
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
WILD = [100, 101, 100, 101, 94, 101, 93, 101, 94, 94, 94, 94, 94, 94, 94, 94, 94]
TOGETHER = [100, 101, 100, 99, 94, 93, 92, 93, 92, 93, 92, 93]
APART = [100, 101, 100, 99, 94, 93, 92, 91, 92, 91, 92, 91]
RISE = [100, 101, 102, 103, 104, 105, 106]
GAP = {"opens": [100, 100, 100, 80, 90, 89, 88, 87, 86]}


def stops():
    """Every way a strategy's stop acts: inside the bar and at its open, of positions and of lanes."""
    found = set()
    for strategy in (fixed, trailed, bracketed, followed):
        found |= codes(strategy, future(FALL)) | codes(strategy, future(FALL, **GAP))
    return found


def pair(first, second=None):
    return perpetuals(frame(first), frame(first if second is None else second))


def crossing_sleeves():
    @b4.strategy(on=b4.bars("1h"))
    def offers(m):
        return b4.orders(b4.order.limit("ask", "sell", size=b4.size.qty(1.0), price=m.close * 1.01))

    @b4.strategy(on=b4.bars("1h"))
    def takes(m):
        return b4.orders(b4.order.limit("bid", "buy", size=b4.size.qty(1.0), price=m.close * 1.02))

    return codes(b4.sleeves(first=(offers, 0.5), second=(takes, 0.5)), future(RISE), {})


def by_hand():
    """A person pauses, flattens while the venue refuses market orders, resumes, and kills."""
    script = [
        {"at": START + at * HOUR, "do": do, "who": "ada"}
        for at, do in ((3, "pause"), (4, "flatten"), (8, "resume"), (9, "kill"))
    ]
    refused = [{"from": START + 5 * HOUR, "to": START + 6 * HOUR, "refuses": ["market"]}]
    slow = {"volume": 1_000.0}
    found = codes(
        more, future(FALL * 2, **slow), commands=script, venue_conditions=refused, volume_share=0.2, collar=0.001
    )
    return found | codes(
        more, future([100] * 12), commands=script[1:], venue_conditions=[refused[0] | {"from": START + 4 * HOUR}]
    )


BREACHES = {
    "losing_streak": lambda: codes(in_and_out, future(SAW), only(losing_streak=2)),
    "strategy_daily_loss": lambda: codes(more, future(FALL), only(strategy_daily_loss=0.05)),
    "strategy_drawdown": lambda: codes(more, future(FALL), only(strategy_drawdown=0.05)),
    "repeated_orders": lambda: codes(rising, future([100, 101, 102, 103, 104, 105]), only(repeated_orders=2)),
    "hourly_loss": lambda: codes(more, future(FALL), only(hourly_loss=0.05)),
    "daily_loss": lambda: codes(more, future(FALL), only(daily_loss=0.05)),
    "total_loss": lambda: codes(more, future(FALL), only(total_loss=0.05)),
    "drawdown": lambda: codes(long, future(FALL, volume=1_000.0), only(drawdown=0.05), volume_share=0.2),
    "var_breach": lambda: codes(more, future(WILD), only(var_breach=0.3, span=2)),
    "correlation_break": lambda: codes(more, pair(TOGETHER, APART), only(correlation_break=0.95, span=2)),
    "order_stop": stops,
    "venue_stop": lambda: codes(long, future(FALL), only(venue_stop=0.05)) | codes(long, future(FALL, **GAP), only(venue_stop=0.05)),
    "instruments": lambda: codes(long, perpetuals(frame(FALL), frame(FALL)), only(instruments=["ETH/USDT:USDT"])),
    "max_age": lambda: codes(rising, pair(RISE, RISE[:3]), only(max_age="1h")),
    "max_move": lambda: codes(rising, future([100, 101, 102, 150, 151]), only(max_move=0.3)),
    "orders_per_minute": lambda: codes(long, perpetuals(frame(FALL), frame(FALL)), only(orders_per_minute=1)),
    "orders_per_day": lambda: codes(in_and_out, future(SAW), only(orders_per_day=3)),
    "messages_per_minute": lambda: codes(long, pair(FALL), only(messages_per_minute=1)),
    "max_quantity": lambda: codes(long, future(FALL), only(max_quantity=5.0)),
    "risk_per_trade": lambda: codes(risky, future(FALL), only(risk_per_trade=0.02)),
    "volatility_target": lambda: codes(late, future(RISE), only(volatility_target=0.1, span=2)),
    "kelly": lambda: codes(in_and_out, future(SAW), only(kelly=0.25, kelly_trades=2)),
    "max_volume_share": lambda: codes(long, future(FALL, volume=1_000.0), only(max_volume_share=0.1)),
    "price_collar": lambda: codes(far, future(FALL), only(price_collar=0.1)),
    "collar_window": lambda: codes(late, future(RISE), only(collar_window=0.03)),
    "duplicate_window": lambda: codes(twice, future(FALL), only(duplicate_window="1h")),
    "self_match": lambda: codes(crossing, future(FALL), only(self_match=True)),
    "max_position": lambda: codes(long, future(FALL), only(max_position=5.0)),
    "max_exposure": lambda: codes(long, future(FALL), only(max_exposure=500)),
    "daily_volume": lambda: codes(in_and_out, future(SAW), only(daily_volume=150.0)),
    "max_positions": lambda: codes(long, pair(FALL), only(max_positions=1)),
    "concentration": lambda: codes(long, future(FALL), only(concentration=0.5)),
    "correlation": lambda: codes(late, pair(RISE), only(correlation=0.7, span=2)),
    "heat": lambda: codes(late, future(RISE), only(heat=0.1, span=2)),
    "value_at_risk": lambda: codes(late, future(RISE), only(value_at_risk=0.01, span=2)),
    "expected_shortfall": lambda: codes(late, future(RISE), only(expected_shortfall=0.01, span=2)),
    "equity": lambda: codes(ruined, future([100, 100, 100, 60, 50, 60, 50, 60])),
    "min_size": lambda: codes(long, with_terms(FALL, min_qty="10000")),
    "min_notional": lambda: codes(long, with_terms(FALL, min_notional="1000000")),
    "max_value": lambda: codes(long, future(FALL), only(max_value=500)),
    "max_leverage": lambda: codes(long, future(FALL), only(max_leverage=0.5)),
    "balance": lambda: codes(long, spot(FALL), fee_bps=10.0),
    "margin": lambda: codes(long, with_terms(FALL, "BTC/USDT:USDT", margin=MARGIN), weight=2.0),
    "no_short": lambda: codes(long, spot(FALL), weight=-1.0),
    "own_cross": crossing_sleeves,
    "collar": lambda: codes(long, future(FALL, opens=[100, 150, 100, 90, 89, 88, 87, 86, 85])),
    "kill_by_hand": by_hand,
    "circuit_breakers": lambda: codes(more, future(FALL), OFF | {"breaker": {"account": {"loss": 0.05}}}),
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
    assert not any(control.codes or control.metric for control in LIVE_ONLY)
    assert all(control.codes == ("breaker",) for control in REHEARSED), "tests/live/test_observed.py drives them"


def test_every_key_of_the_policy_is_an_active_control_with_its_default():
    by_id = {control.id: control for control in ACTIVE}
    for field, value in asdict(Policy()).items():
        if field == "per_instrument":
            assert all(by_id[name].key.endswith(name) for name in QUANTITIES)
        elif field == "breakers":
            assert by_id["circuit_breakers"].key == "policy: breaker"
        elif field not in PARAMETERS:
            assert by_id[field].default == ("off" if value is None else f"{value:g}"), field
            assert by_id[field].key == f"policy: {LIMITS[field].address if field in LIMITS else 'order.instruments'}"
