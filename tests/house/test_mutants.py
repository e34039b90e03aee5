"""`python -m scripts.mutants`: what counts, how a mutant is made, the interval of a sample; where nothing changed nothing is built."""

from __future__ import annotations

import pytest

from scripts import check, mutants, tools
from scripts.mutants import Mutant, Tally
from scripts.shell import ROOT


def test_a_mutant_replaces_its_place_alone() -> None:
    source = "fn a() {\n    1 + 2\n}\n"
    plus = Mutant("a.rs:2:7: replace + with - in a", "a.rs", (2, 7), (2, 8), "-")
    assert plus.applied(source) == "fn a() {\n    1 - /* a mutant */ 2\n}\n"
    whole = Mutant("a.rs:2:5: replace a with 0", "a.rs", (2, 5), (2, 10), "0")
    assert whole.applied(source) == "fn a() {\n    0 /* a mutant */\n}\n"
    assert plus.bare == "a.rs: replace + with - in a"


@pytest.mark.parametrize(
    ("path", "counts"),
    [
        ("engine/core/src/desk/risk.rs", True),
        ("engine/core/src/desk/guard/controls/size.rs", True),
        ("engine/core/src/desk/ledger/audit.rs", True),
        ("engine/core/src/desk/riskier.rs", False),
        ("engine/core/src/signal/node.rs", False),
        ("engine/core/tests/guard.rs", False),
    ],
)
def test_risk_ledger_breakers_and_order_states_count(path: str, counts: bool) -> None:
    assert mutants.is_source(path) is counts


def test_every_pattern_names_files_that_exist() -> None:
    for pattern in mutants.sources():
        assert list(ROOT.glob(pattern)), pattern


def test_the_interval_is_wilsons() -> None:
    # Brown, Cai and DasGupta (2001): 0 of 10 has 0 to 0.278, 9 of 10 by the formula 0.596 to 0.982.
    assert Tally(0, tuple("abcdefghij"), 0).interval() == pytest.approx((0.0, 0.27753), abs=1e-4)
    assert Tally(9, ("a",), 4).interval() == pytest.approx((0.59585, 0.98212), abs=1e-4)
    assert Tally(9, ("a",), 4).share == 0.9
    assert Tally(0, (), 3).share == 1.0


def test_below_nine_tenths_it_fails_and_names_the_survivors(capsys: pytest.CaptureFixture[str]) -> None:
    mutants.tell(Tally(9, ("a",), 0), 100, 0.0, drawn=True)
    with pytest.raises(SystemExit):
        mutants.tell(Tally(8, ("a.rs:1:1: x", "b"), 0), 100, 0.0, drawn=False)
    shown = capsys.readouterr()
    assert "between 59.6% and 98.2%" in shown.out
    assert "survived: a.rs:1:1: x" in shown.out
    assert "2 mutants survived" in shown.err


def test_where_nothing_of_the_desk_changed_nothing_is_built(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(tools, "cargo_mutants", lambda: pytest.fail("installed something"))
    monkeypatch.setattr(mutants, "git", lambda *words: "abc" if words[0] == "rev-parse" else "+++ b/engine/x.rs\n")
    mutants.main(["--changed"])
    assert "no line of risk" in capsys.readouterr().out
    monkeypatch.setattr(mutants, "git", lambda *_: "")
    mutants.main(["--changed", "nowhere"])
    assert "no commit nowhere here" in capsys.readouterr().out


def test_a_sample_is_the_same_for_the_same_seed() -> None:
    all_of_them = [Mutant(str(n), "a.rs", (1, 1), (1, 2), "") for n in range(50)]
    assert mutants.draw(all_of_them, 5, 3) == mutants.draw(all_of_them, 5, 3)
    assert mutants.draw(all_of_them, 5, 3) != mutants.draw(all_of_them, 5, 4)
    assert len(mutants.draw(all_of_them, 500, 3)) == 50


def test_it_is_part_of_ci() -> None:
    assert [step.action for step in check.TESTS if step.name == "mutants"] == [mutants.changed]
