"""Where windows lie in the data: the span in which every combination can decide, and lengths where none are given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot4.data.timeframe import DAY_MS, format_time

from ..errors import BacktestError
from .evaluate import first_decision_ms
from .lengths import LengthLike, length_text, parse_length
from .splits import Lengths, Span

if TYPE_CHECKING:
    from ..setup import Setup
    from .candidates import Candidates

TESTS = 8
TRAIN_OVER_TEST = 4
"""Without lengths: eight tests, and a training four times as long before each."""
LEAST_TRAIN_MS = 2 * DAY_MS


def unit_of(setup: Setup, *given: LengthLike | None) -> int:
    """Returns what windows are counted in: whole days where bars and lengths allow it, so that daily returns are never split; else bars."""
    interval = setup.market.interval_ms
    lengths = [parse_length("length", value, interval) for value in given if value is not None]
    is_whole = DAY_MS % interval == 0 and all(length % DAY_MS == 0 for length in lengths)
    return DAY_MS if is_whole else interval


def whole_span(setup: Setup, tried: Candidates, unit_ms: int) -> Span:
    """Returns the span that windows may use: from the first moment at which every combination can decide, at a whole unit, to the end.

    Raises BacktestError where the data ends within the warm-up.
    """
    market = setup.market
    programs = [*tried.programs, *([] if tried.default is None else [tried.default])]
    ready = [first_decision_ms(setup, program) for program in programs]
    first = max((time for time in ready if time is not None), default=None)
    if first is None or None in ready:
        raise BacktestError(
            f"the data ends within the warm-up ({market.rows:,} bars, {format_time(market.start_ms)} to {format_time(market.end_ms)}); "
            "give more bars, or smaller windows in the strategy."
        )
    first = max(first, setup.trade_from_ms or first)
    if unit_ms == DAY_MS:
        first = -(-first // DAY_MS) * DAY_MS
    return Span(min(first, market.end_ms), market.end_ms)


def lengths(
    setup: Setup,
    whole: Span,
    train: LengthLike | None,
    test: LengthLike | None,
    step: LengthLike | None,
    purge: LengthLike,
    embargo: LengthLike,
    anchored: bool,
) -> Lengths:
    """Returns the lengths of the windows in milliseconds. Raises BacktestError for what is no length or cannot be."""
    interval = setup.market.interval_ms
    fit = None if train is None else parse_length("train", train, interval, max(LEAST_TRAIN_MS, interval))
    trial = None if test is None else parse_length("test", test, interval, interval)
    if fit is None or trial is None:
        fit, trial = _proposed(whole, fit, trial, unit_of(setup, train, test, step, purge, embargo))
    pace = trial if step is None else parse_length("step", step, interval, interval)
    gaps = (parse_length("purge", purge, interval), parse_length("embargo", embargo, interval))
    return Lengths(fit, trial, pace, *gaps, anchored=anchored)


def _proposed(whole: Span, fit: int | None, trial: int | None, unit_ms: int) -> tuple[int, int]:
    if fit is not None:
        return fit, max(fit // TRAIN_OVER_TEST // unit_ms, 1) * unit_ms
    if trial is not None:
        return max(TRAIN_OVER_TEST * trial, -(-LEAST_TRAIN_MS // unit_ms) * unit_ms), trial
    shares = TESTS + TRAIN_OVER_TEST
    trial = whole.length_ms // shares // unit_ms * unit_ms
    if not trial or TRAIN_OVER_TEST * trial < LEAST_TRAIN_MS:
        raise BacktestError(
            f"after the warm-up there are {length_text(whole.length_ms)} of data, too little for {TESTS} tests with a training before "
            f"each; give at least {length_text(max(shares * unit_ms, LEAST_TRAIN_MS * shares // TRAIN_OVER_TEST))}, or train= and test=."
        )
    return TRAIN_OVER_TEST * trial, trial
