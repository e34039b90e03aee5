"""The head: number and digest of the last entry, signed, in a file beside the store. It tells when entries were cut off the end."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from ..url import Place
from .entry import Entry
from .key import Key, is_signed

SUFFIX = ".head"


@dataclass(frozen=True)
class Head:
    """The end of the chain as this machine last saw it."""

    number: int
    digest: str
    key: str
    signature: str

    @property
    def is_genuine(self) -> bool:
        """Returns whether the signature is that of the key it names."""
        return is_signed(self.key, _message(self.number, self.digest), self.signature)


def path_of(folder: Path, place: Place) -> Path:
    """Returns the file of a store's head: named after a SQLite file, for a database by URL after a hash of it."""
    if place.path is not None:
        return folder / f"{place.path.name}{SUFFIX}"
    return folder / f"{hashlib.sha256(place.shown.encode()).hexdigest()[:16]}{SUFFIX}"


def write(path: Path, entry: Entry, key: Key) -> None:
    """Notes an entry as the last one, unless a later one is noted already. Raises OSError."""
    known = read(path)
    if known is not None and known.number >= entry.number:
        return
    head = Head(entry.number, entry.digest, key.public, key.sign(_message(entry.number, entry.digest)))
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    part.write_text(json.dumps(asdict(head), sort_keys=True) + "\n", encoding="ascii")
    os.replace(part, path)


def read(path: Path) -> Head | None:
    """Returns the head in a file, None where there is no file or it holds something else."""
    try:
        found = json.loads(path.read_text(encoding="ascii"))
        head = Head(**found)
    except (OSError, ValueError, TypeError):
        return None
    return head if isinstance(head.number, int) else None


def _message(number: int, digest: str) -> bytes:
    return f"bot4 head {number} {digest}".encode()
