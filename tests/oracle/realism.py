"""The three realisms (docs/semantics.md, section 6): what they change in the settings, and the path of a bar."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from .instrument import E9
from .records import IntBar

STRICT, NEUTRAL, NAIVE = "strict", "neutral", "naive"


def settings(config: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the configuration as the realism has it; a volume share of None is unlimited."""
    realism = config.get("realism", STRICT)
    changed: dict[str, Any] = {"realism": realism}
    if realism != STRICT:
        changed |= {"impact": 0.0, "volume_share_e9": E9}
    if realism == NAIVE:
        changed |= {"half_spread_e9": 0, "volume_share_e9": None, "latency_ms": 0, "latency_sigma": 0.0}
    return {**config, **changed}


def capacity(bar: IntBar, share_e9: int | None) -> int | None:
    """Returns the lots that an asset may trade in a bar, None for as many as it likes."""
    return None if share_e9 is None else bar.volume * share_e9 // E9


def path(bar: IntBar) -> list[tuple[int, int, bool]]:
    """Returns the legs (from, to, downwards) of open, nearer extreme, other extreme, close."""
    low_first = bar.open - bar.low <= bar.high - bar.open
    near, far = (bar.low, bar.high) if low_first else (bar.high, bar.low)
    return [(bar.open, near, low_first), (near, far, not low_first), (far, bar.close, low_first)]


@dataclass(frozen=True)
class Level:
    """A price that the path may come to. `name` tells it from all others, `rank` is its place among equals."""

    price: int
    down: bool
    rank: tuple[int, ...]
    name: object
    act: Callable[[], object]
    stop: bool = False  # a protective stop: where a fill has set it beyond the price already, it acts at once


def walk(bar: IntBar, levels: Callable[[], list[Level]]) -> None:
    """Goes along the path. Each level that it comes to acts, once in a leg, and may change the levels ahead."""
    for start, end, down in path(bar):
        acted: set[object] = set()
        now = start
        while True:
            low, high = (end, now) if down else (now, end)
            waiting = [v for v in levels() if v.name not in acted]
            passed = [v for v in waiting if v.stop and (v.price > now if v.down else v.price < now)]
            ahead = [v for v in waiting if v.down == down and low <= v.price <= high]
            if not passed and not ahead:
                break
            level = min(passed or ahead, key=lambda v: (-v.price if v.down else v.price, v.rank))
            acted.add(level.name)
            now = now if passed else level.price
            level.act()
