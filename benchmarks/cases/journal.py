"""The journal of a run over a million bars: written row by row, verified from the first byte to the last, and replayed."""

from __future__ import annotations

import itertools
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks import strategies
from benchmarks.cases.native import memory_market, native_config
from benchmarks.market import make_bars


def run(rows: int, strategy: str = "crossover") -> dict[str, Any]:
    """Returns records a second while a run is journaled (its own work included), while it is verified, and while it is replayed."""
    from bot4 import _engine
    from bot4.backtest.engine import Beside
    from bot4.backtest.funding import Funding
    from bot4.backtest.journal import Journal, run_journaled
    from bot4.records.journal import replay, verify

    program = getattr(strategies, strategy).trace()
    market = memory_market(make_bars(rows))
    config = native_config(market)
    plain = _engine.run(market.native, program.json, config)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "run.journal"
        beside = Beside(Funding((None,)), None, Journal(folder))
        walls = [time.perf_counter()]
        made = run_journaled(market, program, config, beside, None)
        walls.append(time.perf_counter())
        found = verify(folder)
        walls.append(time.perf_counter())
        again = replay(folder)
        walls.append(time.perf_counter())
    assert again.is_same, again.difference
    assert again.state_hash == made["state_hash"] == plain["state_hash"]
    records = sum(int(kind["next"]) for kind in found.values())
    write, check, repeat = (b - a for a, b in itertools.pairwise(walls))
    return {
        "written_per_s": records / write,
        "verified_per_s": records / check,
        "replayed_per_s": records / repeat,
        "recovery_s_per_million": check / records * 1e6,
        "lines": [
            f"{records:,} records: written {records / write / 1e6:.2f} M/s with the run, verified {records / check / 1e6:.2f} M/s, "
            f"replayed and compared {records / repeat / 1e6:.2f} M/s"
        ],
    }
