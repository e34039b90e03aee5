"""Registered before it is opened: what is fixed, what is refused, what an opening costs, and what is found when someone edits later."""

from __future__ import annotations

import dataclasses
import sqlite3

import polars as pl
import pytest

from bot4 import _engine
from bot4.backtest.errors import BacktestError
from bot4.backtest.setup import Setup
from bot4.backtest.sweep.shared import Shared
from bot4.gate import canonical
from bot4.gate.errors import GateError
from bot4.gate.registry import due as dues
from bot4.gate.registry.book import Judged, Registered, sealed
from bot4.gate.registry.make import FUNDING_DEFAULT
from bot4.gate.registry.store import Registry
from tests.gate.worlds import DAY, IDLE, NOW, STRATEGY, World, write_bars

# --- registering ----------------------------------------------------------------------------------------------------------------


def test_registering_runs_nothing(world, monkeypatch):
    def run(*_, **__):
        raise AssertionError("something was run")

    monkeypatch.setattr(Setup, "run", run)
    monkeypatch.setattr(_engine, "run", run)
    monkeypatch.setattr(Shared, "run", run)
    made = world.register()
    assert made.grid[0] == {"fast": 3, "weight": 0.4}
    assert len(made.grid) == 15
    assert world.store.runs() == []
    with pytest.raises(AssertionError, match="something was run"):
        world.check(made.id)


def test_everything_that_decides_is_part_of_the_id(world):
    made = world.register()
    assert sealed(made) == made
    changed = {
        "identity": "x", "universe": ("x",), "data_digest": "x", "split": {"x": 1}, "costs": {"x": 1}, "grid": [], "seed": 9,
        "created_ms": 1, "settings": dataclasses.replace(made.settings, max_drawdown=0.2), "sources": {},
    }  # fmt: skip
    ids = {sealed(dataclasses.replace(made, **{name: value})).id for name, value in changed.items()}
    assert len(ids - {made.id}) == len(changed)


def test_below_three_years_the_last_days_are_left_to_the_first_look(world):
    plan = Registered(world.register(), 0).plan
    whole = (plan.out_start_ms - plan.inside_start_ms) // DAY
    assert whole == 120
    assert (plan.out_end_ms - plan.out_start_ms) // DAY == plan.first_days
    assert (world.asked().data, plan.first_days + 30) == (world.data, 573)


def test_with_an_end_all_days_before_it_are_known_and_later_ones_are_looks(world):
    made = world.register(settings={"end": "2021-06-01"})
    plan = Registered(made, 0).plan
    assert plan.out_end_ms == made.data_end_ms == 1_622_505_600_000
    assert dues.first_look(Registered(made, 0)) == (1, plan.first_days + 30)


def test_perpetuals_without_rates_pay_a_stated_default(world):
    assert world.register().costs["funding_default"] == FUNDING_DEFAULT


@pytest.mark.parametrize(
    ("settings", "missing"),
    [
        ({"fee_bps": 0.0}, "fees"),
        ({"spread_bps": 0.0}, "the spread"),
        ({"impact": 0.0}, "market impact"),
        ({"realism": "naive"}, "what realism naive waives"),
    ],
)
def test_missing_costs_are_refused(world, settings, missing):
    with pytest.raises(GateError, match=f"costs are missing: {missing}"):
        world.register(settings=settings)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"design": "guess"}, "the design is 'guess'"),
        ({"thresholds": {"luck": 1}}, "there is no setting luck"),
        ({"thresholds": {"least_days": 100}}, "least_days is 100"),
        ({"grid": {"fast": "4,5"}}, "do not hold the defaults"),
        ({"design": "holdout", "out_from": "2019-01-01"}, "give --from a day in between"),
    ],
)
def test_what_cannot_be_registered_is_refused(world, asked, said):
    with pytest.raises(GateError, match=said):
        world.register(**asked)
    assert world.store.entries() == []


def test_too_little_for_a_split_says_how_much_is_needed(world):
    with pytest.raises(BacktestError, match=r"needs 1,300 days, and after the warm-up there are"):
        world.register(train="1000d", test="300d")


def test_overlapping_days_are_refused(world):
    first = world.register()
    for changed in ({}, {"params": {"weight": 0.2}}, {"design": "holdout"}, {"data": world.data[:1]}):
        with pytest.raises(
            GateError, match=f"registration {first.id} of the same strategy has .* out of sample already"
        ):
            world.register(NOW + 1, **changed)
    assert len(world.store.entries()) == 1


def test_one_that_was_never_opened_can_be_replaced(world):
    first = world.register()
    second = world.register(NOW + 1, replace=first.id[:4], seed=3)
    book = Registry.read(world.store, NOW + 2).book
    assert [one.status for one in book] == ["withdrawn", "registered"]
    with pytest.raises(GateError, match="was withdrawn"):
        world.check(first.id)
    assert book.find(second.id).made == second


