"""`lantian demo`: the rehearsal city plays an episode through the loop, then the console is served."""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from lantian.errors import DataError
from lantian_cli import output, progress
from lantian_cli.home import make_home
from lantian_cli.serve import check_port
from lantian_cli.serve import serve as serve_console

__all__ = ["demo"]

FIRST, LAST = date(2026, 12, 7), date(2026, 12, 18)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise DataError(f"not a day (YYYY-MM-DD): {text}", source="command line") from None


def demo(
    days: Annotated[int | None, typer.Option(min=1, help="Play only the first N days.")] = None,
    plants: Annotated[int, typer.Option(min=20, help="Plants of the rehearsal city.")] = 4709,
    seed: Annotated[int, typer.Option(min=0, help="Same seed, same bytes.")] = 7,
    home: Annotated[Path, typer.Option(help="Where everything lives.")] = Path("var/demo"),
    air: Annotated[Path | None, typer.Option(help="Daily city air file to replay (CSV or CSV.gz).")] = None,
    city: Annotated[str | None, typer.Option(help="City to take from --air.")] = None,
    from_day: Annotated[str | None, typer.Option("--from", help="First day played.")] = None,
    to_day: Annotated[str | None, typer.Option("--to", help="Last day played.")] = None,
    rules: Annotated[
        str | None, typer.Option(help="Warning edition for days before its table (counterfactual).")
    ] = None,
    forecast: Annotated[str, typer.Option(help="perfect or persistence, with --air.")] = "perfect",
    serve: Annotated[bool, typer.Option("--serve/--no-serve", help="Serve the console afterwards.")] = True,
    as_json: Annotated[bool, typer.Option("--json", help="Only the JSON on stdout.")] = False,
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port of the console on 127.0.0.1.")] = 8000,
) -> None:
    """Play a heavy-pollution episode through the whole loop.

    Example: lantian demo --plants 300 --no-serve --json
    """
    began = time.monotonic()
    first, last = _day(from_day) if from_day else FIRST, _day(to_day) if to_day else LAST
    if days is not None:
        last = min(last, date.fromordinal(first.toordinal() + days - 1))
    if last < first:
        raise DataError(f"--to {last} lies before --from {first}", source="command line")
    if serve:
        check_port(port)
    make_home(home)

    from lantian_web.play import driver, setup

    with progress.bars() as bars:
        script = setup.prepare(
            home.resolve(),
            setup.Asked(seed, plants, first, last, air, city, rules, forecast),
            bars,
        )
        for label, problems in (("row left out", script.refused), ("counts as missing", script.flagged)):
            for problem in problems:
                typer.echo(f"{label}: {problem}", err=True)
        driver.play(script, bars)
    report = driver.report(script)
    report |= {"seconds": round(time.monotonic() - began, 1), "peak_mb": _peak_mb()}
    if as_json:
        output.emit(report)
    else:
        _print(report, script.asked.last)
    _show_logins(setup.make_logins(script))
    if serve:
        serve_console(home, port=port)
    if script.refused:
        raise typer.Exit(2)


def _peak_mb() -> int:
    """Peak resident memory of this process and its largest child, in MB."""
    import resource

    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return (own + child) // 1024


def _print(report: dict[str, Any], last: date) -> None:
    """The last day sheet, then what the play came to."""
    from lantian_web.bulletins.terminal import print_day_sheet

    print_day_sheet(last)
    output.show_table("loop", ["stage", "records"], report["stages"].items())
    output.show_table("truth", ["score", "value"], report["truth"].items())
    output.show_table("run", ["", ""], [["seconds", report["seconds"]], ["peak MB", report["peak_mb"]]])


def _show_logins(logins: Iterable[Any]) -> None:
    rows = [[login.username, login.password, login.role.value, login.person] for login in logins]
    if rows:
        output.show_table("log-ins (shown once)", ["name", "password", "role", "person"], rows, err=True)
    else:
        typer.echo("log-ins were shown before; `lantian user reset NAME` gives a new password", err=True)
