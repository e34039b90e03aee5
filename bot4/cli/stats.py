"""`bot4 stats`: one statistic of one or several series; what there is with `--list`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from .output import Json, check_target, emit

if TYPE_CHECKING:
    from bot4.gate.stats.catalogue import Statistic

    from .stats_series import Series

Name = Annotated[str | None, typer.Argument(metavar="[NAME]", help="A statistic: adf, sharpe, dcc … (see --list).")]
Words = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[SERIES]...",
        help="run:17 (daily returns), run:g3 (of every run), FILE with bars (returns), FILE:COLUMN, 'FILE:*', a number.",
    ),
]
Param = Annotated[
    list[str] | None, typer.Option("--param", "-p", metavar="NAME=VALUE", help="A setting, such as lags=4. Repeatable.")
]
Benchmark = Annotated[
    str | None, typer.Option(metavar="SERIES", help="For spa, reality_check, stepm: what to beat; default: cash.")
]


def command(
    name: Name = None,
    words: Words = None,
    param: Param = None,
    benchmark: Benchmark = None,
    show_list: Annotated[bool, typer.Option("--list", help="List every statistic with its settings.")] = False,
    json: Json = None,
) -> None:
    """Compute one statistic of one or several series: a number, how sure it is, and no verdict.

    Example: bot4 stats adf binance-BTCUSDT-1h.parquet:close -p trend=ct
    """
    from bot4.gate.stats.catalogue import find, numbers

    from . import stats_shown
    from .stats_series import read

    check_target("--json", json)
    if show_list:
        rows = stats_shown.listed()
        emit(rows, json, lambda: stats_shown.print_list(rows))
        return
    if name is None:
        raise typer.BadParameter("name a statistic, as in `bot4 stats adf FILE:COLUMN`; --list shows them all")
    statistic = find(name)
    settings = _settings(statistic, param or [])
    if benchmark is not None and not statistic.has_benchmark:
        raise typer.BadParameter(f"{statistic.name} has no benchmark; leave --benchmark out")
    series = read([*(words or []), *([] if benchmark is None else [benchmark])])
    arguments = _arguments(statistic, series, benchmark is not None)
    if "periods_per_year" in statistic.settings and series.periods_per_year is not None:
        settings = {"periods_per_year": series.periods_per_year} | settings
    result = statistic.call(*arguments, **settings)
    body = {
        "statistic": statistic.name,
        "series": series.names,
        "rows": len(series.columns[0]) if series.columns else 0,
        "settings": settings,
        "result": numbers(result),
    }
    emit(body, json, lambda: stats_shown.print_result(statistic, body))


def _arguments(statistic: Statistic, series: Series, has_benchmark: bool) -> list[Any]:
    """Returns what the function takes by position. Raises a usage error for too few or too many series, or of unequal length."""
    import numpy as np

    given, wanted = len(series.names), len(statistic.series)
    if all(series.are_numbers) and wanted == 1 and given:  # such as p-values
        return [np.concatenate(series.columns)]
    if statistic.is_table:
        if given == has_benchmark:
            raise typer.BadParameter(f"{statistic.name} needs series; give their files, or run:g3 for a sweep")
        _same_length(series)
        if has_benchmark:
            return [np.column_stack(series.columns[:-1]), series.columns[-1]]
        return [np.column_stack(series.columns)]
    if given != wanted:
        asked = ", ".join(statistic.series) or "no series"
        raise typer.BadParameter(f"{statistic.name} takes {wanted} ({asked}) and not {given}; give them in that order")
    return [
        float(column[0]) if is_number else column
        for column, is_number in zip(series.columns, series.are_numbers, strict=True)
    ]


def _same_length(series: Series) -> None:
    lengths = [len(column) for column in series.columns]
    if len(set(lengths)) > 1:
        said = ", ".join(f"{name} {count:,}" for name, count in zip(series.names, lengths, strict=True))
        raise typer.BadParameter(f"the series belong row to row and differ in length: {said}; give them the same rows")


def _settings(statistic: Statistic, words: list[str]) -> dict[str, Any]:
    """Returns settings by name from `NAME=VALUE`. Raises a usage error for unknown, unfit and missing ones."""
    import difflib

    known = statistic.settings
    found: dict[str, Any] = {}
    for word in words:
        name, equals, text = word.partition("=")
        if not equals:
            raise typer.BadParameter(f"--param {word} has no value; write {word}=VALUE")
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"did you mean {near[0]}?" if near else f"it has {', '.join(known) or 'none'}"
            raise typer.BadParameter(f"{statistic.name} has no setting {name!r}; {hint}")
        found[name] = _value(statistic.name, name, text, str(known[name].annotation))
    missing = [name for name, one in known.items() if one.default is one.empty and name not in found]
    if missing:
        raise typer.BadParameter(f"{statistic.name} needs {missing[0]}; add --param {missing[0]}=VALUE")
    return found


def _value(statistic: str, name: str, text: str, kind: str) -> int | float | bool | str | None:
    """Returns the value of a text as the setting's annotation says. Raises a usage error where it cannot be one."""
    kinds = {word.strip() for word in kind.split("|")}
    if "None" in kinds and text.lower() == "none":
        return None
    if "bool" in kinds and text.lower() in ("true", "false"):
        return text.lower() == "true"
    for read in (int, float):
        if read.__name__ in kinds or ("float" in kinds and read is int):
            try:
                return read(text)
            except ValueError:
                continue
    if "str" in kinds:
        return text
    wanted = {"int": "a whole number", "float": "a number", "bool": "true or false", "None": "none"}
    said = " or ".join(wanted[word] for word in wanted if word in kinds)
    raise typer.BadParameter(f"{name} of {statistic} is {text!r}; give it {said}")
