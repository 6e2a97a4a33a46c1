"""`lantian city`: build a rehearsal city as tables, or score what was found in one."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from lantian.errors import DataError
from lantian_cli import output, progress
from lantian_cli.home import open_home

__all__ = ["app"]

app = typer.Typer(help="Build a rehearsal city, or score what was found in one.", no_args_is_help=True)


@app.command()
def build(
    out: Annotated[Path, typer.Option(help="Folder for the tables.")],
    seed: Annotated[int, typer.Option(min=0, help="Same seed, same bytes.")] = 7,
    plants: Annotated[int, typer.Option(min=20, help="Number of plants.")] = 4709,
    days: Annotated[int, typer.Option(min=1, help="Days played.")] = 12,
    first: Annotated[str, typer.Option("--from", help="First day.")] = "2026-12-07",
    as_json: Annotated[bool, typer.Option("--json", help="Only the JSON on stdout.")] = False,
) -> None:
    """Write an invented city as Parquet tables.

    Example: lantian city build --seed 7 --plants 300 --days 12 --out var/city
    """
    import pyarrow.parquet as pq

    from lantian import rehearsal

    if out.exists() and any(out.iterdir()):
        raise DataError("the folder is not empty", source=str(out))
    try:
        first_day = date.fromisoformat(first)
    except ValueError as error:
        raise DataError(str(error), source="command line", field="--from") from None
    with progress.bars() as bars, bars.step("city"):
        tables = rehearsal.to_tables(rehearsal.build_city(seed, plants, first_day=first_day, days=days))
        out.mkdir(parents=True, exist_ok=True)
        for name, table in tables.items():
            pq.write_table(table, out / f"{name}.parquet")
    counts = {name: len(table) for name, table in tables.items()}
    if as_json:
        output.emit(counts)
    else:
        output.show_table(str(out), ["table", "rows"], counts.items())


@app.command()
def score(
    home: Annotated[Path, typer.Option(help="Home of a played demo.")] = Path("var/demo"),
    as_json: Annotated[bool, typer.Option("--json", help="Only the JSON on stdout.")] = False,
) -> None:
    """Compare what was proposed with what really happened.

    Example: lantian city score --home var/demo
    """
    open_home(home)
    from lantian_web.play import driver

    found = driver.score_home(home.resolve())
    if as_json:
        output.emit(found)
    else:
        output.show_table("truth", ["score", "value"], found.items())
