"""Where values come from, and the joints between clocks and scopes.

`carry` and `pick` are never written by a user: `lowering` puts them where a slower clock meets the base clock and where one
asset's expression meets the others.
"""

from __future__ import annotations

from ..catalogue import A, B, Gives, Op, declare

COL = declare(Op("col", (), Gives.NUMBER))
POS = declare(Op("pos", (), Gives.NUMBER))
ACCOUNT = declare(Op("account", (), Gives.NUMBER))
CARRY = declare(Op("carry", (A,), Gives.SAME))
CARRY_EVENT = declare(Op("carry_event", (B,), Gives.EVENT))
PICK = declare(Op("pick", (A,), Gives.SAME))
PICK_EVENT = declare(Op("pick_event", (B,), Gives.EVENT))
