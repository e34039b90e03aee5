"""On a local Ray cluster the same call gives the same rows; the cluster that was started is ended."""

from __future__ import annotations

import gc
import os
import weakref
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import bot4 as b4
from bot4._engine import EngineError
from bot4.backtest import BacktestError
from bot4.backtest.setup import prepare
from bot4.backtest.sweep import on_ray
from tests.backtest.markets import perpetuals, walk

from .conftest import cross

ray: Any = pytest.importorskip("ray")
GRID = {"fast": "2:20:3", "slow": "20:60:20"}


@pytest.mark.filterwarnings("ignore")
def test_without_a_cluster_one_is_started_and_ended(bars):
    assert not ray.is_initialized()
    grid = {"fast": [5, 10], "slow": [30]}
    far = b4.sweep(cross, bars, grid, record=False, on="ray", workers=2)
    assert not ray.is_initialized()
    assert same(far, b4.sweep(cross, bars, grid, record=False))


def test_a_cluster_that_does_not_answer_is_a_sentence(bars, monkeypatch):
    def refuse(address, **settings):
        raise ConnectionError("nobody there")

    monkeypatch.setattr(ray, "init", refuse)
    monkeypatch.setenv("RAY_ADDRESS", "10.0.0.1:6379")
    with pytest.raises(
        BacktestError,
        match=r"no Ray cluster answers at RAY_ADDRESS=10\.0\.0\.1:6379 \(nobody there\); start it",
    ):
        b4.sweep(cross, bars, {"fast": [5]}, on="ray")


@pytest.fixture(scope="module")
def cluster() -> Iterator[None]:
    """One cluster for the tests of this file; each starting its own would take three seconds."""
    on_ray.start_here(2, log_to_driver=False, logging_level="ERROR")
    yield
    ray.shutdown()


def same(one, two) -> bool:
    return one.frame.equals(two.frame) and np.array_equal(one.daily, two.daily, equal_nan=True)


@pytest.mark.filterwarnings("ignore")
def test_ray_and_one_and_two_workers_give_the_same_frame(bars, cluster):
    rows = [b4.sweep(cross, bars, GRID, record=False, workers=workers) for workers in (1, 2)]
    rows.append(b4.sweep(cross, bars, GRID, record=False, share=False))
    rows.append(b4.sweep(cross, bars, GRID, record=False, on="ray"))
    assert len(rows[0]) == 20
    assert all(same(rows[0], other) for other in rows[1:])
    assert ray.is_initialized()  # a cluster that was there is left as it was


def test_a_market_is_put_once_and_goes_with_it(cluster):
    setup = prepare(cross, perpetuals(walk(200)), {})
    one, two = on_ray.OnRay(setup), on_ray.OnRay(setup)
    assert one.market is two.market
    market, held = weakref.ref(setup.market), len(on_ray._put)
    del setup
    gc.collect()
    assert market() is None
    assert len(on_ray._put) == held - 1


def test_workers_here_are_as_urgent_as_this_process(cluster):
    assert ray.get(ray.remote(lambda: os.nice(0)).remote()) == os.nice(0)


def test_a_block_is_cut_as_for_as_many_threads():
    assert on_ray._pieces(8, 2) == [(0, 4), (4, 8)]
    assert on_ray._pieces(3, 4) == [(0, 1), (1, 2), (2, 3)]
    cut = on_ray._pieces(1_000, 2)
    assert len(cut) == 8
    assert {stop - start for start, stop in cut} == {125}


@pytest.mark.filterwarnings("ignore")
def test_funding_and_finer_bars_travel_too(cluster):
    fine, coarse = perpetuals(walk(2_000)), perpetuals(walk(2_000)).resample("4h")

    @b4.strategy(on=b4.bars("4h"))
    def trend(m, fast: int = b4.param(5, 2, 30)):
        side = b4.where(m.close > m.close.ema(fast), 1.0, -1.0)
        return b4.target(side, stop=b4.stop.trailing(2 * m.atr(5)))

    call: dict[str, Any] = {"funding_default": 0.0003, "detail": fine, "record": False}
    local, far = (b4.sweep(trend, coarse, {"fast": range(2, 20)}, on=on, **call) for on in ("local", "ray"))
    assert same(local, far)
    assert (local.frame["funding"] != 0).any()


@pytest.mark.filterwarnings("ignore")
def test_a_stop_ends_the_tasks(bars, cluster):
    def stop(progress) -> None:
        if progress.running:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        b4.sweep(cross, bars, GRID, record=False, on="ray", progress=stop)
    assert len(b4.sweep(cross, bars, GRID, record=False, on="ray")) == 20


def test_a_worker_with_another_version_is_a_sentence(bars, monkeypatch):
    import dataclasses

    setup = prepare(cross, bars, {})
    other = dataclasses.replace(on_ray.shipment_of(setup), version="0.0.9")
    said = on_ray.run_piece("k", on_ray.parts_of(setup.market), other, [], True)
    assert (
        said == f"a worker of the Ray cluster has Bot4 {b4.__version__}, and this is 0.0.9; install the same on both."
    )


def test_a_piece_keeps_the_market_for_the_next(bars, monkeypatch):
    setup = prepare(cross, bars, {})
    programs = [setup.trace({"fast": fast, "slow": 50}).json for fast in (5, 10)]
    shipped = on_ray.shipment_of(setup)
    market = on_ray.parts_of(setup.market)
    first = on_ray.run_piece("k", market, shipped, programs[:1], True)
    assert set(on_ray._built) == {"k"}
    second = on_ray.run_piece("k", market, shipped, programs[1:], True)
    assert isinstance(first, dict)
    assert isinstance(second, dict)
    both = on_ray.run_piece("other", market, shipped, programs, True)
    assert isinstance(both, dict)
    whole = on_ray.merged([first, second])
    assert {name: np.array_equal(both[name], whole[name]) for name in both} == dict.fromkeys(both, True)


def test_what_the_engine_refuses_names_the_parameters(bars):
    from bot4.backtest.sweep.shared import named

    setup = prepare(cross, bars, {})
    programs = [setup.trace({"fast": fast, "slow": 50}) for fast in (5, 10)]
    error = named(EngineError("combination 1: the money overflows"), programs)
    assert isinstance(error, EngineError)
    assert str(error) == "fast=10 slow=50 weight=0.5: the money overflows"
