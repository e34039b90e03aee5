"""The exchange: Bot4's simulated venue as a server on this machine, which real clients trade on.

`serve` starts it (`bot4 exchange serve`), `control` steers it while it runs. Everything between a client's bytes and its answer is in the
engine (`engine/server`); Python starts and steers it.
"""

from .control import Control
from .errors import ExchangeError
from .keys import Key
from .serve import Exchange, serve

__all__ = ["Control", "Exchange", "ExchangeError", "Key", "serve"]
