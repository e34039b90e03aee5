"""The tools of the house: set-up, tests, gates. Standard library only; run as `python -m scripts.<name>` from the root."""
