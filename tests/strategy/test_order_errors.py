"""Every mistake in orders, entries, legs and takes is answered with its file, its line, its cause and what to write instead."""

from __future__ import annotations

import pytest

from bot4.strategy import StrategyError

from .conftest import HEADER, Loader, body_as_strategy, strategy_of

# (what it is, the guilty call, part of the cause, part of the fix)
RETURNED = [
    ("side", 'b4.order.limit("a", "long", 0.1, 5)', "side of the order a is 'long'", 'Write "buy"'),
    ("side case", 'b4.order.limit("a", "Sell", 0.1, 5)', "is 'Sell'", 'Write "sell"'),
    ("side number", 'b4.order.limit("a", -1, 0.1, 5)', "is -1", 'Write "sell"'),
    ("side nothing", 'b4.order.limit("a", None, 0.1, 5)', "is None", 'Write "buy" or "sell"'),
    ("key", 'b4.order.limit("", "buy", 0.1, 5)', "key of a limit order is ''", "Give it a name"),
    ("key number", 'b4.order.market(7, "buy", 0.1)', "key of a market order is 7", "Give it a name"),
    ("no price", 'b4.order.limit("a", "buy", 0.1)', "price of the order a is missing", "Give a price"),
    ("price zero", 'b4.order.limit("a", "buy", 0.1, 0)', "price of the order a is 0", "above 0"),
    ("price cond", 'b4.order.limit("a", "buy", 0.1, m.close > 1)', "price of the order a is a condition", "m.close -"),
    ("price text", 'b4.order.limit("a", "buy", 0.1, "low")', "a str", "numbers and expressions"),
    ("price of market", 'b4.order.market("a", "buy", 0.1, price=5)', "a market order has no price", "b4.order.limit"),
    ("trigger of limit", 'b4.order.limit("a", "buy", 0.1, 5, trigger=5)', "has no trigger", "b4.order.stop("),
    ("no trigger", 'b4.order.stop("a", "buy", 0.1)', "trigger of the order a is missing", "Give a price"),
    ("no limit", 'b4.order.stop_limit("a", "buy", 0.1, 5)', "price of the order a is missing", "Give a price"),
    ("no distance", 'b4.order.trailing("a", "sell", 0.1)', "distance of the order a is missing", "3 * m.atr(14)"),
    ("distance", 'b4.order.trailing("a", "sell", 0.1, -1)', "distance of the order a is -1", "above 0"),
    ("distance cond", 'b4.order.trailing("a", "sell", 0.1, m.close > 1)', "is a condition", "3 * m.atr(14)"),
    ("post only", 'b4.order.market("a", "buy", 0.1, post_only=True)', "has no post_only", "b4.order.limit("),
    ("post only ioc", 'b4.order.limit("a", "buy", 0.1, 5, post_only=True, tif="ioc")', "contradict", "Keep one"),
    (
        "post only text",
        'b4.order.limit("a", "buy", 0.1, 5, post_only="yes")',
        "post_only of the order a is 'yes'",
        "=True",
    ),
    ("rule", 'b4.order.limit("a", "buy", 0.1, 5, untill=m.close > 1)', "has no untill", "Did you mean until=?"),
    ("rule far", 'b4.order.limit("a", "buy", 0.1, 5, qqq=1)', "has no qqq", "Rules are when"),
    ("rule sl", 'b4.order.limit("a", "buy", 0.1, 5, sl=1)', "has no sl", "stop=b4.stop.fixed"),
    ("rule tp", 'b4.order.limit("a", "buy", 0.1, 5, take_profit=1)', "has no take_profit", "take=b4.take.fixed"),
    ("tif", 'b4.order.limit("a", "buy", 0.1, 5, tif="day")', "tif of the order a is 'day'", '"gtc", "ioc"'),
    ("tif near", 'b4.order.limit("a", "buy", 0.1, 5, tif="GTC")', "is 'GTC'", 'Write "gtc"'),
    ("gtd", 'b4.order.limit("a", "buy", 0.1, 5, tif="gtd")', "does not say until when", 'expires="1d"'),
    ("expires", 'b4.order.limit("a", "buy", 0.1, 5, tif="ioc", expires=3)', 'goes with tif="gtd"', "Leave tif out"),
    ("expires zero", 'b4.order.limit("a", "buy", 0.1, 5, expires=0)', "expires of the order a is 0", "at least 1"),
    ("expires text", 'b4.order.limit("a", "buy", 0.1, 5, expires="soon")', "'soon' is not a length", "30d"),
    ("size zero", 'b4.order.limit("a", "buy", 0, 5)', "size of the order a is 0", "above 0"),
    ("size negative", 'b4.order.limit("a", "buy", b4.size.qty(-2), 5)', "the size is -2", 'side="sell"'),
    ("size none", 'b4.order.limit("a", "buy", None, 5)', "size of the order a is None", "size=0.1"),
    ("size bool", 'b4.order.limit("a", "buy", True, 5)', "is True", "size=0.1"),
    ("size cond", 'b4.order.limit("a", "buy", m.close > 1, 5)', "is a condition, close > 1", "when= or while_="),
    ("size large", 'b4.order.limit("a", "buy", 1000, 5)', "1000 times equity", "b4.size.qty(1000)"),
    ("risk large", 'b4.order.limit("a", "buy", b4.size.risk(2, per_unit=1), 5)', "2 times equity at risk", "0.01"),
    ("risk alone", 'b4.order.limit("a", "buy", b4.size.risk(0.01), 5)', "what one unit loses", "per_unit="),
    (
        "risk unit",
        'b4.order.limit("a", "buy", b4.size.risk(0.01, per_unit=0), 5)',
        "distance of size.risk is 0",
        "above 0",
    ),
    ("when number", 'b4.order.market("a", "buy", 0.1, when=m.close)', "when of the order a is a number", "(close > 0)"),
    ("until number", 'b4.order.limit("a", "buy", 0.1, 5, until=3)', "until of the order a is a number, 3", "(3 > 0)"),
    ("when while", 'b4.order.limit("a", "buy", 0.1, 5, when=m.close > 1, while_=m.close > 2)', "contradict", "a & b"),
    (
        "reduce exits",
        'b4.order.limit("a", "buy", 0.1, 5, reduce_only=True, take=m.atr(3))',
        "reduce_only and take",
        "Leave one",
    ),
    ("reduce text", 'b4.order.limit("a", "buy", 0.1, 5, reduce_only=1)', "reduce_only of the order a is 1", "=True"),
    ("oco", 'b4.order.limit("a", "buy", 0.1, 5, oco=1)', "oco of the order a is 1", "a name for the group"),
    ("after", 'b4.order.limit("a", "buy", 0.1, 5, after=[])', "after of the order a is []", "key of another order"),
    ("asset", 'b4.order.limit("a", "buy", 0.1, 5, asset=3)', "asset=3", "symbol"),
    ("stop number", 'b4.order.limit("a", "buy", 0.1, 5, stop=0.05)', "stop of the order a is 0.05", "pct=0.05"),
    ("stop text", 'b4.order.limit("a", "buy", 0.1, 5, stop="x")', "stop of the order a holds a str", "b4.stop.fixed"),
    ("stop time", 'b4.order.limit("a", "buy", 0.1, 5, stop=b4.stop.time(3))', "is a time stop", "bars_held"),
    (
        "two stops",
        'b4.order.limit("a", "buy", 0.1, 5, stop=[b4.stop.fixed(1), b4.stop.fixed(2)])',
        "two fixed",
        "Keep one",
    ),
    (
        "two trails",
        'b4.order.limit("a", "buy", 0.1, 5, stop=b4.stop.trailing(1), trail=m.atr(3))',
        "two trailing",
        "Keep one",
    ),
    (
        "trail fixed",
        'b4.order.limit("a", "buy", 0.1, 5, trail=b4.stop.fixed(1))',
        "is a fixed stop",
        "stop=b4.stop.fixed",
    ),
    ("take number", 'b4.order.limit("a", "buy", 0.1, 5, take=0.05)', "take is 0.05", "pct=0.05"),
    ("take stop", 'b4.order.limit("a", "buy", 0.1, 5, take=b4.stop.fixed(1))', "take holds a stop", "b4.take.fixed"),
    ("take text", 'b4.target(1.0, take="x")', "take is a str", "b4.take.fixed"),
    ("take bare", "b4.target(1.0, take=b4.take.fixed())", "one of them", "pct=0.05"),
    ("take pct", "b4.target(1.0, take=b4.take.fixed(pct=5))", "pct of take.fixed is 5", "5 % is pct=0.05"),
    ("take zero", "b4.target(1.0, take=b4.take.fixed(0))", "distance of take.fixed is 0", "above 0"),
    ("take cond", "b4.target(1.0, take=m.close > 1)", "distance of take is a condition", "m.atr(14)"),
    ("stop and at", 'b4.order.limit("a", "buy", 0.1, 5, stop=m.atr(3), stop_at=4)', "stop and stop_at", "Keep stop="),
    ("take and at", 'b4.order.limit("a", "buy", 0.1, 5, take=m.atr(3), take_at=6)', "take and take_at", "Keep take="),
    ("stop above", 'b4.order.limit("a", "buy", 0.1, 5, stop_at=6)', "6, which is not below its price 5", "lies below"),
    ("take below", 'b4.order.limit("a", "buy", 0.1, 5, take_at=4)', "4, which is not above its price 5", "lies above"),
    (
        "take above",
        'b4.order.limit("a", "sell", 0.1, 5, take_at=6)',
        "not below its price 5",
        "take of a sell lies below",
    ),
    (
        "stop take",
        'b4.order.market("a", "buy", 0.1, stop_at=6, take_at=6)',
        "wrong side of stop_at 6",
        "above its stop",
    ),
    (
        "stop_at cond",
        'b4.order.limit("a", "buy", 0.1, 5, stop_at=m.close > 1)',
        "stop_at of the order a is a cond",
        "Give a price",
    ),
    ("no orders", "b4.orders()", "b4.orders has no order", "b4.order.limit"),
    ("orders of targets", "b4.orders(b4.target(1.0))", "holds a Target", "b4.order.limit"),
    ("no side", "b4.entries(exit=m.close > 1, size=0.1)", "entries have no side", "long=cond"),
    ("no size", "b4.entries(long=m.close > 1)", "entries have no size", "size=0.1"),
    ("long number", "b4.entries(long=m.close, size=0.1)", "long of the entries is a number", "(close > 0)"),
    ("exit number", "b4.entries(long=m.close > 1, exit=0, size=0.1)", "exit of the entries is a number, 0", "Compare"),
    ("entries size", "b4.entries(long=m.close > 1, size=-1)", "size of the entries is -1", "above 0"),
    ("units", "b4.entries(long=m.close > 1, size=0.1, max_units=0)", "max_units is 0", "at least 1"),
    ("units float", "b4.entries(long=m.close > 1, size=0.1, max_units=1.5)", "max_units is 1.5", "Write 1"),
    ("positions", "b4.entries(long=m.close > 1, size=0.1, max_positions=0)", "max_positions is 0", "at least 1"),
    ("priority", "b4.entries(long=m.close > 1, size=0.1, priority=m.close)", "without max_positions", "Add max_pos"),
    (
        "priority cond",
        "b4.entries(long=m.close > 1, size=0.1, max_positions=2, priority=m.close > 1)",
        "priority is a condition",
        "priority=m.close.returns(20)",
    ),
    ("entries risk", "b4.entries(long=m.close > 1, size=b4.size.risk(0.01))", "what one unit loses", "b4.stop.fixed"),
    ("entries rearm", "b4.entries(long=m.close > 1, size=0.1, rearm='later')", "rearm is 'later'", '"12h"'),
    ("cooldown", "b4.entries(long=m.close > 1, size=0.1, cooldown=0)", "cooldown is 0", "at least 1"),
    ("entries stop", "b4.entries(long=m.close > 1, size=0.1, stop=0.05)", "stop holds a float", "b4.stop.trailing"),
    ("broken", "b4.legs({'A': 0.1, 'B': -0.1})", "what to do with a broken leg", '"flatten"'),
    ("broken word", "b4.legs({'A': 0.1, 'B': -0.1}, broken='flat')", "broken of the legs is 'flat'", '"flatten"'),
    ("broken far", "b4.legs({'A': 0.1, 'B': -0.1}, broken=3)", "is 3", '"complete"'),
    ("one leg", "b4.legs({'A': 0.1}, broken='hold')", "legs of 1 target", "at least two"),
    ("leg asset", "b4.legs([b4.target(0.1), b4.target(0.2)], broken='hold')", "a leg names no asset", "asset="),
    (
        "leg other",
        "b4.legs({'A': b4.target(1.0, asset='B'), 'C': 1.0}, broken='hold')",
        "holds a target of B",
        "Leave asset",
    ),
    ("leg thing", "b4.legs([0.1, 0.2], broken='hold')", "legs hold a float", "b4.legs({"),
    ("tolerance", "b4.legs({'A': 0.1, 'B': -0.1}, broken='hold', tolerance=5)", "tolerance of the legs is 5", "0.01"),
    ("regime", "b4.switch(1, {0: 0.0, 1: 1.0})", "the regime is 1", "Python's if"),
    ("regime event", "b4.switch(m.close.crosses_above(1), {0: 0.0, 1: 1.0})", "the regime is an event", "b4.latch"),
    ("one regime", "b4.switch(m.close, {0: 0.0})", "the switch has 1 regime", "Give a target for each"),
    ("regime key", "b4.switch(m.close, {'up': 0.0, 'down': 1.0})", "'up' is no value of a regime", "True and False"),
    ("confirm", "b4.switch(m.close, {0: 0.0, 1: 1.0}, confirm=0)", "confirm of the switch is 0", "at least 1"),
    ("handover", "b4.switch(m.close, {0: 0.0, 1: 1.0}, handover='flatt')", "handover is 'flatt'", 'Write "flat"'),
    ("handover far", "b4.switch(m.close, {0: 0.0, 1: 1.0}, handover=3)", "handover is 3", '"direct" or "flat"'),
    (
        "switch bands",
        "b4.switch(m.close, {0: 0.0, 1: b4.target(1.0, band=0.2)})",
        "differ in band: 0.01 and 0.2",
        "same band",
    ),
    (
        "switch rearm",
        "b4.switch(m.close, {0: 0.0, 1: b4.target(1.0, rearm=3)})",
        "rearm: new_signal and cooldown",
        "same rearm",
    ),
    (
        "switch time",
        "b4.switch(m.close, {0: 0.0, 1: b4.target(1.0, stop=b4.stop.time(3))})",
        "differ in their time stops",
        "b4.stop.time(n)",
    ),
    (
        "budget",
        "b4.ladder.grid(low=1, high=2, rungs=4, size=0.3, budget=1)",
        "4 rungs of the grid come to 1.2",
        "0.25 each",
    ),
    ("budget none", "b4.ladder.grid(low=1, high=2, rungs=4, size=0.3, budget=0)", "budget of the 4 rungs", "above 0"),
    ("grid ends", "b4.ladder.grid(low=1, rungs=4, size=0.3, budget=2)", "the grid has no high", "levels="),
    ("grid nothing", "b4.ladder.grid(size=0.3, budget=2)", "no low and no high and no rungs", "levels="),
    ("grid both", "b4.ladder.grid([1, 2], low=1, size=0.3, budget=2)", "levels and low", "Give levels="),
    ("grid one", "b4.ladder.grid([1], size=0.3, budget=2)", "at least two levels", "low=90"),
    ("grid falls", "b4.ladder.grid([1, 3, 2], size=0.3, budget=2)", "do not rise: 3 and then 2", "from the lowest"),
    (
        "grid upside",
        "b4.ladder.grid(low=2, high=1, rungs=2, size=0.3, budget=2)",
        "do not rise: 2 and then 1",
        "from the",
    ),
    (
        "grid rungs",
        "b4.ladder.grid(low=1, high=2, rungs=0, size=0.3, budget=2)",
        "rungs of the grid is 0",
        "at least 1",
    ),
    (
        "grid level",
        "b4.ladder.grid([1, m.close > 1], size=0.3, budget=2)",
        "level 2 of the grid is a condition",
        "a price",
    ),
    (
        "spacing",
        "b4.ladder.grid(low=1, high=2, rungs=2, spacing='log', size=0.1, budget=1)",
        "spacing of the grid is 'log'",
        "lin",
    ),
    (
        "spacing near",
        "b4.ladder.grid(low=1, high=2, rungs=2, spacing='geometrc', size=0.1, budget=1)",
        "'geometrc'",
        '"geometric"',
    ),
    ("grid take", "b4.ladder.grid([1, 2], size=0.3, budget=2, take='last')", "take of the grid is 'last'", '"next"'),
    (
        "grid start",
        "b4.ladder.grid([1, 2], size=0.3, budget=2, start='later')",
        "start of the grid is 'later'",
        '"wait"',
    ),
    ("grid sizes", "b4.ladder.grid([1, 2, 3], size=[0.3], budget=2)", "2 rungs and 1 sizes", "one for each rung"),
    (
        "grid units",
        "b4.ladder.grid([1, 2, 3], size=[0.3, b4.size.qty(1)], budget=2)",
        "different units",
        "unit of the budget",
    ),
    ("grid size", "b4.ladder.grid([1, 2], size=m.close.vol(span=9), budget=2)", "changes from row to row", "b4.param"),
    ("grid risk", "b4.ladder.grid([1, 2], size=b4.size.risk(0.1, per_unit=1), budget=2)", "is a risk", "b4.size.qty"),
    (
        "grid stop",
        "b4.ladder.grid([1, 2], size=0.1, budget=2, stop_at=1.5)",
        "1.5, which is not below its price 1",
        "lies below",
    ),
    (
        "dca when",
        "b4.ladder.dca(m.close, size=1, steps=1, step=0.1, take=m.close, budget=2)",
        "when of the dca is a num",
        "> 0",
    ),
    (
        "dca budget",
        "b4.ladder.dca(True, size=1, steps=2, step=0.1, take=m.close, budget=2)",
        "3 orders of the dca come to 3",
        "each",
    ),
    (
        "dca steps",
        "b4.ladder.dca(True, size=1, steps=0, step=0.1, take=m.close, budget=2)",
        "steps of the dca is 0",
        "at least 1",
    ),
    (
        "dca step",
        "b4.ladder.dca(True, size=1, steps=1, step=2, take=m.close, budget=2)",
        "step of the dca is 2",
        "step=0.02",
    ),
    (
        "dca deep",
        "b4.ladder.dca(True, size=1, steps=9, step=0.2, take=m.close, budget=99)",
        "lies 1.8 of the first",
        "below 1",
    ),
    (
        "dca factor",
        "b4.ladder.dca(True, size=1, steps=1, step=0.1, take=m.close, budget=2, multiplier=0)",
        "multiplier of the dca is 0",
        "above 0",
    ),
    (
        "dca take",
        "b4.ladder.dca(True, size=1, steps=1, step=0.1, take=None, budget=2)",
        "the dca has no take",
        "pct=0.02",
    ),
    (
        "dca stop",
        "b4.ladder.dca(True, size=1, steps=1, step=0.1, take=m.close, budget=2, stop=b4.stop.fixed(pct=0.1))",
        "comes before its last step",
        "beyond the last step",
    ),
    (
        "dca trail",
        "b4.ladder.dca(True, size=1, steps=1, step=0.1, take=m.close, budget=2, stop=b4.stop.trailing(1))",
        "not a fixed stop",
        "b4.stop.fixed",
    ),
    ("quotes mid", "b4.quotes(None, 1, 0.1)", "mid of the quotes is missing", "Give a price"),
    ("quotes spread", "b4.quotes(m.close, 0, 0.1)", "spread of the quotes is 0", "above 0"),
    ("quotes size", "b4.quotes(m.close, 1, -1)", "size of the quotes is -1", "above 0"),
    ("quotes risk", "b4.quotes(m.close, 1, b4.size.risk(0.1, per_unit=1))", "is a risk", "b4.size.qty"),
    ("quotes levels", "b4.quotes(m.close, 1, 0.1, levels=0)", "levels of the quotes is 0", "at least 1"),
    ("quotes skew", "b4.quotes(m.close, 1, 0.1, skew=1)", "skew without max_inventory", "unit of the size"),
    ("quotes skew size", "b4.quotes(m.close, 1, 0.1, skew=3, max_inventory=1)", "skew of the quotes is 3", "up to 1"),
    ("nothing known", "0.5", "which is not a target", "b4.orders"),
]

