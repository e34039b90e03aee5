"""The gate's own operating characteristics: how often it passes what has no edge, and what has one (`bot4 gate self-test`).

Order: `generators` (returns without an edge) -> `measure` (z of many paths at once) -> `operating` (shares that pass the boundary),
`selection` (the best of many), `whole` (through every check) -> `report` (all of it, beside what the gate promises).
"""

from .report import SelfTest as SelfTest
from .report import run as run
