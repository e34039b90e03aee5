"""The three realisms of one run: run once each, never recorded, shown beside each other."""

from __future__ import annotations

import json

import bot4 as b4
from bot4.backtest.realism import REALISMS, SENTENCES
from bot4.records.store import RecordStore

from .markets import market, walk


@b4.strategy
def rising(m):
    """All in while the close is above its mean."""
    return b4.target(b4.where(m.close > m.close.sma(10), 1.0, 0.0))


def test_the_others_are_run_when_asked_for_and_not_recorded(records_home):
    result = b4.backtest(rising, market(walk(400)))
    assert result.to_dict()["realisms"] is None
    found = result.realisms()
    assert tuple(found) == REALISMS
    assert found["strict"] is result
    assert result.realisms()["naive"] is found["naive"], "run once"
    assert len(RecordStore(records_home).runs()) == 1


def test_each_is_what_a_run_with_that_realism_gives():
    data = market(walk(400))
    found = b4.backtest(rising, data, record=False, realism="neutral").realisms()
    for realism in REALISMS:
        alone = b4.backtest(rising, data, record=False, realism=realism)
        assert found[realism].records["state_hash"] == alone.records["state_hash"]
        assert found[realism].config == alone.config


def test_json_has_all_three_once_they_were_run():
    result = b4.backtest(rising, market(walk(400)), record=False)
    result.realisms()
    found = json.loads(result.to_json())["realisms"]
    assert list(found) == list(REALISMS)
    assert found["strict"] == json.loads(result.to_json())["stats"]


def test_summary_and_settings_name_the_realism():
    result = b4.backtest(rising, market(walk(400)), record=False, realism="naive")
    shown = result.summary().replace("\n  ", " ")
    assert " · naive" in shown.splitlines()[1]
    assert "no market fills" in shown.replace("\n", " ")
    assert result.view.settings["realism"] == "naive"
    assert "Realism" not in shown, "the others were not run"
    result.realisms()
    table = result.summary().split("Realism")[1]
    assert all(name in table for name in REALISMS)
    assert "naive ◂" in table


def test_the_report_always_shows_all_three(tmp_path):
    page = b4.backtest(rising, market(walk(400)), record=False).report(tmp_path / "r.html").read_text()
    assert "The result under each realism" in page
    assert "<b>strict</b> (this page)" in page


def test_every_realism_has_a_sentence():
    assert tuple(SENTENCES) == REALISMS
    assert all(name in sentence for name, sentence in SENTENCES.items())
