"""`python -m scripts.mutants`: what counts, the interval of a sample, equivalent mutants; where nothing changed nothing is built."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts import check, mutants, tools
from scripts.mutants import copies, hunt, listing, tally
from scripts.mutants.listing import Mutant
from scripts.mutants.tally import Tally
from scripts.shell import ROOT

FILE = "engine/core/src/desk/risk.rs"


def test_a_mutant_replaces_its_place_alone() -> None:
    source = "fn a() {\n    1 + 2\n}\n"
    plus = Mutant("a.rs:2:7: replace + with - in a", "a.rs", (2, 7), (2, 8), "-")
    assert plus.applied(source) == "fn a() {\n    1 - /* a mutant */ 2\n}\n"
    whole = Mutant("a.rs:2:5: replace a with 0", "a.rs", (2, 5), (2, 10), "0")
    assert whole.applied(source) == "fn a() {\n    0 /* a mutant */\n}\n"
    assert plus.bare == "a.rs: replace + with - in a"
    assert tally.place(plus, source) == "1 «+» 2"


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
    assert listing.is_source(path) is counts


def test_every_pattern_names_files_that_exist() -> None:
    for pattern in listing.sources():
        assert list(ROOT.glob(pattern)), pattern


def test_the_interval_is_wilsons() -> None:
    # Brown, Cai and DasGupta (2001): 0 of 10 has 0 to 0.278, 9 of 10 by the formula 0.596 to 0.982.
    assert Tally(0, tuple("abcdefghij"), 0).interval() == pytest.approx((0.0, 0.27753), abs=1e-4)
    assert Tally(9, ("a",), 4).interval() == pytest.approx((0.59585, 0.98212), abs=1e-4)
    assert Tally(9, ("a",), 4).share == 0.9
    assert Tally(0, (), 3).share == 1.0


def some(count: int) -> list[Mutant]:
    """Returns mutants of the gate's file, all in its first line."""
    return [Mutant(f"{FILE}:1:{n}: replace a with b {n}", FILE, (1, n), (1, n + 1), "b") for n in range(1, count + 1)]


def verdicts(kinds: list[str]) -> dict[str, list[str]]:
    return {mutant.name: [kind] for mutant, kind in zip(some(len(kinds)), kinds, strict=True)}


def test_below_nine_tenths_of_a_part_it_fails_and_names_the_survivors(capsys: pytest.CaptureFixture[str]) -> None:
    tally.tell(some(10), verdicts(["caught"] * 9 + ["missed"]), 100, 0.0, drawn=True)
    tally.tell(some(11), verdicts(["caught"] * 9 + ["missed", "unviable"]), 100, 0.0, drawn=False)
    with pytest.raises(SystemExit):
        tally.tell(some(10), verdicts(["caught"] * 8 + ["missed", "unreached"]), 100, 0.0, drawn=False)
    shown = capsys.readouterr()
    assert "between 59.6% and 98.2%" in shown.out
    assert f"survived: {FILE}:1:9: replace a with b 9" in shown.out
    assert f"no test comes there: {FILE}:1:10: replace a with b 10" in shown.out
    assert "2 mutants survived" in shown.err


def test_equivalent_mutants_are_named_by_what_does_not_move_and_count_as_missed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    table, source = tmp_path / "equivalent.toml", tmp_path / "a.rs"
    source.write_text("// x\nif a > 0 {\n")
    made = [Mutant("a.rs:2:6: replace > with >= in f", "a.rs", (2, 6), (2, 7), ">=")]
    entry = '[[equivalent]]\nmutant = "a.rs: replace > with >= in f"\nplace = "if a «>» 0 {"\nreason = "never 0"\n'
    table.write_text(entry)
    assert tally.equivalents(made, True, tmp_path, table) == {made[0].name: "never 0"}
    table.write_text(entry.replace("«>» 0", "«>» 1"))
    assert tally.equivalents(made, False, tmp_path, table) == {}, "a sample holds a part of them"
    with pytest.raises(SystemExit):
        tally.equivalents(made, True, tmp_path, table)
    assert "names what is no mutant of the sources" in capsys.readouterr().err
    monkeypatch.setattr(tally, "equivalents", lambda *_, **__: {some(10)[9].name: "never 0"})
    tally.tell(some(10), verdicts(["caught"] * 9 + ["missed"]), 10, 0.0, drawn=False)
    shown = capsys.readouterr().out
    assert "equivalent (never 0)" in shown
    assert "9 of    10 caught:  90.0%   without the 1 equivalent: 100.0%" in shown
    with pytest.raises(SystemExit):
        tally.tell(some(10), verdicts(["caught"] * 10), 10, 0.0, drawn=False)
    assert "calls equivalent what a test catches" in capsys.readouterr().err


def test_every_equivalent_mutant_has_its_reason_and_stands_in_a_line_of_its_file() -> None:
    import tomllib

    entries = tomllib.loads(tally.TABLE.read_text()).get("equivalent", [])
    assert entries
    for entry in entries:
        file = entry["mutant"].split(": ")[0]
        line = entry["place"].replace("«", "").replace("»", "")
        assert listing.is_source(file)
        assert line in (ROOT / file).read_text(), entry
        assert len(entry["reason"]) > 20, entry


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
    all_of_them = some(50)
    assert mutants.draw(all_of_them, 5, 3) == mutants.draw(all_of_them, 5, 3)
    assert mutants.draw(all_of_them, 5, 3) != mutants.draw(all_of_them, 5, 4)
    assert len(mutants.draw(all_of_them, 500, 3)) == 50


def test_a_run_that_was_ended_goes_on_unless_the_sources_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / "a.rs").write_text("one")
    monkeypatch.setattr(copies, "PLAIN", tree)
    monkeypatch.setattr(hunt, "OUTCOMES", tmp_path / "outcomes.json")
    run = hunt.Run({}, hunt.OUTCOMES)
    for mutant, kind in zip(some(3), ("caught", "missed", "unreached"), strict=True):
        run.note(mutant.name, [kind])
    run.save()
    assert hunt.kept(fresh=False) == run.verdicts
    assert hunt.kept(fresh=True) == {}
    assert hunt.settled() == {some(1)[0].name: ["caught"]}
    (tree / "a.rs").write_text("two")
    assert hunt.kept(fresh=False) == {}


def test_it_is_part_of_ci() -> None:
    assert [step.action for step in check.TESTS if step.name == "mutants"] == [mutants.changed]
