"""The native engine: columns in, programs and configurations as JSON, results as columns (formats: docs/design.md)."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from bot4._engine_ticks import *  # noqa: F403  # all of it: one stub cut in two

__version__: str

class EngineError(ValueError):
    """What the engine refuses, in one sentence."""

_Ints = npt.NDArray[np.int64]
_Floats = npt.NDArray[np.float64]
_Columns = tuple[_Ints, _Floats, _Floats, _Floats, _Floats, _Floats]
_Series = tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]

class Market:
    """Instruments and their bars in id order; reads the arrays in place, they must not be written to while it lives."""

    def __init__(self, instruments_json: str, interval_ms: int, columns: Sequence[_Columns]) -> None: ...
    @property
    def symbols(self) -> list[str]: ...
    @property
    def interval_ms(self) -> int: ...
    @property
    def rows(self) -> list[int]: ...

def run(
    market: Market,
    program_json: str,
    config_json: str,
    slice_rows: int = 0,
    progress: Callable[[int], object] | None = None,
    funding: Sequence[_Series | None] | None = None,
    funding_default: tuple[int, int] | None = None,
    detail: Market | None = None,
) -> dict[str, Any]:
    """Run a program to the end; `progress` is told the grid rows taken. Raises EngineError.

    `funding` holds (ts ms, rate) for each instrument that has a series, `funding_default` (rate in billionths, period in ms) counts for
    perpetuals without one; both are read in place or at once, and without them nothing is paid. `detail`
    holds finer bars that tile bars of the market: what happens between decisions is read from them.
    """

class Sweep:
    """A market and a configuration for many programs of one kind; arguments as of `run`."""

    def __init__(
        self,
        market: Market,
        config_json: str,
        funding: Sequence[_Series | None] | None = None,
        funding_default: tuple[int, int] | None = None,
        detail: Market | None = None,
    ) -> None: ...
    def run(
        self,
        programs: list[str],
        workers: int = 0,
        share: bool = True,
        progress: Callable[[int, int], object] | None = None,
        tile: int = 0,
        slice_rows: int = 0,
    ) -> dict[str, Any]:
        """Run every program to the end and return its digest; `progress` is told (runs done, runs in all). Raises EngineError.

        `workers` threads (0 = one for each core), `tile` runs that go together and blocks of `slice_rows` bars (0 = chosen), and whether
        runs `share` what they compute alike, change the speed alone. The digest holds arrays by run (int64; `drawdown` float64): `bars`,
        `bars_held`, `start_ms`, `end_ms`, `start_equity`, `final_equity`, `first_day`, `drawdown`, `drawdown_start_ms`,
        `drawdown_trough_ms`, `drawdown_end_ms` (-1: not recovered), `longest_drawdown_ms`, `orders`, `fills`, `trades`, `open_positions`,
        `wins`, `trade_bars`, `liquidations`, `borrow`, `interest`; sums of shape (runs, 2), a high and a low word (`report.rows.whole`):
        `equity_sum`, `fees`, `traded`, `funding`, `won`, `lost`; `day_equity` of shape (runs, days) with `day_ts` of shape (days,), of
        which a run's own begin at `first_day`; `desk_hash`, uint8 of shape (runs, 32); and `is_single`: all settle in the account currency.
        """

def run_sleeves(
    market: Market,
    members: Sequence[tuple[str, int]],
    config_json: str,
    slice_rows: int = 0,
    progress: Callable[[int], object] | None = None,
    funding: Sequence[_Series | None] | None = None,
    funding_default: tuple[int, int] | None = None,
    detail: Market | None = None,
) -> dict[str, Any]:
    """Run several programs, each with a share of the cash in billionths, on one account. Raises EngineError.

    Records are those of `run` with a column `sleeve` (number of the member) and, in `fills`, `own_position` and `own_flow`; there are no
    `counters`, but `sleeves`: a dict for each member, last the idle cash if there is any.
    """

def evaluate(
    market: Market,
    program_json: str,
    nodes: Sequence[int],
    slice_rows: int = 0,
    config_json: str | None = None,
    funding: Sequence[_Series | None] | None = None,
    funding_default: tuple[int, int] | None = None,
    detail: Market | None = None,
) -> dict[tuple[int, int], npt.NDArray[np.float64]]:
    """Return {(node, asset id): column over the asset's base rows}. Without a configuration no target acts."""

def run_journaled(
    market: Market,
    program_json: str,
    config_json: str,
    folder: str,
    setup_json: str,
    how: tuple[str, int, int, int, bool],
    progress: Callable[[int], object] | None = None,
    funding: Sequence[_Series | None] | None = None,
    funding_default: tuple[int, int] | None = None,
    detail: Market | None = None,
) -> dict[str, Any]:
    """Run as `run` does, and write both journals into a folder, `setup_json` first. Raises EngineError. how: `Journal.how`."""

class Control:
    """Hands commands of people to one rehearsal, from any thread."""

    def __init__(self) -> None: ...
    def command(self, action: str, who: str, breakers: str | None = None) -> None:
        """Hand over a command (a reload brings `breakers`, JSON): it holds from the next decision on. Raises EngineError."""

    @property
    def state(self) -> int: ...
    @property
    def reason(self) -> str: ...

def rehearse(market: Market, program_json: str, config_json: str, *how: Any, **beside: Any) -> dict[str, Any]:
    """Run as `run` does, through the live pipeline on its threads; adds `rehearsal` to the records. Raises EngineError.

    how: `workers: int`, `rate: int`, `pin: bool`, `journal: (folder, first record, Journal.how, ms that the disk may take) | None`,
    `told(rows, seen | None)` (about every 20 ms; `seen` once a second: {"total", "last": each {"stages", "counters"}, "threads", "cores"}),
    `control: Control | None`, `faults: (seed, duplicates, late, rows, out of turn, lost) | None` (shares in thousandths), `strategy: int`
    (first 32 bits of the identity), `disk: (fault, operations before, ms each) | None`. beside: as of `run`.
    """

def telemetry() -> dict[str, Any]:
    """Return what is counted and measured: `stages` and `counters` as (name, meaning), `edges_ns` of the buckets."""

def journal_verify(folder: str) -> dict[str, dict[str, Any]]:
    """Read both journals from the first byte to the last. Raises EngineError with the place of the first wrong byte."""

def journal_repair(folder: str, accept_loss: bool = False) -> dict[str, dict[str, Any]]:
    """Cut what was never acknowledged, and with `accept_loss` what the page cache lost: {"control" | "tape": {"records", "first", "cut":
    (file, offset) | None, "notes"}}. Raises EngineError where it is corrupt, or somebody writes it."""

def journal_replay(folder: str, until: int | None = None, start: str = "chosen") -> dict[str, Any]:
    """Make a run again from its tape, up to a time in ms, from `first`, `newest` or `chosen`, and compare. Raises EngineError."""

def journal_read(
    folder: str, kind: str, first: int = 0, count: int | None = None
) -> list[tuple[int, int, int, int, int, bytes]]:
    """Return (number, time ns, kind, version, tape number, payload) of records of the `control` or `tape`. Raises EngineError."""

def journal_ledger(folder: str) -> dict[str, Any]:
    """Book a run again from its control journal, marked at the last closes (`bot4.records.journal.Ledger`). Raises EngineError."""

def follow_orders(
    rows: npt.NDArray[np.int64], orders: int = 64, trades: int = 512, retention_ms: int = 1000, window_ms: int = 100
) -> npt.NDArray[np.int64]:
    """Take streams of acts and reports through the table of an order's life: rows of (stream, what, intent, request, trade, lots, ticks,
    filled, ts), a new stream begins anew. Return for each (effect, from, to, booked, missing, request, position, in flight to buy,
    to sell)."""

def order_table() -> dict[str, Any]:
    """Return the order's life: names by code of "states", "events", "effects", "cash", and "table": [(event, state, next, effect)]."""

def client_order_id(epoch: int, strategy: int, intent: int) -> str:
    """Return the client order id of an intent: 32 hexadecimal digits. Raises EngineError for a number that does not fit."""

def read_client_order_id(text: str) -> tuple[int, int, int] | None:
    """Return (epoch, first 32 bits of the strategy's identity, intent) of a client order id; None where it is none of Bot4's."""

def journal_layouts() -> dict[str, Any]:
    """Return the fields of every kind of record: `version`, and for `control` and `tape` a list of (code, name, [(field, type)])."""

def describe(program_json: str, symbols: Sequence[str]) -> dict[str, Any]:
    """Return identity (hex), settled rows per target, valid and settled rows and feedback flag per node."""

def catalogue() -> list[tuple[str, int, int]]:
    """Return (name, version, inputs) of every node the engine knows."""

def reason_codes() -> dict[str, dict[int, str]]:
    """Return the stable codes by table: reason, cause, status, rule, evidence, kind, tif, guard_state, layer."""

class Replay:
    """A run stepped by hand."""

    def __init__(
        self,
        market: Market,
        program_json: str,
        config_json: str,
        slice_rows: int = 0,
        funding: Sequence[_Series | None] | None = None,
        funding_default: tuple[int, int] | None = None,
        detail: Market | None = None,
    ) -> None: ...
    def advance(self, rows: int) -> int: ...
    def save(self) -> bytes: ...
    def load(self, state: bytes) -> None: ...
    def hash(self) -> str: ...
    def would_pass(self, assets: _Ints, lots: _Ints, ticks: _Ints) -> tuple[_Ints, npt.NDArray[np.uint8]]: ...
    def command(self, at: int, action: str, who: str) -> None: ...
    def state(self) -> str: ...
    def breakers(self) -> list[tuple[str, int, str]]: ...
    def measure(self, kind: str, index: int, source: str, value: int) -> None: ...
    def results(self) -> dict[str, Any]: ...

class Lens:
    """A run stepped again to look at single rows; `taken` are the grid rows taken. Columns of all nodes are kept one row back."""

    taken: int
    def __init__(
        self,
        market: Market,
        members: Sequence[tuple[str, int | None]],
        config_json: str,
        funding: Sequence[_Series | None] | None = None,
        funding_default: tuple[int, int] | None = None,
        detail: Market | None = None,
        keep: bool = True,
    ) -> None:
        """Take one program without a share, or several with their shares of the cash in billionths."""
    def skip_to(self, row: int) -> int: ...
    def save(self) -> bytes | None:
        """Return the state; None for several programs."""
    def load(self, state: bytes, taken: int) -> None: ...
    def trace(self) -> list[list[dict[str, Any]]]:
        """Run to the end row by row; return decisions by program and asset: `lots wanted budgeted acted_before acted stop take flags`."""
    def look(self) -> list[dict[str, Any]] | None:
        """Take one grid row and return what it looked like to each program (docs/design.md, "One bar"); None at the end."""

class Bar:
    """A bar that has closed; `ts` is its open, ms."""

    symbol: str
    ts: int
    open: float
    high: float
    low: float
    close: float
    volume: float

class Fill:
    """A fill inside the bars that have just closed; `ts` is the open of its bar, `key` None where a target sent the order."""

    symbol: str
    key: str | None
    order: int
    ts: int
    qty: float
    price: float
    fee: float
    is_maker: bool
    reason: str
    position: float
    @property
    def side(self) -> str: ...

class Working:
    """An order at work; `price` and `trigger` are None where it has none."""

    key: str
    order: int
    side: str
    kind: str
    qty: float
    price: float | None
    trigger: float | None

class Position:
    """A position after all fills so far: the fields of `m.pos`, NaN where they are missing."""

    qty: float
    weight: float
    avg_price: float
    first_fill: float
    last_fill: float
    units: float
    bars_held: float
    pnl: float
    mae: float
    mfe: float
    pending: float
    flat: bool
    is_open: bool

class Account:
    """The account: the fields of `b4.account`."""

    equity: float
    cash: float
    gross: float
    drawdown: float

class History:
    """The last bars of an asset that have arrived, oldest first; columns are copies."""

    def __len__(self) -> int: ...
    @property
    def ts(self) -> npt.NDArray[np.int64]: ...
    @property
    def open(self) -> npt.NDArray[np.float64]: ...
    @property
    def high(self) -> npt.NDArray[np.float64]: ...
    @property
    def low(self) -> npt.NDArray[np.float64]: ...
    @property
    def close(self) -> npt.NDArray[np.float64]: ...
    @property
    def volume(self) -> npt.NDArray[np.float64]: ...

class EventRun:
    """A run of an event class, one callback at a time; what begins with an underscore is for the package alone."""

    def __new__(
        cls,
        market: Market,
        program_json: str,
        config_json: str,
        signals: Sequence[tuple[str, int]],
        settings: tuple[int, int, int],
        wanted: tuple[bool, bool],
        progress: Callable[[int], object] | None = None,
        funding: Sequence[_Series | None] | None = None,
        funding_default: tuple[int, int] | None = None,
        detail: Market | None = None,
    ) -> Self:
        """Prepare a run. Raises EngineError.

        `signals` are named nodes of the program, `settings` (keys of an asset at once, budget in billionths, compute latency in ms),
        `wanted` says whether bars and fills are handed out.
        """

    @property
    def now(self) -> int:
        """Decision time, ms UTC: when the bars that are handed out closed."""

    @property
    def symbol(self) -> str | None:
        """Asset that the callback is about; None where it is about none."""

    @property
    def symbols(self) -> list[str]:
        """All assets, in id order."""

    @property
    def account(self) -> Account:
        """The account."""

    def position(self, symbol: str | None = None) -> Position:
        """Return the position of an asset, of the callback's own without a symbol."""

    def history(self, symbol: str, n: int) -> History:
        """Return the last `n` bars of an asset that have arrived, fewer at the beginning."""

    def signal(self, name: str, symbol: str | None = None) -> float:
        """Return the present value of a signal of an asset; NaN where it is missing."""

    def working(self, symbol: str | None = None) -> dict[str, Working]:
        """Return the orders at work on an asset by key; what is asked for in this row works from its decision on."""

    def held(self, symbol: str | None = None) -> dict[str, float]:
        """Return the signed quantity that each key of an asset holds until its exits fill."""

    def _next(self) -> int:
        """Step to the next callback and return its code: 0 end, 1 bar, 2 fill, 3 timer."""

    def _bar(self) -> Bar: ...
    def _fill(self) -> Fill: ...
    def _wake_at(self, ms: int) -> None: ...
    def _close(self, symbol: str | None) -> float: ...
    def _order(
        self,
        symbol: str | None,
        key: str,
        oco: str | None,
        codes: tuple[int, int, int, int, int, int, bool, bool, bool],
        numbers: Sequence[float],
    ) -> None: ...
    def _cancel(self, symbol: str | None, key: str) -> None: ...
    def _target(self, symbol: str | None, codes: tuple[int, int, int, int, int], numbers: Sequence[float]) -> None: ...
    def _results(self) -> dict[str, Any]: ...
    def _callback_time(self) -> tuple[int, float, float, float, float]:
        """Return (count, mean, p50, p99, max) of the callbacks so far, ns."""

def ed25519_public(seed: bytes) -> bytes:
    """Return the public key (32 bytes) of a secret seed (32 bytes). Raises EngineError for another length."""

def ed25519_sign(seed: bytes, message: bytes) -> bytes:
    """Return the signature (64 bytes, RFC 8032) of a message. Raises EngineError for a seed of another length."""

def ed25519_verify(public: bytes, message: bytes, signature: bytes) -> bool:
    """Tell whether the signature is that of the message by the public key's owner. Raises EngineError for other lengths."""

class ExchangeServer:
    """A running exchange, on a thread of its own."""

    def __init__(self, settings: str, recording: tuple[Mapping[str, Any], Mapping[str, Any]] | None = None) -> None:
        """Start an exchange as its settings (JSON) say; `recording` is the columns of level changes and of trades.

        Raises EngineError where a setting is wrong or the address cannot be had.
        """

    @property
    def address(self) -> tuple[str, int]:
        """Host and port it listens on."""

    @property
    def restored(self) -> int:
        """Commands of the journal that were done again at the start."""

    @property
    def is_over(self) -> bool:
        """Whether the recording that is its market has ended."""

    @property
    def is_alive(self) -> bool:
        """Whether it still serves."""

    def stop(self) -> None:
        """Stop it and wait for its end. Raises EngineError where it had failed before."""
