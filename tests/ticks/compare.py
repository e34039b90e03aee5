"""Our reports beside hftbacktest's last states, order by order: the same, explained by its stated defect, or unexplained.

An explanation predicts hftbacktest's whole answer (status, lots left, time, price) from our reports and the data; it is no excuse that
merely fits the kind of order. hftbacktest 2.4.4 (the second in `partialfillexchange.rs`):

- `through` (orders by number, `l3_nopartialfillexchange.rs`): a trade at a price that is worse for us does not fill us, though its text
  says so. `tests.ticks.fifo` plays our order by that rule alone.
- `limit_rest`: a limit order that takes is filled wholly at once, what the book does not hold at the limit price itself. Ours rests.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from bot4._engine import TickReplay
from bot4.data.ticks import Ticks
from tests.ticks.fifo import Market
from tests.ticks.probes import ENTRY_NS, FORCES, SUBMIT, Actions, Model

Ints = npt.NDArray[np.int64]
THEIRS = ("none", "new", "expired", "filled", "cancelled", "partial", "rejected")
OURS = {"accepted": "new", "cancelled": "cancelled", "expired": "expired", "would_take": "expired"}


@dataclass(frozen=True)
class State:
    """What became of an order: status, lots left, time of the last report, price of the last fill (0: none)."""

    status: str
    left: int
    exch_ns: int
    ticks: int


@dataclass
class Verdict:
    """Orders by how they compare; `unexplained` holds what nothing predicts."""

    same: Counter[str] = field(default_factory=Counter)
    explained: Counter[str] = field(default_factory=Counter)
    unexplained: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Report:
    """One report of ours."""

    told: str
    why: str
    exch_ns: int
    ticks: int
    lots: int
    left: int
    row: int


def reports_by_order(reports: Mapping[str, Ints]) -> dict[int, list[Report]]:
    """Returns our reports of each order, without those that came too late to change it."""
    found: dict[int, list[Report]] = {}
    names = zip(
        *(reports[n].tolist() for n in ("id", "told", "why", "exch_ns", "ticks", "lots", "left", "row")), strict=True
    )
    for number, told, why, *rest in names:
        report = Report(TickReplay.told_names[told], TickReplay.why_names[why], *rest)
        if report.told != "not_there":
            found.setdefault(number, []).append(report)
    return found


def our_state(reports: list[Report]) -> State:
    """Returns the state after the last report."""
    fills = [report for report in reports if report.told == "filled"]
    last = reports[-1]
    status = OURS.get(last.told) or ("filled" if last.left == 0 else "partial")
    return State(status, last.left, last.exch_ns, fills[-1].ticks if fills else 0)


def limit_rest(reports: list[Report], price: int, force: str) -> State | None:
    """Predicts the answer for a resting limit order that took: filled wholly as it arrived."""
    if force != "rest" or not reports or reports[0].why != "took":
        return None
    return State("filled", 0, reports[0].exch_ns, price)


def without_through(
    market: Market, side: int, price: int, lots: int, stay: tuple[int, int], is_cancelled: bool
) -> State:
    """Predicts the answer for an order that only trades at its own price, and orders across it, fill."""
    fate = market.fate(side, price, *stay, through=False)
    if fate is not None:
        return State("filled", 0, fate[0], price)
    return State("cancelled", lots, stay[1], 0) if is_cancelled else State("new", lots, stay[0], 0)


def sent_of(actions: Actions) -> npt.NDArray[np.bool_]:
    """Returns which actions are submits."""
    found: npt.NDArray[np.bool_] = actions.what == SUBMIT
    return found


def compare(
    ticks: Ticks, actions: Actions, model: Model, reports: Mapping[str, Ints], theirs: Mapping[str, Ints], to: Verdict
) -> None:
    """Judges every order and adds it to the verdict."""
    mine = reports_by_order(reports)
    market = Market.of(ticks.orders) if model.queue == "exact" else None
    cancels = dict(
        zip(actions.order[~sent_of(actions)].tolist(), actions.when[~sent_of(actions)].tolist(), strict=True)
    )
    sent = sent_of(actions)
    columns = (actions.order, actions.side, actions.price, actions.lots, actions.force, actions.when)
    for number, side, price, lots, force, when in zip(*(column[sent].tolist() for column in columns), strict=True):
        at = number - 1
        status = THEIRS[theirs["status"][at]]
        answer = State(status, *(int(theirs[name][at]) for name in ("left", "exch_ns", "ticks")))
        own = mine.get(number, [])
        state = our_state(own) if own else State("none", lots, 0, 0)
        kinds = sorted({report.why for report in own if report.why}) or [state.status]
        maker = [report for report in own if report.why not in ("", "took")]
        if market is not None and (maker or state.status == "new"):
            # Whatever rested is held against the plain rule, too.
            stay = (when + ENTRY_NS, cancels[number] + ENTRY_NS if number in cancels else actions.end_ns)
            assert market.fate(side, price, *stay) == ((maker[0].exch_ns, maker[0].why) if maker else None), (
                number,
                own,
            )
        if answer == state:
            to.same["+".join(kinds)] += 1
            continue
        guesses: dict[str, State | None] = {}
        if model.realism == "neutral":
            guesses["limit_rest"] = limit_rest(own, price, FORCES[force])
        if market is not None and kinds == ["through"]:
            guesses["through"] = without_through(market, side, price, lots, stay, number in cancels)
        name = next((name for name, guess in guesses.items() if guess == answer), None)
        if name is None:
            to.unexplained.append(
                f"{ticks.name} {model} {number}: {FORCES[force]} {side} {lots} at {price}: {answer} not {own}"
            )
        else:
            to.explained[name] += 1
