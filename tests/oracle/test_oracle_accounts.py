"""The oracle's wallets, inverse contracts, funding, interest, margin and liquidation against numbers worked out by hand."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import pytest

from . import margin as margins
from . import records as d
from .accounts import hours, interest
from .desk import Desk
from .instrument import E9, Instrument
from .money import Ledger
from .programs import target
from .records import IntBar, Signal
from .test_oracle_lanes import CONFIG, HOUR, UNIT, Row, flat

COSTS = {"taker_e9": 0, "maker_e9": 0, "min_lots": 1, "min_notional": 0}
LINEAR = {"symbol": "A/Q:Q", "kind": "linear", "tick": [1, 0], "lot": [1, 0]}
# BitMEX XBTUSD: a contract is 1 USD, prices in half dollars, settled in bitcoin.
XBTUSD = {"symbol": "XBT/USD:XBT", "kind": "inverse", "tick": [5, 1], "lot": [1, 0], "contract": [1, 0]}


def leveraged(mode: str, leverage: int = 10, rate: int = 5_000_000, **more: Any) -> dict[str, Any]:
    return {"margin": {"mode": mode, "leverage_e9": leverage * E9, "tiers": [[0, rate, 0]], **more}}


def play(rows: Sequence[Row], lots: int, costs: dict[str, Any], **more: Any) -> Desk:
    """Holds a number of lots of one linear perpetual from the first decision on."""
    distance = more.pop("distance", None)
    stops = [{"kind": "fixed", "node": 0}] if distance else []
    program = {"kind": "portfolio", "targets": [target(0, kind="qty", stops=stops, budget=99.0)], "rebalance": None}
    feed = {k: more.pop(k) for k in ("funding", "funding_default") if k in more}
    config = CONFIG | {"instruments": [COSTS | costs]} | more
    desk = Desk([LINEAR], HOUR, program, config, [0], **feed)
    for k, row in enumerate(rows):
        desk.step(k * HOUR, {0: IntBar(*row)}, lambda _: Signal(lots, (distance,) if distance else ()))
    return desk


def equity(desk: Desk) -> float:
    return desk.equity[-1][1] / UNIT


# --- inverse contracts --------------------------------------------------------------------------------------------------------


def test_the_profit_of_an_inverse_contract_is_that_of_the_venue_s_example() -> None:
    """BitMEX's guide: 50,000 contracts bought at 1,000 and sold at 1,250 earn 50,000 · (1/1,000 - 1/1,250) = 10 XBT."""
    book = Ledger([Instrument.read(XBTUSD, COSTS)], 100 * UNIT)
    book.fill(0, 50_000, 2_000, 0, 0, d.TARGET)
    book.mark(0, 2_500, 2_000, 2_500)
    assert (book.flow, book.value(0), book.equity()) == (150 * UNIT, -40 * UNIT, 110 * UNIT)
    book.fill(0, -50_000, 2_500, 1, 1, d.TARGET)
    assert (book.flow, book.trades[0].pnl) == (110 * UNIT, 10 * UNIT)


def test_an_inverse_short_loses_when_the_price_rises() -> None:
    """55,600 contracts sold at 55,600 and bought back at 75,000: 55,600 · (1/75,000 - 1/55,600) = -0.25866667 XBT."""
    book = Ledger([Instrument.read(XBTUSD, COSTS)], 10 * UNIT)
    book.fill(0, -55_600, 111_200, 0, 0, d.TARGET)
    book.fill(0, 55_600, 150_000, 1, 1, d.TARGET)
    assert book.trades[0].pnl == -25_866_667  # 0.74133333 rounded down is what is left of the coin


def test_the_entry_price_of_inverse_contracts_is_harmonic() -> None:
    """10,000 at 1,000 and 10,000 at 1,250 are 18 coins: 1,111.1 dollars, 2,222.2 ticks."""
    i = Instrument.read(XBTUSD, COSTS)
    long, short = (sum(i.cost(side * 10_000, ticks) for ticks in (2_000, 2_500)) for side in (1, -1))
    assert (i.entry_ticks(20_000, long), i.entry_ticks(-20_000, short)) == (2_222, 2_223)
    assert i.worth_of_cost(long) == -18 * UNIT


# --- funding and interest -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("rate", "left"), [(0.01, 990), (-0.01, 1010)])
def test_longs_pay_a_positive_rate_on_the_open_s_value(rate: float, left: int) -> None:
    desk = play([flat(100)] * 3, 10, {}, funding=[[(2 * HOUR, rate)]])
    assert equity(desk) == left
    assert (desk.accounts.funding[0].amount, desk.ledger.finish()[0].funding) == ((left - 1000) * UNIT,) * 2


@pytest.mark.parametrize(("late", "paid"), [(1_000, 1), (1_001, 0), (-5, 1)])
def test_a_settlement_a_second_late_belongs_to_its_bar(late: int, paid: int) -> None:
    desk = play([flat(100)] * 3, 10, {}, funding=[[(2 * HOUR + late, 0.01)]])
    assert len(desk.accounts.funding) == paid


def test_funding_at_the_minute_of_the_fill_finds_no_position_and_bursts_come_one_by_one() -> None:
    desk = play([flat(100)] * 3, 10, {}, funding=[[(HOUR, 0.01), (2 * HOUR - 60_000, 0.01), (2 * HOUR, 0.01)]])
    assert [f.ts for f in desk.accounts.funding] == [2 * HOUR - 60_000, 2 * HOUR]


