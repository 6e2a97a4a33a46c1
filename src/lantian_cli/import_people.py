"""`lantian import people`: a filled list of units and people, looked at first, the faulty rows given back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from lantian_cli import output
from lantian_cli.air_files import read_files
from lantian_cli.home import open_home

__all__ = ["people"]

SHOWN = 20


def people(
    file: Annotated[Path, typer.Argument(help="The filled form (.xlsx) of `lantian template people`.")],
    home: Annotated[Path, typer.Option(help="The home to import into.")] = Path("var/demo"),
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only look: nothing is written into the home.")
    ] = False,
    partial: Annotated[
        bool, typer.Option("--partial", help="Take in the good rows, refused or not.")
    ] = False,
    returned: Annotated[
        Path | None, typer.Option(help="Write the same file with its faults marked to this path.")
    ] = None,
    by: Annotated[str, typer.Option(help="Id of the person who imports.")] = "system",
    as_json: Annotated[bool, typer.Option("--json", help="Only the JSON on stdout.")] = False,
) -> None:
    """Units, people, posts, charges, stand-ins and watches. Ends with 1 when rows were refused.

    Example: lantian import people people.xlsx --home var/demo --dry-run --returned back.xlsx
    """
    ((name, data),) = read_files([file])
    open_home(home)

    from django.utils.translation import override

    from lantian_web import people_lists
    from lantian_web.accounts import form_words, taking
    from lantian_web.events.queries import play_now

    looked = people_lists.look(data, name)
    refused = looked.plan.total("refuse")
    if returned is not None:
        returned.write_bytes(taking.file_back(looked))
    receipt = None
    if not dry_run and (partial or not refused):
        receipt = people_lists.commit(home.resolve(), looked, by, play_now(), partial=partial).pk
    with override("en"):
        faults: list[dict[str, Any]] = [
            {"sheet": m.sheet, "row": m.row, "field": m.field, "code": m.code, "refused": m.refused}
            | {"reason": form_words.told(m)}
            for m in looked.plan.marks
        ]
    document = {
        "file": name,
        "counts": looked.plan.counts(),
        "refused": refused,
        "dry_run": dry_run,
        "receipt": receipt,
        "returned": str(returned) if returned else None,
    }
    if as_json:
        output.emit(document | {"faults": faults})
    else:
        rows = [[key, *counts.values()] for key, counts in looked.plan.counts().items()]
        output.show_table(name, ["sheet", "add", "change", "skip", "refuse"], rows)
        if faults:
            lines = [[f["sheet"], f["row"], f["reason"]] for f in faults[:SHOWN]]
            output.show_table(f"faults: {len(faults)}", ["sheet", "row", "reason"], lines)
        told = f"receipt {receipt}" if receipt else "nothing was taken in"
        output.show_table("", ["", ""], [["", told]])
    if refused:
        raise typer.Exit(1)
