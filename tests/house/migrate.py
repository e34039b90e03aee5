"""Runs the blocks of the migration pages; `python -m tests.house.migrate --record PYTHON` records what the peers do.

PYTHON is the interpreter of an environment that has backtesting and vectorbt, such as `.bench/vectorbt/bin/python` of `make bench`.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from scripts.shell import ROOT
from tests.house.pages import blocks

RECORDED = Path(__file__).with_name("migrate_recorded.json")
PEERS = ("backtesting", "vectorbt")
BARS = 120 * 24

TAIL = {
    "backtesting": """
rows = trades.sort_values("EntryTime")
found = [dict(entry_ts=int(r.EntryTime.timestamp() * 1000), exit_ts=int(r.ExitTime.timestamp() * 1000), entry_price=float(r.EntryPrice),
              exit_price=float(r.ExitPrice), qty=float(r.Size)) for r in rows.itertuples()]
import backtesting; version = backtesting.__version__
""",
    "vectorbt": """
rows = trades[trades["Status"] == "Closed"].sort_values("Entry Timestamp")
found = [dict(entry_ts=int(r["Entry Timestamp"].timestamp() * 1000), exit_ts=int(r["Exit Timestamp"].timestamp() * 1000),
              entry_price=float(r["Avg Entry Price"]), exit_price=float(r["Avg Exit Price"]), qty=float(r["Size"]))
         for _, r in rows.iterrows()]
version = vbt.__version__
""",
}
"""What brings each peer's trades into one form: times in ms, prices and quantities as floats."""


def page(peer: str) -> Path:
    """Returns the peer's page."""
    return ROOT / "docs" / "migrate" / f"{peer}.md"


def peer_block(peer: str) -> str:
    """Returns the peer's block of its page: the one that is not run with the page."""
    (found,) = [b.text for b in blocks(page(peer), peer) if b.language == "python" and b.no_run]
    return found


def own_blocks(peer: str) -> list[str]:
    """Returns the blocks that run in Bot4."""
    return [b.text for b in blocks(page(peer), peer) if b.language == "python" and not b.no_run]


def digest(text: str) -> str:
    """Returns what tells whether a block has changed."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def workshop(folder: Path) -> Path:
    """Returns a folder with the bars of the docs: as Parquet for Bot4, as `btc.csv` for the peers."""
    import polars as pl

    words = ["data", "synth", "--out", str(folder / "market"), "--bars", str(BARS), "--coins", "1"]
    subprocess.run([sys.executable, "-m", "bot4.cli.main", *words], check=True, capture_output=True)
    file = folder / "market" / "synth-BTCUSDT-1h.parquet"
    file = file.rename(file.with_name("BTC-USDT-1h.parquet"))
    bars = pl.read_parquet(file).with_columns(ts=pl.from_epoch("ts_ms", time_unit="ms")).drop("ts_ms")
    bars.write_csv(folder / "btc.csv")
    return folder


def ours(peer: str, folder: Path) -> list[dict[str, Any]]:
    """Returns the closed trades of the page's own blocks."""
    import contextlib
    import io
    import linecache
    import os

    import polars as pl

    namespace: dict[str, Any] = {"__name__": "__migrate__"}
    before = Path.cwd()
    os.chdir(folder)
    try:
        for number, text in enumerate(own_blocks(peer)):
            name = f"<{peer}.md:{number}>"
            linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
            with contextlib.redirect_stdout(io.StringIO()):
                exec(compile(text, name, "exec"), namespace)
    finally:
        os.chdir(before)
    trades = namespace["result"].trades.filter(pl.col("exit_ts").is_not_null()).sort("entry_ts")
    times = [pl.col(name).dt.epoch("ms") for name in ("entry_ts", "exit_ts")]
    rows: list[dict[str, Any]] = trades.with_columns(times).to_dicts()
    return rows


def theirs(peer: str, folder: Path, python: str) -> dict[str, Any]:
    """Returns the version and closed trades of the peer's block, run by the interpreter of its environment."""
    program = f"{peer_block(peer)}\n{TAIL[peer]}\nimport json; print(json.dumps(dict(version=version, trades=found)))"
    done = subprocess.run(
        [python, "-W", "ignore", "-c", program], cwd=folder, capture_output=True, text=True, timeout=300, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{peer}'s block failed: {done.stderr}")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def record(python: str) -> None:
    """Writes what the peers do into the file beside this one."""
    with tempfile.TemporaryDirectory() as name:
        folder = workshop(Path(name))
        found = {peer: {"block": digest(peer_block(peer)), **theirs(peer, folder, python)} for peer in PEERS}
    RECORDED.write_text(json.dumps(found, indent=1) + "\n")
    print({peer: (entry["version"], len(entry["trades"])) for peer, entry in found.items()})


if __name__ == "__main__":
    if len(sys.argv) != 3 or sys.argv[1] != "--record":
        raise SystemExit("Say: python -m tests.house.migrate --record PYTHON")
    record(sys.argv[2])
