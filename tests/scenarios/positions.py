"""Targets and entries: what protects a whole position, pyramids, turns and what comes after a stop."""

from __future__ import annotations

from .scene import Scene, entries, target

FLAT = "100 100 100 100"
IN = "1 buy 5 @ 100 target/open"

SCENES = [
    Scene(
        "a target's stop",
        bars=[FLAT, FLAT, "100 100 89 95", "95 95 95 95"],
        program=target(5, fixed=10),
        strict=[IN, "2 sell 5 @ 90 stop_fixed/trigger"],  # and it waits for a new signal
        neutral=[IN, "2 sell 5 @ 90 stop_fixed/trigger"],
        naive=[IN, "2 sell 5 @ 90 stop_fixed/trigger"],
    ),
    Scene(
        "a gap through a target's stop",
        bars=[FLAT, FLAT, "80 81 79 80"],
        program=target(5, fixed=10),
        strict=[IN, "2 sell 5 @ 80 gap_fixed/gap_trigger"],
        neutral=[IN, "2 sell 5 @ 80 gap_fixed/gap_trigger"],
        naive=[IN, "2 sell 5 @ 90 gap_fixed/gap_trigger"],
    ),
    Scene(
        "a target's take",
        bars=[FLAT, FLAT, "100 111 99 108"],
        program=target(5, take=10),
        strict=[IN, "2 sell 5 @ 110 take/through"],
        neutral=[IN, "2 sell 5 @ 110 take/touch"],
        naive=[IN, "2 sell 5 @ 110 take/touch"],
    ),
    Scene(
        "stop and take of a target in the bar of its entry, low nearer",
        bars=[FLAT, "100 112 89 100"],
        program=target(5, fixed=10, take=10),
        strict=[IN, "1 sell 5 @ 90 stop_fixed/trigger"],
        neutral=[IN, "1 sell 5 @ 90 stop_fixed/trigger"],
        naive=[IN, "1 sell 5 @ 110 take/touch"],
    ),
    Scene(
        "a trailing stop of a target",
        bars=[FLAT, "100 112 99 110", "110 111 101 105"],
        program=target(5, trailing=10),
        strict=[IN, "2 sell 5 @ 102 stop_trailing/trigger"],
        naive=[IN, "2 sell 5 @ 102 stop_trailing/trigger"],
    ),
    Scene(
        "out after two bars",
        bars=[FLAT] * 4,
        program=target(5, time=2),
        strict=[IN, "3 sell 5 @ 100 stop_time/open"],
    ),
    Scene(
        "a pyramid of two units and its common stop at the average of 105",
        bars=[FLAT, FLAT, "110 110 110 110", "110 110 94 100"],
        program=entries("LL..", 5, max_units=2, fixed=10),
        strict=["1 buy 5 @ 100 entry/open", "2 buy 5 @ 110 entry/open", "3 sell 10 @ 95 stop_fixed/trigger"],
        neutral=["1 buy 5 @ 100 entry/open", "2 buy 5 @ 110 entry/open", "3 sell 10 @ 95 stop_fixed/trigger"],
    ),
    Scene(
        "the other side's signal turns the position in one order",
        bars=[FLAT] * 3,
        program=entries("LS.", 5),
        strict=["1 buy 5 @ 100 entry/open", "2 sell 10 @ 100 entry/open"],
    ),
    Scene(
        "an exit signal",
        bars=[FLAT] * 3,
        program=entries("LX.", 5),
        strict=["1 buy 5 @ 100 entry/open", "2 sell 5 @ 100 exit_signal/open"],
    ),
    Scene(
        "after a stop the same signal must have gone before it counts again",
        bars=[FLAT, FLAT, "100 100 89 100", FLAT, FLAT, FLAT],
        program=entries("LLL.LL", 5, fixed=10),
        strict=["1 buy 5 @ 100 entry/open", "2 sell 5 @ 90 stop_fixed/trigger", "5 buy 5 @ 100 entry/open"],
    ),
    Scene(
        "a cool-down of two bars after an exit",
        bars=[FLAT] * 6,
        program=entries("LXLLLL", 5, cooldown={"bars": 2}),
        strict=["1 buy 5 @ 100 entry/open", "2 sell 5 @ 100 exit_signal/open", "5 buy 5 @ 100 entry/open"],
    ),
    Scene(
        "the take of entries",
        bars=[FLAT, FLAT, "100 106 99 104"],
        program=entries("L..", 5, take=5),
        strict=["1 buy 5 @ 100 entry/open", "2 sell 5 @ 105 take/through"],
    ),
]
