"""The static part alone: 72 nodes (44 element-wise, 24 averages and sums, 4 RSI and ATR) over one asset, without a desk that acts.

Twice, on purpose: the Rust example `signal_bench` times the executor itself (long slices, and slices of one row: one decision), and
`_engine.evaluate` times a like program through the installed extension, grid and replay included.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

from benchmarks.clock import measure
from benchmarks.environment import ROOT
from benchmarks.market import INTERVAL_MS, make_bars

if TYPE_CHECKING:
    from bot4 import Expr, Program, View

EXAMPLE = ("cargo", "run", "--quiet", "--locked", "--release", "--package", "bot4-engine", "--example", "signal_bench")
ELEMENTWISE, AVERAGES, OSCILLATORS = 44, 24, 4


def run(rows: int, repeat: int = 5) -> dict[str, Any]:
    """Returns bars per second of both passes and the nanoseconds of one decision in batches."""
    from benchmarks.cases.native import memory_market
    from bot4 import _engine

    native, program = memory_market(make_bars(rows)).native, program_72()
    outputs = sorted(program.outputs.values())
    whole = measure(lambda: _engine.evaluate(native, program.json, outputs), repeat).as_figures(rows)
    single = measure(lambda: _engine.evaluate(native, program.json, outputs, 1), repeat)
    example = rust_example(rows)
    row_ns = single.median_wall_s * 1e9 / rows
    executor = f"executor {example['bars_per_s'] / 1e6:.2f} M bars/s, one decision {example['decision_ns']:.0f} ns"
    return {
        **example,
        "evaluate": whole,
        "evaluate_row_ns": row_ns,
        "lines": [
            f"{executor} (Rust example, CPU time, best of 7)",
            f"_engine.evaluate {whole['bars_per_s'] / 1e6:.2f} M bars/s, in slices of one row {row_ns:.0f} ns with grid and replay",
        ],
    }


def rust_example(rows: int) -> dict[str, Any]:
    """Builds and runs `signal_bench`; returns its bars per second and nanoseconds per decision. Raises RuntimeError if it fails."""
    if shutil.which("cargo") is None:
        raise RuntimeError("cargo is not installed: the static pass is a Rust example; install Rust (rustup.rs).")
    done = subprocess.run([*EXAMPLE, "--", str(rows)], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"signal_bench failed: {(done.stderr.strip().splitlines() or ['without a word'])[-1]}")
    printed = json.loads(done.stdout.strip().splitlines()[-1])
    return {"rows": rows, "bars_per_s": printed["m_rows_per_s"] * 1e6, "decision_ns": printed["decision_ns"]}


def program_72() -> Program:
    """Returns the program of 72 computing nodes, joined into one output."""
    from bot4.strategy import trace_expression

    program = trace_expression(joined, interval_ms=INTERVAL_MS)
    computing = [node for node in program.nodes if node.op not in ("col", "const", "carry")]
    assert len(computing) == ELEMENTWISE + AVERAGES + OSCILLATORS, f"{len(computing)} nodes instead of 72"
    return program


def joined(m: View) -> Expr:
    """Returns 28 averages and oscillators joined by 27 binary nodes, with 17 unary ones on the way."""
    import bot4 as b4

    spans = (5, 8, 12, 20, 26, 35, 50, 100)
    parts = [m.close.ema(n) for n in spans] + [m.close.rma(n) for n in spans[:4]]
    parts += [m.volume.rolling(n).mean() for n in spans[:6]] + [m.close.rolling(n).sum() for n in spans[:6]]
    parts += [m.close.rsi(7), m.close.rsi(14), m.atr(10), m.atr(14)]
    unary = ELEMENTWISE - (len(parts) - 1)
    binary = (b4.minimum, lambda x, y: x + y, b4.maximum, lambda x, y: x - y)
    made = 0
    while len(parts) > 1:
        left, right = parts.pop(0), parts.pop(0)
        if made < unary:
            left = left.abs() if made % 2 else left.sqrt()
        parts.append(binary[made % len(binary)](left, right))
        made += 1
    return parts[0]
