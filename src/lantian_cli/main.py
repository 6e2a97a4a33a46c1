"""Entry of the `lantian` command: one table of commands, loaded only when called, and one place for errors.

Exit codes: 0 fine; 1 a check failed, or something was found that the caller asked to fail on (a command
raises `typer.Exit(1)`); 2 bad input, said on stderr in one line without a traceback.
`lantian --help` reads the table alone: no numba, no Django, no DuckDB.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from importlib.metadata import version
from typing import Annotated, Any, NoReturn

import typer
from typer.core import TyperCommand, TyperGroup

from lantian.errors import LantianError

__all__ = ["COMMANDS", "app", "exit_code", "main"]

# name -> ("module:attribute", one line of help); the attribute is a function or a typer.Typer.
COMMANDS = {
    "demo": (
        "lantian_cli.demo:demo",
        "Play an episode of the rehearsal city through the loop, then serve it.",
    ),
    "city": ("lantian_cli.city:app", "Build a rehearsal city, or score what was found in one."),
    "serve": ("lantian_cli.serve:serve", "Serve the console and its worker."),
    "worker": ("lantian_cli.serve:worker", "Run the worker alone."),
    "notices": ("lantian_cli.notices:app", "Run the courier, test a channel, name people in chat groups."),
    "replies": ("lantian_cli.replies:app", "Read messages of a chat, or open an inlet for those of a robot."),
    "user": ("lantian_cli.serve:user", "Add a log-in, or give one a new password."),
    "replay": ("lantian_cli.replay:replay", "Play a stretch of the journal through the live path again."),
    "import": (
        "lantian_cli.import_:app",
        "Take air, tables, emissions, forecasts or people into a home.",
    ),
    "template": ("lantian_cli.template:app", "Write an Excel form to be filled in."),
    "picture": ("lantian_cli.picture:picture", "Draw one picture for a paper from air files."),
    "aqi": ("lantian_cli.aqi:aqi", "AQI of every day or hour of some files."),
    "assess": (
        "lantian_cli.assess:assess",
        "Assess an indicator of a place: against a period, a target, a ranking.",
    ),
    "standards": ("lantian_cli.standards:standards", "List rule tables, their rows and what is unverified."),
    "warn": ("lantian_cli.warn:app", "Propose, start, raise, lower, extend or lift a warning."),
    "bulletin": ("lantian_cli.bulletin:bulletin", "Write a paper as Word, PDF or HTML."),
    "export": ("lantian_cli.export:app", "Write a county's dispatch day as Word or Excel."),
    "evidence": ("lantian_cli.evidence:app", "Make an evidence pack of a finding, or verify one."),
    "audit": ("lantian_cli.operate:audit", "Verify the event chain."),
    "backup": ("lantian_cli.operate:backup", "Write everything of a home into one file."),
    "restore": ("lantian_cli.operate:restore", "Make a home from a backup."),
    "check": ("lantian_cli.operate:check", "Check a home: journal, lake, papers, registry and settings."),
}


def load(name: str) -> Any:
    """Import command `name` and return it as a click command."""
    module, _, attribute = COMMANDS[name][0].partition(":")
    found = getattr(import_module(module), attribute)
    if not isinstance(found, typer.Typer):
        alone = typer.Typer(add_completion=False)
        alone.command(name)(found)
        found = alone
    command = typer.main.get_command(found)
    command.name = name
    return command


class LazyGroup(TyperGroup):
    """A group that lists its commands from `COMMANDS` and imports the one that is called."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.commands = {name: TyperCommand(name, help=text) for name, (_, text) in COMMANDS.items()}

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        name, command, rest = super().resolve_command(ctx, args)
        return name, load(name) if name else command, rest


app = typer.Typer(
    cls=LazyGroup,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(asked: bool) -> None:
    if asked:
        typer.echo(version("lantian"))
        raise typer.Exit


@app.callback()
def lantian(
    _: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Lantian: clean-air dispatch for a city, from reading to verdict.

    Example: lantian demo --plants 300 --no-serve
    """


def exit_code(call: Callable[[], object]) -> int:
    """Run `call`; an error of the operator's becomes one line on stderr and 2, never a traceback."""
    try:
        call()
    except LantianError as error:
        typer.echo(f"lantian: {error}", err=True)
        return 2
    except OSError as error:
        if error.filename is None:
            raise
        typer.echo(f"lantian: {error.filename}: {error.strerror}", err=True)
        return 2
    return 0


def main() -> NoReturn:
    """Run the command line and end the process with its exit code."""
    raise SystemExit(exit_code(app))
