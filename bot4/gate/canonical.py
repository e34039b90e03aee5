"""One spelling in bytes for a frozen dataclass of plain data and arrays, and the way back: what is signed, hashed and compared.

JSON with sorted keys and without blanks, in ASCII. A float is written as the shortest decimal that reads back as the same float64; an array
as its little-endian bytes in base64 with type and shape, to the bit, NaN included. A float outside an array must be finite. Reading takes
only what writing would have made, byte for byte: a changed blank is a changed file.
"""

from __future__ import annotations

import base64
import binascii
import dataclasses
import hashlib
import json
import math
import types
import typing
from collections.abc import Mapping
from typing import Any, TypeVar

import numpy as np

from .errors import GateError

Kind = TypeVar("Kind")

ARRAYS = {"float64": "<f8", "int64": "<i8"}


def encode(value: Any) -> bytes:
    """Returns the bytes of plain data, dataclasses and arrays in one another. Raises GateError for anything else, NaN and infinity."""
    return json.dumps(_plain(value), sort_keys=True, separators=(",", ":"), allow_nan=False).encode("ascii")


def digest(value: Any) -> str:
    """Returns SHA-256 of `encode(value)`, 64 hex digits."""
    return hashlib.sha256(encode(value)).hexdigest()


def decode(kind: type[Kind], data: bytes, what: str) -> Kind:
    """Returns a dataclass from the bytes that `encode` made of it. Raises GateError, naming `what`, for any other bytes."""
    tree = parse(data, what)
    try:
        found: Kind = build(kind, tree)
    except (KeyError, TypeError, ValueError, binascii.Error) as error:
        raise GateError(
            f"{what} does not hold what it should ({error}); it was changed, or made by another version"
        ) from None
    if encode(found) != data:
        raise GateError(f"{what} is not spelled as it was written; it was changed")
    return found


def parse(data: bytes, what: str) -> Any:
    """Returns the JSON in bytes. Raises GateError, naming `what`, for bytes that are none."""
    try:
        return json.loads(data.decode("ascii"))
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise GateError(f"{what} cannot be read ({error}); it was changed or cut short") from None


def _plain(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return _array(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(inner) for inner in value]
    if isinstance(value, np.generic):
        return _plain(value.item())
    if isinstance(value, float) and not math.isfinite(value):
        raise GateError(f"{value} is no number that evidence may rest on")
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    raise GateError(f"evidence holds numbers, texts and arrays, and no {type(value).__name__}")


def _array(value: Any) -> dict[str, Any]:
    name = value.dtype.name
    if name not in ARRAYS:
        raise GateError(f"an array of {name} has no place in evidence; arrays are float64 or int64")
    packed = np.ascontiguousarray(value, dtype=ARRAYS[name]).tobytes()
    return {"array": base64.b64encode(packed).decode("ascii"), "shape": list(value.shape), "type": name}


def build(kind: Any, tree: Any) -> Any:
    """Returns a value of a type from plain data, following the type's own hints. Raises KeyError, TypeError or ValueError."""
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        return _dataclass(kind, tree)
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if origin is np.ndarray:
        return _array_of(tree, inner[1])
    if origin is tuple:
        return tuple(build(inner[0], one) for one in tree)
    if origin is list:
        return [build(inner[0], one) for one in tree]
    if origin is dict:
        return {key: build(inner[1], one) for key, one in tree.items()}
    if origin in (typing.Union, types.UnionType):
        return None if tree is None else build(next(one for one in inner if one is not type(None)), tree)
    if kind in (int, float, str, bool) and type(tree) is not kind:
        raise TypeError(f"{tree!r:.40} is no {kind.__name__}")
    return tree


def _dataclass(kind: type[Any], tree: Any) -> Any:
    hints = typing.get_type_hints(kind)
    names = {field.name for field in dataclasses.fields(kind)}
    if not isinstance(tree, dict) or set(tree) != names:
        raise KeyError(f"the fields of {kind.__name__.lower()}")
    return kind(**{name: build(hints[name], tree[name]) for name in names})


def _array_of(tree: Any, dtype: Any) -> Any:
    wanted = np.dtype(typing.get_args(dtype)[0]).name
    if not isinstance(tree, dict) or set(tree) != {"array", "shape", "type"} or tree["type"] != wanted:
        raise TypeError(f"an array of {wanted} is missing")
    found = np.frombuffer(base64.b64decode(tree["array"], validate=True), dtype=ARRAYS[wanted])
    return found.reshape(tree["shape"]).astype(wanted)
