"""What one check of the gate found, and the thresholds that a registration fixes.

Numbers are kept to ten significant digits, so that a verdict computed again is the same to the last bit although sums may be ordered
otherwise there; what is no finite number is None. Not here: the checks (`checks`), what follows from them (`verdict`).
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from .boundary import FALSE_PASS
from .errors import GateError

Role = Literal["hard", "warn", "info"]
DIGITS = 10
"""Significant digits of every number of a finding."""


@dataclass(frozen=True)
class Settings:
    """The thresholds in force; they are part of the registration and cannot be changed after it.

    The defaults are those of the study that the gate rests on (docs/gate.md). Raises GateError for a value out of its range.
    """

    false_pass: float = FALSE_PASS
    """Chance at which one look at c passes without an edge."""
    least_days: int = 180
    """Days out of sample, to be exceeded."""
    record_level: float = 0.95
    """Probability that the shortest track record must reach (Bailey and López de Prado 2012)."""
    least_trades: int = 100
    """Closed trades, or rebalances."""
    regimes: int = 2
    """Kinds of market that must be covered, of three."""
    regime_days: int = 30
    """Days of a kind of market from which it is covered."""
    deflated_level: float = 0.95
    """Deflated Sharpe ratio, a probability, at least."""
    loss_probability: float = 0.25
    """CSCV's probability that the configuration chosen loses out of sample, at most."""
    overfit_probability: float = 0.5
    """CSCV's probability of overfitting that fails where the loss is above `overfit_loss`."""
    overfit_loss: float = 0.15
    """Probability of loss above which overfitting fails."""
    least_neighbours: int = 5
    """Configurations of the neighbourhood, the registered one counted."""
    blocks: int = 16
    """Blocks of time S of CSCV, an even number."""
    cash_p: float = 0.05
    """SPA's p-value against cash, at most."""
    holding_p: float = 0.10
    """SPA's p-value against holding at the same volatility, at most."""
    impact_factor: float = 1.0
    """Y of the square-root law."""
    impact_share: float = 0.10
    """Impact as a share of the gross edge, at most."""
    planned_loss: float = 0.10
    """Loss of a quarter that is planned for; one of more than twice of it warns."""
    risk_level: float = 0.99
    """Level of the value at risk."""
    risk_p: float = 0.01
    """p-value of the number of losses beyond the value at risk, at least."""
    max_drawdown: float = 0.25
    """Deepest fall, as a fraction of the peak, at most."""
    sizing_p: float = 0.01
    """p-value below which sizes are held to grow with losses."""
    ruin_drawdown: float = 0.5
    """Fall from the peak that counts as ruin."""
    ruin_chance: float = 0.01
    """Chance of ruin within a year, at most."""
    resamples: int = 5_000
    """Resamples of each bootstrap."""

    def __post_init__(self) -> None:
        for name, (low, high) in RANGES.items():
            value = getattr(self, name)
            if not low <= value <= high:
                raise GateError(f"the setting {name} is {value:g}; give it a value from {low:g} to {high:g}")
        if self.blocks % 2:
            raise GateError(f"the setting blocks is {self.blocks}; give it an even number")

    @property
    def changed(self) -> dict[str, tuple[float, float]]:
        """Returns the settings that are not the defaults: (value, default) by name."""
        plain = {field.name: field.default for field in dataclasses.fields(self)}
        return {
            name: (getattr(self, name), float(default))  # type: ignore[arg-type]  # all defaults are numbers
            for name, default in plain.items()
            if getattr(self, name) != default
        }


RANGES: dict[str, tuple[float, float]] = {
    "false_pass": (1e-6, 0.01),
    "least_days": (180, 10_000),
    "record_level": (0.5, 0.9999),
    "least_trades": (100, 1_000_000),
    "regimes": (1, 3),
    "regime_days": (10, 1_000),
    "deflated_level": (0.5, 0.9999),
    "loss_probability": (0.0, 0.5),
    "overfit_probability": (0.0, 1.0),
    "overfit_loss": (0.0, 0.5),
    "least_neighbours": (2, 1_000),
    "blocks": (4, 20),
    "cash_p": (1e-6, 0.05),
    "holding_p": (1e-6, 1.0),
    "impact_factor": (0.1, 10.0),
    "impact_share": (1e-6, 0.5),
    "planned_loss": (0.001, 1.0),
    "risk_level": (0.9, 0.999),
    "risk_p": (1e-6, 0.5),
    "max_drawdown": (0.001, 0.9),
    "sizing_p": (1e-6, 0.5),
    "ruin_drawdown": (0.05, 0.95),
    "ruin_chance": (1e-4, 0.2),
    "resamples": (200, 100_000),
}
"""What each setting may be. The floors of the mission cannot be lowered: 1 % false passes, 180 days, 100 trades."""


@dataclass(frozen=True)
class Finding:
    """What one check found."""

    id: str
    name: str
    role: Role
    """`hard`: not passed means no PASS; `warn`: said and no more; `info`: never judged."""
    passed: bool | None
    """None: not judged; the words say why, and a hard check then counts as not passed."""
    value: float | None
    asks: str
    """What the bar asks of the value: ≥, >, ≤ or <; empty without a bar."""
    bar: float | None
    unit: str
    """days, trades, z, p, fraction, ratio, count."""
    words: str
    """One or two plain sentences with numbers."""
    details: dict[str, Any]
    """Numbers and lists for the page."""
    waits: bool = False
    """Not passed for lack of time alone: later looks may mend it. Otherwise it fails for good."""

    @property
    def is_met(self) -> bool:
        """Tells whether it stands in nobody's way."""
        return self.passed is True or self.role != "hard"

    def waiting(self) -> Finding:
        """Returns the finding of a check that more time may mend, if it is not passed."""
        return dataclasses.replace(self, waits=self.passed is not True)


def found(
    name: tuple[str, str],
    role: Role,
    passed: bool | None,
    value: float | None,
    bar: tuple[str, float] | None,
    unit: str,
    words: str,
    **details: object,
) -> Finding:
    """Returns a finding with its numbers tidied. name: (id, name); bar: (what it asks of the value, bar)."""
    asks, level = bar or ("", None)
    plain = {key: tidy(inner) for key, inner in details.items()}
    return Finding(name[0], name[1], role, passed, _number(value), asks, _number(level), unit, words, plain)


def tidy(value: object) -> object:
    """Returns plain data: arrays as lists, numbers to ten digits, None for NaN and infinity. Texts, bools and whole numbers stay."""
    if isinstance(value, np.ndarray):
        return [tidy(one) for one in value.tolist()]
    if isinstance(value, np.generic):
        return tidy(value.item())
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, Mapping):
        return {str(key): tidy(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [tidy(one) for one in value]
    return value


def _number(value: float | None) -> float | None:
    if value is None or not math.isfinite(value):
        return None
    return float(f"{value:.{DIGITS}g}") + 0.0  # never −0.0
