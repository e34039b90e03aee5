"""The calendar of a row: fields of its bar's open time, UTC. Written by the user as `b4.clock.hour()` and so on (`clock`)."""

from __future__ import annotations

from ..catalogue import Gives, Op, declare

CLOCK = declare(Op("clock", (), Gives.NUMBER))