# (what it is, a body with its guilty line marked `# here`, part of the cause, part of the fix)
TOGETHER = [
    (
        "twice",
        'return b4.orders(b4.order.limit("a", "buy", 0.1, 5),\n    b4.order.limit("a", "buy", 0.1, 6))  # here',
        "the key a is used twice: lines",
        "a key of its own",
    ),
    (
        "twice sides",
        'return b4.orders(b4.order.limit("a", "buy", 0.1, 5),\n    b4.order.limit("a", "sell", 0.1, 6))  # here',
        "used twice, as a buy and as a sell: lines",
        "a key of its own",
    ),
    (
        "twice on one asset",
        'return b4.orders(b4.order.limit("a", "buy", 0.1, 5),\n    b4.order.limit("a", "buy", 0.1, 6, asset="X"))  # here',
        "the key a is used twice",
        "a key of its own",
    ),
    (
        "after unknown",
        'return b4.orders(b4.order.limit("entry", "buy", 0.1, 5),\n    b4.order.limit("b", "buy", 0.1, 6, after="entri"))  # here',
        "waits for 'entri'",
        "Did you mean entry?",
    ),
    (
        "after far",
        'return b4.orders(b4.order.limit("entry", "buy", 0.1, 5),\n    b4.order.limit("b", "buy", 0.1, 6, after="zz"))  # here',
        "no order of that asset",
        "Keys are",
    ),
    (
        "after itself",
        'return b4.order.limit("a", "buy", 0.1, 5, after="a")  # here',
        "no order of a after a can ever",
        "without after=",
    ),
    (
        "after in a circle",
        'return b4.orders(b4.order.limit("a", "buy", 0.1, 5, after="c"),  # here\n'
        '    b4.order.limit("b", "buy", 0.1, 6, after="a"), b4.order.limit("c", "buy", 0.1, 6, after="b"))',
        "no order of a after c after b after a",
        "without after=",
    ),
    (
        "after on one asset",
        'return b4.orders(b4.order.limit("a", "buy", 0.1, 5, asset="X"),\n    b4.order.limit("b", "buy", 0.1, 6, after="a"))  # here',
        "waits for a, an order of X alone",
        'asset="X"',
    ),
    (
        "target and orders",
        'return b4.target(1.0), b4.orders(\n    b4.order.limit("a", "buy", 0.1, 5))  # here',
        "every asset has a target and orders: lines",
        "one of them",
    ),
    (
        "entries and orders",
        'return [b4.order.limit("a", "buy", 0.1, 5, asset="X"),\n    b4.entries(long=m.close > 1, size=0.1)]  # here',
        "X has orders and entries",
        "one of them",
    ),
    (
        "two entries",
        "return [b4.entries(long=m.close > 1, size=0.1),\n    b4.entries(short=m.close > 1, size=0.1)]  # here",
        "two entries for every asset",
        "one entries for each asset",
    ),
    (
        "limits differ",
        "return [b4.entries(long=True, size=0.1, max_positions=2, asset='A'),\n"
        "    b4.entries(long=True, size=0.1, max_positions=3, asset='B')]  # here",
        "max_positions differs: 2 and 3",
        "share the places",
    ),
    (
        "address",
        'return b4.order.limit("a", "buy", 0.1, m.low, asset="X")  # here',
        "a part of the order a for X is an expression of every market, low",
        'b4.asset("X")',
    ),
    (
        "address of entries",
        'return b4.entries(long=m.close > 1, size=0.1, asset="X")  # here',
        "a part of the entries for X is an expression of every market",
        'b4.asset("X")',
    ),
    (
        "legs and a target",
        'return b4.target(0.1, asset="A"), b4.legs(  # here\n    {"A": 0.1, "B": 0.1}, broken="hold")',
        "two targets for A",
        "one target for each asset",
    ),
    (
        "budgets of legs",
        'return b4.target(0.1, asset="C", budget=2.0), b4.legs(  # here\n    {"A": 0.1, "B": 0.1}, broken="hold")',
        "budgets differ",
        "the same budget",
    ),
]

