"""Several strategies on one account: how they are run, and what a result says of each.

The engine steps all members over the same bars and returns the records of all, with the member's number in `sleeve`; here counters are
added up, and each member's own records are read out of them, so that a sleeve has a whole `Result` of its own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from bot4.strategy.sleeves import Sleeves

from .config import AMOUNT_UNITS, E9
from .errors import BacktestError
from .realism import Realism
from .result import Result

if TYPE_CHECKING:
    import polars as pl

    from bot4.data import Market
    from bot4.report.columns import Floats
    from bot4.strategy import Program

TABLES = ("orders", "fills", "trades", "funding", "guard")
STATS: dict[str, tuple[str, Any]] = {
    "start_equity": ("start_equity", float),
    "final_equity": ("final_equity", float),
    "return": ("total_return", float),
    "sharpe": ("sharpe", float),
    "max_drawdown": ("max_drawdown", float),
    "trades": ("trades", int),
    "costs": ("total_cost", float),
}
"""Columns of the frame of sleeves: which statistic, and its type."""
LARGEST = ("budget_max_gross_e9",)
"""Counters of which the account has the largest; the others add up."""


def run_sleeves(market: Market, program: Program, config_json: str, told: Any = None, **beside: Any) -> dict[str, Any]:
    """Returns the records of a run of `b4.sleeves` (docs/design.md, "Sleeves"). Raises EngineError."""
    from bot4 import _engine

    members = [(one.program.json, one.share_e9) for one in program.sleeves]
    records = _engine.run_sleeves(market.native, members, config_json, 0, told, **beside)
    records["counters"] = added([own["counters"] for own in records["sleeves"]])
    return records


def added(counters: list[Mapping[str, Any]]) -> dict[str, Any]:
    """Returns the counters of the account: sums over its members."""
    found: dict[str, Any] = {}
    for name, first in counters[0].items():
        each = [own[name] for own in counters]
        if isinstance(first, Mapping):
            found[name] = added(each)
        elif name == "broken_legs":
            found[name] = np.concatenate(each)
        elif name == "dust":
            found[name] = [str(sum(int(own) for own in column)) for column in zip(*each, strict=True)]
        else:
            found[name] = max(each) if name in LARGEST else sum(each[1:], start=each[0])
    return found


def own_records(records: Mapping[str, Any], number: int) -> dict[str, Any]:
    """Returns the records of one member, as a run of it alone would have them; orders keep their numbers."""
    own = records["sleeves"][number]
    found: dict[str, Any] = {name: own[name] for name in ("counters", "keys", "state_hash", "equity")}
    for name in TABLES:
        mine = np.flatnonzero(records[name]["sleeve"] == number)
        found[name] = {column: values[mine] for column, values in records[name].items() if column != "sleeve"}
    found |= {name: records[name] for name in ("commands", "breakers")}  # empty: sleeves take none
    for column in ("position", "flow"):
        found["fills"][column] = found["fills"].pop(f"own_{column}")
    key = found["orders"]["key"]
    found["orders"]["key"] = np.where(key < 0, key, key - own["first_key"]).astype(key.dtype)
    return found | {"equity_ts": records["equity_ts"]}


def sleeves_frame(result: Result) -> pl.DataFrame:
    """Returns a row for each sleeve of a run; the columns are those of `Result.sleeves`."""
    import polars as pl

    members = result.program.sleeves
    stats = [result.parts[one.name].stats for one in members]
    crosses = [int(own["own_crosses"]) for own in result.records.get("sleeves", ()) if not own["is_idle"]]
    return pl.DataFrame(
        {
            "name": pl.Series([one.name for one in members], dtype=pl.String),
            "share": pl.Series([one.share_e9 / E9 for one in members], dtype=pl.Float64),
            **{column: pl.Series([own[name] for own in stats], dtype=kind) for column, (name, kind) in STATS.items()},
            "own_crosses": pl.Series(crosses, dtype=pl.Int64),
        }
    )


def sleeve_equity_frame(result: Result) -> pl.DataFrame:
    """Returns `ts` and the equity of each sleeve; the columns are those of `Result.sleeve_equity`."""
    import polars as pl

    from .frames import TIME

    own = result.records.get("sleeves", ())
    names = [*(one.name for one in result.program.sleeves), *("cash" for one in own if one["is_idle"])]
    columns = {name: one["equity"] / AMOUNT_UNITS for name, one in zip(names, own, strict=True)}
    return pl.DataFrame({"ts": pl.Series(result.records["equity_ts"]).cast(TIME), **columns})


def joined_identity(members: Iterable[tuple[str, int, str]]) -> str:
    """Returns the identity of sleeves: a hash of the members' names, shares (1e-9) and identities."""
    text = "\n".join(f"{name} {share} {identity}" for name, share, identity in members)
    return hashlib.blake2b(text.encode(), digest_size=32).hexdigest()


