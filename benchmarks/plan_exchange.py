"""The measurements of the exchange: its order book, the venue with accounts and rules, its server, and real ticks. Figures of issue 6."""

from __future__ import annotations

from benchmarks.measurement import Job, Wanted

EXCHANGE_CASES = [
    Job("matching", "order book, exchange-core's mix", "cases.matching", "bot4"),
    Job("venue", "venue, exchange-core's mix", "cases.venue", "bot4"),
    Job("ticks", "ticks imported and replayed, beside hftbacktest", "cases.ticks", "bot4"),
    Job("exchange", "the exchange's server", "cases.exchange", "bot4"),
]

EXCHANGE_WANTED = [
    Wanted("order book, commands a second", "matching", "median_per_s", 5e6, "commands/s", at_least=True),
    Wanted("order book, service time p50", "matching", "p50_ns", 200.0, "ns", at_least=False),
    Wanted("order book, service time p99", "matching", "p99_ns", 1_600.0, "ns", at_least=False),
    Wanted("import of ticks, raw JSON", "ticks", "import_mb_per_s", 50.0, "MB/s", at_least=True),
    Wanted("replay of ticks with a maker", "ticks", "median_per_s", 10e6, "events/s", at_least=True),
    Wanted("replay of ticks, over hftbacktest", "ticks", "ratio", 3.0, "×", at_least=True),
    Wanted("order book, allocations", "matching", "allocations", 0.0, "", at_least=False),
    Wanted("venue, commands a second", "venue", "median_per_s", 5e6, "commands/s", at_least=True),
    Wanted("venue, service time p50", "venue", "p50_ns", 200.0, "ns", at_least=False),
    Wanted("venue, service time p99", "venue", "p99_ns", 1_600.0, "ns", at_least=False),
    Wanted("venue, allocations", "venue", "allocations", 0.0, "", at_least=False),
    Wanted("server, orders a second, one connection", "exchange", "one_per_s", 5e3, "orders/s", at_least=True),
    Wanted("server, answer p99, one connection", "exchange", "one_p99_ns", 2e6, "ns", at_least=False),
    Wanted("server, orders a second, ten connections", "exchange", "ten_per_s", 2e4, "orders/s", at_least=True),
    Wanted("server, stream messages missing", "exchange", "stream_missing", 0.0, "", at_least=False),
    Wanted("server, memory grown in 30 s", "exchange", "memory_growth_kb", 4_096.0, "kB", at_least=False),
]