def test_one_that_was_opened_cannot_be_replaced(judged):
    world, id, _ = judged
    with pytest.raises(GateError, match="has been opened and cannot be replaced"):
        world.register(NOW + 9_000, replace=id)


# --- looks ----------------------------------------------------------------------------------------------------------------------


def test_a_second_opening_is_refused_and_costs_a_trial(judged):
    world, id, folder = judged
    options = {"data": World(folder).data, "strategy": str(folder / "drift.py"), "now_ms": NOW + 9_000}
    with pytest.raises(GateError, match=r"was judged on .* PASS.*costs a trial, add --again"):
        world.check(id, **options)
    found = world.check(id, again=True, **options)
    assert (found.evidence.openings, found.evidence.look) == (2, 1)
    assert found.verdict.finding("G2").details["trials"] == found.evidence.trials.effective + 1
    assert [entry.kind for entry in world.store.entries()] == [
        "registration",
        "opening",
        "verdict",
        "opening",
        "verdict",
    ]


def registered(first_days=700, outcomes=(), **changed):
    """A registration of so many days with looks taken from the first on, all with the verdicts given."""
    from tests.gate.evidences import registration

    split = {
        "inside_start_ms": 0, "out_start_ms": 100 * DAY, "out_end_ms": (100 + first_days) * DAY, "train_ms": 100 * DAY,
        "test_ms": 30 * DAY, "gap_ms": 0, "anchored": False, "metric": "sharpe",
    }  # fmt: skip
    one = Registered(registration(split=split, **changed), 1)
    for number, outcome in enumerate(outcomes, start=1):
        look = 0 if first_days >= 1_095 else number
        days = first_days + 30 * look
        one.openings.append((look, days))
        one.verdicts.append(Judged(0, look, days, outcome, days + 30 if outcome == "EXTEND" else None, "", ""))
    return one


FAR = 10_000 * DAY


def test_looks_come_one_after_the_other_with_exactly_their_days():
    for taken in range(12):
        assert dues.due(registered(outcomes=["EXTEND"] * taken), FAR) == (taken + 1, 700 + 30 * (taken + 1))
    assert dues.due(registered(2_000), FAR) == (0, 2_000)
    assert dues.due(registered(2_000, ["EXTEND"]), FAR) == (0, 2_030)
    assert dues.due(registered(10), FAR) == (6, 190), "no look at 180 days or fewer"
    assert dues.due(registered(outcomes=["EXTEND", "EXTEND"]), FAR, again=True) == (2, 760)


@pytest.mark.parametrize(
    ("one", "end", "again", "said"),
    [
        (
            registered(),
            829 * DAY,
            False,
            "look 1 is due at 730 days out of sample, once the data reach 1972-04-10; they reach 1972-04-09",
        ),
        (registered(2_000), 99 * DAY, False, "the one only look is due at 2,000 days"),
        (registered(outcomes=["EXTEND"] * 12), FAR, False, "has had all its 12 looks"),
        (registered(outcomes=["FAIL"]), FAR, False, "FAIL.*add --again"),
        (registered(), FAR, True, "has not been opened yet"),
    ],
)
def test_what_is_not_due_is_refused(one, end, again, said):
    with pytest.raises(GateError, match=said):
        dues.due(one, end, again=again)


def test_an_interrupted_look_is_taken_again_and_counts_twice():
    one = registered()
    one.openings.append((1, 730))
    assert dues.due(one, FAR) == (1, 730)
    one.openings.append((1, 730))
    assert one.opened == 2


def test_data_may_grow_and_the_look_takes_its_days_alone(world, monkeypatch):
    made = world.register(settings={"end": "2021-06-01"})
    days = Registered(made, 0).plan.first_days + 30
    short = world.check(made.id)
    assert len(short.evidence.out.days) == days
    longer = World(world.folder / "longer", 1_000)
    monkeypatch.setenv("BOT4_HOME", str(longer.home))
    again = longer.check(longer.register(settings={"end": "2021-06-01"}).id)
    for name in ("out", "stress", "gross", "asset_pnl", "neighbours", "volume", "volatility"):
        assert canonical.encode(getattr(again.evidence, name)) == canonical.encode(getattr(short.evidence, name))


def test_one_check_at_a_time(world):
    made = world.register()
    real = Registry.write

    def late(self, kind, body, check=None):
        if kind == "opening":
            real(self, kind, body)
        return real(self, kind, body, check)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Registry, "write", late)
        with pytest.raises(GateError, match="another process is checking"):
            world.check(made.id)


# --- what changed after it was registered ------------------------------------------------------------------------------------------


def test_changed_code_is_refused(world):
    made = world.register()
    world.strategy.write_text(STRATEGY.replace("> 0.0", "> 0.001"))
    with pytest.raises(GateError, match="its code or its parameters changed"):
        world.check(made.id)
    world.strategy.write_text(STRATEGY + "\n# a remark changes nothing\n")
    assert world.check(made.id).evidence.openings == 1


