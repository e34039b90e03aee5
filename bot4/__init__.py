"""Bot4: a strategy is written once, as expressions; one deterministic engine carries it everywhere."""
