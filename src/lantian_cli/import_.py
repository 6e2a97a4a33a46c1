"""`lantian import`: air, tables, emissions, forecasts and people into a home, looked at first, taken in once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lantian_cli import output
from lantian_cli.air_files import load_columns, read_files
from lantian_cli.home import open_home
from lantian_cli.import_people import people

if TYPE_CHECKING:
    from lantian_web.assessments.imports import Preview
    from lantian_web.assessments.models import Import

__all__ = ["app"]

app = typer.Typer(no_args_is_help=True, add_completion=False)

Home = Annotated[Path, typer.Option(help="The home to import into.")]
Files = Annotated[list[Path], typer.Argument(help="CSV (also .gz), Excel or Parquet.")]
One = Annotated[Path, typer.Argument(help="CSV (also .gz), Excel or Parquet.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only look: nothing is written into the home.")]
Refused = Annotated[Path | None, typer.Option(help="Write the refused rows to this CSV file, too.")]
By = Annotated[str, typer.Option(help="Id of the person who imports.")]
Json = Annotated[bool, typer.Option("--json", help="Only the JSON on stdout.")]


@app.callback()
def import_() -> None:
    """Take files into a home: what they hold is shown, refused rows are named, the same file twice changes nothing.

    Example: lantian import air cities.csv.gz --home var/demo --dry-run
    """


app.command()(people)


@app.command()
def air(
    files: Files,
    home: Home = Path("var/demo"),
    column_map: Annotated[
        Path | None, typer.Option("--map", help="Column map (TOML) for files of no known form.")
    ] = None,
    co_unit: Annotated[
        str | None, typer.Option(help="Unit of CO: mg/m3 or ug/m3, whatever form or map say.")
    ] = None,
    stamp: Annotated[str | None, typer.Option(help="What a time names of its hour: start or end.")] = None,
    dry_run: DryRun = False,
    refused: Refused = None,
    by: By = "system",
    as_json: Json = False,
) -> None:
    """Hours or days of air: own stations, the own city and others; weather comes along.

    Example: lantian import air stations_2026.csv --home var/demo
    """
    reading = {"columns": load_columns(column_map), "co_unit": co_unit, "stamp": stamp}
    _import("air", files, home, dry_run, refused, by, as_json, reading)


@app.command()
def emission(
    file: One,
    home: Home = Path("var/demo"),
    dry_run: DryRun = False,
    refused: Refused = None,
    by: By = "system",
    as_json: Json = False,
) -> None:
    """Measured emission of plants by the day: columns date, enterprise, so2_kg, nox_kg, pm_kg, vocs_kg (or _t).

    Example: lantian import emission cems_days.csv --home var/demo
    """
    _import("emission", [file], home, dry_run, refused, by, as_json)


@app.command()
def forecast(
    file: One,
    home: Home = Path("var/demo"),
    dry_run: DryRun = False,
    refused: Refused = None,
    by: By = "system",
    as_json: Json = False,
) -> None:
    """Forecast of the coming days: columns date, pm25 ... o3 or aqi, and area and issued where there are several.

    Example: lantian import forecast forecast.csv --home var/demo
    """
    _import("forecast", [file], home, dry_run, refused, by, as_json)


@app.command()
def table(
    name: Annotated[str, typer.Argument(help="Rule table, such as targets, regions or season_targets.")],
    file: One,
    home: Home = Path("var/demo"),
    paper: Annotated[str, typer.Option(help="The paper that the rows come from.")] = "",
    empty: Annotated[
        bool, typer.Option("--empty", help="A file without a row is meant: take the city's own rows back.")
    ] = False,
    dry_run: DryRun = False,
    by: By = "system",
    as_json: Json = False,
) -> None:
    """The city's own rows of a rule table; they replace its earlier ones of that table.

    Example: lantian import table targets ledger.xlsx --paper "某市环委办〔2026〕3号" --home var/demo
    """
    ((_, data),) = read_files([file])
    open_home(home)

    from lantian_web.events.queries import play_now
    from lantian_web.inventory.commands import load_overlay
    from lantian_web.inventory.overlays import overlay_text
    from lantian_web.inventory.queries import overlay_rows

    text, rows = overlay_text(name, data, file.name, empty=empty)
    before = len(overlay_rows(name))
    if not dry_run:
        load_overlay(name, text, file.name, paper, by, play_now(), empty=empty)
    document = {"table": name, "rows": rows, "rows_before": before, "dry_run": dry_run}
    if as_json:
        output.emit(document)
    else:
        output.show_table(f"{name}: {file.name}", ["", ""], list(document.items()))


def _import(
    kind: str,
    paths: Sequence[Path],
    home: Path,
    dry_run: bool,
    refused: Path | None,
    by: str,
    as_json: bool,
    reading: Mapping[str, Any] | None = None,
) -> None:
    files = read_files(paths)
    open_home(home)

    from lantian_web.assessments import imports
    from lantian_web.events.queries import play_now

    seen = imports.preview(kind, files, play_now(), **(reading or {}))
    if refused is not None:
        refused.write_text(imports.refused_csv(seen.refused), encoding="utf-8")
    document = _told(seen) | {"dry_run": dry_run, "known_already": seen.receipt is not None}
    if not dry_run:
        row = imports.commit(home.resolve(), seen, by, play_now())
        document |= {"receipt": row.pk, "taken_in": _work(home.resolve(), row)}
        if row.refused_sha256:
            document["refused_file"] = f"imports/{row.refused_sha256[:2]}/{row.refused_sha256}"
    if as_json:
        output.emit(document | {"report": seen.report})
    else:
        _show(document, seen)


def _told(seen: Preview) -> dict[str, Any]:
    stands = {} if seen.standing is None else {"standing": seen.standing.plain()}
    return stands | {
        "kind": seen.kind,
        "files": [name for name, _ in seen.files],
        "rows": seen.rows,
        "entries": len(seen.entries),
        "points": dict(seen.points),
        "first_on": seen.first_on,
        "last_on": seen.last_on,
        "refused": len(seen.refused),
    }


def _work(home: Path, row: Import) -> bool:
    """Take the entries into the lake, unless a worker does; whether they are there."""
    from django.utils import timezone

    from lantian_store.lock import HomeBusyError, worker_lock
    from lantian_web.assessments.imports import taken_in
    from lantian_web.events.queries import get_cursor
    from lantian_web.worker import CURSOR, Worker

    try:
        with worker_lock(home):
            Worker(home).step(timezone.now, live=get_cursor("play") is None)
    except HomeBusyError:
        pass
    return taken_in(row, get_cursor(CURSOR))


def _show(document: dict[str, Any], seen: Preview) -> None:
    shown = {
        key: ", ".join(f"{word} {n}" for word, n in value.items() if word != "shown")
        if isinstance(value, dict)
        else value
        for key, value in document.items()
        if key != "files"
    }
    output.show_table(", ".join(document["files"]), ["", ""], list(shown.items()))
    flags = [
        [each["kind"], each["flag"], each["count"]]
        for each in seen.report.get("flags", ())
        if each["flag"] != "ok"
    ]
    if flags:
        output.show_table("marked values", ["item", "mark", "values"], flags)
    if seen.standing is not None and seen.standing.shown:
        heads = ["point", "item", "start", "stands", "in the file"]
        output.show_table(
            f"different from what stands: {seen.standing.differing}", heads, seen.standing.plain()["shown"]
        )
    if seen.refused:
        rows = [[e.source, e.row, e.field, e.reason] for e in seen.refused[:20]]
        output.show_table(f"refused: {len(seen.refused)}", ["file", "row", "field", "reason"], rows)
