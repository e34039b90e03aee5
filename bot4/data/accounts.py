"""Accounts: where cash lies. Each account has a wallet for every currency, and every instrument settles in one of them.

```json
{"accounts": {"spot":    {"venues": ["binance"], "cash": {"USDT": 50000}},
              "futures": {"venues": ["binancefut"], "cash": {"USDT": 50000, "BTC": 0.5}, "mode": "cross", "interest": 0.10}}}
```

The first currency of the first account is the account currency: results are told in it. A wallet of another currency is valued by an
instrument of the market that prices it (docs/semantics.md, section 9). `mode` `cross` lets an account buy spot on credit, at `interest` a
year; `cash`, the default, does not. Not here: what becomes of the cash (the engine).
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from bot4.data.errors import DataError

if TYPE_CHECKING:
    from bot4.data.instrument import Instrument

KEYS = ("venues", "cash", "mode", "interest")
MODES = ("cash", "cross")
E9 = 1_000_000_000
AMOUNT_UNITS = 100_000_000
MAX_CASH = (2**63 - 1) // 4 // AMOUNT_UNITS
MAX_INTEREST = 100
EXAMPLE = '{"main": {"cash": {"USDT": 100000}}}'


@dataclass(frozen=True)
class Account:
    """One account as stated: starting `cash` by currency, the `venues` whose instruments it holds (none: all), terms of credit."""

    name: str
    cash: Mapping[str, Decimal]
    venues: tuple[str, ...] = ()
    mode: str = "cash"
    interest: float = 0.0
    """A year, as a fraction, on negative cash."""


@dataclass(frozen=True)
class Wallet:
    """Cash of one account in one currency; `convert` is the id of the instrument that values it, None for the account currency."""

    account: str
    currency: str
    cash: Decimal
    convert: int | None
    mode: str
    interest: float

    @property
    def units(self) -> int:
        """Returns the starting cash in 1e-8 of its currency."""
        return int((self.cash * AMOUNT_UNITS).to_integral_value())

    def terms(self) -> dict[str, Any]:
        """Returns the entry of the engine's `config.wallets` (docs/design.md)."""
        return {
            "currency": self.currency,
            "cash": self.units,
            "convert": self.convert,
            "mode": self.mode,
            "interest_e9": round(self.interest * E9),
        }


@dataclass(frozen=True)
class Wallets:
    """The wallets of a market in the engine's order, the account currency first, and the wallet of each instrument in id order."""

    wallets: tuple[Wallet, ...]
    of: tuple[int, ...]

    @property
    def currency(self) -> str:
        """Returns the account currency."""
        return self.wallets[0].currency

    def convert_of(self, instrument: int) -> int | None:
        """Returns the id of the instrument that values what an instrument settles in; None for the account currency."""
        return self.wallets[self.of[instrument]].convert

    def text(self) -> list[str]:
        """Returns one line for each wallet."""
        return [
            f"{w.account}: {w.cash:,f} {w.currency}{' on margin' if w.mode == 'cross' else ''}" for w in self.wallets
        ]


def read_accounts(stated: Any, label: str) -> tuple[Account, ...]:
    """Returns the accounts that a file or a call states. Raises `DataError`, one sentence that names the account."""
    if not isinstance(stated, Mapping) or not stated:
        raise DataError(f"{label}: accounts must be an object from name to account, such as {EXAMPLE}.")
    return tuple(_account(str(name), entry, f"{label}: account {name}") for name, entry in stated.items())


