"""The same strategy in other engines. Each module runs in the peers' environment and knows nothing of Bot4."""
