"""A portfolio that is always long with leverage: what a policy is for.

Works while everything rises. Loses as often as leverage says, all at once, and has no stop of its own: what stands above it is
examples/policy.toml (`--policy`), which halves, pauses and at last flattens it. Perpetuals can be held with leverage, spot cannot.
"""

import bot4 as b4


@b4.strategy(on=b4.bars("1h"))
def leveraged_long(m, gross: float = b4.param(2.4, 0.5, 3.0)):
    """Equal shares of `gross` × equity in every asset, brought back to it when a share has moved by a tenth of equity."""
    return b4.target(b4.where(m.close > 0, gross, 0.0), band=0.1, budget=gross)
