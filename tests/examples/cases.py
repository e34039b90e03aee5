"""Which market each example is pinned on, and the figures that are pinned.

After a change that is meant to move fills: `python -m tests.examples.cases [NAMES]` prints what moved and writes `pins.json` and
the tables of the pages anew; the change of those files belongs to the review.
"""

from __future__ import annotations

import hashlib
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

import bot4 as b4
from bot4.data.ticks import Ticks, load
from tests.backtest.tick_market import made
from tests.examples import markets, shown

if TYPE_CHECKING:
    from collections.abc import Callable

EXAMPLES = markets.ROOT / "examples"
PINS = Path(__file__).with_name("pins.json")


@dataclass(frozen=True)
class Case:
    """One example with its seeded market and the names of its real files; `funding` makes the seeded market's, if it
    pays any; `start` is the first decision on the real one."""

    example: str
    market: Callable[[], b4.Market | Ticks]
    real: tuple[str, ...]
    funding: Callable[[], dict[str, pl.DataFrame]] | None = None
    start: str | None = None

    def on_synthetic(self) -> b4.Result:
        """Returns the result on the seeded market."""
        return self._run(self.market(), self.funding() if self.funding else None)

    def on_real(self) -> b4.Result:
        """Returns the result on the real files, perpetuals with their funding. Raises FileNotFoundError where one is absent."""
        pays = any(name.startswith("binancefut") for name in self.real)
        return self._run(markets.real(self.real), str(markets.REAL / "funding") if pays else None, self.start)

    def _run(self, data: object, funding: object, start: str | None = None) -> b4.Result:
        strategy = str(EXAMPLES / f"{self.example}.py")
        return b4.backtest(strategy, data, funding=funding, start=start, record=False)


@dataclass(frozen=True)
class TickCase(Case):
    """An example on ticks, with the name of its real recording."""

    recording: str = ""

    def on_real(self) -> b4.Result:
        """Returns the result on the real recording. Raises FileNotFoundError where it is absent."""
        path = markets.REAL / "ticks" / "binance-l2" / self.recording
        if not path.exists():
            raise FileNotFoundError(f"{path} is not there; set BOT4_TEST_DATA")
        return self._run(load(path)[0], None)


def _spot(*coins: str) -> tuple[str, ...]:
    return tuple(f"binance-{coin}USDT-1h" for coin in coins)


def _perpetual(*coins: str) -> tuple[str, ...]:
    return tuple(f"binancefut-{coin}USDT-1h" for coin in coins)


CASES = {
    case.example: case
    for case in (
        Case(
            "carry",
            lambda: markets.carry(4_000),
            (*_spot("BTC"), *_perpetual("BTC")),
            lambda: markets.carry_funding(4_000),
            start="2019-10-01",  # the perpetual's first days are thin
        ),
        Case("dca", lambda: markets.spot(2, 9_000), _spot("ETH")),
        Case("donchian", lambda: markets.spot(2, 20_000), _spot("BTC")),
        Case("events", lambda: markets.spot(1, 9_000), _spot("ETH")),
        Case("grid", lambda: markets.spot(1, 9_000), _spot("ETH")),
        Case("hold", lambda: markets.spot(1, 12_000), _spot("BTC")),
        Case("ichimoku", lambda: markets.spot(2, 9_000), _spot("ETH")),
        Case("leveraged_long", lambda: markets.perpetuals(3, 9_000), _perpetual("BTC", "ETH"), start="2020-02-01"),
        TickCase("market_maker", lambda: made(5, 4_000), (), recording="usdm-btcusdt_20240808.gz"),
        Case("momentum", lambda: markets.perpetuals(6, 20_000), _perpetual("BTC", "ETH", "BNB", "LTC", "XRP", "ETC")),
        Case("opening_range", lambda: markets.perpetuals(1, 9_000, "15m"), ("binancefut-BTCUSDT-15m",)),
        Case("pairs", lambda: markets.perpetuals(2, 9_000), _perpetual("BTC", "ETH"), start="2020-01-01"),
        Case("regimes", lambda: markets.spot(2, 20_000), _spot("BTC")),
        Case("rsi2", lambda: markets.spot(2, 20_000), _spot("ETH")),
        Case("sleeves", lambda: markets.spot(2, 20_000), _spot("BTC")),
        Case("trend", lambda: markets.spot(2, 9_000), _spot("BTC")),
        Case("voltarget", lambda: markets.spot(6, 20_000), _spot("BTC", "ETH", "BNB", "LTC", "XRP", "ADA")),
    )
}


def figures(result: b4.Result) -> dict[str, Any]:
    """Returns what is pinned of a result: the number of fills, the first and the last one, the end, and a hash of all fills."""
    fills = result.fills
    rows = [
        [f"{row['ts']:%Y-%m-%d %H:%M}", row["symbol"], round(row["qty"], 10), round(row["price"], 10)]
        for row in fills.iter_rows(named=True)
    ]
    text = json.dumps(rows, separators=(",", ":"))
    return {
        "fills": len(rows),
        "first": rows[0],
        "last": rows[-1],
        "equity": round(float(result.equity["equity"][-1]), 8),
        "hash": hashlib.blake2b(text.encode(), digest_size=16).hexdigest(),
    }


def pins() -> dict[str, dict[str, Any]]:
    """Returns the pinned figures: example, then `synthetic` or `real`."""
    found: dict[str, dict[str, Any]] = json.loads(PINS.read_text())
    return found


def main(names: list[str]) -> None:
    """Writes the pins and the pages' tables of the named examples anew (of all without names) and prints those that moved."""
    found = pins() if PINS.exists() else {}
    for name in names or sorted(CASES):
        case = CASES[name]
        real = case.on_real()
        now = {
            "synthetic": figures(case.on_synthetic()),
            "real": {**figures(real), "table": shown.table(real).splitlines()},
        }
        if now != found.get(name):
            print(f"{name}: {found.get(name)}\n  -> {now}")
        found[name] = now
        shown.write(name, real)
    kept = {name: found[name] for name in sorted(found) if name in CASES}
    PINS.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
