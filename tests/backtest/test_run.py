"""`b4.backtest` and `b4.peek`: clocks, spans, parameters, records; each checked against numbers that need no engine."""

from __future__ import annotations

import json
import math

import numpy as np
import polars as pl
import pytest

import bot4 as b4
from bot4.backtest import BacktestError, reasons
from bot4.data import DataError
from bot4.records.store import RecordStore, Trials
from bot4.strategy import ParameterError, StrategyError

from .markets import FREE, HOUR, START, frame, market, perpetuals, walk

CLOSES = [100.0, 100.0, 110.0, 110.0, 120.0, 120.0, 90.0, 90.0]


@b4.strategy
def above(m, level: float = b4.param(105.0, 1.0, 1000.0)):
    """Half the equity long above a level."""
    return b4.target(b4.where(m.close > level, 0.5, 0.0))


@b4.strategy(on="1h")
def hourly(m):
    return b4.target(b4.where(m.close > m.close.sma(3), 1.0, 0.0))


def test_a_run_can_be_followed_with_a_pencil():
    """Decided on the close of row 2, filled at the open of row 3 (110); decided out on row 6, filled at the open of row 7 (90)."""
    result = b4.backtest(above, market(frame(CLOSES)), cash=1000, **FREE)
    bought, sold = result.fills.to_dicts()
    assert [(bought["qty"], bought["price"]), (sold["qty"], sold["price"])] == [(4, 110.0), (-4, 90.0)]
    expected = [1000, 1000, 1000, 1000, 1000 + 40, 1000 + 40, 1000 - 80, 1000 - 80]
    assert result.equity["equity"].to_list() == expected
    assert result.equity["ts"].dt.epoch("ms").to_list() == [START + (row + 1) * HOUR for row in range(8)]
    (trade,) = result.trades.to_dicts()
    assert (trade["pnl"], trade["side"], trade["return"]) == (-80.0, "long", pytest.approx(-80 / 440))
    assert result.stats.total_return == pytest.approx(-0.08)


def test_costs_lower_the_result_by_what_they_say():
    """The tick seen is 1, so half a spread of 20 bp is one tick."""
    free = b4.backtest(above, market(frame(CLOSES)), cash=1000, **FREE).stats
    dear = b4.backtest(
        above, market(frame(CLOSES)), cash=1000, fee_bps=10, spread_bps=20, impact=0, volume_share=1
    ).stats
    assert dear.fees == pytest.approx((4 * 111 + 4 * 89) * 1e-3)
    assert dear.spread_cost == 8
    assert dear.impact_cost == 0
    assert free.final_equity - dear.final_equity == pytest.approx(dear.total_cost)


# --- clocks and spans ---------------------------------------------------------------------------------------------------------


