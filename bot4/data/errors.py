"""The error of the data room.

One class: whatever is wrong with data, the message is one sentence that says what, where (file, row, time) and the fix.
"""

from __future__ import annotations


class DataError(ValueError):
    """Data that Bot4 refuses; the command line prints the sentence and exits with code 2."""
