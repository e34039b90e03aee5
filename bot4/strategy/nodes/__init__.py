"""The nodes, by family: each file holds the catalogue rows of its family and the methods users call.

Not here: what a node computes; that is Rust (engine/core/src/signal/nodes), one implementation per node.
"""
