"""What one check of the gate found, and the thresholds that a registration fixes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    """The thresholds in force; they are part of the registration and cannot be changed after it."""

    false_pass: float = 0.0082
    """Chance at which one look at c passes without an edge."""
    least_days: int = 180
    least_trades: int = 100
    loss_probability: float = 0.25
    """CSCV's probability that the configuration chosen loses out of sample, at most."""
    cash_p: float = 0.05
    """SPA's p-value against cash, at most."""
    blocks: int = 16
    """S of CSCV."""
    resamples: int = 5_000
    """Of each bootstrap."""
    max_drawdown: float = 0.25
    """Deepest fall, as a fraction of the peak."""


@dataclass(frozen=True)
class Finding:
    """What one check found."""

    id: str
    name: str
    role: str
    """`hard`, `warn` or `info`."""
    passed: bool | None
    """None: not judged; the words say why, and a hard check then counts as not passed."""
    value: float | None
    bar: float | None
    unit: str
    words: str
    details: dict[str, object]
