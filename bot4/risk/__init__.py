"""Risk: the policy that stands above a strategy, the table of all controls, and the control report of a run.

Not here: the guard and the gate themselves, which are the engine's (`engine/core/src/desk`); this room says what they are told and reads
back what they did.
"""
