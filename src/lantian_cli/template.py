"""`lantian template`: empty Excel forms to be filled in by people."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lantian_cli import output
from lantian_cli.home import open_home

__all__ = ["app"]

app = typer.Typer(no_args_is_help=True, add_completion=False)


@app.callback()
def template() -> None:
    """Write an Excel form to be filled in and taken in with `lantian import`.

    Example: lantian template people people.xlsx
    """


@app.command()
def people(
    out: Annotated[Path, typer.Argument(help="The workbook to write (.xlsx).")],
    home: Annotated[
        Path | None, typer.Option(help="Fill in the units, people and posts that this home knows.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Only the JSON on stdout.")] = False,
) -> None:
    """Units, people, posts, charges, stand-ins and watches: drop-downs, notes, an example row, codes as text.

    Example: lantian template people people.xlsx
    """
    if home is not None:
        open_home(home)
        from lantian_web import people_lists

        data = people_lists.form(filled=True)
    else:
        from importlib.resources import files

        from lantian.observe.forms import blank, load_form

        text = files("lantian_web.accounts").joinpath("people_form.toml").read_text(encoding="utf-8")
        data = blank(load_form(text))
    out.write_bytes(data)
    document = {"file": str(out), "bytes": len(data), "known": home is not None}
    if as_json:
        output.emit(document)
    else:
        output.show_table(out.name, ["", ""], list(document.items()))
