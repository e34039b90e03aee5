"""`bot4 exchange serve`: the simulated venue as a server on this machine, until Ctrl-C."""

from __future__ import annotations

import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from bot4.exchange import Exchange

app = typer.Typer(name="exchange", help="Serve the simulated exchange to any client.", no_args_is_help=True)

LOOK_S = 0.2
"""How often it is looked whether the server still runs."""


@app.command("serve")
def serve_command(
    path: Annotated[
        Path | None,
        typer.Argument(metavar="[PATH]", help="The recording that --market replay plays: ticks, or a raw file."),
    ] = None,
    profile: Annotated[str, typer.Option("--profile", help="Whose rules and words.")] = "binance-spot",
    market: Annotated[
        str, typer.Option("--market", metavar="synthetic|replay|empty", help="What fills the books.")
    ] = "synthetic",
    seed: Annotated[
        int, typer.Option("--seed", min=0, help="What the agents of the synthetic market are drawn from.")
    ] = 1,
    speed: Annotated[str, typer.Option("--speed", metavar="1x|…|max", help="Venue seconds a second.")] = "1x",
    faults: Annotated[
        Path | None, typer.Option("--faults", metavar="FILE", help="A script of what goes wrong (TOML).")
    ] = None,
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="Port; 0 for one that is free.")] = 9000,
    host: Annotated[
        str, typer.Option("--host", help="Address; another than this machine's own needs --open.")
    ] = "127.0.0.1",
    is_open: Annotated[bool, typer.Option("--open", help="Allow an address that others can reach.")] = False,
    state: Annotated[
        Path | None, typer.Option("--state", metavar="FOLDER", help="Where journal and keys are kept.")
    ] = None,
    account: Annotated[
        list[str] | None, typer.Option("--account", metavar="NAME", help="An account; repeatable. Default: alice, bob.")
    ] = None,
    public: Annotated[
        list[str] | None,
        typer.Option(
            "--public", metavar="NAME=FILE", help="A public key (PEM; RSA or Ed25519) of an account; repeatable."
        ),
    ] = None,
    limits: Annotated[bool, typer.Option("--limits/--no-limits", help="Whether rate limits are in force.")] = True,
    fsync: Annotated[bool, typer.Option("--fsync", help="Wait for the disk before each answer.")] = False,
) -> None:
    """Serve an exchange that speaks Binance's spot API, until Ctrl-C.

    Example: bot4 exchange serve --port 9000 --state venue
    """
    from bot4.exchange import ExchangeError, serve
    from bot4.exchange.notice import clear, put_up
    from bot4.exchange.recording import read
    from bot4.exchange.serve import LOOPBACK

    if host not in LOOPBACK and not is_open:
        raise ExchangeError(f"{host} can be reached by others, and keys travel in the clear; add --open to mean it.")
    played = None if path is None else read(path)
    fastest = None if played is None else played.fastest
    clear(port)
    with serve(
        port=port,
        host=host,
        state=state,
        accounts=account or ("alice", "bob"),
        public=dict(_pair(text) for text in public or ()),
        market=market,
        recording=played,
        seed=seed,
        faults=faults,
        limits=limits,
        speed=read_speed(speed, fastest),
        fsync=fsync,
        profile=profile,
    ) as exchange:
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        notice = put_up(exchange)
        try:
            _show(exchange, notice.path)
            _watch(exchange)
        finally:
            notice.take_down()


def read_speed(text: str, fastest: float | None = None) -> float:
    """Returns the number of `10x`, `0.5` or `max` (`fastest`; of agents where none is given). Raises ExchangeError for anything else."""
    from bot4.exchange import ExchangeError
    from bot4.exchange.serve import FASTEST

    if text == "max":
        return FASTEST if fastest is None else fastest
    try:
        speed = float(text.removesuffix("x"))
    except ValueError:
        speed = -1.0
    if not 0 <= speed <= 1e6:
        raise ExchangeError(f"`{text}` is no speed; write 1x for the machine's, 60x for a minute a second.")
    return speed


def _pair(text: str) -> tuple[str, str]:
    from bot4.exchange import ExchangeError

    name, equals, file = text.partition("=")
    if not equals:
        raise ExchangeError(f"`{text}` names no account; write --public alice=alice.pem.")
    return name, file


def _watch(exchange: Exchange) -> None:
    """Waits for the server's end; says when the recording it plays is over."""
    is_told = False
    while exchange.server.is_alive:
        if exchange.server.is_over and not is_told:
            is_told = True
            print("the recording is over: its symbol is closed (BREAK), everything else goes on", flush=True)
        time.sleep(LOOK_S)


def _show(exchange: Exchange, notice: Path) -> None:
    print(f"exchange at {exchange.url}, {exchange.server.restored} commands restored")
    print(f"REST {exchange.url}/api/v3   streams {exchange.websocket}/ws   API {exchange.websocket}/ws-api/v3")
    if exchange.is_new:
        print("keys, shown this once:")
        for key in exchange.keys:
            print(
                f"  {key.account}  key {key.key}  "
                + (f"secret {key.secret}" if key.secret else "signs with its own key")
            )
    print(f"programs of yours find address and keys in {notice} while it runs")
    sys.stdout.flush()
