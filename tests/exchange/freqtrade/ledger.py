"""What a live bot believes beside what the venue knows: order by order, fill by fill, balance by balance."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from tests.exchange.client import Client

from .bot import CASH, PAIRS, Bot

STATUS = {
    "NEW": "open",
    "PARTIALLY_FILLED": "open",
    "FILLED": "closed",
    "CANCELED": "canceled",
    "EXPIRED": "expired",
    "EXPIRED_IN_MATCH": "expired",
}
"""Binance's words and ccxt's."""
NEAR = Decimal("0.00000002")
"""freqtrade counts in floats."""


def near(one: object, other: object) -> bool:
    """Tells whether two amounts are one, but for the floats of freqtrade."""
    return abs(Decimal(str(one or 0)) - Decimal(str(other or 0))) <= NEAR


@dataclass
class Ledger:
    """Compares as often as it is told; what it has compared and is over it leaves alone, as the venue may forget it."""

    bot: Bot
    client: Client
    floor: int = 0
    compared: int = 0
    cash: Decimal = Decimal(CASH)
    base: dict[str, Decimal] = field(default_factory=dict)
    fills: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    """Every fill so far, by order."""
    next_fill: dict[str, int] = field(default_factory=dict)

    def compare(self) -> None:
        """Compares all orders that are not over yet, or are since the last time, and books the fills since then."""
        believed = {int(row["order_id"]): row for row in self.bot.rows("orders") if int(row["order_id"]) >= self.floor}
        known: dict[int, dict[str, Any]] = {}
        for symbol in (pair.replace("/", "") for pair in PAIRS):
            for row in self.client.ok("GET", "/api/v3/allOrders", symbol=symbol, orderId=self.floor, limit=1000):
                known[row["orderId"]] = row
            first = self.next_fill.get(symbol, 0)
            for fill in self.client.ok("GET", "/api/v3/myTrades", symbol=symbol, fromId=first, limit=1000):
                self._book(symbol.removesuffix("USDT"), fill)
                self.next_fill[symbol] = fill["id"] + 1
        assert believed.keys() <= known.keys()
        for number, row in known.items():
            if number in believed:
                self._order(row, believed[number])
            else:
                # freqtrade forgets an entry that it withdrew before anything was filled, and nothing else.
                assert (row["side"], row["status"], float(row["executedQty"])) == ("BUY", "CANCELED", 0), row
        is_open = {number for number, row in known.items() if STATUS[row["status"]] == "open"}
        assert {row["orderId"] for row in self.client.ok("GET", "/api/v3/openOrders")} == is_open
        end = min(is_open, default=max(known, default=0) + 1)
        self.compared += sum(1 for number in known if number < end)
        self.floor = end

    def _book(self, asset: str, fill: dict[str, Any]) -> None:
        """Books a fill."""
        fee, is_buy = Decimal(fill["commission"]), fill["isBuyer"]
        assert fill["commissionAsset"] == (asset if is_buy else "USDT")
        sign = 1 if is_buy else -1
        self.base[asset] = self.base.get(asset, Decimal(0)) + sign * Decimal(fill["qty"]) - (fee if is_buy else 0)
        self.cash -= sign * Decimal(fill["quoteQty"]) + (0 if is_buy else fee)
        self.fills.setdefault(fill["orderId"], []).append(fill)

    def _order(self, row: dict[str, Any], believed: dict[str, Any]) -> None:
        """Compares an order: a bot that has not looked since a fill may know less, never more or other."""
        fills = self.fills.get(row["orderId"], [])
        assert believed["ft_pair"].replace("/", "") == row["symbol"]
        assert believed["side"] == row["side"].lower()
        assert near(believed["amount"], row["origQty"])
        assert near(believed["price"], row["price"])
        assert Decimal(row["executedQty"]) == sum((Decimal(fill["qty"]) for fill in fills), Decimal(0))
        if believed["ft_is_open"] and believed["status"] == "open":
            assert Decimal(str(believed["filled"] or 0)) <= Decimal(row["executedQty"]) + NEAR
            return
        assert believed["status"] == STATUS[row["status"]], (believed, row)
        assert near(believed["filled"], row["executedQty"]), (believed, row)
        assert near(believed["cost"], row["cummulativeQuoteQty"]), (believed, row)
        # A fee that the dust in the wallet covers is none to freqtrade.
        if row["side"] == "BUY" and fills and believed["ft_fee_base"] is not None:
            assert near(believed["ft_fee_base"], sum(Decimal(fill["commission"]) for fill in fills)), (believed, fills)

    def settle(self) -> None:
        """Compares balances: the venue's, its fills', and those of the bot's trades."""
        balances = {
            row["asset"]: Decimal(row["free"]) + Decimal(row["locked"])
            for row in self.client.ok("GET", "/api/v3/account")["balances"]
        }
        assert balances["USDT"] == self.cash
        for asset, amount in self.base.items():
            assert balances[asset] == amount
        trades = self.bot.rows("trades")
        for pair in PAIRS:
            asset = pair.removesuffix("/USDT")
            held = sum(
                (Decimal(str(row["amount"])) for row in trades if row["pair"] == pair and row["is_open"]), Decimal(0)
            )
            # What is less than a step of the lot size stays behind with each sale, as on Binance.
            assert held <= balances[asset] <= held + len(trades) * DUST[asset]
        # Its own profit says the same, but for that dust: freqtrade forgets it, the account has paid it.
        profit = sum(Decimal(str(row["close_profit_abs"])) for row in trades if not row["is_open"])
        worth = [Decimal(str(row["amount"])) * Decimal(str(row["open_rate"])) for row in trades if row["is_open"]]
        dust = sum(DUST[row["base_currency"]] * Decimal(str(row["open_rate"])) for row in trades)
        eaten = [
            row
            for row in self.bot.rows("orders")
            if row["side"] == "buy" and row["filled"] and row["ft_fee_base"] is None
        ]
        fees = sum(Decimal(str(row["cost"])) for row in eaten) * Decimal("0.001")
        assert -fees <= CASH + profit - sum(worth, Decimal(0)) * Decimal("1.001") - self.cash <= dust
        assert len(eaten) < len(trades) / 2


DUST = {"BTC": Decimal("0.00001"), "ETH": Decimal("0.0001"), "BNB": Decimal("0.001"), "SOL": Decimal("0.001")}
"""Steps of the lot sizes."""
