"""`lantian evidence`: packs that anyone can check without the registry."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lantian.errors import DataError
from lantian_cli import output
from lantian_cli.home import open_home

__all__ = ["app"]

app = typer.Typer(no_args_is_help=True)


@app.callback()
def evidence() -> None:
    """Make and check evidence packs.

    Example: lantian evidence verify finding.zip
    """


@app.command()
def pack(
    finding: Annotated[str, typer.Argument(help="Id of the finding.")],
    out: Annotated[Path, typer.Option(help="The pack to write (.zip).")],
    home: Annotated[Path, typer.Option(help="The home to read.")] = Path("var/demo"),
    as_json: Annotated[bool, typer.Option("--json", help="Only the JSON on stdout.")] = False,
) -> None:
    """Bind what shows a finding into one file: raw rows, order, rule, hashes.

    Example: lantian evidence pack finding_abc --home var/demo --out finding.zip
    """
    open_home(home)
    from lantian_web.findings.models import Finding
    from lantian_web.packs import pack_of

    row = Finding.objects.filter(id=finding).first()
    if row is None:
        raise DataError(f"there is no finding {finding}", source="command line", field="FINDING")
    made = pack_of(home.resolve(), row)
    out.write_bytes(made.data)
    if as_json:
        output.emit({"out": str(out), "sha256": made.sha256, "items": dict(made.manifest)})
    else:
        output.show_table(f"{out}  {made.sha256}", ["item", "sha256"], made.manifest.items())


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
