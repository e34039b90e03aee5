"""`bot4`: the program. Puts the commands together and turns every user error into one sentence and exit code 2.

Exit codes: 0 done, 1 a check found something, 2 a mistake in what was asked, 130 interrupted. With `--debug` an error keeps its
traceback. Standard output holds results, standard error everything else.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence

import typer

from bot4.records.command import note_command

from . import (
    backtest,
    chart,
    completion,
    data,
    data_import,
    demo,
    doctor,
    exchange,
    explain,
    gate,
    gate_self_test,
    journal,
    licence,
    new,
    operator,
    orders,
    rehearse,
    risk,
    runs,
    schema,
    stats,
    sweep,
    version,
    walkforward,
    why,
)
from .arguments import rewritten

USER_ERROR = 2
INTERRUPTED = 130
DEBUG_FLAG = "--debug"

app = typer.Typer(
    name="bot4",
    help="Write a strategy once; see what it would have done, and what that number is not.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    epilog="With --debug an error shows its traceback.",
)
WORK, STORE, ITSELF = "Strategies", "Data and records", "Bot4 itself"
"""How the help groups the commands."""
app.command("new", rich_help_panel=WORK)(new.command)
app.command("backtest", rich_help_panel=WORK)(backtest.command)
app.command("sweep", rich_help_panel=WORK)(sweep.command)
app.command("walkforward", rich_help_panel=WORK)(walkforward.command)
app.command("rehearse", rich_help_panel=WORK)(rehearse.command)
app.command("why", rich_help_panel=WORK)(why.command)
app.command("explain", rich_help_panel=WORK)(explain.command)
app.command("chart", rich_help_panel=WORK)(chart.command)
app.command("stats", rich_help_panel=WORK)(stats.command)
gate.app.command("self-test")(gate_self_test.command)
app.add_typer(gate.app, name="gate", rich_help_panel=WORK)
data.app.command("import")(data_import.command)
app.add_typer(data.app, name="data", rich_help_panel=STORE)
app.add_typer(runs.app, name="runs", rich_help_panel=STORE)
app.add_typer(journal.app, name="journal", rich_help_panel=STORE)
app.add_typer(orders.app, name="orders", rich_help_panel=STORE)
app.add_typer(licence.app, name="licence", rich_help_panel=STORE)
app.add_typer(risk.app, name="risk", rich_help_panel=STORE)
app.add_typer(exchange.app, name="exchange", rich_help_panel=WORK)
app.add_typer(operator.app, name="operator", rich_help_panel=STORE)
app.command("replay", rich_help_panel=STORE)(journal.replay_command)
app.command("demo", rich_help_panel=ITSELF)(demo.command)
app.command("doctor", rich_help_panel=ITSELF)(doctor.command)
app.command("schema", rich_help_panel=ITSELF)(schema.command)
app.command("completion", rich_help_panel=ITSELF)(completion.command)
app.command("version", rich_help_panel=ITSELF)(version.command)


def main() -> None:
    """Runs the program with the process's arguments and ends the process."""
    # Imports make a hundred thousand objects that live on: looking through them for garbage would cost a tenth of a start.
    gc.set_threshold(100_000)
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Runs one command and returns its exit code; user errors are printed, with `--debug` they are raised."""
    is_debug = DEBUG_FLAG in arguments
    words = rewritten([word for word in arguments if word != DEBUG_FLAG])
    completion.prepare()
    note_command(words)
    try:
        code = app(words, prog_name="bot4", standalone_mode=False)
        sys.stdout.flush()
    except (KeyboardInterrupt, typer.Abort):
        return _fail("interrupted.", INTERRUPTED)
    except BrokenPipeError:  # the reader has seen enough, as in `bot4 data list | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        if type(error).__name__ == "NoArgsIsHelpError":  # nothing was asked for, and the help has been shown
            return 0
        if is_debug or not _is_user_error(error):
            raise
        return _fail(_sentence(error), USER_ERROR)
    return code if isinstance(code, int) else 0


def _fail(sentence: str, code: int) -> int:
    print(f"error: {sentence}", file=sys.stderr)
    return code


def _is_user_error(error: Exception) -> bool:
    """Tells whether the message is meant for the user; anything else is a mistake of ours and keeps its traceback."""
    from typer.exceptions import TyperException

    if isinstance(error, (TyperException, OSError)):
        return True
    # Compared by name: importing the rooms only to name their errors would cost every command half a second.
    names = {f"{kind.__module__}.{kind.__qualname__}" for kind in type(error).__mro__}
    return not names.isdisjoint(USER_ERRORS)


USER_ERRORS = frozenset(
    {
        "bot4._engine.EngineError",
        "bot4.backtest.errors.BacktestError",
        "bot4.data.errors.DataError",
        "bot4.exchange.errors.ExchangeError",
        "bot4.gate.errors.GateError",
        "bot4.live.errors.LiveError",
        "bot4.report.picture.PictureError",
        "bot4.records.errors.RecordsError",
        "bot4.records.licence.LicenceError",
        "bot4.risk.errors.RiskError",
        "bot4.strategy.errors.StrategyError",
    }
)


def _sentence(error: Exception) -> str:
    from typer.exceptions import TyperException

    if isinstance(error, TyperException):
        asked = getattr(getattr(error, "ctx", None), "command_path", "bot4")
        return f"{error.format_message().rstrip('.')}; see `{asked} --help`."
    if isinstance(error, OSError) and error.filename:
        return f"{error.filename}: {(error.strerror or str(error)).lower()}."
    return str(error)


if __name__ == "__main__":
    main()
