"""The journal of a run over a million bars: written row by row, verified from the first byte to the last, and replayed."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from benchmarks import strategies
from benchmarks.cases.native import memory_market, native_config
from benchmarks.clock import spend
from benchmarks.market import make_bars


def run(rows: int, strategy: str = "crossover") -> dict[str, Any]:
    """Returns records a second while a run is journaled (its own work included), while it is verified, and while it is replayed; and where
    the time went: at work, waiting for a processor, waiting for the disk."""
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
        made, write = spend(lambda: run_journaled(market, program, config, beside, None))
        found, check = spend(lambda: verify(folder))
        again, repeat = spend(lambda: replay(folder))
    assert again.is_same, again.difference
    assert again.state_hash == made["state_hash"] == plain["state_hash"]
    records = sum(int(kind["next"]) for kind in found.values())
    return {
        "written_per_s": records / write.wall_s,
        "verified_per_s": records / check.wall_s,
        "replayed_per_s": records / repeat.wall_s,
        "recovery_s_per_million": check.wall_s / records * 1e6,
        "written_per_cpu_s": records / max(write.cpu_s, 1e-9),
        "replayed_per_cpu_s": records / max(repeat.cpu_s, 1e-9),
        "lines": [
            f"{records:,} records: written {records / write.wall_s / 1e6:.2f} M/s with the run, verified "
            f"{records / check.wall_s / 1e6:.2f} M/s, replayed and compared {records / repeat.wall_s / 1e6:.2f} M/s",
            f"writing {write.line()}",
            f"replaying {repeat.line()}",
        ],
    }
