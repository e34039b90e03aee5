"""The store of ticks: a folder for each instrument, in it one Parquet for each kind of event and `meta.json`.

`<root>/<venue>-<SYMBOL>/{depth,trades,best}.parquet`, and `orders.parquet` where orders are known by number: integer columns in arrival
order (`docs/ticks.md`). A folder is written beside its place and renamed, so that a reader sees all of it or nothing.
"""

from __future__ import annotations

import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from bot4.data.errors import DataError
from bot4.data.instrument import Instrument
from bot4.data.ticks.clock import Clock
from bot4.data.ticks.columns import Best, Depth, Orders, Trades
from bot4.data.ticks.recording import Finding

FORMAT, VERSION = "bot4-ticks", 1
META = "meta.json"
KINDS: dict[str, type[Depth] | type[Trades] | type[Best]] = {"depth": Depth, "trades": Trades, "best": Best}
ORDERS = "orders"
"""The fourth kind, which only recordings of orders by number have."""


@dataclass(frozen=True)
class Source:
    """One file that went into a store: name, SHA-256 of its bytes, bytes as they lay, bytes of text, lines."""

    file: str
    sha256: str
    bytes: int
    text_bytes: int
    lines: int


@dataclass(frozen=True)
class Ticks:
    """Ticks of one instrument: its columns in arrival order, and where they come from."""

    instrument: Instrument
    depth: Depth
    trades: Trades
    best: Best
    clock: Clock
    sources: tuple[Source, ...] = ()
    findings: tuple[Finding, ...] = ()
    estimated: tuple[str, ...] = field(default=())
    orders: Orders = field(default_factory=Orders.empty)

    @property
    def kinds(self) -> list[str]:
        """Returns the kinds of event it is stored as."""
        return [*KINDS, *([ORDERS] if self.orders.rows else [])]

    @property
    def name(self) -> str:
        """Returns the name of its folder: `binancefut-BTCUSDT`."""
        return f"{self.instrument.venue}-{self.instrument.base}{self.instrument.quote}"

    @property
    def span_ns(self) -> tuple[int, int]:
        """Returns the first and last local time, ns; (0, 0) without rows."""
        times = [group.local_ns for group in (self.depth, self.trades, self.best) if group.rows]
        return (int(min(t[0] for t in times)), int(max(t[-1] for t in times))) if times else (0, 0)


def write(ticks: Ticks, root: Path, replace_old: bool = False) -> Path:
    """Writes ticks below `root` and returns their folder; raises `DataError` if it is there and `replace_old` is not set."""
    import polars as pl

    folder = root / ticks.name
    if folder.exists() and not replace_old:
        raise DataError(f"{folder}: is there already; add --replace to write it anew, or give another --out.")
    root.mkdir(parents=True, exist_ok=True)
    building = root / f".{ticks.name}.building"
    shutil.rmtree(building, ignore_errors=True)
    building.mkdir()

    def put(kind: str) -> None:
        frame = pl.DataFrame(getattr(ticks, kind).columns())
        frame.write_parquet(building / f"{kind}.parquet", compression="zstd", compression_level=3)

    with ThreadPoolExecutor(
        len(ticks.kinds)
    ) as pool:  # polars lets go of the interpreter: one file waits while another is packed
        list(pool.map(put, ticks.kinds))
    (building / META).write_text(json.dumps(meta(ticks), indent=1) + "\n")
    if folder.exists():
        shutil.rmtree(folder)
    building.rename(folder)
    return folder


def meta(ticks: Ticks) -> dict[str, Any]:
    """Returns what `meta.json` holds."""
    instrument = ticks.instrument
    return {
        "format": FORMAT,
        "version": VERSION,
        "instrument": {**instrument.listing(), "min_notional": instrument.min_notional, "grid": instrument.grid},
        "rows": {kind: getattr(ticks, kind).rows for kind in ticks.kinds},
        "local_ns": list(ticks.span_ns),
        "estimated": list(ticks.estimated),
        "clock": asdict(ticks.clock),
        "sources": [asdict(source) for source in ticks.sources],
        "findings": [asdict(finding) for finding in ticks.findings],
    }


def read(folder: Path) -> Ticks:
    """Returns the ticks of a folder of the store; raises `DataError` for what is no store or of another version."""
    import polars as pl

    for name in (META, *(f"{kind}.parquet" for kind in KINDS)):
        if not (folder / name).is_file():
            raise DataError(
                f"{folder / name}: is missing; import the source again, or give a whole folder of the tick store."
            )
    try:
        told = json.loads((folder / META).read_text())
        if told["format"] != FORMAT or told["version"] != VERSION:
            raise DataError(
                f"{folder}: is of version {told['version']}, this Bot4 reads {VERSION}; import the source again."
            )
        groups = {}
        with_orders = {ORDERS: Orders} if told["rows"].get(ORDERS) else {}
        for kind, group in (KINDS | with_orders).items():
            frame = pl.read_parquet(folder / f"{kind}.parquet", glob=False)
            groups[kind] = group(**{name: frame.get_column(name).to_numpy() for name in frame.columns})
        return Ticks(
            _instrument(told["instrument"]),
            clock=Clock(**told["clock"]),
            sources=tuple(Source(**source) for source in told["sources"]),
            findings=tuple(Finding(**finding) for finding in told["findings"]),
            estimated=tuple(told["estimated"]),
            **groups,  # type: ignore[arg-type]
        )
    except (OSError, ValueError, KeyError, TypeError, pl.exceptions.PolarsError) as error:
        if isinstance(error, DataError):
            raise
        raise DataError(f"{folder}: cannot be read as ticks ({error}); import the source again.") from None


def _instrument(told: dict[str, Any]) -> Instrument:
    from bot4.data.instrument import make_instrument

    made = make_instrument(told["venue"], told["base"], told["quote"], told["kind"])
    contract = tuple(told["contract"]) if "contract" in told else None
    return replace(
        made,
        tick=tuple(told["tick"]),
        lot=tuple(told["lot"]),
        min_notional=tuple(told["min_notional"]),
        grid=told["grid"],
        contract=contract,
    )
