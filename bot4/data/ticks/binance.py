"""Binance's raw WebSocket recordings: `<local ns> <JSON>` a line, with the REST depth snapshot among the first lines.

The engine parses the text; here the book's sequence is put together by Binance's own rule ("How to manage a local order book
correctly", spot and futures pages, read 2026-11): messages wholly before the snapshot are dropped, the first one kept must reach
over it, and each must follow its predecessor, by `pu` on futures and by `U` = last `u` + 1 on spot. What does not follow is a gap:
told, and flagged.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from bot4 import _engine
from bot4.data.errors import DataError
from bot4.data.names import parse_symbol
from bot4.data.ticks.columns import FIRST, GAP, LAST, SNAPSHOT, Best, Depth, Ints, Trades
from bot4.data.ticks.recording import Finding, Recording

ABSENT = -1
# Quote units of a coin-margined contract: Binance's contract specification (BTC 100 USD, others 10 USD; read 2026-11).
CONTRACTS = {"BTC": "100"}
OTHER_CONTRACT = "10"


def looks_like(head: bytes) -> bool:
    """Returns whether the first line is a time and a message of Binance."""
    stamp, _, message = head.split(b"\n", 1)[0].partition(b" ")
    known = (b'"depthUpdate"', b'"bookTicker"', b'@bookTicker"', b'"trade"', b'"aggTrade"', b'"lastUpdateId"')
    return stamp.isdigit() and message.startswith(b"{") and any(word in message for word in known)


def read(text: bytes, label: str) -> Recording:
    """Returns the recording of a text; raises `DataError` if it holds none, several symbols, or mostly lines that cannot be read."""
    raw = _engine.ticks_parse_binance(text)
    if raw["other_symbols"]:
        raise DataError(
            f"{label}: {raw['other_symbols']} lines are not of {raw['symbol']}; record or split each symbol into a file of its own."
        )
    if not raw["symbol"] or raw["bad_lines"] * 2 > raw["lines"]:
        raise DataError(
            f"{label}: {raw['bad_lines']} of {raw['lines']} lines cannot be read (the first is line {raw['first_bad_line']}); "
            "give lines of `<local ns> <JSON>`."
        )
    findings = _counted(raw)
    venue, base, quote, kind = _instrument(raw["symbol"], raw["has_pair"], raw["changes"])
    depth = _depth(raw["changes"], findings)
    prints, tops = raw["prints"], raw["tops"]
    trades = Trades(**_renamed(prints, {"price": "ticks", "quantity": "lots"}))
    tops.pop("id")
    names = {"bid": "bid_ticks", "bid_quantity": "bid_lots", "ask": "ask_ticks", "ask_quantity": "ask_lots"}
    best = Best(**_renamed(tops, names))
    estimated = ("best",) if best.rows and bool((best.exch_ns == ABSENT).any()) else ()
    return Recording(
        venue,
        base,
        quote,
        kind,  # type: ignore[arg-type]
        depth,
        trades,
        best,
        raw["lines"],
        estimated=estimated,
        findings=findings,
        contract=CONTRACTS.get(base, OTHER_CONTRACT) if kind == "inverse" else None,
    )


def _renamed(columns: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    return {names.get(name, name): column for name, column in columns.items()}


def _counted(raw: dict[str, Any]) -> list[Finding]:
    """Findings that are mere counts of the parser."""
    found = []
    if raw["bad_lines"]:
        at = raw["first_bad_line"]
        found.append(
            Finding("bad_line", raw["bad_lines"], f"{raw['bad_lines']} lines cannot be read; the first is line {at}")
        )
    if raw["unknown"]:
        found.append(
            Finding("unknown_message", raw["unknown"], f"{raw['unknown']} messages of other kinds were left out")
        )
    if raw["empty_trades"]:
        count = raw["empty_trades"]
        found.append(Finding("empty_trade", count, f"{count} trades without price or quantity were left out"))
    return found


def _instrument(symbol: str, has_pair: bool, changes: dict[str, Any]) -> tuple[str, str, str, str]:
    """Returns (venue, base, quote, kind): `ps` is only in coin-margined messages, `pu` only in futures'."""
    if has_pair:
        base = symbol.split("_")[0].removesuffix("USD")
        return "binancecoin", base, "USD", "inverse"
    is_future = bool((changes["previous_id"] != ABSENT).any())
    venue = "binancefut" if is_future else "binance"
    parsed = parse_symbol(symbol, venue)
    return venue, parsed.base, parsed.quote, "linear" if is_future else "spot"


