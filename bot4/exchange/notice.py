"""Where programs of the same user find a running exchange: a file with its addresses and keys, as long as it runs.

`bot4 exchange serve` writes it once it listens and removes it at its end. Only the file's owner can read it, so a key is known to those who
could read the server's memory anyway; fixed keys would be known to every program and web page that reaches the port. One file a port.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .errors import ExchangeError

if TYPE_CHECKING:
    from .serve import Exchange

PORT = 9000
"""The port of `bot4 exchange serve` where none is named."""


def place(port: int = PORT) -> Path:
    """Returns the file of the exchange on a port: in `$BOT4_HOME/exchange`, else `$XDG_RUNTIME_DIR/bot4`, else `~/.local/state/bot4`."""
    home, runtime = os.environ.get("BOT4_HOME"), os.environ.get("XDG_RUNTIME_DIR")
    if home:
        folder = Path(home).expanduser() / "exchange"
    elif runtime:
        folder = Path(runtime) / "bot4"
    else:
        folder = Path.home() / ".local" / "state" / "bot4"
    return folder / f"exchange-{port}.json"


@dataclass(frozen=True)
class Notice:
    """The notice of a running exchange, until `take_down`."""

    path: Path

    def take_down(self) -> None:
        """Removes it, where it still is this process' own."""
        if _process(self.path) == os.getpid():
            self.path.unlink(missing_ok=True)


def clear(port: int) -> None:
    """Removes the notice of an exchange that was killed: whoever waits for the next one must not find the old keys."""
    path = place(port)
    process = _process(path)
    if process is not None and not _is_alive(process):
        path.unlink(missing_ok=True)


def put_up(exchange: Exchange) -> Notice:
    """Writes the notice of an exchange. Raises ExchangeError where its folder cannot be written."""
    path = place(exchange.server.address[1])
    told: dict[str, Any] = {"url": exchange.url, "websocket": exchange.websocket, "process": os.getpid()}
    told["keys"] = [asdict(key) for key in exchange.keys]
    building = path.with_suffix(f".{os.getpid()}")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        building.unlink(missing_ok=True)
        handle = os.open(building, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(told, file, indent=1)
        building.replace(path)
    except OSError as error:
        raise ExchangeError(f"{path} cannot be written ({error}); name another folder in BOT4_HOME.") from None
    return Notice(path)


def _process(path: Path) -> int | None:
    """Returns the process that wrote a notice; None where there is none that can be read."""
    try:
        return int(json.loads(path.read_text(encoding="utf-8"))["process"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
