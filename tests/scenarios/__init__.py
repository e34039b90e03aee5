"""Candle scenarios: bars, orders and the fills a trader expects, each worked out by hand from docs/semantics.md."""
