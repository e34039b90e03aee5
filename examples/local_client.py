"""Finds the exchange that `bot4 exchange serve` runs on this machine: addresses and keys, from the file it keeps while it runs.

The file is `exchange-<port>.json` in `$BOT4_HOME/exchange`, else in `$XDG_RUNTIME_DIR/bot4`, else in `~/.local/state/bot4`; only its owner
can read it. Copy this module beside a program of yours, or read the file yourself: it is JSON.
"""

import json
import os
import sys
import time
import urllib.request
from pathlib import Path

PATIENCE_S = 30.0
"""How long an exchange that is just being started is waited for."""


def place(port: int) -> Path:
    """Returns the file of the exchange on a port."""
    home, runtime = os.environ.get("BOT4_HOME"), os.environ.get("XDG_RUNTIME_DIR")
    folder = Path(home) / "exchange" if home else Path(runtime or Path.home() / ".local/state") / "bot4"
    return folder / f"exchange-{port}.json"


def found(arguments: list[str], port: int = 9000, patience_s: float = PATIENCE_S) -> tuple[str, str, str]:
    """Returns address, key and secret: those of the arguments, else those of the exchange that runs. Ends the program where none does."""
    if len(arguments) >= 3:
        return arguments[0], arguments[1], arguments[2]
    end = time.monotonic() + patience_s
    while True:
        try:
            told = json.loads(place(port).read_text(encoding="utf-8"))
            urllib.request.urlopen(f"{told['url']}/api/v3/ping", timeout=5).close()
            key = next(key for key in told["keys"] if key["secret"])
            return told["url"], key["key"], key["secret"]
        except (OSError, ValueError):
            if time.monotonic() > end:
                sys.exit(f"No exchange runs on port {port}; start one: bot4 exchange serve --market synthetic")
            time.sleep(0.2)
