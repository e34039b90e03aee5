"""The instruments file: what a user states about tick, lot, minimums, fees, contracts, margin, accounts and pegs, in JSON.

```json
{"peg": {"USD": "USDT"},
 "instruments": [{"symbol": "BTC/USDT", "venue": "binance", "tick": "0.01", "lot": "0.00001", "min_qty": "0.00001",
                  "min_notional": "5", "taker_bps": 7.5, "maker_bps": 7.5},
                 {"symbol": "BTC/USD:BTC", "contract": 100, "account": "coins",
                  "margin": {"mode": "isolated", "leverage": 10, "tiers": [[0, 0.004], [250, 0.005]], "liquidation_fee_bps": 150}}],
 "accounts": {"coins": {"cash": {"BTC": 1}}}}
```

A plain list of instruments will do too. `venue` may be left out: the entry then holds at every venue. Numbers may be texts (exact) or
JSON numbers. Margin rules are read by `margin.py`, accounts by `accounts.py`. A peg states that one currency counts as another, one to one.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from bot4.data.accounts import Account, read_accounts
from bot4.data.errors import DataError
from bot4.data.instrument import Instrument, exact
from bot4.data.margin import MARGIN_KEYS, read_margin
from bot4.data.names import parse_symbol

_EXACT = ("tick", "lot", "min_qty", "min_notional", "contract")
_FEES = ("taker_bps", "maker_bps")
_OTHERS = ("margin", "borrow", "account")
_KEYS = ("symbol", "venue", *_EXACT, *_FEES, *_OTHERS)


@dataclass(frozen=True)
class Overrides:
    """What an instruments file states: changes by (venue or "", symbol), pegs, and accounts (none: one of `cash=`)."""

    changes: Mapping[tuple[str, str], Mapping[str, Any]] = field(default_factory=dict)
    peg: Mapping[str, str] = field(default_factory=dict)
    accounts: tuple[Account, ...] = ()

    def states(self, instrument: Instrument, name: str) -> bool:
        """Returns whether the file states a field of an instrument."""
        return name in self._change(instrument)

    def apply(self, instrument: Instrument) -> Instrument:
        """Returns the instrument with what the file states; `grid` is "file" where it states tick and lot."""
        change = dict(self._change(instrument))
        if "tick" in change and "lot" in change:
            change["grid"] = "file"
        if isinstance(change.get("margin"), Mapping):
            where = f"{instrument.venue} {instrument.symbol}"
            change["margin"] = read_margin(change["margin"], instrument.venue, instrument.symbol, where)
        quote = self.peg.get(instrument.quote, instrument.quote)
        return replace(instrument, quote=quote, **change)

    def _change(self, instrument: Instrument) -> Mapping[str, Any]:
        general = self.changes.get(("", instrument.symbol), {})
        return {**general, **self.changes.get(instrument.key, {})}


def read_overrides(source: object) -> Overrides:
    """Returns the overrides of a path, or of what such a file holds, or of a list of `Instrument`; raises `DataError`."""
    if source is None:
        return Overrides()
    if isinstance(source, Overrides):
        return source
    label = "instruments"
    if isinstance(source, str | Path):
        label = Path(source).name
        try:
            source = json.loads(Path(source).read_text(encoding="utf-8"))
        except OSError:
            raise DataError(f"{source}: no such instruments file; check the path.") from None
        except ValueError as error:
            raise DataError(f"{label}: is not JSON ({error}); correct it there.") from None
    peg: Mapping[str, str] = {}
    accounts: tuple[Account, ...] = ()
    entries: object = source
    if isinstance(source, Mapping):
        _refuse_unknown(source, ("instruments", "peg", "accounts"), label)
        peg, entries = source.get("peg", {}), source.get("instruments", [])
        accounts = read_accounts(source["accounts"], label) if "accounts" in source else ()
        if not isinstance(peg, Mapping) or not all(isinstance(quote, str) for quote in peg.values()):
            raise DataError(f'{label}: "peg" must name currencies, such as {{"USD": "USDT"}}.')
    if not isinstance(entries, Iterable) or isinstance(entries, str | Mapping):
        raise DataError(f'{label}: "instruments" must be a list of objects with a symbol.')
    changes: dict[tuple[str, str], Mapping[str, Any]] = {}
    for at, entry in enumerate(entries):
        key, change = _entry(entry, f"{label}: instrument {at}")
        if key in changes:
            raise DataError(f"{label}: {key[1]} is stated twice; leave one of the two out.")
        changes[key] = change
    return Overrides(changes, dict(peg), accounts)


def _entry(entry: object, where: str) -> tuple[tuple[str, str], Mapping[str, Any]]:
    if isinstance(entry, Instrument):
        return entry.key, {name: getattr(entry, name) for name in (*_EXACT, *_FEES, *_OTHERS)}
    if not isinstance(entry, Mapping) or not isinstance(entry.get("symbol"), str):
        raise DataError(f'{where} has no "symbol"; write it as {{"symbol": "BTC/USDT", "tick": "0.01"}}.')
    _refuse_unknown(entry, _KEYS, where)
    venue = entry.get("venue", "")
    if not isinstance(venue, str):
        raise DataError(f"{where}: venue {venue!r} is not a text.")
    change: dict[str, Any] = {}
    for name in _EXACT:
        if name in entry:
            try:
                change[name] = exact(entry[name])
            except DataError as error:
                raise DataError(f"{where}: {name} {error}") from None
    for name in _FEES:
        if name in entry:
            fee = entry[name]
            if isinstance(fee, bool) or not isinstance(fee, int | float):
                raise DataError(f"{where}: {name} {fee!r} is not a number of basis points.")
            change[name] = float(fee)
    symbol = parse_symbol(entry["symbol"], venue).symbol
    return (venue, symbol), change | _others(entry, where)


def _others(entry: Mapping[str, Any], where: str) -> dict[str, Any]:
    """Returns margin rules (read once the venue is known), borrow rate and account of an entry."""
    found: dict[str, Any] = {}
    if "margin" in entry:
        if not isinstance(entry["margin"], Mapping):
            raise DataError(f'{where}: margin must be an object, such as {{"mode": "cross", "leverage": 10}}.')
        _refuse_unknown(entry["margin"], MARGIN_KEYS, f"{where}: margin")
        found["margin"] = dict(entry["margin"])
    if "borrow" in entry:
        borrow = entry["borrow"]
        if isinstance(borrow, bool) or not isinstance(borrow, int | float) or not 0 <= borrow <= 100:
            raise DataError(f"{where}: borrow {borrow!r} is no fraction a year; write 5 % as 0.05.")
        found["borrow"] = float(borrow)
    if "account" in entry:
        if not isinstance(entry["account"], str):
            raise DataError(f"{where}: account {entry['account']!r} is no name.")
        found["account"] = entry["account"]
    return found


def _refuse_unknown(entry: Mapping[Any, Any], known: tuple[str, ...], where: str) -> None:
    for name in entry:
        if name not in known:
            near = difflib.get_close_matches(str(name), known, n=1)
            hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(known)}."
            raise DataError(f"{where}: {name!r} is not known; {hint}")