class SleevesResult(Result):
    """The result of `b4.sleeves`: that of the account, whose `parts` are those of the members."""

    strategy: Sleeves

    @cached_property
    def parts(self) -> Mapping[str, Result]:
        """Returns the members' results by name."""
        return {one.name: SleeveResult(self, number) for number, one in enumerate(self.program.sleeves)}

    @property
    def identity(self) -> str:
        """Returns the identity: a hash of the members' names, shares and identities."""
        return joined_identity((one.name, one.share_e9, self.parts[one.name].identity) for one in self.program.sleeves)

    @cached_property
    def settled_rows(self) -> tuple[int | None, ...]:
        """Returns how many bars each asset needs before the first decision of any member; None for one that nothing addresses."""
        each = zip(*(part.settled_rows for part in self.parts.values()), strict=True)
        return tuple(min((rows for rows in column if rows is not None), default=None) for column in each)

    @cached_property
    def orders(self) -> pl.DataFrame:
        """Returns the columns of `Result.orders` and `sleeve`."""
        from .frames import orders_frame

        return self._owned("orders", orders_frame(self.columns))

    @cached_property
    def fills(self) -> pl.DataFrame:
        """Returns the columns of `Result.fills` and `sleeve`; position and cash flow are the account's."""
        from .frames import fills_frame

        return self._owned("fills", fills_frame(self.columns))

    @cached_property
    def trades(self) -> pl.DataFrame:
        """Returns the columns of `Result.trades` and `sleeve`."""
        from .frames import trades_frame

        return self._owned("trades", trades_frame(self.columns))

    @cached_property
    def funding(self) -> pl.DataFrame:
        """Returns the columns of `Result.funding` and `sleeve`."""
        from .frames import funding_frame

        return self._owned("funding", funding_frame(self.columns))

    @cached_property
    def guard(self) -> pl.DataFrame:
        """Returns the columns of `Result.guard` and `sleeve`: each member has a guard of its own."""
        from .guarded import guard_frame

        return self._owned("guard", guard_frame(self))

    @cached_property
    def signals(self) -> pl.DataFrame:
        """Returns `ts, symbol, target, sleeve`: the raw targets of each member."""
        import polars as pl

        return pl.concat([part.signals.with_columns(sleeve=pl.lit(name)) for name, part in self.parts.items()])

    def evaluate(self, nodes: list[int]) -> Mapping[tuple[int, int], Floats]:
        """Raises BacktestError: nodes belong to a member."""
        raise BacktestError(f"nodes belong to one strategy; ask a sleeve: result.sleeve({next(iter(self.parts))!r}).")

    def _owned(self, table: str, frame: pl.DataFrame) -> pl.DataFrame:
        import polars as pl

        names = [one.name for one in self.program.sleeves]
        owners = pl.Series(self.records[table]["sleeve"].astype(np.int64))
        named = owners.replace_strict(list(range(len(names))), names, return_dtype=pl.String)
        return frame.with_columns(sleeve=named)


class SleeveResult(Result):
    """The result of one member: its own book out of the records of all."""

    def __init__(self, whole: SleevesResult, number: int) -> None:
        one = whole.program.sleeves[number]
        cash = whole.config.cash_units * one.share_e9 // E9
        super().__init__(
            whole.strategy.members[one.name].strategy,
            one.program,
            whole.market,
            replace(whole.config, cash=cash / AMOUNT_UNITS),
            own_records(whole.records, number),
            whole.trade_from_ms,
            whole.beside,
        )
        self.whole = whole
        self._number = number
        self.sleeve_name = one.name

    def look(self, open_ms: int) -> Mapping[str, Any]:
        """Returns this sleeve's part of the look at a row."""
        return self.whole.lens.look(open_ms)[self._number]

    def _under(self, realism: Realism) -> Result:
        return self.whole.realisms()[realism].parts[self.sleeve_name]