def _account(name: str, entry: Any, where: str) -> Account:
    if not isinstance(entry, Mapping):
        raise DataError(f"{where} is {entry!r}; write an object with its cash, such as {EXAMPLE}.")
    for key in entry:
        if key not in KEYS:
            near = difflib.get_close_matches(str(key), KEYS, n=1)
            raise DataError(
                f"{where}: {key!r} is not known; {f'did you mean {near[0]}?' if near else f'known are {chr(44).join(KEYS)}.'}"
            )
    cash = entry.get("cash")
    if not isinstance(cash, Mapping) or not cash:
        raise DataError(f"{where} has no cash; state it by currency, such as {EXAMPLE}.")
    venues = entry.get("venues", ())
    if (
        isinstance(venues, str)
        or not isinstance(venues, Sequence)
        or not all(isinstance(venue, str) for venue in venues)
    ):
        raise DataError(f'{where}: venues must be a list of names, such as ["binance"].')
    mode = entry.get("mode", "cash")
    if mode not in MODES:
        raise DataError(f"{where}: mode is {mode!r}; give cash, or cross to buy spot on credit.")
    interest = _number(entry.get("interest", 0.0), f"{where}: interest", MAX_INTEREST, "a fraction a year (0.1 = 10 %)")
    amounts = {
        str(currency): Decimal(
            str(_number(value, f"{where}: cash in {currency}", MAX_CASH, f"an amount of {currency}"))
        )
        for currency, value in cash.items()
    }
    return Account(name, amounts, tuple(venue.lower() for venue in venues), mode, interest)


def _number(value: Any, what: str, high: float, unit: str) -> float | int:
    if (
        isinstance(value, bool)
        or not isinstance(value, int | float)
        or not (math.isfinite(value) and 0 <= value <= high)
    ):
        raise DataError(f"{what} is {value!r}; give {unit}, from 0 to {high:,}.")
    return value


def plan_wallets(accounts: Sequence[Account], instruments: Sequence[Instrument]) -> Wallets:
    """Returns the wallets for a market's instruments (in id order): those with cash, and those that an instrument settles in.

    Raises `DataError` where an instrument has no account, or no instrument values a wallet in the account currency.
    """
    currency = next(iter(accounts[0].cash))
    owners = [_owner(accounts, instrument) for instrument in instruments]
    wanted: dict[tuple[str, str], Account] = {(accounts[0].name, currency): accounts[0]}
    for account in accounts:
        wanted |= {(account.name, held): account for held in account.cash}
    wanted |= {(owner.name, x.settle): owner for owner, x in zip(owners, instruments, strict=True)}
    wallets = tuple(
        Wallet(
            name,
            held,
            account.cash.get(held, Decimal(0)),
            None if held == currency else _conversion(name, held, currency, instruments),
            account.mode,
            account.interest,
        )
        for (name, held), account in wanted.items()
    )
    if not any(wallet.cash for wallet in wallets):
        raise DataError(f"accounts: no account holds any cash; state it by currency, such as {EXAMPLE}.")
    places = {key: place for place, key in enumerate(wanted)}
    return Wallets(wallets, tuple(places[owner.name, x.settle] for owner, x in zip(owners, instruments, strict=True)))


def _owner(accounts: Sequence[Account], instrument: Instrument) -> Account:
    where, names = f"{instrument.venue} {instrument.symbol}", [account.name for account in accounts]
    if instrument.account:
        if instrument.account not in names:
            raise DataError(
                f"{where}: there is no account {instrument.account!r}; the accounts are {', '.join(names)}."
            )
        return accounts[names.index(instrument.account)]
    of_venue = [account for account in accounts if instrument.venue in account.venues]
    found = of_venue or [account for account in accounts if not account.venues]
    if len(found) != 1:
        what = "several accounts fit" if found else "no account has its venue"
        raise DataError(
            f'{where}: {what}; add "{instrument.venue}" to the venues of one account, or state "account" for the instrument.'
        )
    return found[0]


def _conversion(account: str, held: str, currency: str, instruments: Sequence[Instrument]) -> int:
    fits = [n for n, x in enumerate(instruments) if x.base == held and x.quote == currency and x.kind != "inverse"]
    if not fits:
        raise DataError(
            f"account {account} holds {held}, and nothing in the data values it in {currency}; load {held}/{currency} too, or leave "
            "the currency out."
        )
    return next((n for n in fits if instruments[n].kind == "spot"), fits[0])
