"""The control API's client: time, balances, statuses, limits and reset of a running exchange."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any

from .errors import ExchangeError

TIMEOUT_S = 10.0


@dataclass(frozen=True)
class Control:
    """Steers an exchange by its address (`http://127.0.0.1:9000`). Every call returns the state after it, or raises ExchangeError."""

    url: str

    def state(self) -> dict[str, Any]:
        """Returns time, speed, balances by account, and a hash of all balances and books."""
        return self._call("state", None)

    def advance(self, milliseconds: int) -> dict[str, Any]:
        """Moves the venue's time on."""
        return self._call("time", {"advance_ms": milliseconds})

    def set_speed(self, speed: float) -> dict[str, Any]:
        """Sets how many venue seconds pass in a second; 0 lets time stand."""
        return self._call("time", {"speed": speed})

    def credit(self, account: str, asset: str, amount: str) -> dict[str, Any]:
        """Adds to a free balance, or takes from it (`-5`)."""
        return self._call("balance", {"account": account, "asset": asset, "amount": amount})

    def set_status(self, symbol: str, status: str) -> dict[str, Any]:
        """Sets a symbol's status: TRADING, HALT or BREAK."""
        return self._call("status", {"symbol": symbol, "status": status})

    def set_limits(self, enabled: bool) -> dict[str, Any]:
        """Puts the limits in force, or not."""
        return self._call("limits", {"enabled": enabled})

    def set_faults(self, **faults: int | bool) -> dict[str, Any]:
        """Sets what goes wrong from now on (docs/exchange.md lists it); without arguments nothing does."""
        return self._call("faults", faults)

    def cut(self) -> dict[str, Any]:
        """Cuts every WebSocket connection."""
        return self._call("cut", {})

    def reset(self) -> dict[str, Any]:
        """Begins anew: accounts as they were set up, empty books, an empty journal."""
        return self._call("reset", {})

    def _call(self, what: str, body: dict[str, Any] | None) -> dict[str, Any]:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}/control/{what}", data, {"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:
                told: dict[str, Any] = json.load(answer)
                return told
        except urllib.error.HTTPError as error:
            said = json.load(error).get("error", error.reason)
            raise ExchangeError(f"The exchange refuses `{what}`: {said}.") from None
        except (OSError, ValueError) as error:
            raise ExchangeError(
                f"No exchange answers at {self.url} ({error}); start one: bot4 exchange serve."
            ) from None
