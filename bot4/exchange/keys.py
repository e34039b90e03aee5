"""API keys of the simulated exchange: made at its first start, kept in its folder (readable by its owner alone), printed once.

An HMAC secret is shared and so must be stored; of RSA and Ed25519 keys only the public half is known here. Not here: how requests are
checked (`engine/server`).
"""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path

from .errors import ExchangeError

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
LENGTH = 64
"""Letters of a key and of a secret, as Binance's have."""


@dataclass(frozen=True)
class Key:
    """An API key: what clients send, the account it belongs to, and the shared secret (HMAC) or the public key (PEM; RSA, Ed25519)."""

    key: str
    account: str
    secret: str | None = None
    public: str | None = None


def made(account: str) -> Key:
    """Returns a new HMAC key of an account, drawn from the system's random numbers."""
    return Key(_drawn(), account, secret=_drawn())


def registered(account: str, pem: Path) -> Key:
    """Returns a new key of an account whose requests are signed with a private key; `pem` is the file of its public half.

    Raises ExchangeError where the file cannot be read.
    """
    try:
        return Key(_drawn(), account, public=pem.read_text(encoding="ascii"))
    except (OSError, UnicodeDecodeError) as error:
        raise ExchangeError(f"{pem} is no public key in PEM ({error}); make one with openssl.") from None


def _drawn() -> str:
    return "".join(secrets.choice(LETTERS) for _ in range(LENGTH))


def read(path: Path) -> list[Key]:
    """Returns the keys of a file, none where it does not exist. Raises ExchangeError where it is not one of ours."""
    try:
        return [Key(**row) for row in json.loads(path.read_text(encoding="utf-8"))]
    except FileNotFoundError:
        return []
    except (ValueError, TypeError) as error:
        raise ExchangeError(f"{path} holds no keys ({error}); remove it to have new ones made.") from None


def write(path: Path, keys: list[Key]) -> None:
    """Writes the keys to a file that its owner alone can read. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump([asdict(key) for key in keys], file, indent=1)
