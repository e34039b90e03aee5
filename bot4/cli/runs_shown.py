"""What `bot4 runs` prints: lines of at most 80 columns, in colour on a terminal and plain anywhere else."""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from bot4.report import text

from .output import escape, show, table

if TYPE_CHECKING:
    from bot4.records.difference import Difference
    from bot4.records.record import StoredGroup
    from bot4.records.store import RecordStore

RUNS_BESIDE = 4
"""Runs beside each other in 80 columns; more follow below."""
PERCENTS = frozenset(
    "total_return cagr volatility max_drawdown win_rate time_in_market mean_trade_return "
    "holding_return holding_cagr holding_volatility holding_max_drawdown".split()
)
EPOCH_MS = 86_400_000_000
"""A number of milliseconds beyond this one is a time (from 1972 on), a smaller one a span."""
LABEL, CELL, WIDTH = 22, 12, 80
"""Columns of a statistic's name and of a cell beside others."""


# --- list -----------------------------------------------------------------------------------------------------------------------


def entries(runs: Sequence[dict[str, Any]], groups: Sequence[StoredGroup], limit: int) -> list[dict[str, Any]]:
    """Returns runs and groups as rows of one list, newest first, at most `limit`."""
    found = [
        {
            "id": str(run["id"]),
            "at_ms": run["at_ms"],
            "kind": run["kind"],
            "name": run["name"],
            "instruments": run["instruments"],
            "params": run["params"],
            "total_return": run["stats"].get("total_return"),
            "sharpe": run["stats"].get("sharpe"),
            "runs": 1,
            "total": 1,
            "status": "done",
        }
        for run in runs
    ]
    found += [
        {
            "id": f"g{group.id}",
            "at_ms": group.created_ms,
            "kind": group.kind,
            "name": group.name,
            "instruments": list(group.instruments),
            "params": {},
            "total_return": None,
            "sharpe": None,
            "runs": group.runs,
            "total": group.total,
            "status": group.status,
        }
        for group in groups
    ]
    return sorted(found, key=lambda row: row["at_ms"], reverse=True)[:limit]


def print_list(rows: Sequence[dict[str, Any]], place: str) -> None:
    """Prints the list, or that there is nothing in it."""
    if not rows:
        print(f"No such runs in {place}.")
        return
    made = table("id", "recorded (UTC)", "kind", "name", "on", right=("return, Sharpe",))
    for row in rows:
        on = _instruments(row["instruments"], 11)
        if row["id"].startswith("g"):
            result = f"{row['runs']:,}/{row['total']:,} {row['status']}"
        else:
            result = f"{percent(row['total_return'], signed=True)} {ratio(row['sharpe']):>7}"
        cells = (row["id"], minute(row["at_ms"]), _cut(row["kind"], 11), _cut(row["name"], 13), on, result)
        made.add_row(*(escape(cell) for cell in cells))
    show(made)


# --- one ------------------------------------------------------------------------------------------------------------------------


def print_run(run: dict[str, Any]) -> None:
    """Prints everything about one run."""
    part = "" if run["group"] is None else f", number {run['ordinal']} of group g{run['group']}"
    print(
        f"run {run['id']} · {run['name']} · {_instruments(run['instruments'], 40)} · {text.interval(run['interval_ms'])}"
    )
    print(f"{run['kind']}{part}, recorded {minute(run['at_ms'])} UTC by Bot4 {run['version']}")
    print(f"{text.minute(run['start_ms'])} to {text.minute(run['end_ms'])} UTC")
    _print_pairs("identity", [("strategy", run["identity"]), ("data", run["data_hash"])])
    _print_pairs("parameters", run["params"].items())
    settings = dict(run["config"]) | ({} if run["seed"] is None else {"seed": run["seed"]})
    _print_pairs("settings", settings.items())
    _print_pairs("statistics", [(name, run["stats"][name]) for name in in_order(run["stats"])])
    print(f"\nto repeat it\n  {run['repeat']}")


def print_group(group: dict[str, Any]) -> None:
    """Prints a group: what was asked, how far it came, its best runs."""
    print(f"group g{group['id']} · {group['kind']} · {group['name']}")
    print(
        f"{group['runs']:,} of {text.plural(group['total'], 'run')}, {group['status']}; begun {minute(group['created_ms'])} UTC"
    )
    _print_pairs("asked", group["spec"].items())
    if group["best"]:
        print(f"\nbest by {group['metric']}")
        made = table("run", "parameters", right=(group["metric"], "return", "max drawdown"))
        for row in group["best"]:
            stats = row["stats"]
            values = (stats.get(group["metric"]), stats.get("total_return"), stats.get("max_drawdown"))
            shown = (value_text(group["metric"], values[0]), percent(values[1], signed=True), percent(values[2]))
            params = " ".join(f"{name}={value}" for name, value in row["params"].items())
            made.add_row(str(row["id"]), escape(_cut(params, 36)), *shown)
        show(made)
    if group["command"]:
        print(f"\nto repeat it\n  {group['command']}")


def how_to_repeat(run: dict[str, Any], store: RecordStore) -> str:
    """Returns the command line that makes the run again, or the call in Python where there was none."""
    if run["command"]:
        return str(run["command"])
    if run["group"] is not None:
        command = store.group(run["group"]).command
        if command:
            params = ", ".join(f"{name}={value!r}" for name, value in run["params"].items())
            return f"{command}   # its run with {params or 'no parameters'}"
    from bot4.backtest import backtest

    known = inspect.signature(backtest).parameters
    settings = {name: value for name, value in run["config"].items() if name in known and value is not None}
    words = ["data", *([f"params={run['params']!r}"] if run["params"] else [])]
    words += [f"{name}={value!r}" for name, value in settings.items() if value != known[name].default]
    return f"b4.backtest({run['name']}, {', '.join(words)})"


