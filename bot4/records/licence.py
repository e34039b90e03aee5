"""Licences: what a signed record allows one strategy to trade, read and checked (docs/orders.md). Issuing one is the gate's.

A licence is a JSON file {"licence": {...}, "issuer": key, "signature": hex}. The signature is Ed25519 (RFC 8032) over the canonical
JSON of its content: keys sorted, no spaces, integers and texts only, UTF-8. Amounts are 1e-8 of the account currency, shares
billionths, times ms since 1970 UTC. The signature says who gave it; whether that issuer is trusted is said by who checks.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

E9 = 1_000_000_000
VERSION = 1
FIELDS = (
    "version", "strategy", "name", "instruments", "currency", "max_order", "max_gross", "ramp", "from_ms", "until_ms", "evidence",
)  # fmt: skip


class LicenceError(Exception):
    """A licence that cannot be read or does not hold: one sentence with the file and the fix."""


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the size ramp: from a time on (ms), a share of the limits (billionths)."""

    from_ms: int
    share_e9: int


@dataclass(frozen=True, slots=True)
class Licence:
    """What is allowed: `strategy` is the identity (64 hexadecimal digits), `instruments` are symbols, `max_order` and `max_gross` hold
    at the whole size, `evidence` names what it was given for."""

    strategy: str
    name: str
    instruments: tuple[str, ...]
    currency: str
    max_order: int
    max_gross: int
    ramp: tuple[Step, ...]
    from_ms: int
    until_ms: int
    evidence: str = ""

    def payload(self) -> bytes:
        """Returns what is signed: the canonical JSON of the content."""
        return json.dumps(self._content(), sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()

    def document(self, issuer: bytes, signature: bytes) -> str:
        """Returns the text of the file, for an issuer's public key (32 bytes) and its signature of `payload` (64 bytes)."""
        return json.dumps(
            {"licence": self._content(), "issuer": issuer.hex(), "signature": signature.hex()},
            indent=2,
            ensure_ascii=False,
        )

    def _content(self) -> dict[str, Any]:
        return {
            "version": VERSION,
            "strategy": self.strategy,
            "name": self.name,
            "instruments": list(self.instruments),
            "currency": self.currency,
            "max_order": self.max_order,
            "max_gross": self.max_gross,
            "ramp": [[step.from_ms, step.share_e9] for step in self.ramp],
            "from_ms": self.from_ms,
            "until_ms": self.until_ms,
            "evidence": self.evidence,
        }

    def share_e9(self, at_ms: int) -> int:
        """Returns the share of the limits that holds at a time; 0 outside the licence."""
        if not self.from_ms <= at_ms < self.until_ms:
            return 0
        return max(
            (step for step in self.ramp if step.from_ms <= at_ms), key=lambda s: s.from_ms, default=Step(0, 0)
        ).share_e9

    def engine_terms(self, symbols: Sequence[str]) -> dict[str, Any]:
        """Returns the plain terms that the desk holds every opening order against, for instruments in id order."""
        return {
            "strategy": self.strategy,
            "from_ms": self.from_ms,
            "until_ms": self.until_ms,
            "allowed": [symbol in self.instruments for symbol in symbols],
            "max_order": self.max_order,
            "max_gross": self.max_gross,
            "ramp": [{"from_ms": step.from_ms, "share_e9": step.share_e9} for step in self.ramp],
        }


@dataclass(frozen=True, slots=True)
class Signed:
    """A licence as its file holds it: content, the issuer's public key, its signature, and whether that is right."""

    licence: Licence
    issuer: str
    signature: str
    is_authentic: bool


def read(path: str | Path) -> Signed:
    """Returns what a file holds. Raises LicenceError where it cannot be read; a wrong signature is told and not raised."""
    from bot4 import _engine

    try:
        held = json.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as wrong:
        raise LicenceError(f"{path} cannot be read ({(wrong.strerror or str(wrong)).lower()}).") from None
    except ValueError:
        raise LicenceError(f"{path} is no JSON; give the file that the gate wrote.") from None
    if not isinstance(held, dict) or set(held) != {"licence", "issuer", "signature"}:
        raise LicenceError(f"{path} is no licence: it needs licence, issuer and signature and nothing else.")
    licence = _licence(held["licence"], path)
    issuer, signature = _hex(held["issuer"], 32, "issuer", path), _hex(held["signature"], 64, "signature", path)
    is_authentic = bool(_engine.ed25519_verify(issuer, licence.payload(), signature))
    return Signed(licence, issuer.hex(), signature.hex(), is_authentic)


def verify(path: str | Path, trusted: Sequence[str], at_ms: int | None = None) -> Licence:
    """Returns the licence of a file, if one of the `trusted` issuers (public keys, 64 hexadecimal digits) signed it and it holds at
    `at_ms` (None: now). Raises LicenceError with what is wrong."""
    signed = read(path)
    if not signed.is_authentic:
        raise LicenceError(f"{path}: the signature is not that of its content; have the licence issued anew.")
    if signed.issuer not in {key.lower() for key in trusted}:
        raise LicenceError(
            f"{path} was signed by {signed.issuer}, which is not trusted; give that key with --key if it is."
        )
    now = int(datetime.now(UTC).timestamp() * 1000) if at_ms is None else at_ms
    licence = signed.licence
    if now >= licence.until_ms:
        raise LicenceError(f"{path} expired at {moment(licence.until_ms)}; have the strategy licensed anew.")
    if now < licence.from_ms:
        raise LicenceError(f"{path} holds from {moment(licence.from_ms)} on; wait until then.")
    return licence


def moment(ms: int) -> str:
    """Returns a time as text, to the minute, UTC."""
    return datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y-%m-%d %H:%M UTC")


def _licence(held: Any, path: str | Path) -> Licence:
    if not isinstance(held, dict) or set(held) != set(FIELDS):
        raise LicenceError(
            f"{path}: the licence has other fields than {', '.join(FIELDS)}; have it issued by this Bot4."
        )
    if held["version"] != VERSION:
        raise LicenceError(
            f"{path} is a licence of version {held['version']}, this Bot4 reads {VERSION}; have it issued anew."
        )
    numbers = ("max_order", "max_gross", "from_ms", "until_ms")
    texts = ("strategy", "name", "currency", "evidence")
    wrong = [name for name in numbers if type(held[name]) is not int or held[name] < 1]
    wrong += [name for name in texts if not isinstance(held[name], str)]
    wrong += [] if _is_list(held["instruments"], str) and held["instruments"] else ["instruments"]
    wrong += [] if _is_ramp(held["ramp"]) else ["ramp"]
    if not wrong and held["from_ms"] >= held["until_ms"]:
        wrong = ["until_ms"]
    if wrong:
        raise LicenceError(
            f"{path}: {wrong[0]} of the licence is {held[wrong[0]]!r}, which it cannot be; have it issued anew."
        )
    ramp = tuple(Step(at, share) for at, share in held["ramp"])
    return Licence(
        **{name: held[name] for name in (*texts, *numbers)}, instruments=tuple(held["instruments"]), ramp=ramp
    )


def _is_list(held: Any, kind: type) -> bool:
    return isinstance(held, list) and all(type(item) is kind for item in held)


def _is_ramp(held: Any) -> bool:
    if not isinstance(held, list) or not held:
        return False
    if not all(_is_list(step, int) and len(step) == 2 and 1 <= step[1] <= E9 for step in held):
        return False
    return all(a[0] < b[0] for a, b in pairwise(held))


def _hex(held: Any, length: int, name: str, path: str | Path) -> bytes:
    try:
        found = bytes.fromhex(held)
    except (TypeError, ValueError):
        found = b""
    if len(found) != length:
        raise LicenceError(f"{path}: {name} has to be {2 * length} hexadecimal digits; have the licence issued anew.")
    return found
