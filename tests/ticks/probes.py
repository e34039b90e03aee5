"""Random orders on real ticks, played by us and by hftbacktest: the same actions, the same models, both answers as columns."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from bot4 import _engine
from bot4.data.ticks import Ticks
from bot4.data.ticks.replaying import engine_columns

Ints = npt.NDArray[np.int64]
MS = 1_000_000
SUBMIT, CANCEL = 0, 1
FORCES = (
    "rest",
    "post",
    "fok",
    "ioc",
    "market",
)  # hftbacktest's numbers: GTC 0, GTX 1, FOK 2, IOC 3; 4: an order type of its own
SAMPLE_NS = 1 << 32
"""Time between samples of a recorded latency; with latencies of whole 256 ns their line is exact in floats too."""
ENTRY_NS, RESPONSE_NS = 3 * MS, 2 * MS


@dataclass(frozen=True)
class Model:
    """The assumptions both sides share."""

    queue: str
    exponent: float
    realism: str
    latency: tuple[tuple[int, int, int], ...] = ()
    """Samples of (sent, at the venue, back), ns; without them it is constant."""

    def config(self, max_orders: int) -> str:
        there: dict[str, object] = {"constant_ns": ENTRY_NS}
        back: dict[str, object] = {"constant_ns": RESPONSE_NS}
        if self.latency:
            there = {"recorded": [[sent, venue - sent] for sent, venue, _ in self.latency]}
            back = {"recorded": [[venue, known - venue] for _, venue, known in self.latency]}
        return json.dumps(
            {
                "queue": self.queue,
                "exponent": self.exponent,
                "realism": self.realism,
                "entry": there,
                "cancel": there,
                "response": back,
                "recovery_ns": 0,
                "max_orders": max_orders,
                "seed": 1,
            }
        )


def recorded(ticks: Ticks, seed: int) -> tuple[tuple[int, int, int], ...]:
    """Returns samples of a latency of 1 to 6 ms each way over the whole recording."""
    rng = np.random.default_rng(seed)
    first, last = int(ticks.depth.local_ns[0]) - SAMPLE_NS, int(ticks.depth.local_ns[-1]) + SAMPLE_NS
    sent = np.arange(first, last, SAMPLE_NS)
    there, back = (rng.integers(4_000, 24_000, len(sent)) * 256 for _ in range(2))
    return tuple(zip(sent.tolist(), (sent + there).tolist(), (sent + there + back).tolist(), strict=True))


@dataclass(frozen=True)
class Actions:
    """Submits and cancels in order of local time; orders are numbered from 1 in the order they are sent."""

    when: Ints
    what: Ints
    order: Ints
    side: Ints
    price: Ints
    lots: Ints
    force: Ints
    end_ns: int

    @property
    def orders(self) -> int:
        return int((self.what == SUBMIT).sum())


def draw(ticks: Ticks, count: int, seed: int, forces: tuple[float, ...] = (0.55, 0.2, 0.08, 0.12, 0.05)) -> Actions:
    """Draws orders around the best prices of their time: mostly passive, some post-only, FOK, IOC and at market, cancelled after up to 8 s.

    `forces` are the shares of `FORCES`.
    """
    rng = np.random.default_rng(seed)
    first, last = int(ticks.depth.local_ns[0]) + 1_000 * MS, int(ticks.depth.local_ns[-1]) - 1_000 * MS
    when = np.sort(rng.choice(np.arange(first, last - 9_000 * MS, MS // 4), count, replace=False))
    side = rng.choice([1, -1], count)
    offset = rng.choice(np.arange(-3, 12), count, p=_weights())
    force = rng.choice(len(FORCES), count, p=forces)
    lots = np.maximum(1, np.round(np.exp(rng.normal(1.5, 1.2, count)))).astype(np.int64)
    price = np.empty(count, np.int64)
    replay = _engine.TickReplay(
        *engine_columns(ticks.depth, ticks.trades), Model("pessimistic", 1.0, "neutral").config(1)
    )
    for at in range(count):
        replay.advance_to(int(when[at]))
        bid, _, ask, _ = replay.best()
        price[at] = bid - offset[at] if side[at] > 0 else ask + offset[at]
    stays = rng.integers(20 * MS, 8_000 * MS, count)
    cancel = (force < 2) & (rng.random(count) < 0.8)
    numbers = np.arange(1, count + 1)
    times = np.concatenate([when, (when + stays)[cancel]])
    whats = np.concatenate([np.full(count, SUBMIT), np.full(int(cancel.sum()), CANCEL)])
    every = np.concatenate([np.arange(count), np.flatnonzero(cancel)])
    order = np.lexsort((whats, times))
    rows = every[order]
    numbers, side, price, lots, force = (np.ascontiguousarray(c[rows]) for c in (numbers, side, price, lots, force))
    return Actions(times[order], whats[order], numbers, side, price, lots, force, last)


def _weights() -> npt.NDArray[np.float64]:
    weights: npt.NDArray[np.float64] = np.array([1, 1, 2, 8, 8, 6, 5, 4, 3, 3, 2, 2, 2, 2, 2], float)
    weights /= weights.sum()
    return weights


def ours(ticks: Ticks, actions: Actions, model: Model) -> Mapping[str, Ints]:
    """Returns every report of ours as columns."""
    orders = ticks.orders.columns() if model.queue == "exact" else None
    replay = _engine.TickReplay(*engine_columns(ticks.depth, ticks.trades), model.config(actions.orders), orders)
    for at in range(len(actions.when)):
        replay.advance_to(int(actions.when[at]))
        if actions.what[at] == SUBMIT:
            force = FORCES[actions.force[at]]
            price = None if force == "market" else int(actions.price[at])
            force = "ioc" if force == "market" else force
            number = replay.submit(int(actions.side[at]), price, int(actions.lots[at]), force)
            assert number == actions.order[at]
        else:
            replay.cancel(int(actions.order[at]))
    replay.advance_to(actions.end_ns)
    return replay.take_reports()


def theirs(
    python: Path, script: Path, folder: Path, asked: list[tuple[Ticks, Actions, Model]]
) -> list[Mapping[str, Ints]]:
    """Returns hftbacktest's last state of every order, for each question."""
    files: list[Path] = []
    for number, (ticks, actions, model) in enumerate(asked):
        depth, trades = engine_columns(ticks.depth, ticks.trades)
        given = {f"depth_{name}": column for name, column in depth.items()}
        given |= {f"trades_{name}": column for name, column in trades.items()}
        if model.queue == "exact":
            given |= {f"orders_{name}": column for name, column in ticks.orders.columns().items()}
        for name in ("when", "what", "order", "side", "price", "lots", "force"):
            given[name] = getattr(actions, name)
        files += [folder / f"question-{number}.npz", folder / f"answer-{number}.npz"]
        np.savez(
            files[-2],
            **given,
            queue=model.queue,
            exponent=model.exponent,
            is_partial=model.realism == "neutral",
            entry_ns=ENTRY_NS,
            response_ns=RESPONSE_NS,
            latency=np.array(model.latency, np.int64).reshape(-1, 3),
            end_ns=actions.end_ns,
            orders=actions.orders,
        )
    done = subprocess.run([python, script, *files], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return [dict(np.load(answer)) for answer in files[1::2]]
