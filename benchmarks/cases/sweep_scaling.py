"""Two workers against one, over what the machine's second core is worth (`sweep.scaling`)."""

from benchmarks.cases.sweep import scaling as run

__all__ = ["run"]
