"""Funding carry: hold the coin, sell its perpetual, and be paid for it by those who are long with leverage.

Works while longs pay funding, which by the venues' formula they do until the perpetual stands five basis points below the coin. Loses
fees and spread on four fills each time, and when the premium turns: then the short side pays, until the strategy has noticed.
"""

import bot4 as b4

SPOT, PERPETUAL = "BTC/USDT", "BTC/USDT:USDT"


@b4.portfolio(on=b4.bars("1h"))
def carry(
    span: int = b4.param(72, 8, 720),
    enter_bps: float = b4.param(-2.0, -5.0, 20.0),
    leave_bps: float = b4.param(-5.0, -20.0, 10.0),
):
    """Long the coin and short as much of the perpetual while the premium, smoothed, is above `enter_bps`, until below `leave_bps`."""
    b4.require(leave_bps < enter_bps)
    premium = (b4.asset(PERPETUAL).close / b4.asset(SPOT).close - 1).ewm_mean(span=span)
    holding = b4.latch(long=premium > enter_bps / 1e4, exit=premium < leave_bps / 1e4)
    return b4.legs({SPOT: 0.48 * holding, PERPETUAL: -0.48 * holding}, broken="complete", tolerance=0.02)
