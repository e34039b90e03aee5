"""The profile's ticks, steps and sizes are those of the real venue: against a recorded `exchangeInfo`, where BOT4_TEST_DATA has it."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("BOT4_TEST_DATA", ROOT.parent / "shared" / "data")) / "messages"
PROFILE = ROOT / "engine" / "exchange" / "profiles" / "binance-spot.json"
RECORDED = "cryptofeed/BINANCE.0"
MOVED = {
    ("BNBUSDT", "PRICE_FILTER", "tickSize"): ("0.10000000", "0.01000000"),
    ("BNBUSDT", "PRICE_FILTER", "minPrice"): ("0.10000000", "0.01000000"),
    ("SOLUSDT", "PRICE_FILTER", "maxPrice"): ("10000.00000000", "100000.00000000"),
    ("SOLUSDT", "LOT_SIZE", "minQty"): ("0.01000000", "0.00100000"),
    ("SOLUSDT", "LOT_SIZE", "stepSize"): ("0.01000000", "0.00100000"),
    ("SOLUSDT", "LOT_SIZE", "maxQty"): ("90000.00000000", "900000.00000000"),
    ("XRPUSDT", "LOT_SIZE", "minQty"): ("1.00000000", "0.10000000"),
    ("XRPUSDT", "LOT_SIZE", "stepSize"): ("1.00000000", "0.10000000"),
    ("DOGEUSDT", "PRICE_FILTER", "tickSize"): ("0.00010000", "0.00001000"),
    ("DOGEUSDT", "PRICE_FILTER", "minPrice"): ("0.00010000", "0.00001000"),
    ("DOGEUSDT", "LOT_SIZE", "maxQty"): ("9000000.00000000", "9222449.00000000"),
    ("LTCUSDT", "PRICE_FILTER", "tickSize"): ("0.10000000", "0.01000000"),
    ("LTCUSDT", "PRICE_FILTER", "minPrice"): ("0.10000000", "0.01000000"),
    ("LTCUSDT", "LOT_SIZE", "maxQty"): ("90000.00000000", "900000.00000000"),
    ("ETHBTC", "PRICE_FILTER", "tickSize"): ("0.00000100", "0.00001000"),
    ("ETHBTC", "PRICE_FILTER", "minPrice"): ("0.00000100", "0.00001000"),
    ("ETHBTC", "PRICE_FILTER", "maxPrice"): ("922327.00000000", "100000.00000000"),
    ("BNBBTC", "PRICE_FILTER", "maxPrice"): ("100000.00000000", "10000.00000000"),
    ("ETHUSDC", "PRICE_FILTER", "maxPrice"): ("100000.00000000", "1000000.00000000"),
    ("ETHUSDC", "LOT_SIZE", "maxQty"): ("90000.00000000", "9000.00000000"),
    ("USDCUSDT", "PRICE_FILTER", "minPrice"): ("0.70000000", "0.00010000"),
    ("USDCUSDT", "PRICE_FILTER", "maxPrice"): ("1.30000000", "1000.00000000"),
    ("USDCUSDT", "LOT_SIZE", "maxQty"): ("9000000.00000000", "9222449.00000000"),
}
"""What the venue changed since the recording of 2021-10-12: then, and in the profile. Not recorded here, recalled."""
COMPARED = ("PRICE_FILTER", "LOT_SIZE", "ICEBERG_PARTS", "MAX_NUM_ORDERS", "MAX_NUM_ALGO_ORDERS")
"""Filters of both. `MARKET_LOT_SIZE` changes daily; the others are younger than the recording."""


def recorded() -> dict[str, dict[str, dict[str, Any]]]:
    """Returns the filters of the recorded symbols by kind."""
    path = DATA / "cryptofeed.tar.zst"
    if not path.is_file():
        pytest.skip(f"{path} is not there: set BOT4_TEST_DATA")
    told = subprocess.run(
        ["tar", "--zstd", "-xOf", str(path), RECORDED], capture_output=True, text=True, check=True
    ).stdout
    info, _ = json.JSONDecoder().raw_decode(told, told.index("{"))
    return {row["symbol"]: {f["filterType"]: f for f in row["filters"]} for row in info["symbols"]}


def test_ticks_steps_and_sizes_are_the_recorded_ones_but_for_what_the_venue_changed_since() -> None:
    there = recorded()
    moved, compared = {}, 0
    for row in json.loads(PROFILE.read_text())["symbols"]:
        for stated in row["filters"]:
            kind = stated["filterType"]
            if kind not in COMPARED:
                continue
            for field, value in stated.items():
                then = there[row["symbol"]][kind].get(field)
                compared += 1
                if then != value:
                    moved[row["symbol"], kind, field] = (then, value)
    assert compared > 100
    assert moved == MOVED