def _depth(raw: dict[str, Any], findings: list[Finding]) -> Depth:
    """Returns the rows of the messages that make the book, in the order they are applied."""
    sizes = np.diff(np.append(raw["start"], len(raw["side"])))
    order, local_ns, gaps = _sequence(raw, findings)
    order, keep_local, gaps = order[sizes[order] > 0], local_ns[sizes[order] > 0], gaps[sizes[order] > 0]
    counts = sizes[order]
    ends = np.cumsum(counts)
    rows = np.arange(ends[-1] if len(ends) else 0) - np.repeat(ends - counts, counts)
    rows += np.repeat(raw["start"][order], counts)
    flags = np.zeros(len(rows), np.uint8)
    flags[ends - counts] |= FIRST
    flags[ends - 1] |= LAST
    flags |= np.repeat(raw["is_snapshot"][order] * np.uint8(SNAPSHOT), counts)
    flags[(ends - counts)[gaps]] |= GAP
    return Depth(
        np.repeat(_exchange_times(raw)[order], counts),
        np.repeat(keep_local, counts),
        raw["side"][rows],
        raw["price"][rows],
        raw["quantity"][rows],
        flags,
    )


def _exchange_times(raw: dict[str, Any]) -> Ints:
    """Returns the messages' venue times; spot's snapshot has none and takes that of the last message before it, else the first after it."""
    times: Ints = raw["exch_ns"].copy()
    for at in np.flatnonzero(times == ABSENT):
        inside = (raw["last_id"] <= raw["last_id"][at]) & (raw["exch_ns"] != ABSENT)
        known = raw["exch_ns"][raw["exch_ns"] != ABSENT]
        times[at] = raw["exch_ns"][inside].max() if inside.any() else (known.min() if len(known) else 0)
    return times


def _sequence(raw: dict[str, Any], findings: list[Finding]) -> tuple[Ints, Ints, Any]:
    """Returns (messages in the order they are applied, the local time each takes effect, which of them follow a gap)."""
    is_snapshot = raw["is_snapshot"].astype(bool)
    snapshots = np.flatnonzero(is_snapshot)
    is_future = bool((raw["previous_id"] != ABSENT).any())
    updates = np.flatnonzero(~is_snapshot)
    local_ns = raw["local_ns"].copy()
    if not len(snapshots):
        count = len(updates)
        if count:
            findings.append(
                Finding("no_snapshot", 1, "there is no depth snapshot: the book grows from the changes alone")
            )
        return updates, local_ns[updates], _gaps(raw, updates, is_future, findings)
    first = snapshots[0]
    last_id = raw["last_id"][first]
    after = updates[raw["last_id"][updates] >= last_id] if is_future else updates[raw["last_id"][updates] > last_id]
    dropped = len(updates) - len(after)
    if dropped:
        findings.append(
            Finding("before_snapshot", dropped, f"{dropped} depth messages older than the snapshot were left out")
        )
    # Buffered messages are known locally, but the book they change is there only when the snapshot is.
    local_ns[after] = np.maximum(local_ns[after], local_ns[first])
    reaches = not len(after) or raw["first_id"][after[0]] <= last_id + 1
    gaps = _gaps(raw, after, is_future, findings)
    if not reaches:
        gaps[0] = True
        findings.append(
            Finding("snapshot_gap", 1, "the first depth message after the snapshot does not reach back to it")
        )
    if len(snapshots) > 1:
        findings.append(
            Finding("snapshot_again", len(snapshots) - 1, "later snapshots replace the book where they arrived")
        )
    order = np.concatenate([snapshots[:1], after, snapshots[1:]])
    marks = np.concatenate([[False], gaps, np.zeros(len(snapshots) - 1, bool)])
    arrival = np.argsort(local_ns[order], kind="stable")
    return order[arrival], local_ns[order][arrival], marks[arrival]


def _gaps(raw: dict[str, Any], updates: Ints, is_future: bool, findings: list[Finding]) -> Any:
    """Returns which of the messages do not follow the one before."""
    marks = np.zeros(len(updates), bool)
    last = raw["last_id"][updates]
    marks[1:] = (
        raw["previous_id"][updates][1:] != last[:-1] if is_future else raw["first_id"][updates][1:] != last[:-1] + 1
    )
    count = int(marks.sum())
    if count:
        at = int(np.flatnonzero(marks)[0])
        findings.append(
            Finding(
                "gap",
                count,
                f"{count} depth messages do not follow their predecessor, the first at local {raw['local_ns'][updates[at]]} ns",
            )
        )
    return marks
