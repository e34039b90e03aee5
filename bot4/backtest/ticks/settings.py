"""What a run on ticks assumes: latency, queue, fees; and which settings of bars mean nothing here.

The realisms are the same words as on bars: `strict` (nobody before us in the queue ever leaves, orders take their time), `neutral`
(a share of them stood before us, and what we take is there again at once), `naive` (no latency, every fill whole). docs/language-ticks.md.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

from ..config import Config
from ..errors import BacktestError
from ..realism import Realism

if TYPE_CHECKING:
    from bot4.data import Market

QUEUES: dict[Realism, str] = {"strict": "pessimistic", "neutral": "log", "naive": "log"}
"""Queue model of each realism."""
RECOVERY_NS = 1_000_000_000
"""How long what an order took takes to come back to the book, ns."""
SENTENCES: dict[Realism, str] = {
    "strict": "Fills are strict: who stood before an order in the queue stays there until trades have filled him.",
    "neutral": "Fills are neutral: part of those who leave the queue stood before the order, and what it takes is there again at once.",
    "naive": "Fills are naive: orders take no time and are filled whole, takers at the best price; no market fills like this.",
}
BAR_SETTINGS = {
    "spread_bps": "ticks show the spread",
    "impact": "an order takes what the book shows",
    "volume_share": "an order takes what the book shows",
    "collar": "a limit order bounds its price",
    "leverage": "a run on ticks keeps one plain account; max_leverage bounds it",
    "margin": "a run on ticks keeps one plain account; max_leverage bounds it",
    "funding_default": "ticks span no settlement",
}
"""Settings that only bars have, and why."""


@dataclass(frozen=True)
class TickConfig(Config):
    """A `Config` of ticks: `feed_ns`, the median feed latency, is what an order takes each way where `latency_ms` is 0;
    `knows_orders` whether the recording tells orders by number."""

    feed_ns: int = 0
    knows_orders: bool = False

    @property
    def queue(self) -> str:
        """Returns the queue model by name: `exact` where the recording tells orders by number, whatever the realism."""
        return "exact" if self.knows_orders else QUEUES[self.realism]

    @property
    def order_ns(self) -> int:
        """Returns the (median) time of an order, a cancel or a report on its way, ns; 0 under `naive`."""
        if self.realism == "naive":
            return 0
        return self.latency_ms * 1_000_000 if self.latency_ms else self.feed_ns

    @property
    def effective(self) -> Config:
        """Returns the settings in force. The spread is so wide that all between a fill's mid and its price counts as spread."""
        return replace(self, realism="strict", spread_bps=9_999.0, impact=0.0)

    def venue_terms(self) -> dict[str, Any]:
        """Returns queue and latency as the engine reads them."""
        sigma = 0.0 if self.realism == "naive" else self.latency_sigma
        return {
            "queue": self.queue,
            "realism": self.realism,
            "order_ns": self.order_ns,
            "sigma": sigma,
            "seed": self.latency_seed,
            "recovery_ns": RECOVERY_NS,
        }

    def costs_text(self, market: Market) -> str:
        """Returns the costs assumed in one clause."""
        only = market.instruments[0]
        taker, maker = (only.taker_bps, only.maker_bps) if self.fee_bps is None else (self.fee_bps, self.fee_bps)
        return f"fees {taker:g} bp taking and {maker:g} bp making, the book's own spread and depth"

    def latency_text(self) -> str:
        """Returns the latency in one clause."""
        spread = f", log-normal, sigma {self.latency_sigma:g}, seed {self.latency_seed}" if self.latency_sigma else ""
        if self.realism == "naive":
            return "none"
        why = "" if self.latency_ms else ", the recording's median feed latency"
        return f"{self.order_ns / 1e6:.4g} ms each way{why}{spread}"


def tick_config(config: Config, feed_ns: int, knows_orders: bool = False) -> TickConfig:
    """Returns the settings of a run on ticks. Raises BacktestError for one that only bars have."""
    plain = Config()
    for name, why in BAR_SETTINGS.items():
        if getattr(config, name) != getattr(plain, name):
            raise BacktestError(f"{name} is a setting of bars: {why}; leave it out.")
    if config.policy is not None and getattr(config.policy, "venue_stop", None) is not None:
        raise BacktestError("a policy with a stop at the venue does not run on ticks yet; leave venue_stop out.")
    return TickConfig(
        **{f.name: getattr(config, f.name) for f in fields(Config)}, feed_ns=feed_ns, knows_orders=knows_orders
    )