def test_the_default_rate_falls_on_multiples_of_its_period() -> None:
    desk = play([flat(100)] * 5, 10, {}, funding=[None], funding_default=[1_000_000, 2 * HOUR])
    assert [(f.ts, f.amount) for f in desk.accounts.funding] == [(2 * HOUR, -1 * UNIT), (4 * HOUR, -1 * UNIT)]


@pytest.mark.parametrize(("rate", "amount"), [(1e-9, -1), (-1e-9, 0)])
def test_what_is_paid_rounds_up_and_what_is_received_down(rate: float, amount: int) -> None:
    desk = play([flat(3)] * 3, 1, {}, funding=[[(2 * HOUR, rate)]])  # 3e8 · 1e-9 is 0.3
    assert desk.accounts.funding[0].amount == amount


def test_interest_is_due_for_each_full_hour_and_rounds_up() -> None:
    assert hours(HOUR - 60_000, HOUR) == 1
    assert hours(HOUR, 2 * HOUR - 1) == 0
    assert interest(87_600_000_000, 100_000_000, 3) == 3_000_000  # 10 % a year of 876 is 0.01 an hour
    assert interest(1, 1, 2) == 2


# --- margin and liquidation ---------------------------------------------------------------------------------------------------


def test_the_tier_is_the_last_whose_floor_is_reached() -> None:
    tiers = [[0, 4_000_000, 0], [50_000 * UNIT, 5_000_000, 50 * UNIT]]
    assert margins.maintenance(tiers, 49_999 * UNIT) == 19_999_600_000  # 0.4 %
    assert margins.maintenance(tiers, 50_000 * UNIT) == 200 * UNIT  # 0.5 % less 50: continuous


@pytest.mark.parametrize(
    ("lots", "mode", "ticks"),
    [
        (10, "isolated", 91),  # (1,000 - 100) / (10 · 0.995) = 90.45
        (-10, "isolated", 109),  # (1,000 + 100) / (10 · 1.005) = 109.45
        (90, "cross", 90),  # (9,000 - 1,000) / (90 · 0.995) = 89.34
        (5, "cross", None),  # 500 at stake of 1,000
    ],
)
def test_the_liquidation_price(lots: int, mode: str, ticks: int | None) -> None:
    desk = play([flat(100)] * 2, lots, leveraged(mode))
    assert desk.accounts.level(0) == ticks


def test_the_liquidation_price_is_where_balance_meets_maintenance() -> None:
    """At the exact price before rounding, cash and profit are what must be kept, for both contract kinds and sides."""
    for kind, lots in ((LINEAR, 90), (LINEAR, -90), (XBTUSD, 50_000), (XBTUSD, -50_000)):
        i = Instrument.read(kind, COSTS)
        entry, rate, stake = 2_000, Fraction(5, 1000), Fraction(10 * UNIT)
        one = i.exact(abs(lots), 1)
        owed = Fraction(-1 if i.directed(lots) > 0 else 1) + rate
        surplus = stake - i.exact(i.directed(lots), entry)
        level = margins.Margin._price(one, i.inverse, lots, surplus, owed)
        if level is None:
            continue
        for price, stands in ((level + (1 if lots > 0 else -1), True), (level - (1 if lots > 0 else -1), False)):
            worth = i.exact(i.directed(lots), price)
            assert (surplus + worth > rate * abs(worth)) == stands, (kind["kind"], lots, level)


def test_a_liquidation_closes_all_at_the_worse_of_level_and_open_with_its_fee() -> None:
    costs = leveraged("isolated", liquidation_fee_e9=10_000_000)
    desk = play([flat(100), flat(100), (100, 100, 85, 95, 3)], 10, costs)
    assert [(f.lots, f.ticks, f.reason, f.rule) for f in desk.fills][1] == (-10, 91, d.LIQUIDATION, d.LIQUIDATED_AT)
    assert desk.fills[1].fee == 91 * UNIT // 10  # 1 % of 910
    assert equity(desk) == pytest.approx(1000 - 90 - 9.1)


def test_a_gap_costs_an_isolated_position_no_more_than_its_margin() -> None:
    desk = play([flat(100), flat(100), flat(80)], 10, leveraged("isolated"))
    assert equity(desk) == 900
    assert desk.accounts.totals["fund"] == [100 * UNIT]
    assert desk.ledger.trades[0].pnl == -100 * UNIT


def test_a_tighter_stop_comes_first_and_a_tie_is_the_venue_s() -> None:
    rows = [flat(100), flat(100), (100, 100, 85, 95, 99)]
    assert play(rows, 10, leveraged("isolated"), distance=5).fills[1].reason == d.STOP_FIXED
    assert play(rows, 10, leveraged("isolated"), distance=9).fills[1].reason == d.LIQUIDATION


def test_what_margin_does_not_cover_is_cut() -> None:
    desk = play([flat(100)] * 2, 120, leveraged("cross"), max_leverage_e9=50 * E9)
    assert (desk.orders[0].lots, desk.orders[0].cause) == (100, d.MARGIN)


def test_margin_is_given_back_in_proportion() -> None:
    desk = play([flat(100)] * 2, 10, leveraged("isolated"))
    assert desk.checks.margin.aside == [100 * UNIT]
    desk.step(2 * HOUR, {0: IntBar(*flat(100))}, lambda _: Signal(4))
    desk.step(3 * HOUR, {0: IntBar(*flat(100))}, lambda _: Signal(4))
    assert desk.checks.margin.aside == [40 * UNIT]
