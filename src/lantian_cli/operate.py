"""`lantian audit`, `backup`, `restore`, `check`: is everything there, and is it what it was?"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from lantian.errors import StoreError
from lantian_cli import output
from lantian_cli.home import open_home

__all__ = ["audit", "backup", "check", "restore"]

Home = Annotated[Path, typer.Option(help="The home to look after.")]
Json = Annotated[bool, typer.Option("--json", help="Only the JSON on stdout.")]
PG_DUMP = "registry.pgdump"

audit = typer.Typer(no_args_is_help=True, add_completion=False, help="The event log's chain.")


@audit.callback()
def _audit() -> None:
    """The event log's chain."""


@audit.command()
def verify(home: Home = Path("var/demo"), as_json: Json = False) -> None:
    """Recompute the chain over all events; exit 1 names the first that does not fit.

    Example: lantian audit verify --home var/demo
    """
    open_home(home)

    from lantian_web.events.queries import verify_chain

    report = verify_chain()
    if as_json:
        output.emit(asdict(report) | {"sound": report.sound})
    else:
        tail = f"ids {report.tail[0]} to {report.tail[1]}" if report.tail else ""
        rows = [["sealed", report.sealed, ""], ["unsealed tail", report.unsealed, tail]]
        if not report.sound:
            rows.append(["first bad", report.first_bad or 0, report.reason])
        output.show_table("event chain", ["", "events", ""], rows)
    if not report.sound:
        raise typer.Exit(1)


def backup(
    file: Annotated[Path, typer.Argument(help="The archive to write.")],
    home: Home = Path("var/demo"),
    as_json: Json = False,
) -> None:
    """Write registry, journal, lake and evidence of a home into one file; the home may be at work meanwhile.

    Example: lantian backup demo.tar.zst --home var/demo
    """
    open_home(home)

    from lantian_store import backup as archive

    with tempfile.TemporaryDirectory(prefix="lantian-") as folder:
        items = archive.backup(home.resolve(), _snapshot(Path(folder)), file)
    _show("backup", str(file), len(items), sum(item.size for item in items), as_json)


def restore(
    file: Annotated[Path, typer.Argument(help="The archive to read.")],
    home: Home = Path("var/restored"),
    as_json: Json = False,
) -> None:
    """Make a home, absent or empty before, from a backup; every byte is checked.

    Example: lantian restore demo.tar.zst --home var/restored
    """
    from lantian_store import backup as archive

    if not file.is_file():
        raise StoreError(f"{file}: there is no such file")
    items = archive.restore(file, home)
    dump = home / PG_DUMP
    if dump.exists():
        _postgres("pg_restore", "--exit-on-error", "--no-owner", "--dbname={name}", str(dump))
        dump.unlink()
    _show("restored", str(home), len(items), sum(item.size for item in items), as_json)


def _show(word: str, where: str, files: int, size: int, as_json: bool) -> None:
    if as_json:
        output.emit({word: where, "files": files, "bytes": size})
    else:
        output.show_table(word, ["", "files", "bytes"], [[where, files, size]])


def _snapshot(folder: Path) -> Path:
    """A consistent copy of the registry as one file, taken while others may write."""
    from django.db import connection

    connection.ensure_connection()
    if connection.vendor == "sqlite":
        path = folder / Path(str(connection.settings_dict["NAME"])).name
        with connection.cursor() as cursor:
            cursor.execute("VACUUM INTO %s", [str(path)])
        return path
    path = folder / PG_DUMP
    _postgres("pg_dump", "--format=custom", "--no-owner", f"--file={path}", "--dbname={name}")
    return path


def _postgres(program: str, *arguments: str) -> None:
    """Run one of PostgreSQL's programs on the registry; the password never stands on its command line."""
    from lantian_web.settings import DATABASES

    place = DATABASES["default"]
    if "postgresql" not in place["ENGINE"]:
        raise StoreError(
            "this backup holds a PostgreSQL registry: set LANTIAN_DATABASE_URL to an empty database"
        )
    if shutil.which(program) is None:
        raise StoreError(f"{program} is not installed")
    names = {"PGHOST": "HOST", "PGPORT": "PORT", "PGUSER": "USER", "PGPASSWORD": "PASSWORD"}
    env = os.environ | {key: str(place[field]) for key, field in names.items() if place.get(field)}
    command = [program, *(argument.format(name=place["NAME"]) for argument in arguments)]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        raise StoreError(f"{program}: {done.stderr.strip().splitlines()[-1:]}")


def check(home: Home = Path("var/demo"), as_json: Json = False) -> None:
    """Check journal, lake, registry and settings of a home; exit 1 when something is wrong.

    Example: lantian check --home var/demo
    """
    open_home(home)
    problems = list(_problems(home.resolve()))
    if as_json:
        output.emit(
            {"home": str(home), "problems": [{"part": part, "problem": text} for part, text in problems]}
        )
    else:
        rows = problems or [("everything", "sound")]
        output.show_table(str(home), ["part", "finding"], rows)
    if problems:
        raise typer.Exit(1)


def _problems(home: Path) -> Iterator[tuple[str, str]]:
    """(part, what is wrong with it)."""
    from django.core import checks

    from lantian_store.journal import Journal
    from lantian_store.lake import Lake

    found = Journal(home).verify()
    if found.problem:
        yield "journal", found.problem
    try:
        yield from (("lake", problem) for problem in Lake(home).verify())
    except StoreError as error:
        yield "lake", str(error)
    yield from _registry_problems()
    for message in checks.run_checks():
        if message.is_serious():
            yield "settings", str(message.msg)


def _registry_problems() -> Iterator[tuple[str, str]]:
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    from lantian_web.events.queries import verify_chain

    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        yield "registry", "migrations are missing: lantian serve applies them"
        return
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA integrity_check")
            said = [str(row[0]) for row in cursor.fetchall()]
        if said != ["ok"]:
            yield "registry", said[0]
    report = verify_chain()
    if not report.sound:
        yield "event chain", f"event {report.first_bad}: {report.reason}"
