"""The runner of checks: every step runs, times are shown, failures are named, pytest's closing line comes last."""

import subprocess

import pytest

from scripts import check, wheel


def fails() -> None:
    raise subprocess.CalledProcessError(1, ["x"])


def stops() -> None:
    raise SystemExit(1)


def breaks() -> None:
    raise KeyError("x")


def test_a_failing_step_does_not_stop_the_others(capsys: pytest.CaptureFixture[str]) -> None:
    ran: list[str] = []
    steps = [check.Step("a", fails), check.Step("b", stops), check.Step("x", breaks)]
    steps.append(check.Step("c", lambda: ran.append("c")))
    assert check.run_steps(steps) == ["a", "b", "x"]
    assert ran == ["c"]
    said = capsys.readouterr().out
    assert said.count("FAILED") == 3
    assert said.index("== a") < said.index("== b") < said.index("== c") < said.index("== times")


def test_pytests_closing_line_is_the_last_output(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def closing(pytest_step: check.Pytest) -> None:
        pytest_step.closing_line = "1 failed, 41 passed in 3.0s"
        fails()

    monkeypatch.setattr(check, "LINT", [])
    monkeypatch.setattr(check, "TESTS", [])
    monkeypatch.setattr(check.Pytest, "run", closing)
    with pytest.raises(SystemExit) as ended:
        check.main(["all"])
    assert ended.value.code == 1
    assert capsys.readouterr().out.splitlines()[-1] == "1 failed, 41 passed in 3.0s"


def test_an_unknown_suite_is_refused() -> None:
    with pytest.raises(SystemExit, match="one of quick, lint, all"):
        check.main(["everything"])


def test_a_wheel_is_judged_by_name_and_content() -> None:
    package = ["bot4/__init__.py", "bot4/py.typed"]
    assert wheel.faults("bot4-0.1.0-cp311-abi3-linux_x86_64.whl", [*package, "bot4/_engine.abi3.so"], package) == []
    wrong = wheel.faults("bot4-0.1.0-cp312-cp312-linux_x86_64.whl", ["bot4/__init__.py", "tests/test_a.py"], package)
    assert [" ".join(sentence.split()[1:4]) for sentence in wrong] == [
        "is not tagged",
        "holds no compiled",
        "lacks bot4/py.typed.",
        "holds tests/test_a.py, which",
    ]
