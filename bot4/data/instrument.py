"""Instruments: what is traded, on which grid of prices and quantities, at which fees.

An `Instrument` is plain data. Its numbers of money are exact decimals `(n, d)`, meaning n / 10^d; nothing here is a float
except the fees in basis points. Reading names is `names.py`, the instruments file is `overrides.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from types import MappingProxyType
from typing import Any, Literal

from bot4.data.errors import DataError
from bot4.data.margin import Margin

Exact = tuple[int, int]  # (n, d): n / 10^d
Kind = Literal["spot", "linear", "inverse"]
GridSource = Literal["file", "seen", "rounded"]

MAX_DECIMALS = 18  # what the engine's scales hold (engine/core/src/money.rs)
AMOUNT_DECIMALS = 8  # amounts are integers of 1e-8 of the quote currency
I64_MAX = 2**63 - 1
E9 = 1_000_000_000
E9_PER_BP = 100_000  # one basis point in billionths
DOLLARS = frozenset({"USD", "USDT", "USDC", "FDUSD", "BUSD", "TUSD"})


@dataclass(frozen=True)
class Fees:
    """Fees in basis points of the notional, and the smallest order in the quote currency where that is a dollar."""

    taker_bps: float
    maker_bps: float
    min_notional: Exact = (0, 0)


# Fees of the first tier, without rebates for tokens held. Sources: Binance's fee pages (spot 0.1 %; USDⓈ-M futures 0.02 % maker,
# 0.05 % taker, support article 360033544231), Bitfinex's fee page (0.1 % maker, 0.2 % taker). Smallest orders: the NOTIONAL filter
# of Binance's exchangeInfo, 5 USDT for nearly every pair. Others as data README: at least 5 bp on perpetuals, 10 bp on spot.
VENUE_FEES: Mapping[tuple[str, Kind], Fees] = MappingProxyType(
    {
        ("binance", "spot"): Fees(10.0, 10.0, (5, 0)),
        ("binance", "linear"): Fees(5.0, 2.0, (5, 0)),
        ("binancefut", "linear"): Fees(5.0, 2.0, (5, 0)),
        ("bitfinex", "spot"): Fees(20.0, 10.0),
    }
)
DEFAULT_FEES: Mapping[Kind, Fees] = MappingProxyType(
    {"spot": Fees(10.0, 10.0), "linear": Fees(5.0, 2.0), "inverse": Fees(5.0, 2.0)}
)


def exact(value: str | int | float | Decimal) -> Exact:
    """Returns a decimal as (n, d) without trailing zeros: `"0.010"` is (1, 2); raises `DataError` for what is no number.

    A float is taken by its shortest text, so 0.1 is (1, 1).
    """
    try:
        number = Decimal(str(value))
        if isinstance(value, bool) or not number.is_finite():
            raise InvalidOperation
    except InvalidOperation:
        raise DataError(f"{value!r} is not a decimal number; write it as 0.01.") from None
    sign, digits, exponent = number.normalize().as_tuple()
    n = int("".join(map(str, digits))) * (-1 if sign else 1)
    assert isinstance(exponent, int)  # finite, checked above
    return (n * 10**exponent, 0) if exponent > 0 else (n, -exponent)


def decimal_text(value: Exact) -> str:
    """Returns (1, 2) as `"0.01"`."""
    return format(Decimal(value[0]).scaleb(-value[1]), "f")


@dataclass(frozen=True)
class Instrument:
    """One instrument of one venue.

    `symbol` is written as in ccxt: `BTC/USDT` is spot, `BTC/USDT:USDT` a perpetual settled in the quote currency, `BTC/USD:BTC` an inverse
    one, settled in the base currency, whose lots are contracts of `contract` quote units each. Under a stated peg `quote` differs from
    the symbol's own. `margin` (None: no margin rules, never liquidated), `borrow` (a year, as a fraction, for a short spot position) and
    `account` (empty: by its venue) are what a user states.
    `grid` says where tick and lot come from: an instruments file, the decimals seen, or a cap because there were too many.
    """

    symbol: str
    venue: str
    kind: Kind
    base: str
    quote: str
    tick: Exact = (1, 2)
    lot: Exact = (1, 8)
    min_qty: Exact = (0, 0)
    min_notional: Exact = (0, 0)
    taker_bps: float = 10.0
    maker_bps: float = 10.0
    grid: GridSource = field(default="seen", compare=False)
    contract: Exact | None = None
    margin: Margin | None = None
    borrow: float = 0.0
    account: str = ""

    def __post_init__(self) -> None:
        """Refuses what no venue has."""
        where = f"{self.venue} {self.symbol}"
        for name, step in (("tick", self.tick), ("lot", self.lot)):
            if step[0] < 1 or not 0 <= step[1] <= MAX_DECIMALS:
                raise DataError(
                    f"{where}: {name} {decimal_text(step)} must be positive with at most {MAX_DECIMALS} decimals."
                )
        for name, least in (("min_qty", self.min_qty), ("min_notional", self.min_notional)):
            if least[0] < 0:
                raise DataError(f"{where}: {name} {decimal_text(least)} is negative; write 0 for none.")
        if not (0 <= self.taker_bps < 5_000 and -5_000 < self.maker_bps < 5_000):
            raise DataError(
                f"{where}: fees of {self.taker_bps} bp taker and {self.maker_bps} bp maker are outside 0 to 50 %; give them in "
                "basis points."
            )
        if self.contract is not None and (self.kind != "inverse" or self.contract[0] < 1):
            raise DataError(
                f"{where}: only an inverse perpetual has a contract value, and it is positive; leave it out."
            )
        if self.borrow and (self.kind != "spot" or self.margin is None or not 0 <= self.borrow <= 100):
            raise DataError(
                f"{where}: borrow is a fraction a year (0.05 = 5 %) for spot with margin; state both or neither."
            )
        if self.kind != "inverse":
            _check_scale(where, self.tick, self.lot)

    @property
    def settle(self) -> str:
        """Returns the currency that profits, fees and margin are paid in."""
        return self.base if self.kind == "inverse" else self.quote

    @property
    def contract_size(self) -> float:
        """Returns the quote units of one inverse contract, 1 for others, for display."""
        return 1.0 if self.contract is None else self.contract[0] / 10.0 ** self.contract[1]

    @property
    def key(self) -> tuple[str, str]:
        """Returns (venue, symbol): its rank among a market's instruments is the id."""
        return self.venue, self.symbol

    @property
    def tick_size(self) -> float:
        """Returns the price step in the quote currency, for display."""
        return self.tick[0] / 10.0 ** self.tick[1]

    @property
    def lot_size(self) -> float:
        """Returns the quantity step in the base currency, for display."""
        return self.lot[0] / 10.0 ** self.lot[1]

    def listing(self) -> dict[str, object]:
        """Returns what the engine's `Market` reads (docs/design.md)."""
        contract: dict[str, object] = {} if self.contract is None else {"contract": list(self.contract)}
        return {
            "symbol": self.symbol,
            "venue": self.venue,
            "kind": self.kind,
            "base": self.base,
            "quote": self.quote,
            "tick": list(self.tick),
            "lot": list(self.lot),
            **contract,
        }

    def terms(self, taker_bps: float | None = None, maker_bps: float | None = None) -> dict[str, Any]:
        """Returns the entry of the engine's `config.instruments`: fees in billionths, minimums in lots and 1e-8 of what it settles in.

        Minimums round up: an order must reach them. `taker_bps` and `maker_bps` replace the instrument's own fees.
        """
        (qty, qty_d), (lot, lot_d) = self.min_qty, self.lot
        min_lots = -(-qty * 10**lot_d // (lot * 10**qty_d))
        n, d = self.min_notional
        taker = self.taker_bps if taker_bps is None else taker_bps
        maker = self.maker_bps if maker_bps is None else maker_bps
        margin = {} if self.margin is None else {"margin": self.margin.terms()}
        borrow = {"borrow_e9": round(self.borrow * E9)} if self.borrow else {}
        return {
            "taker_e9": round(taker * E9_PER_BP),
            "maker_e9": round(maker * E9_PER_BP),
            "min_lots": max(1, min_lots),
            "min_notional": -(-n * 10**AMOUNT_DECIMALS // 10**d),
            **margin,
            **borrow,
        }


def _check_scale(where: str, tick: Exact, lot: Exact) -> None:
    """Refuses a grid whose amounts per tick and lot do not reduce to i64 / i64 (engine/core/src/money.rs, `Scale`)."""
    from math import gcd

    num, den = tick[0] * lot[0] * 10**AMOUNT_DECIMALS, 10 ** (tick[1] + lot[1])
    common = gcd(num, den)
    if num // common > I64_MAX or den // common > I64_MAX:
        raise DataError(
            f"{where}: tick {decimal_text(tick)} times lot {decimal_text(lot)} is too fine or too coarse for amounts of 1e-8; "
            "give a coarser or finer tick or lot in an instruments file (--instruments)."
        )


def default_fees(venue: str, kind: Kind, quote: str) -> Fees:
    """Returns the venue's fees, else 10 bp on spot, 5 bp taker and 2 bp maker on perpetuals; no minimum for a quote that is no dollar."""
    fees = VENUE_FEES.get((venue, kind), DEFAULT_FEES[kind])
    return fees if quote in DOLLARS and kind != "inverse" else Fees(fees.taker_bps, fees.maker_bps)


def make_instrument(venue: str, base: str, quote: str, kind: Kind) -> Instrument:
    """Returns an instrument with the venue's default fees; its grid is still to be set."""
    fees = default_fees(venue, kind, quote)
    settle = {"spot": "", "linear": f":{quote}", "inverse": f":{base}"}[kind]
    symbol = f"{base}/{quote}{settle}"
    return Instrument(
        symbol=symbol,
        venue=venue,
        kind=kind,
        base=base,
        quote=quote,
        min_notional=fees.min_notional,
        taker_bps=fees.taker_bps,
        maker_bps=fees.maker_bps,
    )
