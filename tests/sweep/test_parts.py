"""Small parts: what programs share, what code a sweep is of."""

from __future__ import annotations

import bot4 as b4
from bot4.backtest.setup import as_strategy, prepare
from bot4.backtest.sweep.fingerprint import code_hash, fingerprint
from bot4.backtest.sweep.session import identity_of
from bot4.backtest.sweep.sharing import count_nodes

from .conftest import cross


def test_equal_parts_of_programs_count_once_states_and_positions_never():
    programs = [cross.trace({"fast": fast, "slow": 50}) for fast in (5, 10, 20)]
    merged, alone = count_nodes(programs)
    assert alone == sum(len(program.nodes) for program in programs)
    keys = {(row.op, tuple(p.lines[i].text for i in row.inputs), row.f, row.s) for p in programs for row in p.nodes}
    assert merged == len(keys)
    assert count_nodes(programs[:1]) == (len(programs[0].nodes),) * 2

    @b4.strategy(on=b4.bars("1h"))
    def held(m, n: int = 5):
        count = b4.state(0.0)
        count.next(count + 1)
        return b4.target(b4.where((m.pos.bars_held < n) & (count > 10), 1.0, 0.0))

    twice = [held.trace({"n": 5}), held.trace({"n": 5})]
    merged, alone = count_nodes(twice)
    static = len(twice[0].nodes) - len(twice[0].feedback)
    assert alone == 2 * static
    states = sum(node.op == "state" for node in twice[0].nodes)
    assert merged > static  # each program keeps its own state, and what follows from it
    assert states == 1


FILE = """
import bot4 as b4
from helper import SIZE

@b4.strategy(on=b4.bars("1h"))
def trend(m, fast: int = 8):
    return b4.target(b4.where(m.close > m.close.ema(fast), SIZE, 0.0))

@b4.strategy(on=b4.bars("1h"))
def other(m, fast: int = 8):
    return b4.target(b4.where(m.close < m.close.ema(fast), SIZE, 0.0))
"""


def test_a_fingerprint_changes_with_the_file_and_with_what_it_imports(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "helper.py").write_text("SIZE = 0.5\n")
    file = tmp_path / "mine.py"
    file.write_text(FILE)
    one, other = as_strategy(f"{file}:trend"), as_strategy(f"{file}:other")
    first = fingerprint(one)
    assert first == fingerprint(as_strategy(f"{file}:trend"))
    assert first != fingerprint(other)
    (tmp_path / "helper.py").write_text("SIZE = 0.6\n")
    assert fingerprint(one) != first


def test_the_identity_of_sleeves_is_that_of_their_result(bars):
    both = b4.sleeves(a=(cross, 0.5), b=b4.sleeve(cross, 0.5, fast=9))
    setup = prepare(both, bars, {})
    program = setup.trace({})
    assert identity_of(setup, program) == setup.run(program).identity


def test_event_classes_and_sleeves_have_fingerprints_of_their_parts():
    class Events(b4.Events):
        on = b4.bars("1h")

        def on_bar(self, ctx, bar):
            ctx.target(0.5)

    events = as_strategy(Events)
    assert len(fingerprint(events)) == 64
    assert code_hash(events) == ""
    both = b4.sleeves(a=(cross, 0.5), b=b4.sleeve(cross, 0.5, fast=9))
    changed = b4.sleeves(a=(cross, 0.5), b=b4.sleeve(cross, 0.5, fast=10))
    assert fingerprint(both) == fingerprint(b4.sleeves(b=b4.sleeve(cross, 0.5, fast=9), a=(cross, 0.5)))
    assert fingerprint(both) != fingerprint(changed)


def test_code_of_a_notebook_is_its_functions_and_the_constants_they_read():
    def build(size: str, helper: str) -> object:
        namespace: dict[str, object] = {"b4": b4, "__name__": "notebook"}
        text = (
            f"SIZE = {size}\n"
            f"def part(m):\n    return {helper}\n"
            '@b4.strategy(on=b4.bars("1h"))\n'
            "def trend(m, n: int = 5):\n    return b4.target(b4.where(part(m) > m.close.ema(n), SIZE, 0.0))\n"
        )
        exec(compile(text, "<cell>", "exec"), namespace)
        return namespace["trend"]

    first = fingerprint(as_strategy(build("0.5", "m.close")))
    assert first == fingerprint(as_strategy(build("0.5", "m.close")))
    assert first != fingerprint(as_strategy(build("0.6", "m.close")))
    assert first != fingerprint(as_strategy(build("0.5", "m.high")))
