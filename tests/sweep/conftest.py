"""Run records of tests go to a folder of their own; a small market, and a strategy with two windows."""

from __future__ import annotations

import pytest

import bot4 as b4
from tests.backtest.markets import market, walk


@pytest.fixture(autouse=True)
def records_home(tmp_path, monkeypatch):
    home = tmp_path / "records"
    monkeypatch.setenv("BOT4_HOME", str(home))
    monkeypatch.delenv("BOT4_RECORDS", raising=False)
    return home


@pytest.fixture(scope="session")
def bars():
    """Two assets, 1,500 hours."""
    return market(walk(1_500, seed=1, drift=0.0005), walk(1_500, seed=2))


@b4.strategy(on=b4.bars("1h"))
def cross(m, fast: int = b4.param(8, 2, 60), slow: int = b4.param(30, 5, 200), weight: float = 0.5):
    """Long while the fast average is above the slow one."""
    b4.require(fast < slow, "the fast window must be the shorter one")
    return b4.target(b4.where(m.close.ema(fast) > m.close.ema(slow), weight, 0.0), band=0.02)
