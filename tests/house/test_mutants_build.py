"""All mutants in one text, whom an error of the compiler is blamed on, and which tests are run."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.mutants import copies, running
from scripts.mutants.listing import Mutant
from scripts.mutants.rewrite import Rewritten, parser, rewrite
from scripts.mutants.running import Ended, Judge, OneTest, Reach

SOURCE = """fn f(a: i64, b: &[i64]) -> i64 {
    let c = a + b[0] * 2 - 1;
    if a < c && !b.is_empty() { return -c; }
    match c {
        0 => 1,
        x if x > 3 => 2,
        _ => S { n: a, ..S::new() }.n,
    }
}
const N: i64 = 4 * 2;
"""


def mutant(genre: str, old: str, text: str, nth: int = 0) -> Mutant:
    """Returns the change of the `nth` place where `old` stands."""
    at = -1
    for _ in range(nth + 1):
        at = SOURCE.index(old, at + 1)
    before = SOURCE[:at]
    line, column = before.count("\n") + 1, at - (before.rfind("\n") + 1) + 1
    lines = old.count("\n")
    end = (line + lines, column + len(old) if not lines else len(old.rsplit("\n", 1)[1]) + 1)
    return Mutant(f"{genre} {old}", "f.rs", (line, column), end, text, genre)


def written(*mutants: Mutant) -> Rewritten:
    return rewrite(parser(), SOURCE, list(enumerate(mutants, 1)))


@pytest.mark.parametrize(
    ("change", "before", "after"),
    [
        # What an operator binds may change up to the end of its chain.
        (
            ("BinaryOperator", "+", "*"),
            "a + b[0] * 2 - 1;",
            "(if crate::mutant::on(1) {a *  b[0] * 2 - 1} else {a + b[0] * 2 - 1});",
        ),
        (("UnaryOperator", "!", ""), "!b.is_empty()", "(if crate::mutant::on(1) { b.is_empty()} else {!b.is_empty()})"),
        (("MatchArm", "0 => 1", ""), "0 => 1", "0 if !crate::mutant::on(1) => 1"),
        (("MatchArm", "x if x > 3 => 2", ""), "x if x > 3 => 2", "x if !crate::mutant::on(1) && (x > 3) => 2"),
        (("MatchArmGuard", "x > 3", "true"), "x > 3", "(if crate::mutant::on(1) {true } else {x > 3})"),
        (("StructField", "n: a", ""), "n: a", "n: if crate::mutant::on(1) { (S::new()).n } else { a }"),
        (
            ("FnValue", SOURCE[37:260].rstrip("\n }") + " }", "7"),
            "i64 {\n    let",
            "i64 { if crate::mutant::on(1) { return 7; }\n    let",
        ),
    ],
)
def test_each_kind_of_change_stands_behind_its_question(change: tuple[str, str, str], before: str, after: str) -> None:
    genre, old, text = change
    if genre == "FnValue":
        made = written(Mutant("f", "f.rs", (2, 5), (8, 6), text, genre))
    else:
        made = written(mutant(genre, old, text))
    assert made.text.decode() == SOURCE.replace(before, after, 1)
    assert not made.alone


def test_many_share_a_text_and_each_knows_its_own_place() -> None:
    changes = [mutant("BinaryOperator", "+", "-"), mutant("BinaryOperator", "<", ">"), mutant("UnaryOperator", "!", "")]
    changes += [Mutant("f", "f.rs", (2, 5), (8, 6), "0", "FnValue"), mutant("BinaryOperator", ">", "<", nth=2)]
    made = written(*changes)
    found = {number: made.text[first:end].decode() for number, (first, end) in made.changed.items()}
    assert found[1] == "a -  b[0] * 2 - 1"
    assert found[2] == "a >  c && !b.is_empty()", "the others as they were"
    assert (found[3], found[4]) == (" b.is_empty()", "return 0")


def test_what_is_reckoned_while_compiling_is_tried_alone() -> None:
    made = written(mutant("BinaryOperator", "*", "/", nth=1))
    assert (made.alone, made.text.decode()) == ({1: "evaluated while compiling"}, SOURCE)


def test_an_error_inside_a_change_is_its_own_and_one_around_it_only_says_try_alone() -> None:
    made = Rewritten(changed={1: (10, 20), 2: (30, 40)}, places=[(5, 60, [1, 2]), (25, 45, [2])])
    assert copies.blamed(made, "E0277", 12, 15) == ([1], True)
    assert copies.blamed(made, "E0716", 12, 15) == ([1], False), "another shape of the text may compile"
    assert copies.blamed(made, "E0308", 26, 28) == ([2], False)
    assert copies.blamed(made, "E0004", 50, 52) == ([1, 2], False)
    assert copies.blamed(made, "E0004", 70, 72) == ([], False)


def test_only_tests_that_reach_a_mutant_run_and_good_catchers_first(monkeypatch: pytest.MonkeyPatch) -> None:
    quick, slow, noisy = (OneTest(Path("p"), name) for name in ("quick", "slow", "noisy"))
    reach = Reach({quick: 0.01, slow: 0.2, noisy: 0.01}, noisy={noisy})
    reach.by_mutant.update({1: [quick, slow], 2: [quick, slow], 3: [noisy], 4: [quick]})
    runs: list[tuple[str, list[str], bool]] = []

    def start(_program: Path, words: list[str], _folder: Path, env: dict[str, str], limit_s: float) -> Ended:
        runs.append((env["BOT4_MUTANT"], words[1:], "BOT4_MUTANT_ABORT" in env))
        assert limit_s >= running.LEAST_S
        return Ended("slow" not in words, 0.1, "slow", "fails")

    monkeypatch.setattr(running, "start", start)
    judge = Judge(reach, Path())
    assert judge.verdict(9, "a.rs") == ["unreached"]
    assert judge.verdict(1, "a.rs") == ["caught", "slow", "fails"]
    for _ in range(8):
        judge.verdict(2, "a.rs")
    assert judge.verdict(3, "a.rs") == judge.verdict(4, "a.rs") == ["missed"]
    assert runs[0] == ("1", ["quick", "slow"], True)
    assert runs[8] == ("2", ["slow", "quick"], True), "it has caught others of this file"
    assert runs[-2:] == [("3", ["noisy"], False), ("4", ["quick"], True)]


def test_a_process_of_tests_ends_good_failed_or_never(tmp_path: Path) -> None:
    program = tmp_path / "tests"
    program.write_text(
        '#!/bin/sh\necho "test a::b ... "\ncase "$BOT4_MUTANT" in 1) exit 101;; 2) while :; do :; done;; esac\n'
    )
    program.chmod(0o755)
    ended = [running.start(program, [], tmp_path, {"BOT4_MUTANT": number}, 1.0) for number in "012"]
    assert [(one.good, one.why, one.last) for one in ended] == [
        (True, "", "a::b"),
        (False, "fails", "a::b"),
        (False, "never ends", "a::b"),
    ]
