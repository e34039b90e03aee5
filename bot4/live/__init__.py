"""What runs as it would live: the pipeline rehearsed on history, and the control socket of its operator.

It stands above backtest and gate, and below the commands.
"""
