"""`lantian bulletin`: one paper, written to a file."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from lantian.errors import DataError
from lantian_cli import output
from lantian_cli.home import open_home

__all__ = ["bulletin"]


def bulletin(
    kind: Annotated[str, typer.Argument(help="Which paper: day_sheet.")],
    on: Annotated[str, typer.Option(help="Local day the paper speaks of (YYYY-MM-DD).")],
    out: Annotated[Path, typer.Option(help="File to write: .docx, .pdf or .html.")],
    area: Annotated[str, typer.Option(help="Area id; the whole city unless given.")] = "",
    home: Annotated[Path, typer.Option(help="Where everything lives.")] = Path("var/demo"),
    as_json: Annotated[bool, typer.Option("--json", help="Only the JSON on stdout.")] = False,
) -> None:
    """Write a paper as Word, PDF or HTML, and keep it among the papers of the home.

    Example: lantian bulletin day_sheet --on 2026-12-12 --out sheet.docx
    """
    ending = out.suffix.lower().removeprefix(".")
    if ending not in ("docx", "pdf", "html"):
        raise DataError(f"{out}: a paper ends in .docx, .pdf or .html", source="command line", field="--out")
    day = _day(on)
    open_home(home)

    from lantian_web.assessments.models import Assessment
    from lantian_web.bulletins import commands, papers
    from lantian_web.events.queries import play_now
    from lantian_web.inventory.queries import city_area_id

    now: datetime = play_now()
    if not Assessment.objects.filter(start_on__lte=day, end_on__gte=day, indicator="aqi_day").exists():
        raise DataError(f"nothing was assessed on {day}", source="command line", field="--on")
    row = commands.ask(kind, day, area or city_area_id(), "system", now)
    commands.make_asked(now)
    row.refresh_from_db()
    sha256 = {"docx": row.docx_sha256, "pdf": row.pdf_sha256, "html": row.html_sha256}[ending]
    if not sha256:
        raise DataError("the paper could not be made; the event log says why", source=str(out))
    out.write_bytes(papers.get(sha256))
    if as_json:
        output.emit(
            {"bulletin": row.id, "content_sha256": row.content_sha256, "file_sha256": sha256, "out": str(out)}
        )
    else:
        typer.echo(f"{out}  {sha256}")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise DataError(f"not a day (YYYY-MM-DD): {text}", source="command line", field="--on") from None
