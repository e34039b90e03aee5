"""`python -m scripts.mutants`: see the package."""

from scripts.mutants import main

main()
