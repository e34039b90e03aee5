"""The measurements of orders: entries with exits, a cross-sectional portfolio, a grid of working orders, callbacks. Figures of issue 3."""

from __future__ import annotations

from benchmarks.measurement import Comparison, Job, Wanted
from benchmarks.setting import ASSETS

MILLION = 1_000_000
PORTFOLIO_ROWS = 50_000

VECTORBT_STOPS = "no slippage of stops, none looked for in the bar of the entry, no lots, no checks"
VECTORBT_ORDERS = "no margin, volume or lots; trades at the open to the last unit"


def _vectorbt(prefix: str, module: str, settings: dict[str, object], note: str) -> list[Job]:
    """Returns the peer's three engines on one program."""
    return [
        Job(f"{prefix}_vectorbt", "vectorbt 1.0 (Numba)", module, "venv", settings, note),
        Job(
            f"{prefix}_vectorbt_numba",
            "vectorbt 1.2 (Numba)",
            module,
            "vectorbt",
            {**settings, "engine": "numba"},
            note,
        ),
        Job(
            f"{prefix}_vectorbt_rust",
            "vectorbt 1.2 (Rust)",
            module,
            "vectorbt",
            {**settings, "engine": "rust"},
            note,
        ),
    ]


def _vectorbts(prefix: str) -> tuple[str, ...]:
    return (f"{prefix}_vectorbt", f"{prefix}_vectorbt_numba", f"{prefix}_vectorbt_rust")


def _exits_peers(prefix: str, trail: bool) -> list[Job]:
    settings = {"trail": True} if trail else {}
    moved = "; the stop moved by its `next`" if trail else ""
    return [
        *_vectorbt(prefix, "peers.vectorbt_bracket", {"rows": MILLION, **settings}, VECTORBT_STOPS),
        Job(
            f"{prefix}_backtesting",
            "backtesting.py",
            "peers.backtesting_bracket",
            "venv",
            {"rows": 50_000, **settings},
            f"no spread, impact, volume cap{moved}; statistics included",
        ),
        Job(
            f"{prefix}_nautilus",
            "nautilus_trader",
            "peers.nautilus_bracket",
            "venv",
            {"rows": 20_000, **settings},
            "entry at the deciding bar's close, no spread or impact",
        ),
    ]


BRACKET_PEERS = _exits_peers("bracket", trail=False)
TRAIL_PEERS = _exits_peers("trail", trail=True)
PORTFOLIO_PEERS = _vectorbt("portfolio", "peers.vectorbt_portfolio", {"rows": PORTFOLIO_ROWS}, VECTORBT_ORDERS)
GRID_PEERS = [
    Job(
        "grid_backtesting",
        "backtesting.py",
        "peers.backtesting_grid",
        "venv",
        {"rows": 20_000},
        "fills at a touch, no volume cap; statistics included",
    ),
    Job(
        "grid_nautilus",
        "nautilus_trader",
        "peers.nautilus_grid",
        "venv",
        {"rows": 10_000},
        "bars as four prices, fills at a touch, no volume cap",
    ),
]
EVENT_PEERS = [
    Job(
        "events_backtesting",
        "backtesting.py, next",
        "peers.backtesting_events",
        "venv",
        {"rows": 50_000},
        "no spread, impact, checks; statistics included",
    ),
    Job(
        "events_nautilus",
        "nautilus_trader, on_bar",
        "peers.nautilus_events",
        "venv",
        {"rows": 20_000},
        "fills at the deciding bar's close",
    ),
    Job(
        "events_backtrader",
        "backtrader, next",
        "peers.backtrader_events",
        "venv",
        {"rows": 20_000},
        "feeding the frame included",
    ),
]
ORDER_PEERS = [*BRACKET_PEERS, *TRAIL_PEERS, *PORTFOLIO_PEERS, *GRID_PEERS, *EVENT_PEERS]


