"""A live and a dry freqtrade trade side by side for hours of the venue's time; the live one is killed once and started again."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot4.exchange import Exchange
from tests.exchange.client import Client
from tests.exchange.conftest import client_of

from .bot import CASH, PAIRS, Bot
from .clockwork import Clockwork
from .ledger import Ledger

HOUR_MS = 3_600_000
BEGIN_MS = int(datetime(2026, 1, 5, tzinfo=UTC).timestamp() * 1000)
ACCOUNTS = {name: {"USDT": str(CASH)} for name in ("live", "dry")}
AWAY_MS = 300_000
"""How long the killed bot is away: an order of its is open meanwhile."""
COMPARE_MS = 3 * HOUR_MS
"""How often the ledgers are compared: the venue remembers a thousand orders."""


@dataclass
class Session:
    """What happened."""

    live: Bot
    dry: Bot
    ledger: Ledger
    turns: int = 0
    begun_ms: int = 0
    ended_ms: int = 0
    left_open: tuple[int, ...] = ()
    left_open_then_settled: bool = False
    orders_before: int = 0
    tops: dict[tuple[int, str], tuple[float, float]] = field(default_factory=dict)
    """The best bid and ask when the dry bot looked, by time and pair."""
    candles: dict[tuple[str, int], list[float]] = field(default_factory=dict)
    dry_account: dict[str, Any] = field(default_factory=dict)


def trade(python: Path, home: Path, exchange: Exchange, hours: float) -> Session:
    """Lets both trade for hours of the venue's time."""
    clockwork = Clockwork(exchange)
    clockwork.advance(clockwork.now_ms + HOUR_MS // 2)
    live, dry = (Bot(python, home / name, exchange, name, is_dry=name == "dry") for name in ACCOUNTS)
    session = Session(live, dry, Ledger(live, client(exchange, "live", clockwork)), begun_ms=clockwork.now_ms)
    try:
        _run(session, clockwork, round(hours * HOUR_MS))
    finally:
        for bot in (live, dry):
            if bot.process is not None:
                bot.process.kill()
                bot.process.wait(30)
        clockwork.close()
    return session


def client(exchange: Exchange, account: str, clockwork: Clockwork) -> Client:
    """Returns a client of an account by the venue's clock."""
    made = client_of(exchange, account)
    made.now_ms = lambda: clockwork.now_ms  # type: ignore[method-assign]
    return made


def _run(session: Session, clockwork: Clockwork, span_ms: int) -> None:
    live, dry, ledger = session.live, session.dry, session.ledger
    end_ms, next_ms = session.begun_ms + span_ms, session.begun_ms + COMPARE_MS
    for bot in (live, dry):
        bot.start(clockwork.port)
        clockwork.join()
    is_killed = False
    while True:
        _look(session, clockwork)
        sleeper = clockwork.turn()
        if sleeper.name == "dry":
            continue
        if clockwork.now_ms >= next_ms:
            next_ms += COMPARE_MS
            ledger.compare()
        if not is_killed and clockwork.now_ms > session.begun_ms + span_ms // 3:
            is_killed = _kill(session, clockwork, sleeper)
        if clockwork.now_ms >= end_ms:
            break
    ledger.compare()
    ledger.settle()
    session.left_open_then_settled = not {row["orderId"] for row in _limits(ledger.client)} & set(session.left_open)
    session.turns, session.ended_ms = clockwork.turns, clockwork.now_ms
    session.candles = _candles(session, ledger.client)
    session.dry_account = client(live.exchange, "dry", clockwork).ok("GET", "/api/v3/account", omitZeroBalances="true")
    for sleeper in list(clockwork.sleepers):
        clockwork.stop(sleeper)


def _look(session: Session, clockwork: Clockwork) -> None:
    """Notes the best prices that the dry bot is about to see."""
    sleeper = clockwork.next()
    if sleeper.name == "dry":
        clockwork.advance(sleeper.wakes_ms)
        for row in session.ledger.client.ask("GET", "/api/v3/ticker/bookTicker", signed=False).body:
            session.tops[clockwork.now_ms, row["symbol"]] = float(row["bidPrice"]), float(row["askPrice"])


def _kill(session: Session, clockwork: Clockwork, sleeper: Any) -> bool:
    """Kills the live bot where it has a limit order open, and starts it again later; tells whether it did."""
    session.left_open = tuple(row["orderId"] for row in _limits(session.ledger.client))
    if not session.left_open:
        return False
    session.orders_before = len(session.live.rows("orders"))
    session.live.kill()
    clockwork.drop(sleeper)
    back_ms = clockwork.now_ms + AWAY_MS
    while clockwork.next().wakes_ms < back_ms:
        _look(session, clockwork)
        clockwork.turn()
    clockwork.advance(back_ms)
    session.live.start(clockwork.port)
    clockwork.join()
    return True


def _limits(client: Client) -> list[dict[str, Any]]:
    """Returns the limit orders that are open."""
    return [row for row in client.ok("GET", "/api/v3/openOrders") if row["type"] == "LIMIT"]


def _candles(session: Session, client: Client) -> dict[tuple[str, int], list[float]]:
    """Returns the venue's candles by pair and beginning."""
    found: dict[tuple[str, int], list[float]] = {}
    for pair in PAIRS:
        begin_ms = session.begun_ms - HOUR_MS
        while begin_ms < session.ended_ms:
            asked = {"symbol": pair.replace("/", ""), "interval": "5m", "startTime": begin_ms, "limit": 1000}
            rows = client.ask("GET", "/api/v3/klines", signed=False, **asked).body
            found |= {(pair, row[0]): [float(text) for text in row[1:6]] for row in rows}
            begin_ms = rows[-1][0] + 1
            if len(rows) < 1000:
                break
    return found
