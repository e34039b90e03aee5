"""Parts as plain data, and the types that these data have: what JSON and its schema are made from."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, make_dataclass
from functools import cache, reduce
from operator import or_
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import numpy as np

from ..columns import Floats, Ints


def plain(value: Any) -> Any:
    """Returns a part as dictionaries, lists, strings, whole numbers and finite floats; None for what is not finite."""
    if is_dataclass(value) and not isinstance(value, type):
        return {one.name: plain(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, np.ndarray):
        if value.dtype.kind == "f" and not np.isfinite(value).all():
            return [number if math.isfinite(number) else None for number in value.tolist()]
        return value.tolist()
    if isinstance(value, tuple):
        return [plain(one) for one in value]
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    return value


@cache
def plain_type(kind: Any) -> Any:
    """Returns the type of `plain` of a value of this type: dataclasses keep name, docstring and fields, arrays and tuples become lists."""
    if kind == Floats:
        return list[float]
    if kind == Ints:
        return list[int]
    if is_dataclass(kind):
        return twin(kind.__name__, get_type_hints(kind), kind.__doc__)  # type: ignore[union-attr]  # a class, not an instance
    if get_origin(kind) is tuple:
        return list[plain_type(get_args(kind)[0])]  # type: ignore[misc]  # a type made at run time
    if get_origin(kind) in (Union, UnionType):
        return reduce(or_, (plain_type(inner) for inner in get_args(kind)))
    return kind


def twin(name: str, kinds: Mapping[str, Any], doc: str | None) -> type:
    """Returns a dataclass with the plain types of these fields."""
    return make_dataclass(name, [(key, plain_type(kind)) for key, kind in kinds.items()], namespace={"__doc__": doc})
