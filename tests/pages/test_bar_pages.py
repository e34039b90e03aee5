"""Pages of one bar in Chromium: a click tells what `result.at` tells; the graph and the chart are drawn, on a desk and on a phone."""

from __future__ import annotations

import pytest

from bot4.backtest.chart import chart_page
from bot4.cli.main import run as call
from tests.backtest import sleeve_cases
from tests.backtest.markets import market, walk
from tests.backtest.test_at import run
from tests.backtest.test_at_columns import matches
from tests.pages.browser import DESK, PHONE


@pytest.fixture(scope="module")
def result():
    return run(sleeve_cases.trend, market(walk(400, 1)), cash=1_000)


def test_a_chosen_bar_of_the_report_says_what_at_says(open_page, tmp_path, result):
    opened = open_page(result.report(tmp_path / "report.html"), width=DESK)
    opened.fine()
    page = opened.page
    page.focus(".barplot")
    page.keyboard.press("End")
    for _ in range(4):
        ts = int(page.get_attribute(".decision", "data-ts"))
        found = result.at(ts + result.market.interval_ms)
        assert matches(page.inner_text(".decision p.why"), " ".join(found.why))
        shown = page.inner_text(".decision")
        assert "ema(close, 10)" in shown
        ema = next(node for node in found.nodes.values() if node.op == "ema")
        assert f"{ema.value:,.6g}"[:6] in shown
        page.keyboard.press("ArrowLeft")
    assert opened.errors == []


@pytest.mark.parametrize(("width", "dark"), [(DESK, False), (PHONE, True)])
def test_chart_and_graph_are_drawn(open_page, tmp_path, result, width, dark):
    open_page(chart_page(result, bars=120).write(tmp_path / "chart.html"), width=width, dark=dark).fine()
    (tmp_path / "s.py").write_text(
        "import bot4 as b4\n\n\n@b4.strategy(on=b4.bars('1h'))\ndef s(m):\n"
        "    return b4.target(b4.where(m.close > m.close.ema(50), 1.0, b4.where(m.pos.is_open, 0.5, 0.0)))\n"
    )
    assert call(["explain", str(tmp_path / "s.py"), "--html", str(tmp_path / "graph.html")]) == 0
    opened = open_page(tmp_path / "graph.html", width=width, dark=dark)
    opened.fine()
    colours = opened.page.evaluate(
        "[...document.querySelectorAll('.layers .feedback rect')].map((box) => getComputedStyle(box).stroke)"
    )
    assert set(colours) == {"rgb(240, 160, 75)" if dark else "rgb(180, 83, 9)"}
