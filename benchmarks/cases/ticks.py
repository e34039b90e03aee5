"""Real ticks: the raw recording of BTC imported, then tiled and replayed with a maker, ours beside hftbacktest's.

Both replays run in this one job, one after the other, on the same rows. The data is that of `BOT4_TEST_DATA`, which the repository does
not hold. Ours is `strict` with partial fills and impact; theirs fills whole, at its fastest book (a vector of the region of interest).
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.environment import ROOT, ensure

if TYPE_CHECKING:
    from bot4.data.ticks import Ticks

DATA = Path(os.environ.get("BOT4_TEST_DATA", ROOT.parent / "shared" / "data")) / "ticks" / "binance-l2"
FILE = "usdm-btcusdt_20240808.gz"
EXAMPLE = (
    "cargo",
    "run",
    "--quiet",
    "--locked",
    "--release",
    "--package",
    "bot4-ticks",
    "--example",
    "replay_bench",
    "--",
)
PEER = ROOT / "benchmarks" / "peers" / "hftbacktest_maker.py"


def run(tiles: int = 43, repeat: int = 5, peer: bool = True) -> dict[str, Any]:
    """Returns import in MB of raw JSON a second and events a second of both replays. Raises RuntimeError without the data or cargo."""
    if not (DATA / FILE).exists():
        raise RuntimeError(
            f"{FILE} is not in BOT4_TEST_DATA/ticks/binance-l2: set BOT4_TEST_DATA to the folder of the market data."
        )
    if shutil.which("cargo") is None:
        raise RuntimeError(
            "cargo is not installed: the replay is measured by a Rust example; install Rust (rustup.rs)."
        )
    with tempfile.TemporaryDirectory() as folder:
        ticks, rates = _imported(Path(folder), repeat)
        seen = _ours(ticks, Path(folder), tiles)
        theirs = _theirs(ticks, Path(folder), tiles) if peer else {}
    figures = {**seen, **rates}
    lines = [
        f"import {rates['read_mb_per_s']:.0f} MB/s of raw JSON, {rates['import_mb_per_s']:.0f} with the store written",
        f"replay {seen['median_per_s'] / 1e6:.1f} M events/s (best {seen['best_per_s'] / 1e6:.1f}, naive book "
        f"{seen['naive_per_s'] / 1e6:.2f}) over {seen['events']:,} events, {seen['quotes']:,} quotes, {seen['fills']:,} fills",
    ]
    if theirs:
        if theirs["quotes"] < 0.99 * seen["quotes"]:
            raise RuntimeError(
                f"hftbacktest ended after {theirs['quotes']} of {seen['quotes']} quotes: its speed means nothing."
            )
        ratio = seen["median_per_s"] / theirs["median_per_s"]
        figures |= {"peer_per_s": theirs["median_per_s"], "ratio": ratio}
        lines.append(f"hftbacktest {theirs['version']} {theirs['median_per_s'] / 1e6:.2f} M events/s: {ratio:.1f} ×")
    return {**figures, "lines": lines}


def _imported(folder: Path, repeat: int) -> tuple[Ticks, dict[str, float]]:
    from bot4.data.ticks import import_files, write

    reads, wholes = [], []
    for _ in range(repeat):
        start = time.perf_counter()
        [ticks] = import_files([DATA / FILE])
        reads.append(time.perf_counter() - start)
        write(ticks, folder / "store", replace_old=True)
        wholes.append(time.perf_counter() - start)
    megabytes = ticks.sources[0].text_bytes / 1e6
    return ticks, {
        "read_mb_per_s": megabytes / statistics.median(reads),
        "import_mb_per_s": megabytes / statistics.median(wholes),
    }


def _ours(ticks: Ticks, folder: Path, tiles: int) -> dict[str, Any]:
    for group in ("depth", "trades"):
        for name, column in getattr(ticks, group).columns().items():
            (folder / f"{group}.{name}").write_bytes(column.tobytes())
    return _json_of([*EXAMPLE, str(folder), str(tiles)])


def _theirs(ticks: Ticks, folder: Path, tiles: int) -> dict[str, Any]:
    question = folder / "question.npz"
    given: dict[str, Any] = {
        f"{group}_{name}": column
        for group in ("depth", "trades")
        for name, column in getattr(ticks, group).columns().items()
    }
    np.savez(question, **given)
    return _json_of([str(ensure("hftbacktest")), str(PEER), str(question), str(tiles)])


def _json_of(command: list[str]) -> dict[str, Any]:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{command[0]} failed: {(done.stderr.strip().splitlines() or ['without a word'])[-1]}")
    seen: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return seen
