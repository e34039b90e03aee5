"""A strategy that trades often: buys what has just fallen, sells what has just risen. It also writes down the candles it was shown."""

import json
import os
from typing import ClassVar

from freqtrade.strategy import IStrategy


class Dips(IStrategy):  # type: ignore[misc]
    """Enters after a fall of one candle, leaves after a rise."""

    INTERFACE_VERSION = 3
    timeframe = "5m"
    startup_candle_count = 2
    minimal_roi: ClassVar = {"0": 0.004}
    stoploss = -0.01
    process_only_new_candles = True
    order_types: ClassVar = {
        "entry": "limit",
        "exit": "limit",
        "emergency_exit": "market",
        "stoploss": "limit",
        "stoploss_on_exchange": True,
        "stoploss_on_exchange_interval": 60,
    }

    def populate_indicators(self, frame, metadata):
        """Returns the candles as they are; the last of them goes to the file of candles."""
        last = frame.iloc[-1]
        row = [metadata["pair"], last["date"].isoformat(), *(float(last[name]) for name in COLUMNS)]
        with open(os.environ["SHOWN_CANDLES"], "a", encoding="utf-8") as file:
            file.write(json.dumps(row) + "\n")
        return frame

    def populate_entry_trend(self, frame, metadata):
        """Marks candles that fell."""
        frame.loc[frame["close"] < frame["open"], "enter_long"] = 1
        return frame

    def populate_exit_trend(self, frame, metadata):
        """Marks candles that rose."""
        frame.loc[frame["close"] > frame["open"], "exit_long"] = 1
        return frame


COLUMNS = ("open", "high", "low", "close", "volume")
