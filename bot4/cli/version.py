"""`bot4 version`."""

from __future__ import annotations

import typer


def command() -> None:
    """Print the version of Bot4, its engine and Python."""
    import platform

    from bot4 import __version__, _engine

    typer.echo(f"bot4 {__version__} (engine {_engine.__version__}, Python {platform.python_version()})")
