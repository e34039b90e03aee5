"""Plots as plain dictionaries, drawn by the page in its own colours (`assets/plots.js`). `spec` is their grammar, the others make them."""
