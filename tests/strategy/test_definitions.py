"""Strategies, parameters and schedules: what a decorated function is, and what its parameters may be."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest

import bot4 as b4
from bot4.strategy import ParameterError, RequirementError, Strategy, StrategyError, View
from bot4.strategy.parameters import Parameter
from bot4.strategy.schedule import FIRST_MONDAY_MS
from bot4.strategy.spans import DAY_MS, HOUR_MS, WEEK_MS, span_text

from .conftest import Loader


@b4.strategy(on=b4.bars("1h"))
def sample(
    m,
    fast: int = b4.param(24, 5, 100),
    width: float = b4.param(2.0, 0.5, 4.0, step=0.5),
    side: str = b4.choice("long", "both"),
    hedge: bool = False,
    level: int = 3,
):
    """Buys.

    And sells.
    """
    b4.require(fast < 90, "fast is below 90")
    up = m.close.ema(fast) > m.close.rolling(fast).mean() + width
    return b4.target(b4.where(up, 1.0, -1.0 if side == "both" else 0.0))


def test_a_strategy_knows_itself() -> None:
    assert isinstance(sample, Strategy)
    assert (sample.name, sample.kind, sample.doc) == ("sample", "strategy", "Buys.\n\nAnd sells.")
    assert sample.__name__ == "sample"
    assert sample.__doc__ is not None
    assert sample.on == b4.bars("1h")
    assert sample.rebalance is None
    assert repr(sample) == "<strategy sample on bars of 1h>"
    assert list(sample.parameters) == ["fast", "width", "side", "hedge", "level"]
    assert [p.type for p in sample.parameters.values()] == [int, float, str, bool, int]
    assert sample.parameters["width"] == Parameter(
        2.0, 0.5, 4.0, 0.5, name="width", origin=sample.parameters["width"].origin
    )


def test_tracing_again_with_other_parameters_gives_another_program() -> None:
    plain, other, both = (sample.trace(p).json for p in ({}, {"fast": 10}, {"side": "both"}))
    assert len({plain, other, both}) == 3
    assert sample.trace({"fast": np.int64(24)}).json == plain
    assert sample.trace({"width": 2}).parameters["width"] == 2.0


def test_a_decorated_function_is_still_a_function() -> None:
    made = sample(b4.market(), fast=10)
    assert isinstance(made, b4.Target)
    assert sample().expression.name == made.expression.name.replace("10", "24")
    with pytest.raises(ParameterError):
        sample(fast=1000)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"fast": 101}, "parameter fast is 101, but must be an integer from 5 to 100"),
        ({"fast": 24.5}, "parameter fast is 24.5, but must be an integer"),
        ({"fast": 24.0}, "parameter fast is 24.0, but must be an integer"),
        ({"fast": True}, "parameter fast is True, but must be an integer"),
        ({"fast": "24"}, "parameter fast is '24', but must be an integer"),
        ({"width": float("nan")}, "parameter width is nan, but must be a number from 0.5 to 4"),
        ({"width": 9}, "parameter width is 9, but must be a number from 0.5 to 4"),
        ({"side": "short"}, "parameter side is 'short', but must be one of 'long', 'both'"),
        ({"hedge": 1}, "parameter hedge is 1, but must be True or False"),
        ({"level": 2.5}, "parameter level is 2.5, but must be an integer"),
        ({"fsat": 3}, r"sample has no parameter 'fsat'. Did you mean fast\?"),
        ({"zzzzzzz": 3}, "Known: fast, width, side, hedge, level"),
    ],
)
def test_a_wrong_parameter_says_name_value_and_range(given: dict[str, object], message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        sample.trace(given)


def test_a_command_lines_parameters_are_parsed_by_type() -> None:
    texts = ["fast=10", "width=2.5", "side=both", "hedge=True", "level=7"]
    assert sample.parse_parameters(texts) == {"fast": 10, "width": 2.5, "side": "both", "hedge": True, "level": 7}
    assert sample.parse_parameters(["hedge=false", "width=3"]) == {"hedge": False, "width": 3.0}
    for text, message in [
        ("fast=ten", "parameter fast is 'ten'"),
        ("fast=2.5", "parameter fast is 2.5"),
        ("fast=1e9", "parameter fast is"),
        ("fast", "has no value"),
        ("slow=3", "no parameter 'slow'"),
        ("side=short", "parameter side is 'short'"),
        ("hedge=perhaps", "parameter hedge is 'perhaps'"),
    ]:
        with pytest.raises(ParameterError, match=message):
            sample.parse_parameters([text])


def test_choices_keep_their_types() -> None:
    @b4.strategy(on=b4.bars("1h"))
    def s(m: View, n: int = b4.choice(10, 20, default=20)) -> b4.Target:
        return b4.target(m.close.ema(n))

    assert s.trace().parameters == {"n": 20}
    assert s.parse_parameters(["n=10"]) == {"n": 10}
    assert s.trace({"n": 10}).parameters == {"n": 10}
    with pytest.raises(ParameterError, match="one of 10, 20"):
        s.trace({"n": 15})
    with pytest.raises(ParameterError, match="one of 10, 20"):
        s.parse_parameters(["n=15"])


def test_a_requirement_names_the_combination() -> None:
    with pytest.raises(RequirementError, match=r"fast is below 90 does not hold for fast=95, width=2\.0") as caught:
        sample.trace({"fast": 95})
    assert caught.value.file == __file__
    b4.require(True)
    with pytest.raises(RequirementError, match="nothing to say"):
        b4.require(False, "nothing to say")


def test_param_types_follow_the_numbers() -> None:
    default = b4.param(1, 0, 2.5)
    assert isinstance(default, Parameter)
    assert (default.type, default.range_text()) == (float, "a number from 0 to 2.5")
    assert isinstance(b4.param(10, 1, 1000, log=True), Parameter)


def test_bare_decorators_take_the_datas_timeframe() -> None:
    @b4.strategy
    def s(m: View) -> b4.Target:
        return b4.target(m.close.ema(3))

    @b4.portfolio
    def p(u: View) -> list[b4.Target]:
        return [b4.target(u.close.cs.demean())]

    assert s.on is None
    assert json.loads(s.trace(interval_ms=60_000).json)["clocks"] == [60_000]
    assert json.loads(p.trace(interval_ms=60_000).json)["kind"] == "portfolio"
    assert repr(p) == "<portfolio p>"


def test_a_texts_clock_is_a_clock() -> None:
    @b4.strategy(on="15m")
    def s(m: View) -> b4.Target:
        return b4.target(m.close)

    assert s.on == b4.bars("15m")
    assert s.trace(interval_ms=60_000).interval_ms == 15 * 60_000  # the strategy's own clock wins


def test_the_schedule_is_checked_against_the_datas_timeframe() -> None:
    @b4.portfolio(rebalance=b4.every("1h"))
    def p(u: View) -> b4.Target:
        return b4.target(u.close)

    assert json.loads(p.trace(interval_ms=HOUR_MS).json)["rebalance"] == {"period_ms": HOUR_MS, "anchor_ms": 0}
    with pytest.raises(StrategyError, match="more often than the bars of 1d"):
        p.trace(interval_ms=DAY_MS)


@pytest.mark.parametrize(
    ("schedule", "written"),
    [
        (b4.every("4h"), {"period_ms": 4 * HOUR_MS, "anchor_ms": 0}),
        (b4.every("1d", at="08:30"), {"period_ms": DAY_MS, "anchor_ms": 8 * HOUR_MS + 30 * 60_000}),
        (b4.every("1w"), {"period_ms": WEEK_MS, "anchor_ms": FIRST_MONDAY_MS}),
        (b4.every("1w", on="mon", at="00:00"), {"period_ms": WEEK_MS, "anchor_ms": 345_600_000}),
        (b4.every("2w", on="Friday"), {"period_ms": 2 * WEEK_MS, "anchor_ms": FIRST_MONDAY_MS + 4 * DAY_MS}),
        (b4.every("7d", on="sun"), {"period_ms": WEEK_MS, "anchor_ms": FIRST_MONDAY_MS + 6 * DAY_MS}),
        (b4.every("1mo"), {"months": 1, "day": 1, "at_ms": 0}),
        (b4.every("3mo", on=15, at="12:00"), {"months": 3, "day": 15, "at_ms": 12 * HOUR_MS}),
    ],
)
def test_schedules_are_written_as_designed(schedule: object, written: dict[str, int]) -> None:
    from bot4.strategy import Schedule

    assert isinstance(schedule, Schedule)
    assert schedule.to_json() == written


def test_spans_are_shown_in_the_largest_whole_unit() -> None:
    shown = {
        1_500: "1500ms",
        60_000: "1m",
        5_400_000: "90m",
        HOUR_MS: "1h",
        DAY_MS: "1d",
        WEEK_MS: "1w",
        2 * WEEK_MS: "14d",
    }
    assert {ms: span_text(ms) for ms in shown} == shown


def test_a_strategy_of_named_assets_needs_no_market() -> None:
    @b4.portfolio(on=b4.bars("1h"))
    def pair(window: int = b4.param(20, 5, 50)) -> tuple[b4.Target, ...]:
        z = (b4.asset("A").close / b4.asset("B").close).rolling(window).zscore()
        return b4.target(-z, asset="A"), b4.target(z, asset="B")

    assert [t["asset"] for t in pair.trace(symbols=["A", "B"]).targets] == ["A", "B"]
    assert len(pair()) == 2


def test_cells_filled_later_and_lazy_modules_are_left_alone(load_source: Loader) -> None:
    module = load_source(
        """
        class Lazy(type):
            def __getattr__(cls, name):
                raise RuntimeError(name)

        class Table(metaclass=Lazy):
            pass

        def make():
            @b4.strategy(on=b4.bars("1h"))
            def s(m):
                import not_a_module_at_all as absent  # noqa
                return b4.target(later + Table.x)
            if False:
                later = 1
            return s

        s = make()
        """
    )
    with pytest.raises(ModuleNotFoundError):
        module.s.trace()


def test_importing_bot4_loads_nothing_heavy() -> None:
    code = (
        "import sys, bot4 as b4; assert 'bot4.strategy' not in sys.modules; b4.strategy, b4.stop.fixed, b4.account;"
        "print(sorted({'numpy', 'polars', 'pandas', 'plotly', 'pydantic', 'rich'} & set(sys.modules)))"
    )
    out = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={"PYTHONPATH": ":".join(sys.path)}
    )
    assert out.stdout.strip() == "[]"


def test_names_of_packages_stay_functions() -> None:
    code = (
        "import bot4.strategy\nimport bot4 as b4\nassert not hasattr(b4.strategy, '__path__')\n"
        "from bot4.strategy.view import View\nassert callable(b4.strategy) and b4.View is View\nimport bot4.strategy.view\n"
        "assert callable(b4.strategy)\nb4.extra = 3\nassert b4.extra == 3"
    )
    done = subprocess.run([sys.executable, "-c", code], check=False, env={"PYTHONPATH": ":".join(sys.path)})
    assert done.returncode == 0


def test_the_public_names_are_listed_and_a_wrong_one_is_answered() -> None:
    assert {"strategy", "portfolio", "target", "stop", "peek", "Market", "__version__"} <= set(dir(b4))
    with pytest.raises(AttributeError, match=r"b4 has no 'stratgy'. Did you mean b4.strategy\?"):
        b4.stratgy  # type: ignore[attr-defined]  # noqa: B018
    with pytest.raises(AttributeError, match="Names: Bar, Context, CpcvResult, Entries"):
        b4.qqqqqq  # type: ignore[attr-defined]  # noqa: B018
    with pytest.raises(AttributeError, match="no attribute '__path_to__'"):
        b4.__path_to__  # type: ignore[attr-defined]  # noqa: B018