def test_faster_bars_are_resampled_to_the_strategy_s_clock():
    minutes = frame(np.repeat(CLOSES, 4), interval=HOUR // 4)
    by_hour = frame(CLOSES, opens=[100.0, *CLOSES[1:]])
    result = b4.backtest(hourly, market(minutes), **FREE)
    assert result.market.interval == "1h"
    assert (
        result.signals["target"].to_list() == b4.backtest(hourly, market(by_hour), **FREE).signals["target"].to_list()
    )


def test_a_timeframe_against_the_strategy_s_own_is_refused():
    with pytest.raises(BacktestError, match=r'hourly runs on its own clock, on=b4\.bars\("1h"\), and timeframe is 4h'):
        b4.backtest(hourly, market(frame(CLOSES)), timeframe="4h")
    assert b4.backtest(hourly, market(frame(CLOSES)), timeframe="60m").market.interval == "1h"


def test_a_clock_finer_than_the_data_is_refused():
    with pytest.raises(DataError, match="1h is finer than the bars"):
        b4.backtest(hourly, market(frame(CLOSES, interval=4 * HOUR)))


def test_timeframe_serves_a_strategy_without_a_clock():
    result = b4.backtest(above, market(frame(CLOSES)), timeframe="2h", cash=1000, **FREE)
    assert (result.market.interval, len(result.equity)) == ("2h", 4)


def test_bars_before_start_warm_up_and_are_not_traded():
    data = market(walk(500))
    whole, late = b4.backtest(hourly, data), b4.backtest(hourly, data, start=START + 200 * HOUR)
    assert late.equity["ts"][0].timestamp() * 1000 == START + 200 * HOUR
    assert (late.fills["ts"].dt.epoch("ms") >= START + 200 * HOUR).all()
    assert late.stats.start_ms == START + 200 * HOUR
    shared = whole.signals.filter(pl.col("ts") >= late.signals["ts"][0])
    assert late.signals.equals(shared), "the same signals as with the whole history"


def test_end_leaves_out_later_bars():
    result = b4.backtest(hourly, market(walk(100)), end="2020-01-02")
    assert len(result.equity) == 24 - 2, "the average of three settles on the third bar"
    assert result.market.end_ms == START + 24 * HOUR


def test_a_start_behind_the_data_is_refused():
    with pytest.raises(BacktestError, match="start is 2030-01-01 00:00, and the data ends at 2020-01-01 08:00"):
        b4.backtest(above, market(frame(CLOSES)), start="2030-01-01")


# --- parameters and strategies --------------------------------------------------------------------------------------------------


def test_parameters_come_by_name_or_as_a_dict():
    data = market(frame(CLOSES))
    by_name = b4.backtest(above, data, level=115.0)
    assert by_name.params == {"level": 115.0} == b4.backtest(above, data, params={"level": 115.0}).params
    assert by_name.identity != b4.backtest(above, data).identity


def test_wrong_parameters_are_named():
    with pytest.raises(ParameterError, match=r"level is 0\.5, but must be a number from 1 to 1000"):
        b4.backtest(above, market(frame(CLOSES)), level=0.5)
    with pytest.raises(ParameterError, match=r"no parameter 'levle'\. Did you mean level"):
        b4.backtest(above, market(frame(CLOSES)), levle=1.0)


def test_a_plain_function_is_no_strategy(tmp_path):
    with pytest.raises(BacktestError, match=r"plain is not a strategy; put @b4\.strategy"):
        b4.backtest(_plain, market(frame(CLOSES)))  # type: ignore[arg-type]
    (tmp_path / "mine.py").write_text(
        "import bot4 as b4\n@b4.strategy\ndef s(m):\n    return b4.target(1.0 + 0 * m.close)\n"
    )
    assert b4.backtest(tmp_path / "mine.py", market(frame(CLOSES))).name == "s"


def _plain(m):
    return m


def test_mistakes_while_tracing_keep_file_and_line():
    @b4.strategy
    def wrong(m):
        return b4.target(m.close > 5)

    with pytest.raises(StrategyError, match=r"test_run\.py:\d+: "):
        b4.backtest(wrong, market(frame(CLOSES)))


def test_the_engine_s_refusals_are_sentences():
    from bot4._engine import EngineError

    huge = frame([1e9 + 0.01, 1e9 + 0.02], volume=1e9)
    with pytest.raises((EngineError, DataError), match=r"\w"):
        b4.backtest(above, load_with_lot(huge), cash=1e10, level=1.0, impact=0)


def load_with_lot(data):
    return b4.load({"BTC/USDT": data}, instruments={"BTC/USDT": {"tick": "1e-9"}})


# --- records -----------------------------------------------------------------------------------------------------------------------


def test_every_run_is_recorded_and_counted(records_home):
    data = market(walk(300))
    first = b4.backtest(hourly, data)
    assert first.trials == Trials(0, 0)
    assert b4.backtest(hourly, data).trials == Trials(1, 1)
    assert b4.backtest(above, data).trials == Trials(2, 1)
    assert b4.backtest(above, data, level=50.0).trials == Trials(3, 2)
    other = load_renamed(data)
    assert b4.backtest(hourly, other).trials == Trials(4, 3), (
        "the same market under another name of file is the same market"
    )
    (*_, oldest) = RecordStore(records_home).runs()
    assert oldest["identity"] == first.identity
    assert oldest["instruments"] == ["frame:BTC/USDT"]
    assert oldest["data_hash"] == data.hash
    assert oldest["stats"]["final_equity"] == first.stats.final_equity
    np.testing.assert_array_equal(RecordStore(records_home).daily_returns(oldest["id"]), first.daily_returns[1])


def load_renamed(data):
    return b4.load({"BTC/USDT": data.frame("BTC/USDT")})


def test_records_are_optional(records_home):
    result = b4.backtest(hourly, market(walk(100)), record=False)
    assert result.trials is None
    assert not records_home.exists()


def test_a_run_goes_on_where_records_cannot_be_kept(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("BOT4_HOME", str(tmp_path / "file"))
    with pytest.warns(RuntimeWarning, match="The run is not recorded.*BOT4_HOME"):
        result = b4.backtest(hourly, market(walk(100)))
    assert result.stats.bars > 0
    monkeypatch.setenv("BOT4_RECORDS", "redis://host")
    with pytest.warns(RuntimeWarning, match="The run is not recorded.*redis://, which is no known store"):
        assert b4.backtest(hourly, market(walk(100))).trials is None


# --- the rest ------------------------------------------------------------------------------------------------------------------------


def test_progress_tells_done_and_total():
    told = []
    b4.backtest(hourly, market(walk(500)), progress=lambda done, total: told.append((done, total)))
    assert told
    assert told[-1] == (500, 500)
    assert all(done <= total for done, total in told)


def test_the_same_run_gives_the_same_result():
    data = perpetuals(walk(400, seed=1), walk(400, seed=2))
    one, two = (json.loads(b4.backtest(hourly, data, record=False).to_json()) for _ in range(2))
    assert one == two


def test_reason_codes_are_the_engine_s():
    from bot4 import _engine

    assert _engine.reason_codes() == {
        "reason": reasons.REASONS,
        "cause": reasons.CAUSES,
        "status": reasons.STATUSES,
        "rule": reasons.RULES,
        "evidence": reasons.EVIDENCE,
        "kind": reasons.KINDS,
        "tif": reasons.TIFS,
        "guard_state": reasons.GUARD_STATES,
        "layer": reasons.LAYERS,
        "breaker_kind": reasons.BREAKER_KINDS,
        "breaker_state": reasons.BREAKER_STATES,
        "trip": reasons.TRIPS,
        "action": reasons.ACTIONS,
        "effect": reasons.EFFECTS,
    }


def test_every_code_has_a_meaning():
    assert set(reasons.MEANINGS) == set(reasons.CAUSES.values()) - {"none"}
    assert set(reasons.REASON_MEANINGS) == set(reasons.REASONS.values())
    assert set(reasons.RULE_MEANINGS) == set(reasons.RULES.values())
    assert set(reasons.LAYER_MEANINGS) == set(reasons.LAYERS.values())
    assert set(reasons.EVIDENCE_MEANINGS) == set(reasons.EVIDENCE.values()) - {"none"}


# --- peek ----------------------------------------------------------------------------------------------------------------------------


def test_peek_returns_an_expression_s_column():
    seen = b4.peek(b4.market().close.sma(2), market(frame(CLOSES)))
    assert seen.columns == ["ts", "symbol", "value"]
    assert seen["value"].to_list() == [None, 100.0, 105.0, 110.0, 115.0, 120.0, 105.0, 90.0]
    assert seen["ts"].dt.epoch("ms")[0] == START + HOUR
    assert seen["symbol"].unique().to_list() == ["BTC/USDT"]


def test_peek_takes_several_expressions_functions_and_a_start():
    data = market(frame(CLOSES), frame([1.0] * 8))
    seen = b4.peek({"rank": lambda m: m.close.cs.rank(), "close": b4.market().close}, data, start=START + 7 * HOUR)
    assert seen.columns == ["ts", "symbol", "rank", "close"]
    assert seen.rows()[-1][1:] == ("ETH/USDT", 0.0, 1.0)
    assert len(seen) == 4
    listed = b4.peek([b4.market().close, b4.market().volume], data, timeframe="2h")
    assert listed.columns[2:] == ["close", "volume"]
    assert len(listed) == 8
    assert math.isclose(listed["volume"][0], 2e6)


def test_peek_at_one_asset_has_only_its_rows():
    data = market(frame(CLOSES), frame([1.0] * 5))
    seen = b4.peek(b4.asset("ETH/USDT").close, data)
    assert seen["symbol"].unique().to_list() == ["ETH/USDT"]
    assert seen["value"].to_list() == [1.0] * 5
    both = b4.peek({"eth": b4.asset("ETH/USDT").close, "own": b4.market().close}, data)
    assert len(both) == 13
