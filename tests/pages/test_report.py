"""The report in headless Chromium: drawn, readable, and a click on a bar shows the decision."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest

import bot4 as b4
from bot4.data import synth
from bot4.report.bars import active_rows, joined, joined_interval
from bot4.report.decisions import AssetDecisions, BarDecisions, DecisionNode, DecisionRoot, fitted
from bot4.report.html import write_report
from tests.report.samples import HOUR, asset
from tests.report.samples import run as sample_run
from tests.report.test_shown import view

from .browser import PHONE


@b4.strategy(on=b4.bars("1h"))
def crossing(m, fast: int = b4.param(24, 5, 100), slow: int = b4.param(96, 50, 500)):
    """Long while the fast average is above the slow one."""
    return b4.target(b4.where(m.close.ema(fast) > m.close.ema(slow), 0.5, 0.0), stop=b4.stop.trailing(4 * m.atr(14)))


def tree(close, target):
    """Decisions of one asset: a target that is a comparison of the close."""
    nodes = [DecisionNode("close"), DecisionNode("close > 100", (0,), is_condition=True), DecisionNode("target", (1,))]
    values = np.array([close, close > 100, target], dtype=np.float32)
    reasons = (target > 0).astype(np.int16)
    sentences = ["Nothing was wanted.", "Held: the change stays inside the band."]
    rows = np.arange(len(close), dtype=np.int64)
    facts = {"wanted": target, "missing": np.full(len(close), np.nan)}
    return AssetDecisions(nodes, [DecisionRoot("target", 2)], rows, values, facts, reasons, sentences, {7: ["A note."]})


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """A report of one strategy on two assets, under all realisms, with decisions of the first asset that the page knows."""
    result = b4.backtest(crossing, synth(coins=2, bars=6_000, seed=7), record=False)
    result.realisms()
    close = result.columns.assets[0].close
    known = BarDecisions([tree(close, np.where(close > np.median(close), 0.5, 0.0)), None])
    path = tmp_path_factory.mktemp("report") / "report.html"
    return write_report(replace(result.view, decisions=known), path), result


def pick(opened, result, number=0):
    """Clicks the bar of an asset's longest stay with the mouse; returns its row."""
    page = opened.page
    bars = result.columns.assets[number].ts
    row = len(bars) - 200
    page.locator("#barchart").scroll_into_view_if_needed()
    page.click("#barchart [data-span='1m']")
    box = page.locator("#barchart canvas").bounding_box()
    page.mouse.click(box["x"] + page.evaluate(f"Bot4.bars.x({bars[row]})"), box["y"] + 80)
    return row


@pytest.mark.parametrize("dark", [False, True])
def test_the_report_is_drawn_in_light_and_dark_without_a_word_on_the_console(open_page, written, dark):
    opened = open_page(written[0], dark=dark)
    opened.fine()
    assert opened.page.locator(".plot").count() > 20
    shown = opened.page.evaluate(
        """() => {
             const c = document.querySelector("#barchart canvas"), seen = new Set();
             const d = c.getContext("2d").getImageData(0, 0, c.width, c.height).data;
             for (let i = 0; i < d.length; i += 4) if (d[i + 3] === 255) seen.add(`${d[i]},${d[i + 1]},${d[i + 2]}`);
             const parts = (hex) => [1, 3, 5].map((k) => parseInt(hex.slice(k, k + 2), 16)).join(",");
             return ["good", "bad", "c1", "c4"].map((name) => seen.has(parts(Bot4.colour(name)))); }"""
    )
    assert shown == [True] * 4, "rising and falling bars, purchases and sales, in the colours of the theme"


def test_a_phone_reads_the_report_without_scrolling_sideways(open_page, written):
    opened = open_page(written[0], width=PHONE)
    opened.fine()
    assert opened.page.evaluate("document.querySelector('#barchart canvas').clientWidth") <= PHONE - 28
    assert not opened.page.locator(".contents ol").is_visible(), "the contents are folded away"


def test_a_click_on_a_bar_shows_the_decision(open_page, written):
    path, result = written
    opened = open_page(path)
    row = pick(opened, result)
    one = result.columns.assets[0]
    said = opened.page.locator(".decision").inner_text()
    clicked = int(opened.page.get_attribute(".decision", "data-ts"))
    assert clicked == one.ts[row], "the bar under the mouse"
    assert "close > 100" in said
    wanted = one.close[row] > np.median(one.close)
    assert ("Held: the change stays inside the band." if wanted else "Nothing was wanted.") in said
    assert "missing" not in said, "what is not known is not shown among the facts"
    level = float(
        opened.page.locator(".decision .tree li >> text=close")
        .last.locator("xpath=..")
        .locator("b")
        .inner_text()
        .replace(",", "")
    )
    assert level == pytest.approx(one.close[row], rel=1e-5)
    opened.fine()


def test_keys_choose_bars_and_events_are_told(open_page, written):
    path, result = written
    opened = open_page(path)
    fills, one = result.columns.table("fills"), result.columns.assets[0]
    row = int(fills["row"][fills["asset"] == 0][-1])
    opened.page.evaluate(f"Bot4.bars.choose({one.ts[row - 1]})")
    opened.page.focus(".barplot")
    opened.page.keyboard.press("ArrowRight")
    assert int(opened.page.get_attribute(".decision", "data-ts")) == one.ts[row]
    said = opened.page.locator(".decision").inner_text()
    assert "bought" in said or "sold" in said
    assert "fee" in said
    orders = result.columns.table("orders")
    sent = next(int(ts) for ts in orders["ts"][orders["asset"] == 0][::-1])
    opened.page.evaluate(f"Bot4.bars.choose({sent - HOUR})")
    number = int(orders["id"][(orders["asset"] == 0) & (orders["ts"] == sent)][0])
    assert f"order {number}: " in opened.page.inner_text(".decision")
    opened.page.evaluate(f"Bot4.bars.choose({one.ts[row]})")
    before = opened.page.evaluate("Bot4.bars.range()")
    opened.page.keyboard.press("+")
    after = opened.page.evaluate("Bot4.bars.range()")
    assert after[1] - after[0] < before[1] - before[0]


