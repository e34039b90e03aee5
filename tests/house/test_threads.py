"""`python -m scripts.threads`: one tool a call, and the models of loom are part of CI."""

from __future__ import annotations

import subprocess

import pytest

from scripts import check, threads


def test_loom_is_a_step_of_ci() -> None:
    assert [step.action for step in check.TESTS if step.name == "loom"] == [threads.loom]


@pytest.mark.parametrize("words", [[], ["lom"], ["loom", "crowd"]])
def test_what_is_no_tool_is_refused_with_the_tools_there_are(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        threads.main(words)
    assert "one of loom, crowd, sanitizer" in capsys.readouterr().err


def test_each_tool_runs_what_it_says(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[tuple[list[str], dict[str, str]]] = []
    monkeypatch.setattr(threads, "run", lambda words, env=None: calls.append((list(words), dict(env or {}))))
    for tool in threads.TOOLS:
        threads.main([tool])
    (loom, _), (crowd, slow), (memory, traced), (pipeline, _) = calls
    assert loom[-1] == "bot4-loom"
    assert (crowd[:2], slow) == (["cargo", "test"], {"BOT4_CROWD_SECONDS": "10"})
    assert "-Zsanitizer=thread" in traced["RUSTFLAGS"]
    assert "--target" in memory
    assert "--target" in pipeline


def test_a_finding_ends_with_a_sentence(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def fail(*_: object, **__: object) -> None:
        raise subprocess.CalledProcessError(101, ["cargo"])

    monkeypatch.setattr(threads, "run", fail)
    with pytest.raises(SystemExit):
        threads.main(["loom"])
    assert "loom found something" in capsys.readouterr().err