CASES = [(f"returned: {c[0]}", f"return {c[1]}  # here", *c[2:]) for c in RETURNED] + TOGETHER


@pytest.mark.parametrize(("body", "cause", "fix"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_a_mistake_is_answered_with_line_cause_and_fix(load_source: Loader, body: str, cause: str, fix: str) -> None:
    text = body_as_strategy(body)
    module = load_source(text)
    with pytest.raises(StrategyError) as caught:
        strategy_of(module).trace()
    error = caught.value
    lines = (HEADER + text).splitlines()
    guilty = next(i for i, line in enumerate(lines, start=1) if "# here" in line)
    if "which is not a target" not in cause:  # what was returned has no line: the strategy's own stands
        assert (error.file, error.line) == (module.__file__, guilty)
    assert cause in error.cause
    assert fix in error.fix
    assert "\n" not in str(error)


def test_an_address_that_the_data_does_not_hold_offers_the_near_one(load_source: Loader) -> None:
    body = 'return b4.orders(b4.order.market("a", "buy", 0.1, when=True, asset="BTC/USD"))'
    module = load_source(body_as_strategy(body))
    with pytest.raises(StrategyError, match=r"'BTC/USD' is not in the data. Did you mean BTC/USDT\?"):
        strategy_of(module).trace(symbols=["BTC/USDT"])