def test_what_has_no_room_is_said_on_the_page(open_page, written, monkeypatch, tmp_path):
    _, result = written
    monkeypatch.setattr("bot4.report.bars.MOST_BARS", 4_000)
    monkeypatch.setattr("bot4.report.bars.PAGE_LIMIT", 40_000)
    close = result.columns.assets[0].close
    known = BarDecisions([tree(close, np.where(close > 0, 0.5, 0.0)), None])
    opened = open_page(write_report(replace(result.view, decisions=known), tmp_path / "r.html"))
    opened.fine()
    said = opened.page.inner_text("#barchart figcaption")
    assert "Bars are joined to 4 hours." in said
    assert "of 6,000 bars, those nearest to orders and fills" in said
    joined_ts = opened.page.evaluate("Bot4.columns('bars0').then((c) => [...c.ts])")
    held = opened.page.evaluate("Bot4.columns('decisions0').then((c) => [...c.ts])")
    far = next(ts for ts in joined_ts if not any(ts <= known < ts + 4 * HOUR for known in held))
    opened.page.evaluate(f"Bot4.bars.choose({far})")
    assert "does not hold the expressions of this bar" in opened.page.inner_text(".decision")
    near = next(ts for ts in joined_ts if any(ts <= known < ts + 4 * HOUR for known in held))
    opened.page.evaluate(f"Bot4.bars.choose({near})")
    assert "close > 100" in opened.page.inner_text(".decision")


def test_another_asset_has_its_own_bars(open_page, written):
    path, result = written
    opened = open_page(path)
    symbols = opened.page.locator("#barchart option").all_inner_texts()
    assert sorted(symbols) == sorted(asset.symbol for asset in result.columns.assets)
    opened.page.select_option("#barchart select", "1")
    number = [asset.symbol for asset in result.columns.assets].index(symbols[1])
    row = pick(opened, result, number)
    assert symbols[1] in opened.page.locator(".decision h3").first.inner_text()
    assert int(opened.page.get_attribute(".decision", "data-ts")) == result.columns.assets[number].ts[row]
    opened.fine()


def test_the_scale_of_equity_can_be_changed(open_page, written):
    page = open_page(written[0]).page
    path = "#figure1 .series.line path"
    before = page.locator(path).first.get_attribute("d")
    page.click(".scale button[aria-pressed='false']")
    assert page.locator(path).first.get_attribute("d") != before


@pytest.mark.parametrize("bars", [1, 2, 30])
def test_a_run_without_trades_or_days_is_still_a_page(open_page, tmp_path, bars):
    opened = open_page(write_report(view(sample_run(np.full(bars, 5.0))), tmp_path / "r.html"))
    opened.fine()
    assert "There was no trade." in opened.page.inner_text("main")
    assert "nan" not in opened.page.inner_text("main").lower().split()


def test_seven_years_of_hours_are_a_report_within_three_seconds(tmp_path):
    result = b4.backtest(crossing, synth(coins=1, bars=61_320, seed=2), record=False)
    start = time.process_time()  # of this process, so that neighbours on the machine do not count
    path = result.report(tmp_path / "r.html")
    assert time.process_time() - start < 3.0
    assert path.stat().st_size < 7_000_000


# --- what is sent ---------------------------------------------------------------------------------------------------------------


def test_joined_bars_keep_every_extreme_and_the_whole_volume():
    rng = np.random.default_rng(5)
    one = asset(100 + np.cumsum(rng.normal(size=1_000)))
    step = joined_interval(one, HOUR, 300)
    made = joined(one, HOUR, step)
    assert step == 4 * HOUR
    assert len(made["ts"]) == 250
    assert made["high"].max() == one.high.max()
    assert made["low"].min() == one.low.min()
    assert made["volume"].sum() == pytest.approx(one.volume.sum())
    assert (made["open"][1], made["close"][0]) == (one.open[4], one.close[3])
    assert joined_interval(one, HOUR, 1_000) == HOUR
    assert np.array_equal(joined(one, HOUR, HOUR)["close"], one.close)


def test_where_decisions_have_no_room_those_near_orders_stay():
    close = np.linspace(90, 110, 10_000)
    whole = BarDecisions([tree(close, close), None])
    active = np.array([5_000, 9_000])
    limit = whole.size // 10
    kept = fitted(whole, [active, np.empty(0, dtype=np.int64)], limit).assets[0]
    assert kept is not None
    assert set(active) <= set(kept.rows.tolist())
    assert BarDecisions([kept]).size <= limit < BarDecisions([kept]).size * 1.2
    near = np.minimum(np.abs(kept.rows - 5_000), np.abs(kept.rows - 9_000))
    assert near.max() < 300
    assert np.array_equal(kept.values[0], close[kept.rows].astype(np.float32))
    assert fitted(whole, [active, active], whole.size) is whole


def test_bars_with_fills_and_orders_are_active():
    fill = (1, 3 * HOUR, 3, 0, 1000, 10_000, 10_000, 0, 1, 1000, 0)
    order = (1, 3 * HOUR, 0, 1, 1000, 1000, 1000, 10_000, 1, 1, 0, 3 * HOUR)
    sample = sample_run([1.0] * 10, fills=[fill], orders=[order])
    assert active_rows(sample, 0).tolist() == [2, 3]
