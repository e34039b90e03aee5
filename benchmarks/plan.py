"""What is measured, where, with how many bars, and what is wanted of it: signals and targets here, orders in plan_orders.py, sweeps
in plan_sweep.py, the risk gate in plan_risk.py, the exchange in plan_exchange.py."""

from __future__ import annotations

from benchmarks.measurement import Comparison, Job, Wanted
from benchmarks.plan_exchange import EXCHANGE_CASES, EXCHANGE_WANTED
from benchmarks.plan_orders import ORDER_CASES, ORDER_COMPARISONS, ORDER_PEERS, ORDER_WANTED
from benchmarks.plan_ray import RAY_CASES, RAY_WANTED
from benchmarks.plan_risk import RISK_CASES, RISK_WANTED
from benchmarks.plan_sweep import SWEEP_CASES, SWEEP_COMPARISONS, SWEEP_PEERS, SWEEP_WANTED
from benchmarks.plan_threads import THREAD_CASES, THREAD_WANTED

MILLION = 1_000_000

FLOOR = Job(
    "floor",
    "bare compiled loop",
    "peers.machine_floor",
    "venv",
    {"rows": MILLION},
    "no orders, checks, records, integers",
)

CROSSOVER_PEERS = [
    Job(
        "vectorbt",
        "vectorbt 1.0 (Numba)",
        "peers.vectorbt_ema",
        "venv",
        {"rows": MILLION},
        "no lots, fills whole at the open",
    ),
    Job(
        "vectorbt_numba",
        "vectorbt 1.2 (Numba)",
        "peers.vectorbt_ema",
        "vectorbt",
        {"rows": MILLION, "engine": "numba"},
        "no lots, fills whole at the open",
    ),
    Job(
        "vectorbt_rust",
        "vectorbt 1.2 (Rust)",
        "peers.vectorbt_ema",
        "vectorbt",
        {"rows": MILLION, "engine": "rust"},
        "no lots, fills whole at the open",
    ),
    Job("backtesting", "backtesting.py", "peers.backtesting_ema", "venv", {"rows": 100_000}, "statistics included"),
    Job(
        "nautilus",
        "nautilus_trader",
        "peers.nautilus_ema",
        "venv",
        {"rows": 50_000},
        "fills at the deciding bar's close",
    ),
    Job("backtrader", "backtrader", "peers.backtrader_ema", "venv", {"rows": 20_000}, "feeding the frame included"),
]

CROSSOVER_CASES = [
    Job(
        "engine",
        "Bot4 engine",
        "cases.engine",
        "bot4",
        {"strategy": "crossover", "rows": MILLION},
        "spread, impact, volume cap, risk",
    ),
    Job(
        "plain",
        "Bot4 engine, fees alone",
        "cases.engine",
        "bot4",
        {"strategy": "crossover", "rows": MILLION, "plain": True},
        "what the peers simulate; whole lots of 0.00001",
    ),
    Job(
        "backtest",
        "Bot4 b4.backtest",
        "cases.backtest",
        "bot4",
        {"rows": MILLION},
        "data checks, statistics, frames too",
    ),
]

PROGRAM_CASES = [
    Job("every_bar", "order on every bar", "cases.engine", "bot4", {"strategy": "every_bar", "rows": MILLION}),
    Job("feedback", "trailing stop and m.pos", "cases.engine", "bot4", {"strategy": "feedback", "rows": MILLION}),
]

CASES = [
    *CROSSOVER_CASES,
    *PROGRAM_CASES,
    Job("static", "72 nodes", "cases.static", "bot4", {"rows": MILLION}),
    Job("process", "process start to summary", "cases.process", "bot4", {"rows": MILLION}, one_thread=False),
    Job(
        "memory",
        "10 M bars, engine",
        "cases.memory",
        "bot4",
        {"rows": 10 * MILLION, "whole": False},
        one_thread=False,
        repeats=False,
    ),
    Job(
        "memory_whole",
        "10 M bars, b4.backtest",
        "cases.memory",
        "bot4",
        {"rows": 10 * MILLION, "whole": True},
        one_thread=False,
        repeats=False,
    ),
    Job("journal", "journal of 1 M bars", "cases.journal", "bot4", {"rows": MILLION}, one_thread=False, repeats=False),
    Job("report", "report of 7 years of hours", "cases.report", "bot4", one_thread=False, repeats=False),
    *ORDER_CASES,
    *SWEEP_CASES,
    *RAY_CASES,
    *RISK_CASES,
    *EXCHANGE_CASES,
    *THREAD_CASES,
]

PEERS = [*CROSSOVER_PEERS, *ORDER_PEERS, *SWEEP_PEERS]

COMPARISONS = [
    Comparison(
        "crossover",
        "EMA 10/30 crossover, 1 % of equity, 0.1 % fees, columns in memory, one thread",
        (FLOOR, *CROSSOVER_CASES, *CROSSOVER_PEERS),
        "engine",
        plain="plain",
        peers=("vectorbt", "vectorbt_numba", "vectorbt_rust"),
    ),
    Comparison("programs", "Other programs, engine alone, one thread", tuple(PROGRAM_CASES), "engine"),
    *ORDER_COMPARISONS,
    *SWEEP_COMPARISONS,
]

DEMO = Job("demo", "make demo, second call", "cases.demo", "bot4", one_thread=False, repeats=False)

WANTED = [
    Wanted("EMA crossover, engine", "engine", "bars_per_s", 25e6, "bars/s", at_least=True),
    Wanted("order on every bar", "every_bar", "bars_per_s", 2e6, "bars/s", at_least=True),
    Wanted("feedback program", "feedback", "bars_per_s", 5e6, "bars/s", at_least=True),
    Wanted("static pass of 72 nodes", "static", "bars_per_s", 10e6, "bars/s", at_least=True),
    Wanted("one decision, 72 nodes, slice 1", "static", "decision_ns", 250.0, "ns", at_least=False),
    Wanted("process start to summary (worst)", "process", "worst_wall_s", 1.5, "s", at_least=False),
    Wanted("import bot4 (median)", "process", "import_wall_s", 0.3, "s", at_least=False),
    Wanted("peak memory, 10 M bars, engine", "memory", "peak_mb", 960.0, "MB", at_least=False),
    Wanted("make demo, second call", "demo", "second_wall_s", 3.0, "s", at_least=False),
    Wanted("journal written with its run, page-cache", "journal", "written_per_s", 1e6, "records/s", at_least=True),
    Wanted("journal replayed and compared", "journal", "replayed_per_s", 1e6, "records/s", at_least=True),
    Wanted("journal recovered, per million records", "journal", "recovery_s_per_million", 1.0, "s", at_least=False),
    Wanted("report of 7 years of hourly bars", "report", "first_wall_s", 3.0, "s", at_least=False),
    *ORDER_WANTED,
    *SWEEP_WANTED,
    *RAY_WANTED,
    *RISK_WANTED,
    *EXCHANGE_WANTED,
    *THREAD_WANTED,
]

TIMES_VECTORBT = 5.0  # the crossover against vectorbt's steady state
