"""`Config`: everything about a run that is neither data nor strategy, checked, and in the engine's own form.

Users give natural units (basis points, fractions, account currency); the engine reads integers (docs/design.md). A plain dataclass:
a validation library would cost a quarter of a second at every start.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from bot4.data.margin import MODES, MarginMode, checked, read_margin

from .errors import BacktestError
from .realism import REALISMS, WHOLE_BAR, Realism

if TYPE_CHECKING:
    from bot4.data import Instrument, Market
    from bot4.risk.commands import Command
    from bot4.risk.policy import Policy

    from .conditions import Condition

E9 = 1_000_000_000
E9_PER_BP = 100_000
AMOUNT_UNITS = 100_000_000
MAX_CASH = (2**63 - 1) // 4 // AMOUNT_UNITS

# Name: (lowest, highest, unit). The engine holds the same limits (engine/core/src/config.rs).
LIMITS: dict[str, tuple[float, float, str]] = {
    "cash": (1e-8, MAX_CASH, " of the account currency"),
    "fee_bps": (0, 4_999, " basis points (10 = 0.1 %)"),
    "spread_bps": (0, 9_999, " basis points (2 = 0.02 %)"),
    "impact": (0, 1_000, " (1 = the square-root law, 0 = none)"),
    "volume_share": (1e-9, 1, " (0.1 = a tenth of each bar's volume)"),
    "collar": (0, 1_000, " (0.1 = 10 % between decision and open)"),
    "max_leverage": (1e-9, 1_000, " times equity"),
    "latency_ms": (0, 86_400_000, " milliseconds"),
    "compute_latency_ms": (0, 86_400_000, " milliseconds"),
    "latency_sigma": (0, 10, " (standard deviation of the logarithm of the latency, 0 = always the same)"),
    "latency_seed": (0, 2**64 - 1, ""),
    "leverage": (1, 1_000, " (notional over initial margin)"),
    "funding_default": (-0.05, 0.05, " of the position's value each 8 hours (0.0001 = 0.01 %)"),
}
OPTIONAL = ("fee_bps", "leverage", "funding_default")
WHOLE = {
    "latency_ms": "give whole milliseconds",
    "compute_latency_ms": "give whole milliseconds",
    "latency_seed": "give a whole number",
}


@dataclass(frozen=True)
class Config:
    """Account, venue model and limits of one run.

    `cash` in account currency (not read where accounts are stated); `fee_bps` taker and maker fee for all instruments (None: each
    instrument's own); `spread_bps` the whole bid-ask spread; `impact` the coefficient of the square-root law; `volume_share` the largest
    share of a bar's volume; `collar` the largest gap between decision and open, as a fraction, at which an increase is still filled;
    `max_leverage` gross exposure over equity; `latency_ms` from decision to market, its median where `latency_sigma` > 0 makes it
    log-normal, drawn from `latency_seed`; `realism` how strictly the venue reads a bar; `funding_default` the rate each 8 hours of
    perpetuals without a series (None: none); `leverage` and `margin` ("cross", "isolated") of all perpetuals, in place of what an
    instruments file states; `compute_latency_ms` what an event class takes to decide, as it says itself, on top of the latency;
    `policy` the limits that stand above the strategy (docs/risk.md); `commands` what people ask of the desk, and when (docs/operator.md);
    `venue_conditions` when the venue refuses orders. Raises BacktestError with one sentence for a value out of range.
    """

    cash: float = 100_000
    fee_bps: float | None = None
    spread_bps: float = 2.0
    impact: float = 1.0
    volume_share: float = 0.10
    collar: float = 0.10
    max_leverage: float = 3.0
    latency_ms: int = 0
    realism: Realism = "strict"
    latency_sigma: float = 0.0
    latency_seed: int = 0
    funding_default: float | None = None
    leverage: float | None = None
    margin: MarginMode | None = None
    compute_latency_ms: int = 0
    policy: Policy | None = None
    commands: tuple[Command, ...] = ()
    venue_conditions: tuple[Condition, ...] = ()

    def __post_init__(self) -> None:
        """Checks every number against `LIMITS`, and the realism."""
        for name in LIMITS:
            value = getattr(self, name)
            if not (name in OPTIONAL and value is None):
                _check(name, value)
        if self.realism not in REALISMS:
            raise BacktestError(f"realism is {self.realism!r}; give {', '.join(REALISMS[:-1])} or {REALISMS[-1]}.")
        if self.margin not in (None, *MODES):
            raise BacktestError(f"margin is {self.margin!r}; give {' or '.join(MODES)}.")
        if self.latency_sigma and not self.latency_ms:
            raise BacktestError(
                f"latency_sigma is {self.latency_sigma:g}, but latency_ms is 0 and cannot vary; give the median latency in latency_ms."
            )

    @property
    def cash_units(self) -> int:
        """Returns the starting cash in 1e-8 of the account currency, from its shortest decimal text."""
        return int((Decimal(str(self.cash)) * AMOUNT_UNITS).to_integral_value())

    @property
    def half_spread_e9(self) -> int:
        """Returns half the spread as configured, in billionths of the price."""
        return round(self.spread_bps / 2 * E9_PER_BP)

    @property
    def effective(self) -> Config:
        """Returns the settings that the realism leaves in force (the table in docs/semantics.md, section 6), under `strict`."""
        if self.realism == "strict":
            return self
        least: dict[str, Any] = {"realism": "strict", "impact": 0.0, "volume_share": WHOLE_BAR}
        if self.realism == "naive":
            least |= {"spread_bps": 0.0, "latency_ms": 0, "latency_sigma": 0.0, "compute_latency_ms": 0}
        return replace(self, **least)

    def engine_json(self, market: Market, trade_from_ms: int | None) -> str:
        """Returns the configuration as the engine reads it."""
        instruments = [self.with_margin(instrument) for instrument in market.instruments]
        terms = [instrument.terms(self.fee_bps, self.fee_bps) for instrument in instruments]
        accounts: dict[str, Any] = {}
        if market.wallets is not None:
            accounts["wallets"] = [wallet.terms() for wallet in market.wallets.wallets]
            terms = [entry | {"wallet": place} for entry, place in zip(terms, market.wallets.of, strict=True)]
        if self.policy is not None:
            venues = [instrument.venue for instrument in market.instruments]
            accounts["policy"] = self.policy.engine_terms(market.symbols, [i.lot for i in market.instruments], venues)
        if self.commands:
            venues = [instrument.venue for instrument in market.instruments]
            accounts["commands"] = [command.terms(venues) for command in self.commands]
        if self.venue_conditions:
            accounts["conditions"] = [condition.terms() for condition in self.venue_conditions]
        return json.dumps(
            {
                "cash": self.cash_units,
                "latency_ms": self.latency_ms,
                "latency_sigma": float(self.latency_sigma),
                "latency_seed": self.latency_seed,
                "realism": self.realism,
                "trade_from_ms": trade_from_ms,
                "half_spread_e9": self.half_spread_e9,
                "impact": float(self.impact),
                "volume_share_e9": round(self.volume_share * E9),
                "collar_e9": round(self.collar * E9),
                "max_leverage_e9": round(self.max_leverage * E9),
                "max_notional": None,
                **accounts,
                "instruments": terms,
            },
            separators=(",", ":"),
        )

    def with_margin(self, instrument: Instrument) -> Instrument:
        """Returns an instrument with the margin rules of this run: its own, or for perpetuals those of `leverage` and `margin`.

        Raises DataError where tiers or leverage are missing.
        """
        if instrument.kind == "spot" or (self.leverage is None and self.margin is None):
            return instrument
        own, where = instrument.margin, f"{instrument.venue} {instrument.symbol}"
        if own is not None:
            return replace(
                instrument,
                margin=checked(
                    replace(own, leverage=self.leverage or own.leverage, mode=self.margin or own.mode), where
                ),
            )
        if self.leverage is None:
            raise BacktestError(f"margin is {self.margin}, but no leverage is stated for {where}; give leverage=.")
        stated = {"leverage": self.leverage, "mode": self.margin or "cross"}
        return replace(instrument, margin=read_margin(stated, instrument.venue, instrument.symbol, where))

    def as_dict(self) -> dict[str, Any]:
        """Returns the settings as given, for records and JSON."""
        above = ("policy", "commands", "venue_conditions")
        given = {name: value for name, value in vars(self).items() if name not in above}
        if self.policy is not None:
            given["policy"] = self.policy.content()
        if self.commands:
            given["commands"] = [command.terms() for command in self.commands]
        if self.venue_conditions:
            given["venue_conditions"] = [condition.as_dict() for condition in self.venue_conditions]
        return given

    def fees_bps(self, market: Market) -> list[float]:
        """Returns the taker fee of each instrument in basis points, in id order."""
        return [i.taker_bps if self.fee_bps is None else self.fee_bps for i in market.instruments]

    def costs_text(self, market: Market) -> str:
        """Returns the costs assumed under this realism in one clause."""
        fees = sorted(set(self.fees_bps(market)))
        fee = f"{fees[0]:g}" if len(fees) == 1 else f"{fees[0]:g} to {fees[-1]:g}"
        costs = self.effective
        impact = f"square-root impact × {costs.impact:g}" if costs.impact else "no impact"
        spread = f"spread {costs.spread_bps:g} bp" if self.realism != "naive" else "no spread"
        return f"fee {fee} bp, {spread}, {impact}, {self._volume_text()}"

    def _volume_text(self) -> str:
        if self.realism == "naive":
            return "any volume"
        share = self.effective.volume_share
        if share < WHOLE_BAR:
            return f"at most {share * 100:.4g}\u00a0% of a bar's volume"
        return "up to a bar's whole volume"

    def latency_text(self) -> str:
        """Returns the latency under this realism in one clause."""
        latency = self.effective
        compute = f" + {latency.compute_latency_ms} ms to decide" if latency.compute_latency_ms else ""
        if not latency.latency_sigma:
            return f"{latency.latency_ms} ms{compute}"
        return f"log-normal, median {latency.latency_ms} ms, sigma {latency.latency_sigma:g}, seed {latency.latency_seed}{compute}"


def _check(name: str, value: object) -> None:
    low, high, unit = LIMITS[name]
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise BacktestError(f"{name} is {value!r}, not a number; give {low:g} to {high:,g}{unit}.")
    if name in WHOLE and not isinstance(value, int):
        raise BacktestError(f"{name} is {value!r}; {WHOLE[name]}.")
    if not (math.isfinite(value) and low <= value <= high):
        raise BacktestError(f"{name} is {value:,g}; it must lie between {low:g} and {high:,g}{unit}.")