def test_a_changed_neighbour_is_refused(world):
    made = world.register()
    world.strategy.write_text(STRATEGY.replace("weight, 0.0)", "weight if fast != 5 else 0.1, 0.0)"))
    with pytest.raises(GateError, match="its code or its parameters changed"):
        world.check(made.id)


@pytest.mark.parametrize("row", [0, 300, 699])
def test_a_changed_bar_is_refused(world, row):
    made = world.register()
    frame = pl.read_parquet(world.data[1])
    volume = frame["volume"].to_list()
    volume[row] += 1
    frame.with_columns(pl.Series("volume", volume)).write_parquet(world.data[1])
    with pytest.raises(GateError, match="do not begin with the bars that were registered"):
        world.check(made.id)


def test_shorter_data_and_other_instruments_are_refused(world):
    made = world.register()
    write_bars(world.folder / "bars", 650)
    with pytest.raises(GateError, match="do not begin with the bars"):
        world.check(made.id)
    with pytest.raises(GateError, match="of 2 instruments and the data hold 1"):
        world.check(made.id, data=world.data[:1])


def test_a_refused_check_opens_nothing(world):
    made = world.register()
    world.strategy.write_text(STRATEGY.replace("> 0.0", "> 0.001"))
    with pytest.raises(GateError):
        world.check(made.id)
    assert [entry.kind for entry in world.store.entries()] == ["registration"]


def test_a_strategy_that_fails_in_sample_opens_nothing(world):
    world.strategy.write_text(
        "import bot4 as b4\n\n\nclass Broken(b4.Events):\n    on = b4.bars('1d')\n\n"
        "    def on_bar(self, ctx, bar):\n        raise ValueError('broken')\n"
    )
    made = world.register()
    with pytest.raises(BacktestError, match="broken"):
        world.check(made.id)
    assert [entry.kind for entry in world.store.entries()] == ["registration"]


def test_sleeves_can_be_registered_and_judged(world):
    world.strategy.write_text(
        STRATEGY + "\n\nboth = b4.sleeves(a=b4.sleeve(drift, 0.5), b=b4.sleeve(drift, 0.5, fast=6))\n"
    )
    made = world.register()
    assert made.strategy == str(world.strategy)
    found = world.check(made.id).evidence
    assert found.neighbours.shape == (len(found.neighbour_days), len(made.grid))
    assert abs(found.asset_pnl.sum(axis=1) - found.out.returns).max() < 1e-10


def test_a_clock_that_runs_backwards_is_refused(world):
    made = world.register()
    with pytest.raises(GateError, match="it runs backwards"):
        world.check(made.id, now_ms=NOW - DAY)
    with pytest.raises(GateError, match="it runs backwards"):
        world.register(NOW - DAY)


def test_a_strategy_that_never_traded_gets_no_verdict(tmp_path, monkeypatch):
    monkeypatch.setenv("BOT4_HOME", str(tmp_path / "home"))
    world = World(tmp_path, strategy=IDLE)
    made = world.register()
    with pytest.raises(GateError, match="nothing on any day out of sample"):
        world.check(made.id)
    kinds = [entry.kind for entry in world.store.entries()]
    assert kinds == ["registration", "opening"], "it was opened, and there is no verdict"


# --- trials -----------------------------------------------------------------------------------------------------------------------


def test_runs_of_before_are_trials_and_the_gates_own_are_not(world):
    import bot4 as b4

    b4.sweep(str(world.strategy), world.data, {"fast": [2, 3, 4, 5], "weight": [0.2, 0.4]})
    b4.backtest(str(world.strategy), world.data, end="2020-03-01")
    found = world.check(world.register().id).evidence
    assert (found.trials.runs, found.trials.different) == (8, 7), "one of them is what is registered, one ends before"
    assert 1 < found.trials.effective < 8
    other = world.folder / "other.py"
    other.write_text(STRATEGY.replace("def drift", "def other").replace("> 0.0", "> 0.002"))
    again = world.check(world.register(NOW + 5_000, strategy=str(other)).id, NOW + 6_000).evidence
    assert again.trials.runs == 8 + 16, "the check of the first one was seen too"
    assert again.trials.different == 8 + 16 - 1 - 7, "what the neighbourhood shares with the sweep counts once"


def test_a_deleted_trial_is_found_before_anything_is_opened(world):
    import bot4 as b4

    b4.backtest(str(world.strategy), world.data)
    b4.backtest(str(world.strategy), world.data, fast=4)
    made = world.register()
    database = sqlite3.connect(world.store.path)
    database.execute("DELETE FROM runs WHERE id = 1")
    database.commit()
    database.close()
    with pytest.raises(GateError, match="entry 1 of the registry stands for 1 run"):
        world.check(made.id)
    with pytest.raises(GateError, match="entry 1 of the registry stands for 1 run"):
        world.register(NOW + 5)
