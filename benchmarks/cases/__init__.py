"""What is measured of Bot4: one module per figure, each run in a fresh process."""
