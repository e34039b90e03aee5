"""What the examples trade is pinned: on a seeded synthetic market, and on the real one that the strategy's page names.

A pin says that nothing moved, not that it is right: right is what the oracle's tests hold. Beside the pins stand facts that can be
checked without the engine: each example has a page, its docstrings say when it loses, and it fits a screen.
"""

import ast

import pytest

from bot4.backtest.source import load_strategy
from tests.examples import shown
from tests.examples.cases import CASES, EXAMPLES, figures, pins

NAMES = sorted(CASES)
LONGEST = 40  # lines of code and comments; the module's docstring is not counted


def test_every_example_has_a_case_a_page_and_pins() -> None:
    # What ends in _client speaks to the exchange and is no strategy.
    files = sorted(path.stem for path in EXAMPLES.glob("*.py") if not path.stem.endswith("_client"))
    assert files == NAMES == sorted(pins())
    assert files == sorted(path.stem for path in shown.PAGES.glob("*.md") if path.stem != "README")


@pytest.mark.parametrize("name", NAMES)
def test_on_the_seeded_market_the_fills_are_those_pinned(name: str) -> None:
    assert figures(CASES[name].on_synthetic()) == pins()[name]["synthetic"]


@pytest.mark.parametrize("name", NAMES)
def test_on_the_real_market_the_fills_are_those_pinned(name: str) -> None:
    try:
        result = CASES[name].on_real()
    except FileNotFoundError as missing:
        pytest.skip(str(missing))
    pinned = pins()[name]["real"]
    assert figures(result) == {key: pinned[key] for key in pinned if key != "table"}


@pytest.mark.parametrize("name", NAMES)
def test_it_says_where_it_loses_and_fits_a_screen(name: str) -> None:
    source = (EXAMPLES / f"{name}.py").read_text()
    module = ast.parse(source)
    said = ast.get_docstring(module)
    assert said is not None
    assert "Works" in said
    assert "Loses" in said
    assert len(source.splitlines()) - len(said.splitlines()) <= LONGEST
    assert load_strategy(str(EXAMPLES / f"{name}.py")).doc


@pytest.mark.parametrize("name", NAMES)
def test_its_page_shows_the_pinned_result_and_tells_what_would_break_it(name: str) -> None:
    page = shown.page(name).read_text()
    assert f"bot4 backtest examples/{name}.py" in page
    command = page.partition(f"bot4 backtest examples/{name}.py")[2].partition("```")[0]
    for file in CASES[name].real:
        venue, symbol, interval = file.split("-")
        for word in (venue, symbol.removesuffix("USDT"), f"USDT-{interval}"):
            assert word in command, f"{file} is pinned and not on the page"
    for part in ("## The idea", "## The rule", "## A true result", "## What would break it"):
        assert part in page
    assert shown.table_of(page).splitlines() == pins()[name]["real"]["table"]
