"""What a run has while it goes on: the control socket of its operator. It stands above backtest and gate, and below the commands."""
