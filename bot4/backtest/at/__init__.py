"""One bar of one asset: what was known, wanted, checked, sent and filled there, and why nothing else was.

`lens` steps the run to the bar again, `gather` puts together what it shows and what the records say, `reasons` says why, `render` writes
it down.
"""

from .decision import Decision
from .gather import decide_at

__all__ = ["Decision", "decide_at"]
