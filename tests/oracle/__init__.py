"""The oracle: a second, naive implementation of docs/semantics.md in plain Python, and the tests that hold the engine to it.

It shares no code with the engine or the package: standard library only, integers for money, `math.fsum` for sums. It is slow and
obvious on purpose. `nodes` and `signals` evaluate programs, `money` and `desk` trade them, `generate` makes random cases, `compare`
sets the engine beside the oracle.
"""
