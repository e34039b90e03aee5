"""The command line: one file per family of commands, put together in `main`.

Nothing heavy is imported before a command runs: `bot4 version` and `--help` answer at once.
"""
