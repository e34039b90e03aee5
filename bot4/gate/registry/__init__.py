"""The registry: what was registered, opened, judged and withdrawn, as entries of the chain of the run records.

Order: `plan` says which days are out of sample -> `make` builds a registration, without running anything -> `book` reads the entries and
refuses what overlaps -> `due` says which look may be taken -> `file` signs what a check writes. Not here: the runs (`collect`), the
judgement (`verdict`).
"""
