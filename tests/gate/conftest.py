"""Public series with published figures, and worlds in which a strategy is registered or was judged."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from tests.gate.worlds import World


@pytest.fixture(scope="session")
def mark_pound():
    """The benchmark of Bollerslev and Ghysels (1996), 1,974 daily changes in per cent."""
    lines = (Path(__file__).parent / "series" / "mark_pound.txt").read_text().splitlines()
    return np.array([float(word) for line in lines if not line.startswith("#") for word in line.split()])


@pytest.fixture(scope="session")
def macro():
    """Two public series of US macroeconomics, shipped with statsmodels: inflation, and the logarithm of real GDP."""
    data = pytest.importorskip("statsmodels.datasets").macrodata.load_pandas().data
    return {"inflation": data["infl"].to_numpy(), "log_gdp": np.log(data["realgdp"].to_numpy())}


@pytest.fixture
def world(tmp_path, monkeypatch):
    monkeypatch.setenv("BOT4_HOME", str(tmp_path / "home"))
    return World(tmp_path)


@pytest.fixture(scope="module")
def judged_once(tmp_path_factory):
    """A world whose registration was checked; tests copy it."""
    folder = tmp_path_factory.mktemp("judged")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BOT4_HOME", str(folder / "home"))
        made = World(folder)
        registration = made.register()
        return folder, registration.id, made.check(registration.id)


@pytest.fixture
def judged(judged_once, tmp_path, monkeypatch):
    """(world, id) of a copy of it."""
    folder, id, _ = judged_once
    shutil.copytree(folder / "home", tmp_path / "home")
    monkeypatch.setenv("BOT4_HOME", str(tmp_path / "home"))
    found = World(tmp_path)
    return found, id, folder
