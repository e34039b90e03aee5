"""The replay at the border: settings by name, columns in, reports out."""

from __future__ import annotations

import numpy as np
import pytest

from bot4._engine import EngineError, TickReplay
from bot4.data.ticks import constant, drawn, import_files, log_normal, recorded, replay
from bot4.data.ticks.importing import Grid
from tests.ticks.recordings import MS, depth, snapshot, trade, write

LINES = [
    snapshot(1000, 5, [("10.4", "1"), ("10.3", "2")], [("10.5", "3"), ("10.6", "1")], at=995),
    depth(1020, 6, 6, 5, bids=[("10.4", "0.6")]),
    trade(1030, 70, "10.4", "0.7", True),
    trade(1040, 71, "10.3", "0.1", True),
    depth(1050, 7, 7, 6, bids=[("10.4", "0.1")]),
]


@pytest.fixture
def ticks(tmp_path):
    return import_files([write(tmp_path, LINES)], Grid(lot=(1, 3)))[0]


def told(reports):
    names = zip(reports["told"], reports["lots"], reports["left"], reports["why"], strict=True)
    return [(TickReplay.told_names[t], int(lots), int(left), TickReplay.why_names[why]) for t, lots, left, why in names]


def test_an_order_waits_its_turn_and_every_report_has_its_times(ticks):
    run = replay(ticks, entry=constant(ms=2), response=constant(ms=3))
    run.advance_to(1001 * MS)
    assert run.best() == (104, 1000, 105, 3000)
    assert (run.mid(), run.microprice()) == (104.5, (104 * 3000 + 105 * 1000) / 4000)
    assert (run.levels(1, 5), run.lots_at(-1, 106)) == ([(104, 1000), (103, 2000)], 1000)
    assert run.submit(+1, 104, 500) == 1
    assert run.advance_to(1100 * MS) == 3
    reports = run.take_reports()
    # 1000 ahead, 600 after the level shrank, 700 trade: 100 reach us; the trade at 10.3 passes 100 more through our price.
    assert told(reports) == [("accepted", 0, 500, ""), ("filled", 100, 400, "queue"), ("filled", 100, 300, "through")]
    assert reports["exch_ns"].tolist() == [1003 * MS, 1026 * MS, 1036 * MS]
    assert reports["local_ns"].tolist() == [1006 * MS, 1029 * MS, 1039 * MS]
    assert (reports["row"].tolist(), reports["is_maker"].tolist()) == ([-1, 0, 1], [False, True, True])
    assert run.take_reports()["id"].tolist() == []
    assert (run.tape(), run.rows, run.next_ns, run.now) == ((103, -100, 0, 800, 2), (6, 2), None, 1100 * MS)


def test_every_latency_and_every_queue_of_the_page_runs(ticks):
    latencies = [constant(1), log_normal(1, 0.3), drawn([MS, 2 * MS]), recorded([0, 2_000 * MS], [MS, 3 * MS])]
    for latency in latencies:
        for queue in ("pessimistic", "log", "log2", "power", "power2", "power3"):
            run = replay(ticks, queue=queue, exponent=2.0, entry=latency, response=latency)
            run.advance_to(1001 * MS)
            run.submit(+1, 104, 5)
            run.advance_to(1100 * MS)
            assert told(run.take_reports())[0][0] == "accepted"


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"queue": "fifo"}, '"fifo" is no queue model; give one of exact, pessimistic, log'),
        ({"realism": "real"}, '"real" is no realism; give strict, neutral or naive'),
        ({"queue": "power", "exponent": -1.0}, "the exponent of a queue model must be above 0"),
        ({"entry": drawn([])}, "a latency is negative, without samples"),
        ({"entry": {"ns": 1}}, "the replay's settings cannot be read"),
    ],
)
def test_a_setting_that_is_none_is_refused_in_one_sentence(ticks, settings, said):
    with pytest.raises(EngineError) as error:
        replay(ticks, **settings)
    assert said in str(error.value)


def test_columns_that_cannot_be_replayed_name_the_row(ticks):
    depth, trades = ticks.depth.columns(), ticks.trades.columns()
    late = depth | {"exch_ns": depth["exch_ns"] + 3600 * 10**9}
    config = '{"queue":"log","realism":"strict","entry":{"constant_ns":1},"cancel":{"constant_ns":1},"response":{"constant_ns":1},'
    config += '"recovery_ns":0,"max_orders":1,"seed":1}'
    with pytest.raises(EngineError, match="depth row 0: is known before it happened"):
        TickReplay(late, trades, config)
    with pytest.raises(EngineError, match="column side must be a contiguous one-dimensional int8 array"):
        TickReplay(depth | {"side": np.zeros(6)}, trades, config)
    run = TickReplay(depth, trades, config)
    with pytest.raises(EngineError, match="5 is no side; give 1 to buy, -1 to sell"):
        run.submit(5, 1, 1)
    with pytest.raises(EngineError, match="no time in force"):
        run.submit(1, 1, 1, "day")
