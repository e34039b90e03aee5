"""The error of this room."""


class ExchangeError(ValueError):
    """An exchange cannot be started or steered: one sentence with cause and fix."""
