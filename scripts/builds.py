"""Holds the bits of one build of the engine to those of another: `python -m scripts.builds [--bars N]` (10,000,000 bars).

No part of CI: its builds take three minutes.

A build of optimisation 1 without link-time optimisation and the release are made. Each runs the same strategy over the same bars with a
journal, in a process of its own; then each replays the journal of the other. What must be equal: the chain over all records of each
journal, which are orders, states, fills, money, trades and the hash of the whole state every 4,096 rows, and the state at the end.
"""

from __future__ import annotations

import argparse
import importlib.machinery
import importlib.util
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from scripts.shell import ROOT, environment, run, stop

PROFILES = {"debug": (), "release": ("--release",)}
"""Cargo's folder of each build, and its flags."""
STRATEGY = "crossover"
FEW = 100_000
WHOLE = 10_000_000


def use(library: Path) -> None:
    """Makes a built library the engine of this process. To be called before anything of bot4 is imported."""
    loader = importlib.machinery.ExtensionFileLoader("bot4._engine", str(library))
    spec = importlib.util.spec_from_file_location("bot4._engine", library, loader=loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["bot4._engine"] = module
    loader.exec_module(module)
    import bot4

    bot4._engine = module


def write(folder: Path, bars: int) -> dict[str, Any]:
    """Runs the strategy with a journal; returns records, chain, state's hash and seconds."""
    from benchmarks import strategies
    from benchmarks.cases.native import memory_market, native_config
    from benchmarks.market import make_bars
    from bot4.backtest.engine import Beside
    from bot4.backtest.funding import Funding
    from bot4.backtest.journal import Journal, run_journaled

    market = memory_market(make_bars(bars))
    beside = Beside(Funding((None,)), None, Journal(folder))
    begun = time.perf_counter()
    made = run_journaled(market, getattr(strategies, STRATEGY).trace(), native_config(market), beside, None)
    return {"seconds": time.perf_counter() - begun, "state": made["state_hash"], **made["journal"]}


def read(folder: Path, start: str) -> dict[str, Any]:
    """Replays a journal; returns what differs, the state's hash, records compared and seconds."""
    from bot4.records.journal import replay

    begun = time.perf_counter()
    found = replay(folder, start=start)  # type: ignore[arg-type]  # one of its words
    seconds = time.perf_counter() - begun
    return {
        "seconds": seconds,
        "state": found.state_hash,
        "difference": found.difference,
        "compared": found.compared,
        "begun": found.begun,
    }


def work(profile: str, task: str, folder: Path, bars: int) -> dict[str, Any]:
    """Does one task with one build in a process of its own."""
    words = [sys.executable, "-m", "scripts.builds", "--with", profile, "--task", task, "--folder", str(folder)]
    done = subprocess.run(
        [*words, "--bars", str(bars)], cwd=ROOT, env=environment(), stdout=subprocess.PIPE, text=True, check=True
    )
    return dict(json.loads(done.stdout))


def differences(bars: int, place: Path) -> list[str]:
    """Runs and replays with both builds; returns one sentence for each thing that differs, and prints how long each took."""
    wrong = []
    written = {profile: work(profile, "write", place / profile, bars) for profile in PROFILES}
    events = 0
    for profile, made in written.items():
        events = made["tape_records"] + made["control_records"]
        print(f"{profile:8} wrote    {events:>12,} events  {events / made['seconds'] / 1e6:6.2f} M/s")
    first, second = PROFILES
    wrong += [
        f"{key}: {written[first][key]} of {first}, {written[second][key]} of {second}"
        for key in ("chain", "state", "control_records", "tape_records")
        if written[first][key] != written[second][key]
    ]
    for profile in PROFILES:
        for of, made in written.items():
            for start in ("first", "newest") if profile == "release" else ("first",):
                found = work(profile, start, place / of, bars)
                if found["difference"] is not None or found["state"] != made["state"]:
                    wrong.append(f"{profile} replays {of}'s journal from {start} otherwise: {found['difference']}")
                rows = f"{bars - found['begun']:,} rows after a snapshot" if found["begun"] else f"{events:,} events"
                print(f"{profile:8} replayed {rows} of {of}: {found['seconds']:.2f} s, {found['compared']:,} compared")
    print(f"{len(wrong)} of the hashes differ")
    return wrong


def check(bars: int = FEW) -> None:
    """Builds both and compares. Raises SystemExit where anything differs."""
    for flags in PROFILES.values():
        run(["cargo", "build", "--quiet", "--locked", *flags, "--package", "bot4-bindings"])
    with tempfile.TemporaryDirectory() as place:
        if wrong := differences(bars, Path(place)):
            stop(
                "\n".join(wrong) + "\nTwo builds of one engine must be of one mind: find the float that is not pinned."
            )


def main() -> None:
    """Compares both builds, or does one task for that with one of them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bars", type=int, default=WHOLE)
    parser.add_argument("--with", dest="profile", choices=PROFILES)
    parser.add_argument("--task", choices=("write", "first", "newest"))
    parser.add_argument("--folder", type=Path)
    given = parser.parse_args()
    if given.profile is None:
        check(given.bars)
        return
    use(ROOT / "target" / given.profile / "lib_engine.so")
    done = write(given.folder, given.bars) if given.task == "write" else read(given.folder, given.task)
    print(json.dumps(done))


if __name__ == "__main__":
    main()
