"""Public series with published figures, and the run records of tests in a folder of their own."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest


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
