"""`bot4 orders table|id`: the life of an order as the engine has it, and what a client order id says."""

from __future__ import annotations

from typing import Annotated

import typer

from .output import Json, check_target, emit, show, table

app = typer.Typer(name="orders", help="The life of an order, and client order ids.", no_args_is_help=True)

Text = Annotated[str, typer.Argument(metavar="ID", help="A client order id, as the venue shows it.")]


@app.command("table")
def table_command(json: Json = None) -> None:
    """Show what each event does to an order in each state: the next state, and the effect where there is one.

    Example: bot4 orders table
    """
    from bot4.records.orders import order_table

    check_target("--json", json)
    life = order_table()

    def print_table() -> None:
        rows = table("event", *life.states)
        for event in life.events:
            rows.add_row(event, *(life.cell(event, state) for state in life.states))
        show(rows)

    emit(life, json, print_table)


@app.command("id")
def id_command(text: Text, json: Json = None) -> None:
    """Say what a client order id was made of: epoch, strategy, number of the intent; exit code 2 where it is none of Bot4's.

    Example: bot4 orders id 000000012b6a8225a8000000400101fc
    """
    from bot4.records.orders import read_order_id

    check_target("--json", json)
    found = read_order_id(text)

    def print_parts() -> None:
        print(f"epoch {found.epoch}, strategy {found.strategy}…, intent {found.intent:,}")

    emit(found, json, print_parts)
