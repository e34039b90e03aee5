"""Settings in words, as the page and the terminal show them."""

from __future__ import annotations

from bot4.gate import shown

DAY = 86_400_000


def test_settings_are_named_in_their_units():
    held = {
        "train_ms": 444 * DAY, "test_ms": DAY, "latency_ms": 250, "out_start_ms": 19_193 * DAY, "anchored": False, "metric": "sharpe",
        "fee_bps": None, "taker_bps": [5.0, 5.0], "maker_bps": [2.0, 2.5], "funding": {"A": "default", "B": "series", "C": "default"},
    }  # fmt: skip
    assert shown.named(held) == (
        "train 444 days, test 1 day, latency 250 ms, out start 2022-07-20, anchored no, metric sharpe, taker bps 5, "
        "maker bps 2 or 2.5, funding default for 2 and series for 1"
    )
    assert shown.named({}) == ""


def test_a_venue_that_all_share_is_named_once():
    assert shown.instruments(["a:X/Y", "a:Z/Y:Y"]) == "a: X/Y, Z/Y:Y"
    assert shown.instruments(["a:X/Y", "b:X/Y"]) == "a:X/Y, b:X/Y"
    assert shown.instruments(["a:X/Y"]) == "a:X/Y"
