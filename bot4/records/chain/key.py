"""The machine's Ed25519 key: a file beside the records, readable by its owner alone, made when it is first needed."""

from __future__ import annotations

import contextlib
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from bot4 import _engine

from ..errors import RecordsError
from ..url import Place, default_home

FILE_NAME = "machine.key"
SEED_BYTES = 32


@dataclass(frozen=True)
class Key:
    """A key pair; the seed is never shown."""

    seed: bytes = field(repr=False)
    public: str
    """64 hex digits."""

    def sign(self, message: bytes) -> str:
        """Returns the signature of a message, 128 hex digits; the same each time (RFC 8032)."""
        return _engine.ed25519_sign(self.seed, message).hex()


def is_signed(public: str, message: bytes, signature: str) -> bool:
    """Returns whether a message carries the signature of a public key; False for what is no key or no signature in lower-case hex."""
    try:
        signer, raw = bytes.fromhex(public), bytes.fromhex(signature)
        is_plain = signer.hex() == public and raw.hex() == signature
        return is_plain and _engine.ed25519_verify(signer, message, raw)
    except (ValueError, _engine.EngineError):
        return False


def folder_of(place: Place) -> Path:
    """Returns where key and head are kept: beside a SQLite file, for a database by URL in this machine's own folder."""
    return default_home() if place.path is None else place.path.parent


def machine_key(folder: Path) -> Key:
    """Returns the key in a folder, made there where there is none. Raises RecordsError for a damaged or unusable file."""
    path = folder / FILE_NAME
    try:
        found = _read(path)
        if found is None:
            _make(path)
            found = _read(path)
    except OSError as error:
        raise RecordsError(
            f"The machine's key {path} cannot be used ({(error.strerror or str(error)).lower()}); set BOT4_HOME to a folder you can write."
        ) from error
    assert found is not None, "a key that was made can be read"
    return found


def known_key(folder: Path) -> Key | None:
    """Returns the key in a folder, None where there is none yet. Raises RecordsError as `machine_key`."""
    return machine_key(folder) if (folder / FILE_NAME).exists() else None


def _read(path: Path) -> Key | None:
    try:
        text = path.read_text(encoding="ascii").strip()
        seed = bytes.fromhex(text)
    except FileNotFoundError:
        return None
    except ValueError:
        seed = b""
    if len(seed) != SEED_BYTES:
        raise RecordsError(
            f"The machine's key {path} is damaged; put a backup there, or move it away and a new one is made (old entries keep their own)."
        )
    return Key(seed, _engine.ed25519_public(seed).hex())


def _make(path: Path) -> None:
    """Writes a new key whole or not at all; where another process was first, its key stays."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        file.write(secrets.token_bytes(SEED_BYTES).hex() + "\n")
    with contextlib.suppress(FileExistsError):
        os.link(part, path)
    part.unlink()
