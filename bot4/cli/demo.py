"""`bot4 demo`: the whole way in one command, without network or keys.

Makes a seeded synthetic market of six coins, backtests the example portfolio on it, prints the summary and writes the report.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .output import STDOUT, Json, check_target

if TYPE_CHECKING:
    from bot4.data import Market

COINS, BARS, INTERVAL, SEED, START = 6, 26_000, "1h", 7, "2022-01-01"
STRATEGY = Path(__file__).with_name("demo_momentum.txt")

Folder = Annotated[Path, typer.Option(help="Folder for market, strategy and report; it is made if it does not exist.")]


def command(folder: Folder = Path("demo"), json: Json = None) -> None:
    """Make a synthetic market of six coins, backtest a portfolio on it and write the report."""
    from .backtest import run_and_show

    check_target("--json", json)
    files = make_market(folder / "market")
    strategy = folder / "momentum.py"
    if not strategy.exists():
        shutil.copyfile(STRATEGY, strategy)
    report = folder / "report.html"
    run_and_show(str(strategy), files, {"record": False}, json, report)
    if json != STDOUT:
        print("\n" + next_steps(folder, strategy))


def make_market(folder: Path) -> list[str]:
    """Returns the market's files; made on the first call, found on later ones."""
    from .data import write_market

    made = sorted(str(path) for path in folder.glob(f"*-{INTERVAL}.parquet"))
    if len(made) == COINS:
        return made
    print(f"Making a synthetic market: {COINS} coins, {BARS:,} bars of {INTERVAL}, seed {SEED} …", file=sys.stderr)
    return [str(path) for path in write_market(synthetic_market(), folder)]


def synthetic_market() -> Market:
    """Returns the demo's market, the same for everybody: perpetuals, since the portfolio sells short and spot coins cannot be."""
    from bot4.data.synthetic import perpetuals, synth

    return perpetuals(synth(coins=COINS, bars=BARS, interval=INTERVAL, seed=SEED, start=START))


def next_steps(folder: Path, strategy: Path) -> str:
    """Returns where the report is and what to try next, with commands that work in this shell."""
    bot4, data = program(), f"{folder}/market/*.parquet"
    return "\n".join(
        [
            f"Open {folder / 'report.html'} in a browser. The market is made up: the number says nothing about real coins.",
            "Try next:",
            f"  change {strategy} and run: {bot4} backtest {strategy} --data {data}",
            f"  look at the data:          {bot4} data check {data}",
            "  your own strategy:         docs/quickstart.md",
        ]
    )


def program() -> str:
    """Returns how to call `bot4` from this shell: by name, or by its path in the environment that runs this."""
    if shutil.which("bot4"):
        return "bot4"
    here = Path(sys.executable).parent / "bot4"
    return str(here.relative_to(Path.cwd()) if here.is_relative_to(Path.cwd()) else here)
