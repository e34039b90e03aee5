"""What the JSON of `bot4 stats` holds, as types (see `shapes`); the fields of each result are explained in docs/stats.md."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any, get_type_hints

from bot4.gate.stats.catalogue import STATISTICS
from bot4.report.tear.plain import twin


def _result(kind: type) -> type:
    """Returns the type of a result without its arrays."""
    hints = get_type_hints(kind)
    return twin(kind.__name__, {one.name: hints[one.name] for one in fields(kind) if one.repr}, kind.__doc__)


if TYPE_CHECKING:
    ResultOf = dict[str, Any]
else:
    ResultOf = reduce(or_, (_result(kind) for kind in dict.fromkeys(one.result for one in STATISTICS.values())))


@dataclass(frozen=True)
class StatisticOf:
    """One statistic: of which series with how many rows, the settings given, and the result."""

    statistic: str
    series: list[str]
    rows: int
    settings: dict[str, Any]
    result: ResultOf


@dataclass(frozen=True)
class ListedStatistic:
    """One statistic of `--list`: the series it takes in order, its settings with their defaults (`…`: must be given)."""

    name: str
    group: str
    summary: str
    series: list[str]
    settings: dict[str, Any]
    needs_extra: bool
