"""Which market each example is pinned on, and the figures that are pinned.

After a change that is meant to move fills: `python -m tests.examples.cases [NAMES]` prints what moved and writes `pins.json` and
the tables of the pages anew; the change of those files belongs to the review.
"""

from __future__ import annotations

import hashlib
import json
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import bot4 as b4
from tests.examples import markets, shown

if TYPE_CHECKING:
    from collections.abc import Callable

EXAMPLES = markets.ROOT / "examples"
PINS = Path(__file__).with_name("pins.json")


@dataclass(frozen=True)
class Case:
    """One example with its seeded market, the names of its real files, and settings of the run."""

    example: str
    market: Callable[[], b4.Market]
    real: tuple[str, ...]
    settings: dict[str, Any] = field(default_factory=dict)

    def run(self, data: object) -> b4.Result:
        """Returns the result on data; the run leaves no record."""
        return b4.backtest(str(EXAMPLES / f"{self.example}.py"), data, record=False, **self.settings)


def _spot(*coins: str) -> tuple[str, ...]:
    return tuple(f"binance-{coin}USDT-1h" for coin in coins)


def _perpetual(*coins: str) -> tuple[str, ...]:
    return tuple(f"binancefut-{coin}USDT-1h" for coin in coins)


CASES = {
    case.example: case
    for case in (
        Case("carry", lambda: markets.carry(4_000), (*_spot("BTC"), *_perpetual("BTC"))),
        Case("dca", lambda: markets.spot(2, 9_000), _spot("ETH")),
        Case("donchian", lambda: markets.spot(2, 20_000), _spot("BTC")),
        Case("grid", lambda: markets.spot(1, 9_000), _spot("ETH")),
        Case("hold", lambda: markets.spot(1, 12_000), _spot("BTC")),
        Case("ichimoku", lambda: markets.spot(2, 9_000), _spot("ETH")),
        Case("momentum", lambda: markets.perpetuals(6, 20_000), _perpetual("BTC", "ETH", "BNB", "LTC", "XRP", "DOGE")),
        Case("opening_range", lambda: markets.perpetuals(1, 9_000, "15m"), ("binancefut-BTCUSDT-15m",)),
        Case("pairs", lambda: markets.perpetuals(2, 9_000), _perpetual("BTC", "ETH")),
        Case("regimes", lambda: markets.spot(2, 20_000), _spot("BTC")),
        Case("rsi2", lambda: markets.spot(2, 20_000), _spot("ETH")),
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
        real = case.run(markets.real(case.real))
        now = {
            "synthetic": figures(case.run(case.market())),
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
