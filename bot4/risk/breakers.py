"""`Breakers`: the `[breaker]` sections of a policy file. What each setting means to the byte is docs/semantics.md, section 12.

`[breaker]` alone gives every kind of component its breaker with the defaults below; with `[breaker.KIND]` sections only the kinds that
are named have one. A key of `[breaker]` itself (window, cooldown, trials …) is the default of all kinds; `false` switches a source off.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .errors import RiskError

E9 = 1_000_000_000
KINDS = ("venue", "account", "strategy", "feed", "symbol")
NEVER_OFF = ("window", "min_calls", "cooldown", "trials")


@dataclass(frozen=True)
class Setting:
    """One key: the engine's name, how its value is read (`span`, `share`, `times`, `count`), its range, what to give."""

    engine: str
    kind: str
    low: float
    high: float
    give: str


SPAN = "a span such as 1h"
COMMON: dict[str, Setting] = {
    "window": Setting("window_ms", "span", 1, 366 * 86_400_000, SPAN),
    "min_calls": Setting("min_calls", "count", 1, 1e9, "a whole number of outcomes"),
    "error_rate": Setting("error_rate_e9", "share", 1e-9, 1, "a fraction such as 0.5, or false"),
    "failures": Setting("failures", "count", 1, 1e9, "a whole number of bad outcomes in a row, or false"),
    "cooldown": Setting("cooldown_ms", "span", 1, 366 * 86_400_000, SPAN),
    "trials": Setting("trials", "count", 1, 1e9, "a whole number of orders"),
}
"""Keys that every kind has."""
OWN: dict[str, dict[str, Setting]] = {
    "venue": {
        "rejects": Setting("storm", "count", 1, 1e9, "a whole number of refused orders in the window, or false"),
        "latency": Setting("latency_ns", "nanoseconds", 1, 366 * 86_400_000, "a span such as 1s, or false"),
    },
    "account": {
        "loss": Setting("loss_e9", "share", 1e-9, 1, "a fraction such as 0.03, or false"),
        "drawdown": Setting("drawdown_e9", "share", 1e-9, 1, "a fraction such as 0.1, or false"),
        "position_drift": Setting("position_drift", "count", 1, 1e15, "a whole number of lots, or false"),
    },
    "strategy": {},
    "feed": {
        "stale": Setting("stale_ms", "span", 1, 366 * 86_400_000, "a span such as 3h, or false"),
        "clock_skew": Setting("clock_skew_ms", "span", 1, 366 * 86_400_000, "a span such as 1s, or false"),
    },
    "symbol": {
        "slippage": Setting("slippage_e9", "times", 1e-9, 1e6, "a multiple of the model's cost such as 3, or false"),
        "spread": Setting("spread_e9", "times", 1e-9, 1e6, "a multiple of the normal spread such as 3, or false"),
        "price_gap": Setting("price_gap_e9", "share", 1e-9, 1e6, "a fraction of the price such as 0.2, or false"),
    },
}
"""Keys of one kind alone."""
DEFAULTS: dict[str, dict[str, Any]] = {
    "": {"window": "1h", "min_calls": 10, "error_rate": 0.5, "failures": 5, "cooldown": "1h", "trials": 3},
    "venue": {"rejects": 10, "latency": "5s"},
    "account": {"loss": 0.03, "drawdown": 0.10, "position_drift": 1},
    "strategy": {"error_rate": False},
    "feed": {"stale": "1d", "clock_skew": "1s"},
    "symbol": {"slippage": 3, "spread": 3, "price_gap": 0.2},
}
GLOBAL_SHARE = Setting("global_share_e9", "share", 1e-9, 1, "a fraction such as 0.5, or false")


@dataclass(frozen=True)
class Breakers:
    """Settings by kind and key, checked; `global_share` of open components opens the global breaker (None: there is none)."""

    kinds: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    global_share: float | None = 0.5

    def engine_terms(self, venues: Sequence[str]) -> dict[str, Any]:
        """Returns the settings as the engine reads them; `venues` names that of each instrument, in id order."""
        numbers = {name: number for number, name in enumerate(dict.fromkeys(venues))}
        terms: dict[str, Any] = {"venue_of": [numbers[venue] for venue in venues]}
        if self.global_share is not None:
            terms[GLOBAL_SHARE.engine] = round(self.global_share * E9)
        for kind, values in self.kinds.items():
            known = COMMON | OWN[kind]
            given = {key: value for key, value in values.items() if value is not None}
            terms[kind] = {known[key].engine: _in_units(known[key], value) for key, value in given.items()}
        return terms

    def content(self) -> dict[str, Any]:
        """Returns what a policy file of these settings holds in `[breaker]`; `read_breakers` makes the same of it."""
        found: dict[str, Any] = {"global_share": False if self.global_share is None else self.global_share}
        for kind, values in self.kinds.items():
            found[kind] = {key: False if value is None else value for key, value in values.items()}
        return found


def read_breakers(content: object, where: str) -> Breakers:
    """Returns the breakers of a `[breaker]` section. Raises RiskError, one sentence with key and fix."""
    if not isinstance(content, Mapping):
        raise RiskError(f"{where}: breaker is {content!r}; give a section [breaker], see examples/breakers.toml.")
    sections = {key: value for key, value in content.items() if key in KINDS}
    common = {key: value for key, value in content.items() if key not in KINDS}
    share = common.pop("global_share", 0.5)
    if share is not False:
        _check(where, "breaker.global_share", GLOBAL_SHARE, share)
    for key, value in common.items():
        _check_key(where, "breaker", COMMON, key, value)
    kinds = {}
    for kind in sections or KINDS:
        own = sections.get(kind, {})
        if not isinstance(own, Mapping):
            raise RiskError(f"{where}: breaker.{kind} is {own!r}; give a section [breaker.{kind}], or leave it out.")
        for key, value in own.items():
            _check_key(where, f"breaker.{kind}", COMMON | OWN[kind], key, value)
        merged = DEFAULTS[""] | DEFAULTS[kind] | common | dict(own)
        kinds[kind] = {key: None if value is False else value for key, value in merged.items()}
    return Breakers(kinds, None if share is False else share)


def _check_key(where: str, section: str, known: Mapping[str, Setting], key: str, value: object) -> None:
    if key not in known:
        raise RiskError(f"{where}: there is no key {section}.{key}; keys of [{section}] are {', '.join(known)}.")
    if value is False and key not in NEVER_OFF:
        return
    _check(where, f"{section}.{key}", known[key], value)


def _check(where: str, key: str, setting: Setting, value: object) -> None:
    if setting.kind in ("span", "nanoseconds"):
        value = _span_ms(value)
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not is_number or (setting.kind == "count" and not isinstance(value, int)):
        raise RiskError(f"{where}: {key} is not usable; give {setting.give}.")
    assert isinstance(value, (int, float)), "looked at above"
    if not (math.isfinite(value) and setting.low <= value <= setting.high):
        raise RiskError(
            f"{where}: {key} is {value:,g}; it must lie between {setting.low:g} and {setting.high:,g}: give {setting.give}."
        )


def _span_ms(value: object) -> int | None:
    """Returns the ms of a span text; None for anything else."""
    from bot4.data.errors import DataError
    from bot4.data.timeframe import parse_interval

    try:
        return parse_interval(value) if isinstance(value, str) else None
    except DataError:
        return None


def _in_units(setting: Setting, value: Any) -> int:
    if setting.kind == "span":
        return _span_ms(value) or 0
    if setting.kind == "nanoseconds":
        return (_span_ms(value) or 0) * 1_000_000
    return int(value) if setting.kind == "count" else max(1, round(value * E9))
