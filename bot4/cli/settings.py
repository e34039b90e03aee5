"""The options that every command shares that runs a strategy: data, account, costs, realism. Each stands here once.

A command names its own options and `settings`; `with_settings` puts the shared ones behind them. Not here: what a setting means
(`bot4.backtest.config`).
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import typer

from .output import STDOUT as STDOUT
from .output import Json as Json
from .output import check_target

ALL_REALISMS = "all"
"""The word for: run strictly and show the other realisms beside it."""

File = Annotated[
    str, typer.Argument(metavar="FILE[:NAME]", help="Python file with the strategy; NAME where it has several.")
]
Data = Annotated[
    list[str],
    typer.Option(metavar="PATH...", help="Parquet or CSV files of bars, folders or patterns; several at once."),
]
Timeframe = Annotated[str | None, typer.Option(help="Bars to run on, such as 4h, where the strategy names none.")]
Start = Annotated[str | None, typer.Option(help="First decision, such as 2021-01-01; earlier bars warm up. UTC.")]
End = Annotated[str | None, typer.Option(help="Use bars that open before this time. UTC.")]
Cash = Annotated[float, typer.Option(help="Starting cash, in the quote currency.")]
FeeBps = Annotated[float | None, typer.Option(help="Fee in basis points (10 = 0.1 %); default: the venue's.")]
Report = Annotated[Path | None, typer.Option(metavar="FILE.html", help="Write the HTML report.")]
Instruments = Annotated[
    str | None, typer.Option(metavar="FILE", help="Ticks, lots, minimums, fees, margin, accounts as JSON.")
]
SpreadBps = Annotated[float, typer.Option(help="Bid-ask spread in basis points.")]
Impact = Annotated[float, typer.Option(help="Square-root market impact: 1 = the law, 0 = none.")]
VolumeShare = Annotated[float, typer.Option(help="Largest share of a bar's volume to take.")]
Collar = Annotated[float, typer.Option(help="Largest gap between decision and open for an entry, as a fraction.")]
MaxLeverage = Annotated[float, typer.Option(help="Largest gross exposure, times equity.")]
LatencyMs = Annotated[int, typer.Option(help="Delay from decision to market, milliseconds.")]
LatencySigma = Annotated[float, typer.Option(help="Spread of a log-normal latency (of its logarithm); 0 = constant.")]
LatencySeed = Annotated[int, typer.Option(help="Seed of the latencies.")]
Realism = Annotated[
    str,
    typer.Option(
        metavar="strict|neutral|naive|all",
        help="How strictly bars are read; all: strict, beside the others.",
        autocompletion=lambda: ["strict", "neutral", "naive", "all"],
    ),
]
Funding = Annotated[
    list[str] | None,
    typer.Option(
        metavar="PATH...", help="Funding rates of perpetuals: files named venue-SYMBOL-funding, or their folder."
    ),
]
FundingDefault = Annotated[
    float | None, typer.Option(metavar="RATE", help="Rate each 8 hours for perpetuals without a file, such as 0.0001.")
]
Leverage = Annotated[
    float | None, typer.Option(help="Notional over initial margin of perpetuals; they can be liquidated.")
]
Margin = Annotated[
    str | None,
    typer.Option(
        metavar="cross|isolated", help="Margin mode of perpetuals.", autocompletion=lambda: ["cross", "isolated"]
    ),
]
Detail = Annotated[
    str | None,
    typer.Option(
        metavar="INTERVAL|PATH", help="Finer bars for what happens between decisions: 1m, from --data, or a file."
    ),
]
Policy = Annotated[
    Path | None,
    typer.Option(metavar="FILE.toml", help="Limits that stand above the strategy; `bot4 risk check` reads it."),
]
Record = Annotated[
    bool, typer.Option("--record/--no-record", help="Append the run to the run records (they count trials).")
]


def shared(
    timeframe: Timeframe = None,
    start: Start = None,
    end: End = None,
    cash: Cash = 100_000.0,
    fee_bps: FeeBps = None,
    instruments: Instruments = None,
    spread_bps: SpreadBps = 2.0,
    impact: Impact = 1.0,
    volume_share: VolumeShare = 0.10,
    collar: Collar = 0.10,
    max_leverage: MaxLeverage = 3.0,
    latency_ms: LatencyMs = 0,
    latency_sigma: LatencySigma = 0.0,
    latency_seed: LatencySeed = 0,
    realism: Realism = "strict",
    funding: Funding = None,
    funding_default: FundingDefault = None,
    leverage: Leverage = None,
    margin: Margin = None,
    detail: Detail = None,
    policy: Policy = None,
    record: Record = True,
) -> dict[str, Any]:
    """Returns the shared options by name, as `b4.backtest` takes them."""
    return dict(locals())


def with_settings(command: Callable[..., Any]) -> Callable[..., Any]:
    """Returns a command that takes its own options and the shared ones, and gets the latter as `settings`."""
    common = inspect.signature(shared).parameters
    own = {name: p for name, p in inspect.signature(command).parameters.items() if name != "settings"}
    hints = get_type_hints(shared, include_extras=True) | get_type_hints(command, include_extras=True)

    @functools.wraps(command)
    def whole(**given: Any) -> Any:
        settings = shared(**{name: given.pop(name) for name in common})
        return command(**given, settings=settings)

    every = [*own.values(), *common.values()]
    parameters = [p.replace(annotation=hints[p.name], kind=inspect.Parameter.POSITIONAL_OR_KEYWORD) for p in every]
    whole.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # read by inspect.signature
    whole.__annotations__ = {p.name: hints[p.name] for p in every}
    return whole


def check_targets(json: str | None, *files: tuple[str, Path | None]) -> None:
    """Raises a usage error, before anything runs, for a file that could not be written. `files` are (option, path)."""
    for option, target in (("--json", json), *files):
        check_target(option, target)
