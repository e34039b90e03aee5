"""The line of progress: late, rare, and gone at the end."""

from __future__ import annotations

import io

from bot4.cli.progress import Progress


class Terminal(io.StringIO):
    def isatty(self):
        return True


def clock(monkeypatch, *moments):
    times = iter(moments)
    monkeypatch.setattr("time.monotonic", lambda: next(times))


def test_nothing_is_shown_in_the_first_second_or_twice_in_a_tenth(monkeypatch):
    clock(monkeypatch, 0.0, 0.9, 1.1, 1.15, 2.0)
    terminal = Terminal()
    with Progress("backtest", terminal) as shown:
        for done in (100, 200, 300, 400):
            shown(done, 1000)
    assert terminal.getvalue().count("backtest") == 2
    assert "backtest  20%  200 of 1,000 bars" in terminal.getvalue()
    assert terminal.getvalue().endswith("\r")


def test_nothing_is_shown_where_nobody_looks(monkeypatch):
    clock(monkeypatch, 0.0, 5.0)
    stream = io.StringIO()
    with Progress("backtest", stream) as shown:
        shown(1, 2)
    assert stream.getvalue() == ""


def test_an_unknown_whole_counts_as_done(monkeypatch):
    clock(monkeypatch, 0.0, 5.0)
    terminal = Terminal()
    Progress("backtest", terminal)(1, 0)
    assert "100%" in terminal.getvalue()
