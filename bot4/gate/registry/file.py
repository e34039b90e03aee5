"""The signed file of one check: evidence, verdict, and where the registry stood, under the signature of the machine's key.

Another process computes the verdict again from the evidence and compares it to the bit (`verify`). The signature detects accidents and
edits; whoever holds the key can sign anything.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot4.records.chain.key import Key, folder_of, is_signed, known_key, machine_key

from .. import canonical
from .. import evidence as evidences
from ..errors import GateError
from ..evidence import Evidence

if TYPE_CHECKING:
    from ..verdict import Verdict
    from .store import Registry

FORM = 1
FOLDER = "gate"
KEYS = {"evidence", "form", "head", "key", "signature", "verdict"}


@dataclass(frozen=True)
class Signed:
    """A signed file, read. `verdict` as plain data, for it is compared with one computed anew."""

    evidence: Evidence
    verdict: Any
    head: dict[str, Any]
    """Number and digest of the registry's last entry when the days were opened."""
    key: str
    data: bytes


def folder(registry: Registry) -> Path:
    """Returns where signed files are kept, made where it is not there yet."""
    found = folder_of(registry.store.place) / FOLDER
    found.mkdir(parents=True, exist_ok=True)
    return found


def sign(evidence: Evidence, verdict: Verdict, head: tuple[int, str], registry: Registry) -> bytes:
    """Returns the bytes of a signed file."""
    key: Key = machine_key(folder_of(registry.store.place))
    body = {
        "evidence": evidence,
        "form": FORM,
        "head": {"number": head[0], "digest": head[1]},
        "key": key.public,
        "verdict": verdict,
    }
    return canonical.encode({**body, "signature": key.sign(_message(canonical.encode(body)))})


def read(path: Path) -> Signed:
    """Returns what a signed file holds. Raises GateError for a file that was changed, OSError for one that cannot be read."""
    data = path.read_bytes()
    tree = canonical.parse(data, str(path))
    if not isinstance(tree, dict) or set(tree) != KEYS or tree["form"] != FORM:
        raise GateError(f"{path} is no file of `bot4 gate check`, or was changed")
    if canonical.encode(tree) != data:
        raise GateError(f"{path} is not spelled as it was written; it was changed")
    signature = tree.pop("signature")
    if not isinstance(tree["key"], str) or not isinstance(signature, str):
        raise GateError(f"{path} carries no signature; it was changed")
    if not is_signed(tree["key"], _message(canonical.encode(tree)), signature):
        raise GateError(f"{path} does not carry the signature of the key it names; it was changed")
    evidence = evidences.from_bytes(canonical.encode(tree["evidence"]), f"the evidence in {path}")
    return Signed(evidence, tree["verdict"], tree["head"], tree["key"], data)


def verify(path: Path, registry: Registry) -> list[str]:
    """Returns what was found in order, one line each. Raises GateError with what is not.

    Spelling and signature are looked at, the verdict is computed again from the evidence, and the registry asked whether it knows both.
    """
    from ..verdict import judge

    found = read(path)
    own = known_key(folder_of(registry.store.place))
    whose = "this machine's key" if own is not None and own.public == found.key else "another machine's key"
    if canonical.encode(judge(found.evidence)) != canonical.encode(found.verdict):
        raise GateError(f"the verdict in {path} is not what its evidence gives; one of them was changed")
    lines = [
        f"signed by {whose} {found.key[:16]}…, and unchanged since",
        "the verdict computed again from the evidence is the same to the bit",
    ]
    return [*lines, *_in_registry(path, found, registry, is_own=whose.startswith("this"))]


def _in_registry(path: Path, found: Signed, registry: Registry, *, is_own: bool) -> Iterator[str]:
    id, digest = found.evidence.registration.id, evidences.digest(found.evidence)
    one = registry.book.registered.get(id)
    if one is None:
        if is_own:
            raise GateError(f"the registry does not know registration {id}, though this machine signed {path}")
        yield f"registration {id} is of another registry, which alone can say how often its days were opened"
        return
    if canonical.digest(one.made) != canonical.digest(found.evidence.registration):
        raise GateError(f"registration {id} in {path} is another than that of the registry")
    if not any(verdict.evidence == digest for verdict in one.verdicts):
        raise GateError(f"the registry has no verdict on the evidence in {path}")
    before: Any = one.made.sources.get("head", {"number": 0, "digest": ""})
    for head in (before, found.head):
        if head["number"] and registry.audit.digests.get(head["number"]) != head["digest"]:
            raise GateError(
                f"entry {head['number']} of the registry is another than the one that {path} was made after"
            )
    yield f"the registry holds registration {id} (entry {one.number}) and this verdict, {registry.audit.entries:,} entries without a fault"


def _digest(data: bytes) -> str:
    """Returns SHA-256 of a file's bytes."""
    return hashlib.sha256(data).hexdigest()


def _message(data: bytes) -> bytes:
    return f"bot4 verdict {_digest(data)}".encode()
