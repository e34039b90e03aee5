"""Look after look on data that grow, and a look that was interrupted."""

from __future__ import annotations

import json

import pytest

from bot4.gate import perform
from bot4.gate.errors import GateError
from bot4.gate.registry.store import Registry
from tests.gate.worlds import DAY, NOW, write_bars

STRICT = {"false_pass": 1e-6, "resamples": 200, "blocks": 4}
"""A boundary so high that an edge needs more than one look."""


def test_extend_names_date_and_chance_and_the_next_look_takes_its_days(world):
    made = world.register(thresholds=STRICT)
    first = world.check(made.id)
    verdict = first.verdict
    assert (verdict.outcome, verdict.look, verdict.days) == ("EXTEND", 1, 573)
    assert (verdict.next_days, verdict.next_ms) == (603, int(first.evidence.out.days[0]) + 603 * DAY)
    assert verdict.chance is not None
    assert 0 < verdict.chance < 1
    with pytest.raises(GateError, match=r"look 2 is due at 603 days out of sample, once the data reach 2021-12-31"):
        world.check(made.id, NOW + 2_000)
    write_bars(world.folder / "bars", 760)
    second = world.check(made.id, NOW + 3_000)
    assert (second.evidence.look, len(second.evidence.out.days), second.evidence.openings) == (2, 603, 1)
    assert second.evidence.out.returns[:573].tobytes() == first.evidence.out.returns.tobytes()
    assert second.evidence.trials == first.evidence.trials, "what its own checks ran is no trial of its own"
    one = Registry.read(world.store, NOW + 4_000).book.find(made.id)
    assert one.openings == [(1, 573), (2, 603)]
    assert [judged.look for judged in one.verdicts] == [1, 2]


def test_an_interrupted_check_has_opened_the_days(world, monkeypatch):
    made = world.register()
    with monkeypatch.context() as patch:
        patch.setattr(perform, "gather", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            world.check(made.id)
    assert Registry.read(world.store, NOW + 2_000).book.find(made.id).status == "opened"
    found = world.check(made.id, NOW + 2_000).evidence
    assert (found.look, found.openings) == (1, 2)


def test_what_is_recorded_of_a_verdict_is_what_was_signed(world):
    made = world.register()
    found = world.check(made.id)
    entry = world.store.entries()[-1]
    body = json.loads(entry.body)
    assert (entry.kind, body["outcome"], body["evidence"]) == ("verdict", found.verdict.outcome, found.verdict.evidence)
    assert body["file"] == found.path.name
