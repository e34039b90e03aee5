"""How a record is written down: one JSON spelling per content, compressed daily returns, a number for what was tried."""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

ZLIB_LEVEL = 1
"""Returns of busy strategies hardly shrink at any level; those of idle ones do at the first, in a fraction of the time."""


def canonical(value: Mapping[str, Any] | Sequence[Any]) -> str:
    """Returns one spelling per content: sorted keys, no blanks, NaN and infinities as null."""
    return json.dumps(_finite(value), sort_keys=True, separators=(",", ":"), allow_nan=False, default=_plain)


def digest(*parts: str | Mapping[str, Any] | Sequence[Any]) -> str:
    """Returns a hash of texts and plain data (BLAKE2b, 64 hex digits)."""
    text = "\0".join(part if isinstance(part, str) else canonical(part) for part in parts)
    return hashlib.blake2b(text.encode(), digest_size=32).hexdigest()


def trial_key(identity: str, params: str) -> bytes:
    """Returns eight bytes for what was tried: strategy identity and parameters (canonical text).

    Sixty-four bits: among a million different trials the chance that any two share a number is 3e-8.
    """
    return hashlib.blake2b(f"{identity}\0{params}".encode(), digest_size=8).digest()


def pack_returns(returns: Sequence[float]) -> bytes:
    """Returns daily returns as compressed little-endian float64, exact to the bit."""
    import numpy as np

    return zlib.compress(np.ascontiguousarray(returns, dtype="<f8").data, ZLIB_LEVEL)


def unpack_returns(packed: bytes) -> NDArray[np.float64]:
    """Returns what `pack_returns` was given, shape (days,). Raises zlib.error for damaged bytes."""
    import numpy as np

    return np.frombuffer(zlib.decompress(packed), dtype="<f8").astype(np.float64)


def _finite(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _finite(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(inner) for inner in value]
    if isinstance(value, float) and not abs(value) < float("inf"):
        return None
    return value


def _plain(value: Any) -> Any:
    """Returns NumPy scalars as Python's, anything else as its text."""
    item = getattr(value, "item", None)
    return _finite(item()) if callable(item) else str(value)
