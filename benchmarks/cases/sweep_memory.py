"""What each run adds to a sweep's memory (`sweep.memory`)."""

from benchmarks.cases.sweep import memory as run

__all__ = ["run"]
