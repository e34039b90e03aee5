"""A freqtrade process: its settings, its files, and what its database believes."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot4.exchange import Exchange

HERE = Path(__file__).parent
PAIRS = ("BTC/USDT", "ETH/USDT", "BNB/USDT", "SOL/USDT")
CASH = 10_000
THROTTLE_S = 30
"""How long freqtrade sleeps between two looks."""


@dataclass
class Bot:
    """freqtrade, live or dry, at an exchange in the name of an account."""

    python: Path
    home: Path
    exchange: Exchange
    name: str
    is_dry: bool
    process: subprocess.Popen[bytes] | None = None

    def start(self, clockwork_port: int) -> None:
        """Starts it; it begins where its database left off."""
        self.home.mkdir(parents=True, exist_ok=True)
        settings = self.home / "config.json"
        settings.write_text(json.dumps(self.settings()), encoding="utf-8")
        words = [str(self.python), str(HERE / "launch.py"), str(clockwork_port), self.name, "trade"]
        words += ["--config", str(settings), "--userdir", str(self.home), "--db-url", f"sqlite:///{self.database}"]
        words += ["--strategy-path", str(HERE), "--strategy", "Dips"]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                words,
                stdout=log,
                stderr=log,
                env={**os.environ, "SHOWN_CANDLES": str(self.home / "candles.jsonl"), "PYTHONDONTWRITEBYTECODE": ""},
            )

    def kill(self) -> None:
        """Ends it as a power cut would."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(30)

    def settings(self) -> dict[str, Any]:
        """Returns freqtrade's configuration: only addresses are not those of a bot on Binance."""
        url = self.exchange.url
        key = next(key for key in self.exchange.keys if key.account == self.name)
        pricing = {"price_side": "same", "use_order_book": True, "order_book_top": 1}
        return {
            "bot_name": self.name,
            "initial_state": "running",
            "dry_run": self.is_dry,
            "dry_run_wallet": CASH,
            "stake_currency": "USDT",
            "stake_amount": 1000,
            "max_open_trades": 3,
            "trading_mode": "spot",
            "unfilledtimeout": {"entry": 10, "exit": 10, "unit": "minutes"},
            "entry_pricing": pricing,
            "exit_pricing": pricing,
            "exchange": {
                "name": "binance",
                "key": key.key,
                "secret": key.secret,
                "enable_ws": False,
                "only_from_ccxt": True,
                "pair_whitelist": list(PAIRS),
                "ccxt_config": {
                    "enableRateLimit": False,
                    "urls": {
                        "api": {"public": f"{url}/api/v3", "private": f"{url}/api/v3", "sapi": f"{url}/sapi/v1"},
                    },
                    "options": {"fetchMarkets": {"types": ["spot"]}, "defaultType": "spot"},
                },
            },
            "pairlists": [{"method": "StaticPairList"}],
            "internals": {"process_throttle_secs": THROTTLE_S},
        }

    @property
    def database(self) -> Path:
        """Returns the file freqtrade keeps its trades and orders in."""
        return self.home / "trades.sqlite"

    @property
    def log(self) -> Path:
        """Returns the file of what it said."""
        return self.home / "freqtrade.log"

    def rows(self, table: str) -> list[dict[str, Any]]:
        """Returns the rows of a table of its database, by id."""
        with sqlite3.connect(f"file:{self.database}?mode=ro", uri=True) as database:
            database.row_factory = sqlite3.Row
            found = [dict(row) for row in database.execute(f"SELECT * FROM {table} ORDER BY id")]
        database.close()
        return found

    def candles(self) -> list[list[Any]]:
        """Returns the candles its strategy was shown last: pair, time, open, high, low, close, volume."""
        text = (self.home / "candles.jsonl").read_text(encoding="utf-8")
        return [json.loads(line) for line in text.splitlines()]

    def alarms(self) -> list[str]:
        """Returns what it complained of."""
        text = self.log.read_text(encoding="utf-8", errors="replace")
        return [line for line in text.splitlines() if any(f" - {word} - " in line for word in ALARMS)]


ALARMS = ("WARNING", "ERROR", "CRITICAL")
