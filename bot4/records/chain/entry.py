"""One entry of the chain: number, time, kind, content, the hash of the entry before, and the signature of the machine that wrote it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .key import Key, is_signed

START = "0" * 64
"""What the first entry names as the one before."""
RUNS = "runs"
"""Kind of the entries that stand for run records; all others carry their content whole."""


@dataclass(frozen=True)
class Entry:
    """One entry as it stands in the store."""

    number: int
    """From 1, without holes."""
    at_ms: int
    kind: str
    """`runs`, or what the gate writes: `registration`, `opening`, `verdict`, `withdrawal`."""
    body: str
    """JSON, one spelling per content."""
    previous: str
    """Digest of the entry before."""
    key: str
    """Public key of the machine that wrote it."""
    digest: str
    """SHA-256 of everything above, 64 hex digits."""
    signature: str
    """Of the digest."""

    @property
    def content(self) -> Any:
        """Returns the body as plain data."""
        return json.loads(self.body)

    def fault(self) -> str:
        """Returns what is wrong with the entry by itself, empty where nothing is."""
        if digest_of(self.number, self.at_ms, self.kind, self.body, self.previous, self.key) != self.digest:
            return "was changed after it was written"
        if not is_signed(self.key, message_of(self.digest), self.signature):
            return "does not carry the signature of the key it names"
        return ""


def make(number: int, at_ms: int, kind: str, body: Mapping[str, Any], previous: str, key: Key) -> Entry:
    """Returns a new entry, signed."""
    text = json.dumps(body, sort_keys=True, separators=(",", ":"), allow_nan=False)
    digest = digest_of(number, at_ms, kind, text, previous, key.public)
    return Entry(number, at_ms, kind, text, previous, key.public, digest, key.sign(message_of(digest)))


def digest_of(number: int, at_ms: int, kind: str, body: str, previous: str, key: str) -> str:
    """Returns SHA-256 of an entry's content and its place."""
    text = json.dumps([number, at_ms, kind, body, previous, key], separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def message_of(digest: str) -> bytes:
    """Returns what is signed of an entry: its digest, marked so that no other signature of the key can stand for it."""
    return f"bot4 entry {digest}".encode()
