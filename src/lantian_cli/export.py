"""`lantian export`: what goes out of a home as a file, beside the papers."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from lantian.errors import DataError
from lantian.periods import local_day, to_ms
from lantian_cli import output
from lantian_cli.home import open_home

__all__ = ["app"]

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Write files out of a home.")


@app.callback()
def export() -> None:
    """Write files out of a home.

    Example: lantian export county --area 140001 ledger.xlsx
    """


@app.command()
def county(
    out: Annotated[Path, typer.Argument(help="File to write: .docx (sheet of the day) or .xlsx (ledger).")],
    area: Annotated[str, typer.Option(help="Area id of the county.")],
    on: Annotated[str, typer.Option(help="Local day (YYYY-MM-DD); today unless given.")] = "",
    home: Annotated[Path, typer.Option(help="Where everything lives.")] = Path("var/demo"),
    as_json: Annotated[bool, typer.Option("--json", help="Only the JSON on stdout.")] = False,
) -> None:
    """Write a county's dispatch day for its leader: only this county's rows, as of now.

    Example: lantian export county --area 140001 --on 2026-12-12 day.docx
    """
    form = out.suffix.lower().removeprefix(".")
    if form not in ("docx", "xlsx"):
        raise DataError(f"{out}: a county's day ends in .docx or .xlsx", source="command line", field="OUT")
    open_home(home)

    from django.utils import translation

    from lantian_web.desk import county_export
    from lantian_web.events.queries import play_now
    from lantian_web.inventory.models import Area
    from lantian_web.tasks.models import Task

    now = play_now()
    place = Area.objects.filter(pk=area).first()
    if place is None:
        raise DataError(f"there is no area {area}", source="command line", field="--area")
    with translation.override("zh-hans"):
        day = county_export.day_of(Task.objects.all(), place, _day(on) or local_day(to_ms(now)), now)
        out.write_bytes(county_export.written(day, form))
    if as_json:
        output.emit({"out": str(out), "tasks": len(day.entries), "open": len(day.open_ones)})
    else:
        typer.echo(f"{out}  {len(day.entries)} tasks, {len(day.open_ones)} of them open")


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise DataError(f"not a day (YYYY-MM-DD): {text}", source="command line", field="--on") from None
