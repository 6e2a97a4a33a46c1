"""`lantian evidence`: packs that anyone can check without the registry."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lantian_cli import output

__all__ = ["app"]

app = typer.Typer(no_args_is_help=True)


@app.callback()
def evidence() -> None:
    """Check evidence packs.

    Example: lantian evidence verify finding.zip
    """


@app.command()
def verify(
    file: Annotated[Path, typer.Argument(help="The evidence pack (.zip).")],
    as_json: Annotated[bool, typer.Option("--json", help="Only the JSON on stdout.")] = False,
) -> None:
    """Recompute every hash of a pack; exit code 1 and the item's name when a byte was changed.

    Example: lantian evidence verify finding.zip --json
    """
    import hashlib

    from lantian_store import evidence as packs

    data = file.read_bytes()
    problems = packs.verify(data)
    sha256 = hashlib.sha256(data).hexdigest()
    if as_json:
        output.emit({"file": str(file), "sha256": sha256, "sound": not problems, "problems": problems})
    else:
        for problem in problems:
            typer.echo(f"{file}: {problem}", err=True)
        if not problems:
            typer.echo(f"{file}  {sha256}")
    if problems:
        raise typer.Exit(1)
