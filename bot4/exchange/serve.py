"""Starts an exchange: settings, accounts and keys in, a running server out.

Order of operations: the folder's keys are read, or made → the engine does the folder's journal again, if there is one → it listens. The
server runs on a thread of the engine's and never asks for the interpreter.
"""

from __future__ import annotations

import json
import resource
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from . import keys as keyring
from .control import Control
from .errors import ExchangeError
from .keys import Key
from .recording import Market as Recorded
from .recording import read

if TYPE_CHECKING:
    from bot4._engine import ExchangeServer
    from bot4.data.ticks import Ticks

PROFILES = ("binance-spot",)
MARKETS = ("synthetic", "replay", "empty")
"""What fills the books besides clients' orders: agents from a seed, a recording, or nothing."""
FASTEST = 200.0
"""Speed of `max` where agents trade: about what those of four symbols keep up with."""
LOOPBACK = ("127.0.0.1", "::1", "localhost")
BALANCES: Mapping[str, str] = {"USDT": "1000000", "BTC": "100", "ETH": "1000", "BNB": "1000"}
"""What each account begins with, where nothing else is said."""
FILES = 16_384
"""Open files wanted: each connection is one."""


@dataclass(frozen=True)
class Exchange:
    """A running exchange: where it listens, its keys, whether they are new, and how many commands its journal held."""

    server: ExchangeServer
    keys: tuple[Key, ...]
    is_new: bool

    @property
    def url(self) -> str:
        """Returns the address of REST: `http://127.0.0.1:9000`."""
        host, port = self.server.address
        return f"http://{_shown(host)}:{port}"

    @property
    def websocket(self) -> str:
        """Returns the address of WebSockets: `ws://127.0.0.1:9000`."""
        return "ws" + self.url.removeprefix("http")

    @property
    def control(self) -> Control:
        """Returns a client of its control API."""
        return Control(self.url)

    def stop(self) -> None:
        """Stops it and waits for its end."""
        self.server.stop()

    def __enter__(self) -> Exchange:
        """Returns itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stops it."""
        self.stop()


def _shown(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def serve(
    *,
    port: int = 0,
    host: str = "127.0.0.1",
    state: str | Path | None = None,
    accounts: Mapping[str, Mapping[str, str]] | Sequence[str] = ("alice", "bob"),
    public: Mapping[str, str | Path] | None = None,
    market: str = "empty",
    recording: str | Path | Ticks | Recorded | None = None,
    seed: int = 1,
    faults: str | Path | None = None,
    limits: bool = True,
    speed: float = 1.0,
    start_ms: int | None = None,
    fsync: bool = False,
    profile: str = "binance-spot",
) -> Exchange:
    """Starts an exchange on this machine and returns it.

    port: 0 for one that is free. state: the folder of journal and keys; None keeps nothing. accounts: names, or balances (decimals as
    text) by name; each has an HMAC key. public: files of public keys (PEM) by account, each gives one more key. limits: False for load
    tests. market: `synthetic` lets agents trade four symbols, drawn from `seed`; `replay` plays `recording` (ticks, a folder of the store,
    a raw file), whose symbol is then the only one and whose times are the venue's. faults: a script (TOML, docs/exchange-venue.md). speed:
    venue seconds a second. start_ms: the venue's time at the start, milliseconds UTC; the machine's where None is given. fsync: whether
    every commit waits for the disk. Raises ExchangeError, or EngineError where the engine refuses.
    """
    from bot4._engine import ExchangeServer

    _check(market, profile)
    played = _played(market, recording)
    named = accounts if isinstance(accounts, Mapping) else {name: BALANCES for name in accounts}
    kept, is_new = _keys(None if state is None else Path(state) / "keys.json", list(named), public or {})
    settings: dict[str, Any] = {
        "address": f"{_shown(host)}:{port}",
        "accounts": [{"name": name, "balances": dict(balances)} for name, balances in named.items()],
        "keys": [asdict(key) for key in kept],
        "state": None if state is None else str(Path(state) / "journal"),
        "fsync": fsync,
        "limits": limits,
        "start_ms": start_ms,
        "agents": seed if market == "synthetic" else None,
        "recording": None if played is None else played.setting,
        "faults": None if faults is None else Path(faults).read_text(encoding="utf-8"),
        "speed": round(speed * 1000),
    }
    _raise_files()
    server = ExchangeServer(json.dumps(settings), None if played is None else played.columns)
    return Exchange(server, tuple(kept), is_new)


def _check(market: str, profile: str) -> None:
    if profile not in PROFILES:
        raise ExchangeError(f"There is no profile `{profile}`; known: {', '.join(PROFILES)}.")
    if market not in MARKETS:
        raise ExchangeError(
            f"There is no market `{market}`; `synthetic` lets agents trade, `replay` plays a recording, `empty` leaves the books to "
            "clients."
        )


def _played(market: str, recording: str | Path | Ticks | Recorded | None) -> Recorded | None:
    if (market == "replay") != (recording is not None):
        raise ExchangeError("The market `replay` plays a recording, and no other does; write --market replay PATH.")
    return read(recording) if recording is not None and not isinstance(recording, Recorded) else recording


def _keys(path: Path | None, accounts: list[str], public: Mapping[str, str | Path]) -> tuple[list[Key], bool]:
    """Returns the keys of a folder, with one made for each account that has none, and whether any is new."""
    kept = [] if path is None else keyring.read(path)
    known = {key.account for key in kept if key.secret is not None}
    new = [keyring.made(account) for account in accounts if account not in known]
    for account, pem in public.items():
        made = keyring.registered(account, Path(pem))
        if not any(key.account == account and key.public == made.public for key in kept):
            new.append(made)
    kept = [key for key in kept if key.account in accounts] + new
    if path is not None and new:
        keyring.write(path, kept)
    return kept, bool(new)


def _raise_files() -> None:
    """Lets the process open as many files as connections may need, as far as the system allows."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES if hard == resource.RLIM_INFINITY else min(FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
