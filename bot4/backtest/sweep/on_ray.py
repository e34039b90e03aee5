"""The runner on a Ray cluster: a market is put into the object store once, pieces of a block are tasks, digests come back.

Programs are traced here and travel as text, so a worker needs Bot4 alone and never the strategy's file. A worker reads the market's columns
where the object store holds them, without a copy, and keeps the engine's sweep for the next piece. Needs the extra `ray`. The cluster is
the one that Ray is connected to, else `RAY_ADDRESS`, else one on this machine, ended afterwards.
"""

from __future__ import annotations

import importlib
import itertools
import logging
import os
import weakref
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from bot4.data import Market

from ..errors import BacktestError
from ..setup import Setup
from .rows import Block
from .runner import Told
from .shared import block_of, named

if TYPE_CHECKING:
    from bot4.strategy import Program

    from ..engine import Beside

PIECE_RUNS = 128
"""Runs of a task at the most: what the engine takes through the market together. Smaller pieces share less, and so cost more."""
WAIT_S = 0.1

Parts = tuple[str, int, tuple[tuple[Any, ...], ...]]
"""A market as a worker builds it: listings, interval, columns."""

_put: weakref.WeakKeyDictionary[Market, tuple[str, Any]] = weakref.WeakKeyDictionary()
"""Markets in a cluster's store, with the connection they were put over: put once, whatever sweeps they have, and gone with the market."""


@dataclass(frozen=True, eq=False)
class Shipment:
    """What a worker builds the engine's sweep from, beside the market; its arrays stay where the object store has them."""

    detail: Parts | None
    config_json: str
    funding: Mapping[str, Any]
    version: str


def shipment_of(setup: Setup) -> Shipment:
    """Returns what a worker needs of a setup, beside its market."""
    from bot4 import __version__

    beside: Beside = setup.beside
    detail = None if beside.detail is None else parts_of(beside.detail.market)
    config_json = setup.config.engine_json(setup.market, setup.trade_from_ms)
    return Shipment(detail, config_json, beside.funding.arguments(), __version__)


def parts_of(market: Market) -> Parts:
    """Returns what a worker builds a market from."""
    return market.listing_json, market.interval_ms, tuple(tuple(columns) for columns in market.columns)


_built: dict[str, Any] = {}


def run_piece(key: str, market: Parts, shipment: Shipment, programs: list[str], share: bool) -> dict[str, Any] | str:
    """Returns the digest of programs, run by a worker on one core; a sentence where the engine refuses."""
    from bot4 import __version__, _engine

    if shipment.version != __version__:
        return f"a worker of the Ray cluster has Bot4 {__version__}, and this is {shipment.version}; install the same on both."
    if key not in _built:
        _built.clear()  # one market at a time: a worker outlives its sweeps
        detail: dict[str, Any] = {} if shipment.detail is None else {"detail": _engine.Market(*shipment.detail)}
        _built[key] = _engine.Sweep(_engine.Market(*market), shipment.config_json, **shipment.funding, **detail)
    try:
        found: dict[str, Any] = _built[key].run(programs, 1, share)
    except _engine.EngineError as error:
        return str(error)
    return found


def start_here(cores: int, **settings: Any) -> None:
    """Starts a Ray cluster on this machine whose workers are as urgent as this process: their work is what it waits for."""
    ray = importlib.import_module("ray")
    # Ray's note on accelerators is about others' machines; its usage report stays off.
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    # Ray would make its workers nicer than everybody else, by 15: beside other programs they would hardly run.
    os.environ.setdefault("RAY_worker_niceness", "0")
    ray.init(address="local", num_cpus=cores, include_dashboard=False, **settings)


class OnRay:
    """Runs programs as tasks of a Ray cluster."""

    def __init__(self, setup: Setup, workers: int = 0, *, share: bool = True) -> None:
        try:
            self.ray: Any = importlib.import_module("ray")
        except ImportError:
            raise BacktestError('on="ray" needs Ray, which is not installed; run: pip install "bot4[ray]"') from None
        self.share = share
        self.is_own = not self.ray.is_initialized()
        if self.is_own:
            self._start(workers)
        self.cores = max(int(self.ray.cluster_resources().get("CPU", 1)), 1)
        self.key = os.urandom(8).hex()
        self.market = self._held(setup.market)
        self.shipment = self.ray.put(shipment_of(setup))
        self.task = self.ray.remote(num_cpus=1)(run_piece)

    def _start(self, workers: int) -> None:
        address = os.environ.get("RAY_ADDRESS")
        quiet = {"log_to_driver": False, "logging_level": logging.ERROR}
        if address:
            try:
                self.ray.init(address=address, **quiet)
            except (ConnectionError, RuntimeError) as error:
                raise BacktestError(
                    f"no Ray cluster answers at RAY_ADDRESS={address} ({error}); start it, or unset it."
                ) from error
            return
        start_here(workers or os.cpu_count() or 1, **quiet)

    def _held(self, market: Market) -> Any:
        """Returns the market in the cluster's store, put there where it is not."""
        here = self.ray.get_runtime_context()
        connection = f"{here.get_node_id()} {here.get_job_id()}"  # a cluster's, and this connection's: an object ends with either
        over, held = _put.get(market, ("", None))
        if over != connection:
            held = self.ray.put(parts_of(market))
            _put[market] = (connection, held)
        return held

    def run(self, programs: Sequence[Program], told: Told) -> Block:
        """Returns the rows of programs."""
        pieces = _pieces(len(programs), self.cores)
        texts = [program.json for program in programs]
        waiting = {
            self.task.remote(self.key, self.market, self.shipment, texts[a:b], self.share): (a, b) for a, b in pieces
        }
        digests: dict[int, dict[str, Any]] = {}
        done = 0
        try:
            while waiting:
                ready, _ = self.ray.wait(list(waiting), timeout=WAIT_S)
                for one in ready:
                    start, stop = waiting.pop(one)
                    digests[start] = self._taken(self.ray.get(one), programs[start:stop])
                    done += stop - start
                told(done / len(programs))
        finally:
            for one in waiting:
                self.ray.cancel(one, force=False)
        return block_of(merged([digests[start] for start, _ in pieces]), programs if self.share else ())

    def _taken(self, found: dict[str, Any] | str, programs: Sequence[Program]) -> dict[str, Any]:
        from bot4._engine import EngineError

        if isinstance(found, str):
            raise named(EngineError(found), programs)
        return found

    def close(self) -> None:
        """Ends a cluster that was started here."""
        if self.is_own:
            self.ray.shutdown()


def _pieces(count: int, cores: int) -> list[tuple[int, int]]:
    """Returns (start, stop) of even, neighbouring pieces, as many for each core: cut as the engine cuts a block for as many threads."""
    pieces = cores * -(-count // (PIECE_RUNS * cores))
    edges = np.linspace(0, count, min(count, pieces) + 1).round().astype(int).tolist()
    return list(itertools.pairwise(edges))


def merged(digests: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Returns digests of pieces as one; what they have in common (days, currencies) is the first's."""
    runs = [len(digest["bars"]) for digest in digests]
    whole: dict[str, Any] = {}
    for name, value in digests[0].items():
        is_by_run = name not in ("day_ts", "is_single") and len(value) == runs[0]
        if not is_by_run:
            whole[name] = value
        elif isinstance(value, list):
            whole[name] = [one for digest in digests for one in digest[name]]
        else:
            whole[name] = np.concatenate([digest[name] for digest in digests])
    return whole
