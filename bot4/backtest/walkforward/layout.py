"""Where windows lie in the data: the span in which every combination can decide, and lengths where none are given."""

from __future__ import annotations

from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Wanted:
    """Lengths in milliseconds as they were asked for; None where they are to be proposed."""

    train: int | None
    test: int | None
    step: int | None
    purge: int = 0
    embargo: int = 0
    anchored: bool = False

    def unit_ms(self, interval_ms: int) -> int:
        """Returns what windows are counted in: whole days where bars and lengths allow it, so that no daily return is split; else bars."""
        given = [one for one in (self.train, self.test, self.step, self.purge, self.embargo) if one is not None]
        return DAY_MS if DAY_MS % interval_ms == 0 and all(one % DAY_MS == 0 for one in given) else interval_ms

    def within(self, whole: Span, unit_ms: int) -> Lengths:
        """Returns the lengths for a span of data. Raises BacktestError where it is too short for a proposal."""
        train, test = self.train, self.test
        if train is None or test is None:
            train, test = _proposed(whole, train, test, unit_ms)
        return Lengths(train, test, test if self.step is None else self.step, self.purge, self.embargo, self.anchored)


def read_lengths(
    interval_ms: int,
    train: LengthLike | None,
    test: LengthLike | None,
    step: LengthLike | None,
    purge: LengthLike,
    embargo: LengthLike,
    anchored: bool,
) -> Wanted:
    """Returns lengths as they are given. Raises BacktestError for what is no length or cannot be one."""

    def read(name: str, value: LengthLike | None, least_ms: int) -> int | None:
        return None if value is None else parse_length(name, value, interval_ms, least_ms)

    return Wanted(
        read("train", train, max(LEAST_TRAIN_MS, interval_ms)),
        read("test", test, interval_ms),
        read("step", step, interval_ms),
        parse_length("purge", purge, interval_ms),
        parse_length("embargo", embargo, interval_ms),
        anchored,
    )


def whole_span(setup: Setup, tried: Candidates, unit_ms: int) -> Span:
    """Returns the span that windows may use: from the first moment at which every combination can decide, at a whole unit, to the end.

    Raises BacktestError where the data ends within the warm-up.
    """
    market = setup.market
    programs = [*tried.programs, *([] if tried.default is None else [tried.default])]
    first = 0
    for program in programs:
        ready = first_decision_ms(setup, program)
        if ready is None:
            values = ", ".join(f"{name}={value}" for name, value in program.parameters.items())
            raise BacktestError(
                f"the data ends within the warm-up{f' of {values}' if values else ''} ({market.rows:,} bars, "
                f"{format_time(market.start_ms)} to {format_time(market.end_ms)}); give more bars, or "
                f"{'parameters that look back less far' if values else 'smaller windows in the strategy'}."
            )
        first = max(first, ready)
    first = max(first, setup.trade_from_ms or first)
    if unit_ms == DAY_MS:
        first = -(-first // DAY_MS) * DAY_MS
    return Span(min(first, market.end_ms), market.end_ms)


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
