"""The error of this room."""


class LiveError(ValueError):
    """A running desk cannot be reached, or refuses: one sentence with cause and fix."""
