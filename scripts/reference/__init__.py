"""Writes the pages of docs/reference from the code: `python -m scripts.reference` (`--check` only compares).

Each page is a function that returns Markdown. tests/house/test_alignment.py holds the files to them, so that no command, flag, setting,
code or public name can be missing from the docs, or stand there after it is gone.
"""
