"""Speed and memory of Bot4 beside its peers, measured in one run. Not part of the installed package."""
