"""Builds a registration: strategy traced, data hashed, split laid out from lengths, costs written down. Nothing is run.

Order of operations: data and settings loaded -> neighbourhood traced, the registered configuration first -> costs looked through, missing
ones refused -> span laid out -> sealed. A check goes the same way again and compares (`again`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

from bot4.report.columns import DAY_MS

from .. import boundary, finding
from ..errors import GateError
from ..evidence import Registration
from .bars import data_digest
from .book import ONLY_LOOK_DAYS, name_of, sealed
from .plan import DESIGNS, Plan, plan_of

if TYPE_CHECKING:
    from bot4.backtest.setup import Setup
    from bot4.backtest.walkforward.candidates import Candidates
    from bot4.strategy import Program

MOST_NEIGHBOURS = 50
FUNDING_DEFAULT = 0.0001
"""Rate each 8 hours of perpetuals without a series: the interest in Binance's and Bybit's funding formulas. None would be too kind."""


@dataclass(frozen=True)
class Asked:
    """What a user asks to register."""

    strategy: str
    """FILE or FILE:NAME."""
    data: Sequence[str]
    settings: Mapping[str, Any]
    """The settings of `b4.backtest` that were given."""
    grid: Mapping[str, Any] | None = None
    params: Mapping[str, Any] = field(default_factory=dict)
    design: str = DESIGNS[0]
    train: str | None = None
    test: str | None = None
    out_from: str | None = None
    """First day out of sample of a part held out."""
    purge: str = "0d"
    embargo: str = "0d"
    anchored: bool = False
    metric: str = "sharpe"
    thresholds: Mapping[str, float] = field(default_factory=dict)
    seed: int = 0


@dataclass(frozen=True, eq=False)
class Made:
    """A registration with what it was made from; `programs` are the neighbourhood, the registered one first."""

    registration: Registration
    setup: Setup
    programs: tuple[Program, ...]
    places: tuple[tuple[int, ...], ...]
    """Where each stands in the grid."""


def register(asked: Asked, now_ms: int, head: tuple[int, str]) -> Made:
    """Returns a new registration. head: number and digest of the registry's last entry.

    Raises GateError for what cannot be judged, and the errors of loading strategy and data.
    """
    setup, tried = _load(asked)
    order = _registered_first(tried)
    programs = tuple(tried.programs[n] for n in order)
    plan = _plan(asked, setup, tried)
    identities = [_identity(setup, program) for program in programs]
    made = Registration(
        id="",
        created_ms=now_ms,
        strategy=name_of(asked.strategy, setup.strategy.name),
        identity=identities[0],
        parameters=dict(programs[0].parameters),
        grid=[dict(program.parameters) for program in programs],
        universe=setup.instrument_names,
        interval=setup.market.interval,
        data_digest=data_digest(setup, plan.out_end_ms),
        data_start_ms=setup.market.start_ms,
        data_end_ms=plan.out_end_ms,
        design=plan.design,
        split=plan.as_split(),
        costs=_costs(setup),
        settings=_thresholds(asked.thresholds),
        seed=asked.seed,
        sources=_sources(asked, setup, identities) | {"head": {"number": head[0], "digest": head[1]}},
    )
    return Made(sealed(made), setup, programs, tuple(tried.places[n] for n in order))


def again(made: Registration, data: Sequence[str] | None = None, strategy: str | None = None) -> Made:
    """Returns a registration with setup and programs loaded anew, from other places where they are given.

    Raises GateError where code, universe, bars or costs are not those that were registered.
    """
    asked = _asked_again(made, data, strategy)
    setup, tried = _load(asked)
    order = _registered_first(tried)
    programs = tuple(tried.programs[n] for n in order)
    identities = [_identity(setup, program) for program in programs]
    if setup.instrument_names != made.universe:
        raise GateError(
            f"registration {made.id} is of {len(made.universe)} instruments and the data hold {len(setup.instrument_names)}, or others; "
            "give the files of the same instruments"
        )
    if identities[0] != made.identity or _joined(identities) != made.sources["programs"]:
        raise GateError(
            f"{asked.strategy} is not what was registered as {made.id}: its code or its parameters changed; put the file back as it was, "
            "or register what it is now, which is one trial more"
        )
    known_ms = int(str(made.sources["bars_end_ms"]))
    if setup.market.end_ms < known_ms or data_digest(setup, known_ms) != made.sources["bars_digest"]:
        raise GateError(
            f"the data of registration {made.id} changed: they do not begin with the bars that were registered; put the files back, "
            "new bars may only follow the old ones"
        )
    if _costs(setup) != made.costs:
        raise GateError(f"the costs of registration {made.id} changed; put the instruments file back as it was")
    return Made(made, setup, programs, tuple(tried.places[n] for n in order))


def _asked_again(made: Registration, data: Sequence[str] | None, strategy: str | None) -> Asked:
    held: dict[str, Any] = dict(made.sources)
    return Asked(
        strategy=strategy or held["file"],
        data=data or held["data"],
        settings={name: value for name, value in held["settings"].items() if name != "end"},
        grid=held["grid"],
        params=held["params"],
        design=made.design,
        metric=str(made.split["metric"]),
    )


def _load(asked: Asked) -> tuple[Setup, Candidates]:
    from bot4.backtest.setup import prepare
    from bot4.backtest.source import load_strategy
    from bot4.backtest.walkforward.candidates import candidates
    from bot4.backtest.walkforward.metrics import read_metric

    if asked.design not in DESIGNS:
        raise GateError(f"the design is {asked.design!r}; give {' or '.join(DESIGNS)}")
    read_metric(asked.metric)
    settings = dict(asked.settings)
    if settings.get("funding_default") is None:
        settings["funding_default"] = FUNDING_DEFAULT
    setup = prepare(load_strategy(asked.strategy), list(asked.data), settings)  # type: ignore[arg-type]  # by name
    _check_setup(setup)
    return setup, candidates(setup, asked.grid, asked.params, MOST_NEIGHBOURS)


def _check_setup(setup: Setup) -> None:
    config = setup.config
    fees = config.fees_bps(setup.market)
    missing = [
        name
        for name, is_missing in (
            ("fees (--fee-bps)", not all(fee > 0 for fee in fees)),
            ("the spread (--spread-bps)", not config.spread_bps > 0),
            ("market impact (--impact)", not config.impact > 0),
            (f"what realism {config.realism} waives (--realism strict)", config.realism != "strict"),
        )
        if is_missing
    ]
    if missing:
        raise GateError(f"costs are missing: {', '.join(missing)}; a result without costs proves nothing: give them")
    if setup.market.wallets is not None or any(one.kind == "inverse" for one in setup.market.instruments):
        raise GateError("the gate judges one account in one currency; register instruments that settle in it")
    if DAY_MS % setup.market.interval_ms:
        raise GateError(
            f"bars of {setup.market.interval} do not divide a day, and the gate judges daily returns; give faster bars"
        )


def _registered_first(tried: Candidates) -> list[int]:
    """Returns the order of the combinations that puts the registered one, the defaults, first. Raises GateError where it is not there."""
    if tried.default is None:
        raise GateError("b4.require refuses the parameters to register; give others with --param NAME=VALUE")
    jsons = [program.json for program in tried.programs]
    if tried.default.json not in jsons:
        raise GateError(
            "the values of --param do not hold the defaults, which are what is registered; add them, or change the defaults in the file"
        )
    first = jsons.index(tried.default.json)
    return [first, *(n for n in range(len(jsons)) if n != first)]


def _identity(setup: Setup, program: Program) -> str:
    from bot4.backtest.sweep.session import identity_of

    return identity_of(setup, program)


def _joined(identities: Sequence[str]) -> str:
    return hashlib.sha256("\n".join(identities).encode()).hexdigest()


def _sources(asked: Asked, setup: Setup, identities: Sequence[str]) -> dict[str, object]:
    settings = {name: value for name, value in asked.settings.items() if value is not None}
    return {
        "file": asked.strategy,
        "name": setup.strategy.name,
        "data": list(asked.data),
        "settings": settings,
        "grid": None if asked.grid is None else dict(asked.grid),
        "params": dict(asked.params),
        "programs": _joined(identities),
        "bars_end_ms": setup.market.end_ms,
        "bars_digest": data_digest(setup, setup.market.end_ms),
    }


def _costs(setup: Setup) -> dict[str, object]:
    """Returns what every run pays, as plain data."""
    config, market = setup.config, setup.market
    funding = setup.beside.funding.sources(market)
    return {
        **config.as_dict(),
        "currency": market.quote,
        "taker_bps": config.fees_bps(market),
        "maker_bps": [one.maker_bps if config.fee_bps is None else config.fee_bps for one in market.instruments],
        "funding": {
            symbol: "series" if source not in ("none", "default") else source for symbol, source in funding.items()
        },
    }


def _thresholds(given: Mapping[str, float]) -> finding.Settings:
    plain = asdict(finding.Settings())
    unknown = [name for name in given if name not in plain]
    if unknown:
        raise GateError(f"there is no setting {unknown[0]}; there are {', '.join(plain)}")
    return finding.Settings(**{name: type(plain[name])(value) for name, value in given.items()})


def _plan(asked: Asked, setup: Setup, tried: Candidates) -> Plan:
    from bot4.backtest.walkforward import layout
    from bot4.backtest.walkforward.splits import walk
    from bot4.data.timeframe import format_time, parse_time

    wanted = layout.read_lengths(
        setup.market.interval_ms, asked.train, asked.test, None, asked.purge, asked.embargo, asked.anchored
    )
    whole = layout.whole_span(setup, tried, DAY_MS)
    whole = replace(whole, end_ms=whole.end_ms // DAY_MS * DAY_MS)
    end_ms = whole.end_ms
    held = {"inside_start_ms": whole.start_ms, "out_end_ms": end_ms, "gap_ms": wanted.purge + wanted.embargo}
    if asked.design == "holdout":
        half = (whole.start_ms + end_ms) // 2 // DAY_MS * DAY_MS
        start = half if asked.out_from is None else -(-parse_time(asked.out_from) // DAY_MS) * DAY_MS
        if not whole.start_ms + wanted.purge + wanted.embargo + 2 * DAY_MS <= start <= end_ms:
            raise GateError(
                f"the days out of sample begin on {format_time(start)}, and the data can be decided on from {format_time(whole.start_ms)} "
                f"to {format_time(end_ms)}; give --from a day in between"
            )
        return _with_looks(
            asked,
            "holdout",
            {**held, "out_start_ms": start, "train_ms": 0, "test_ms": 0, "anchored": False, "metric": asked.metric},
        )
    lengths = wanted.within(whole, DAY_MS)
    if any(one % DAY_MS for one in (lengths.train, lengths.test, lengths.gap)):
        raise GateError("windows of the gate are whole days; give --train, --test, --purge and --embargo in days")
    first = walk(whole, lengths)[0]
    return _with_looks(
        asked,
        "walk-forward",
        {
            **held,
            "out_start_ms": first.test[0].start_ms,
            "train_ms": lengths.train,
            "test_ms": lengths.test,
            "anchored": lengths.anchored,
            "metric": asked.metric,
        },
    )


def _with_looks(asked: Asked, design: str, split: dict[str, Any]) -> Plan:
    """Returns a plan whose first look can be taken on the data there are: below three years the last 30 days are left to it.

    Looks fall at T₀ + 30k days: what lies behind T₀ may be there already, as long as nobody has run anything on it. With `end=` all data
    before it are T₀, and whatever comes later belongs to the looks.
    """
    plan = plan_of(design, split)
    if plan.first_days >= ONLY_LOOK_DAYS or asked.settings.get("end") is not None:
        return plan
    first = max(plan.first_days - boundary.LOOK_DAYS, 0)
    return plan_of(design, {**split, "out_end_ms": plan.out_start_ms + first * DAY_MS})
