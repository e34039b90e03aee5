"""What differs between two records: code, parameters, data, settings, version and results, each as (field, this, that)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

FACTS = {
    "strategy": ("name", "identity", "kind"),
    "data": ("instruments", "interval_ms", "start_ms", "end_ms", "data_hash"),
    "version": ("version",),
}
MAPPINGS = {"parameters": "params", "settings": "config", "statistics": "stats"}


@dataclass(frozen=True)
class Difference:
    """One field in which two records differ; `None` where one of them does not have it."""

    part: str
    """`strategy`, `parameters`, `data`, `settings`, `version` or `statistics`."""
    field: str
    one: Any
    other: Any


def differences(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[Difference]:
    """Returns everything in which two records (`RecordStore.run`) differ: what was asked first, then what came out."""
    found = []
    for part in ("strategy", "parameters", "data", "settings", "version", "statistics"):
        if part in FACTS:
            pairs = [(field, one[field], other[field]) for field in FACTS[part]]
        else:
            left, right = one[MAPPINGS[part]], other[MAPPINGS[part]]
            fields = [*left, *(field for field in right if field not in left)]
            pairs = [(field, left.get(field), right.get(field)) for field in fields]
        if part == "strategy":  # the seed chooses among equal runs, as the code does
            pairs.append(("seed", one["seed"], other["seed"]))
        found += [Difference(part, field, left, right) for field, left, right in pairs if left != right]
    return found