def _engine_cases(strategy: str, note: str) -> list[Job]:
    """Returns Bot4's engine on one program, with its defaults and without what the peers lack."""
    settings = {"strategy": strategy, "rows": MILLION}
    return [
        Job(strategy, "Bot4 engine", "cases.engine", "bot4", settings, note),
        Job(
            f"{strategy}_plain",
            "Bot4 engine, fees alone",
            "cases.engine",
            "bot4",
            {**settings, "plain": True},
            "no spread, impact, volume cap; rules of strict, whole lots",
        ),
    ]


EXITS_NOTE = "spread, impact, volume cap, stops in the bar of the entry"
BRACKET_CASES = _engine_cases("bracket", EXITS_NOTE)
TRAIL_CASES = _engine_cases("trail", EXITS_NOTE)
PORTFOLIO_CASES = [
    Job(
        "portfolio",
        "Bot4 engine",
        "cases.portfolio",
        "bot4",
        {"rows": PORTFOLIO_ROWS},
        "spread, impact, volume cap, leverage, cash",
    ),
    Job(
        "portfolio_plain",
        "Bot4 engine, fees alone",
        "cases.portfolio",
        "bot4",
        {"rows": PORTFOLIO_ROWS, "plain": True},
        "what the peers simulate; whole lots of 0.00001",
    ),
]
GRID_CASES = _engine_cases("grid", "spread, impact, volume cap; a limit fills only if traded through")
EVENT_CASES = [
    Job(
        "events",
        "Bot4, on_bar",
        "cases.events",
        "bot4",
        {"rows": MILLION},
        "spread, impact, volume cap, controls; each callback timed",
    ),
]
ORDER_CASES = [*BRACKET_CASES, *TRAIL_CASES, *PORTFOLIO_CASES, *GRID_CASES, *EVENT_CASES]

ORDER_COMPARISONS = [
    Comparison(
        "bracket",
        "Entries at a crossing, stop 0.3 %, take 0.6 %, one thread",
        (*BRACKET_CASES, *BRACKET_PEERS),
        "bracket",
        plain="bracket_plain",
        peers=_vectorbts("bracket"),
        orders=50,  # of 16,000: vectorbt does not look for a stop in the bar of the entry
    ),
    Comparison(
        "trail",
        "Entries at a crossing, trailing stop 0.3 %, take 0.6 %, one thread",
        (*TRAIL_CASES, *TRAIL_PEERS),
        "trail",
        plain="trail_plain",
        peers=_vectorbts("trail"),
        orders=500,  # of 28,000: nor is that bar's high looked at, and the distance is of the best price, not of the close
        equity=5e-3,
    ),
    Comparison(
        "cross-section",
        f"Cross-section of {ASSETS} perpetuals, hourly bars, rebalanced daily, one thread (rows: bars × coins)",
        (*PORTFOLIO_CASES, *PORTFOLIO_PEERS),
        "portfolio",
        plain="portfolio_plain",
        peers=_vectorbts("portfolio"),
        orders=100,  # of 46,000: a change below one lot is no order in Bot4
    ),
    Comparison(
        "grid",
        "Grid of 20 buys below the day's first close, each with a take and a stop, one thread",
        (*GRID_CASES, *GRID_PEERS),
        "grid",
    ),
    Comparison(
        "events",
        "A callback on each bar, an order on every tenth, one thread",
        (*EVENT_CASES, *EVENT_PEERS),
        "events",
    ),
]

ORDER_WANTED = [
    Wanted("entries with stop and take", "bracket", "bars_per_s", 5e6, "bars/s", at_least=True),
    Wanted("entries with trailing stop and take", "trail", "bars_per_s", 5e6, "bars/s", at_least=True),
    Wanted("grid of 20 working orders", "grid", "bars_per_s", 1.5e6, "bars/s", at_least=True),
    Wanted("event class, one order in ten callbacks", "events", "bars_per_s", 150e3, "callbacks/s", at_least=True),
    Wanted("cross-section of 50 perpetuals", "portfolio", "bars_per_s", 3e6, "rows/s", at_least=True),
]
