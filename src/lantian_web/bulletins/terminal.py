"""A paper in the terminal."""

from __future__ import annotations

from datetime import date

from rich.console import Console
from rich.table import Table
from rich.text import Text

from lantian.records import Light
from lantian.report import Sheet, day_sheet
from lantian_web.bulletins import queries
from lantian_web.bulletins.layout import LaidTable, lay
from lantian_web.bulletins.wording import Run
from lantian_web.events.queries import play_now
from lantian_web.inventory.queries import city_area_id

__all__ = ["print_day_sheet", "print_sheet"]

COLOURS = {Light.RED: "red", Light.AMBER: "yellow", Light.BLIND: "bright_black", Light.GREEN: "green"}
ROWS = 20
"""Rows of a table shown; the paper has them all."""


def print_day_sheet(on: date, area_id: str = "") -> None:
    """Print the day sheet of an area (the city unless given) as things stand at the play clock."""
    print_sheet(day_sheet(queries.day_inputs(on, area_id or city_area_id(), play_now())))


def print_sheet(sheet: Sheet, console: Console | None = None) -> None:
    """Print the sheet with its tables; footnotes stay in the files."""
    out = console or Console()
    laid = lay(sheet)
    out.rule(f"[bold]{laid.title}[/bold]")
    for line in laid.head:
        out.print(line, justify="center")
    for mark in laid.marks:
        out.print(mark, style="red", justify="center")
    for section in laid.sections:
        out.print()
        out.print(section.heading, style="bold")
        for runs in section.lines:
            out.print(_text(runs))
        for table in section.tables:
            out.print(_table(table))


def _text(runs: list[Run]) -> Text:
    return Text.assemble(*((run.text, COLOURS[run.light] if run.light else "") for run in runs))


def _table(laid: LaidTable) -> Table | Text:
    caption = "".join(run.text for run in laid.caption)
    if not laid.rows:
        return Text(f"{caption}  {laid.empty}", style="dim")
    table = Table(title=caption, title_justify="left", title_style="italic")
    for head, number in zip(laid.heads, laid.numbers, strict=True):
        table.add_column(head, justify="right" if number else "left", overflow="fold")
    shown = laid.rows if len(laid.rows) <= ROWS else laid.rows[: ROWS - 1] + laid.rows[-1:]
    for place, row in enumerate(shown):
        table.add_row(*map(_text, row), style="bold" if laid.total and place == len(shown) - 1 else "")
    return table
