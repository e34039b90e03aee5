"""The quality of ticks: what an import tells about its rows beyond what the reader noticed.

Codes: `crossed_best`, `locked_best` (the venue's own best bid and ask), `trade_gap` and `trade_repeat` (numbers of trades),
`exchange_order` (venue times that run backwards in arrival order), `silence` (the longest time without an event).
"""

from __future__ import annotations

import numpy as np

from bot4.data.ticks.columns import FIRST
from bot4.data.ticks.recording import Finding, Recording

SILENCE_NS = 5_000_000_000


def look(recording: Recording) -> list[Finding]:
    """Returns the findings over a recording that is on its grid and in arrival order."""
    return [*_best(recording), *_trades(recording), *_times(recording)]


def _best(recording: Recording) -> list[Finding]:
    best = recording.best
    both = (best.bid_lots > 0) & (best.ask_lots > 0)
    found = []
    for code, mask, word in (
        ("crossed_best", both & (best.bid_ticks > best.ask_ticks), "a bid above the ask"),
        ("locked_best", both & (best.bid_ticks == best.ask_ticks), "bid and ask at one price"),
    ):
        count = int(mask.sum())
        if count:
            found.append(Finding(code, count, f"{count} of {best.rows} best quotes have {word}"))
    return found


def _trades(recording: Recording) -> list[Finding]:
    """Numbers of trades that rise by one on Binance: repeated ones and holes. Numbers that do not rise at all are not looked at."""
    ids = recording.trades.id
    if len(ids) < 2 or not ids.any():  # without numbers they are all 0
        return []
    found = []
    repeated = len(ids) - len(np.unique(ids))
    if repeated:
        found.append(Finding("trade_repeat", repeated, f"{repeated} trades carry a number that was there before"))
    steps = np.diff(ids)
    if np.mean(steps == 1) > 0.5:
        holes = steps[steps > 1]
        if len(holes):
            missing = int((holes - 1).sum())
            found.append(
                Finding("trade_gap", missing, f"{missing} numbers of trades are missing in {len(holes)} places")
            )
    return found


def _times(recording: Recording) -> list[Finding]:
    found = []
    for name in ("depth", "trades", "best"):
        group = getattr(recording, name)
        if group.rows and name not in recording.estimated:
            back = int((np.diff(group.exch_ns) < 0).sum())
            if back:
                found.append(
                    Finding(
                        "exchange_order", back, f"{back} times the venue time of {name} runs backwards in arrival order"
                    )
                )
    depth = recording.depth
    times = [depth.local_ns[(depth.flags & FIRST) != 0], recording.trades.local_ns, recording.best.local_ns]
    every = np.sort(np.concatenate(times), kind="stable")  # three sorted runs: merged, not sorted anew
    if len(every) > 1:
        longest = int(np.diff(every).max())
        if longest > SILENCE_NS:
            found.append(Finding("silence", 1, f"the longest time without an event is {longest / 1e9:.1f} s"))
    return found