# --- several --------------------------------------------------------------------------------------------------------------------


def print_comparison(runs: Sequence[dict[str, Any]], pairs: Sequence[dict[str, Any]]) -> None:
    """Prints statistics side by side, four runs beside each other, then the tests against the first run."""
    names = in_order(name for run in runs for name in run["stats"])
    fields = [field for field in names if any(_is_number(run["stats"].get(field)) for run in runs)]
    for begin in range(0, len(runs), RUNS_BESIDE):
        beside = runs[begin : begin + RUNS_BESIDE]
        made = table("", right=tuple(f"run {run['id']}" for run in beside))
        made.add_row("name", *(escape(_cut(run["name"], CELL)) for run in beside))
        for name in dict.fromkeys(name for run in runs for name in run["params"]):
            made.add_row(
                escape(_cut(name, LABEL)), *(escape(_cut(_plain(run["params"].get(name)), CELL)) for run in beside)
            )
        for field in fields:
            made.add_row(field, *(value_text(field, run["stats"].get(field), brief=True) for run in beside))
        show(made)
        print()
    print("against the first, on common days (Memmel 2003; normal, independent returns)")
    made = table("", right=("days", "correlation", "Sharpe", "first's", "difference", "±", "z"))
    for pair in pairs:
        values = (
            pair["correlation"],
            pair["other_sharpe"],
            pair["sharpe"],
            pair["difference"],
            pair["standard_error"],
            pair["z"],
        )
        made.add_row(f"run {pair['other']}", text.count(pair["days"]), *(ratio(value) for value in values))
    show(made)


def print_differences(one: dict[str, Any], other: dict[str, Any], found: Sequence[Difference]) -> None:
    """Prints every field in which two runs differ."""
    if not found:
        print(
            f"Runs {one['id']} and {other['id']} are the same: strategy, parameters, data, settings, version, results."
        )
        return
    made = table("part", "field", right=(f"run {one['id']}", f"run {other['id']}"))
    part = ""
    for row in found:
        shown = [value_text(row.field, value) for value in (row.one, row.other)]
        cells = ("" if row.part == part else row.part, _cut(row.field, LABEL), *(_cut(cell, 19) for cell in shown))
        made.add_row(*(escape(cell) for cell in cells))
        part = row.part
    show(made)
    if not any(row.part != "statistics" for row in found):
        print(
            "\nNothing that was asked differs, and the results do: one of them was not made by this code and data alone."
        )


# --- words ----------------------------------------------------------------------------------------------------------------------


def minute(at_ms: int) -> str:
    """Returns UTC milliseconds as `2026-01-31 12:00`."""
    return datetime.fromtimestamp(at_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M")


def percent(value: float | None, *, signed: bool = False) -> str:
    """Returns a fraction as per cent, a dash where there is none."""
    return text.MISSING if value is None else text.percent(value, signed=signed)


def ratio(value: float | None) -> str:
    """Returns a plain number, a dash where there is none."""
    return text.MISSING if value is None else text.ratio(value)


def in_order(names: Iterable[str]) -> list[str]:
    """Returns names of statistics in the order of the summary, unknown ones last."""
    from bot4.report.stats import STAT_NAMES

    given = dict.fromkeys(names)
    return [name for name in STAT_NAMES if name in given] + [name for name in given if name not in STAT_NAMES]


def value_text(field: str, value: Any, *, brief: bool = False) -> str:
    """Returns a statistic or setting as a reader wants it: times as dates (`brief`: without the hour), shares as per cent."""
    if value is None:
        return text.MISSING
    if field.endswith("_ms") and _is_number(value) and value > EPOCH_MS:
        return text.date(int(value)) if brief else text.minute(int(value))
    if field in PERCENTS and _is_number(value):
        return text.percent(value)
    if isinstance(value, bool) or not _is_number(value):
        return _plain(value)
    return text.count(value) if isinstance(value, int) else number(value)


def number(value: float) -> str:
    """Returns four significant digits, from a thousand on two decimals; never −0."""
    if value.is_integer():
        return text.count(int(value))
    shown = f"{value:,.2f}" if abs(value) >= 1000 else f"{value:.4g}"
    return shown.replace("-", "−")


def _print_pairs(title: str, pairs: Any) -> None:
    listed = list(pairs)
    if not listed:
        return
    print(f"\n{title}")
    width = max(len(str(name)) for name, _ in listed)
    for name, value in listed:
        lines = textwrap.wrap(value_text(str(name), value), WIDTH - width - 4, break_long_words=False) or [""]
        print(f"  {name:<{width}}  {lines[0]}")
        for line in lines[1:]:
            print(" " * (width + 4) + line)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _plain(value: Any) -> str:
    if value is None:
        return text.MISSING
    if isinstance(value, dict):
        parts = (
            (name, f"({_plain(inner)})" if isinstance(inner, dict) else _plain(inner)) for name, inner in value.items()
        )
        return "  ".join(f"{name}={inner}" for name, inner in parts) or text.MISSING
    is_list_of_names = isinstance(value, list) and all(isinstance(one, str) for one in value)
    return ", ".join(value) if is_list_of_names else str(value)


def _instruments(names: Sequence[str], width: int) -> str:
    symbols = [name.partition(":")[2] or name for name in names]
    if not symbols:
        return ""
    more = f" +{len(symbols) - 1}" if len(symbols) > 1 else ""
    return _cut(symbols[0], width - len(more)) + more


def _cut(words: str, width: int) -> str:
    return words if len(words) <= width else words[: width - 1] + "…"
