"""`lantian audit`, `backup`, `restore`, `check`: is everything there, and is it what it was?"""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from lantian.errors import StoreError
from lantian_cli import output
from lantian_cli.home import make_home, open_home

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
    """Write everything of a home into one file, to be kept like a secret; the home may be at work meanwhile.

    Registry, journal, lake, papers, evidence, the rehearsal city with its truth, and the session key.

    Example: lantian backup demo.tar.zst --home var/demo
    """
    open_home(home)

    from lantian_store import backup as archive

    with tempfile.TemporaryDirectory(prefix="lantian-") as folder:
        snapshot = _snapshot(Path(folder))
        items = archive.backup(home.resolve(), snapshot, file, [*_papers(), *_evidence()])
    _show("backup", str(file), len(items), sum(item.size for item in items), as_json)


def restore(
    file: Annotated[Path, typer.Argument(help="The archive to read.")],
    home: Home = Path("var/restored"),
    as_json: Json = False,
) -> None:
    """Make a home, absent or empty before, from a backup; every byte is checked.

    A PostgreSQL registry goes into the database of LANTIAN_DATABASE_URL, which must be empty.

    Example: lantian restore demo.tar.zst --home var/restored
    """
    from lantian_store import backup as archive

    if not file.is_file():
        raise StoreError(f"{file}: there is no such file")
    items = archive.restore(file, home)
    try:
        _restore_registry(home, home / items[0].name)
    except StoreError:
        shutil.rmtree(home)
        raise
    _show("restored", str(home), len(items), sum(item.size for item in items), as_json)


def _show(word: str, where: str, files: int, size: int, as_json: bool) -> None:
    if as_json:
        output.emit({word: where, "files": files, "bytes": size})
    else:
        output.show_table(word, ["", "files", "bytes"], [[where, files, size]])


def _restore_registry(home: Path, registry: Path) -> None:
    """Put a dump into its database. StoreError when the settings ask for the other kind of registry."""
    asked = bool(os.environ.get("LANTIAN_DATABASE_URL"))
    dumped = registry.name == PG_DUMP
    if dumped and not asked:
        raise StoreError(
            "this backup holds a PostgreSQL registry: set LANTIAN_DATABASE_URL to an empty database"
        )
    if asked and not dumped:
        raise StoreError("this backup holds a SQLite registry: restore it without LANTIAN_DATABASE_URL")
    if dumped:
        make_home(home)
        _postgres("pg_restore", "--single-transaction", "--no-owner", "--dbname={name}", str(registry))
        registry.unlink()


def _papers() -> list[str]:
    """Names, in the home, of the papers that the registry names."""
    from lantian_web.bulletins.models import Bulletin

    made = Bulletin.objects.filter(made_at__isnull=False)
    files = made.values_list("html_sha256", "docx_sha256", "pdf_sha256")
    return sorted(f"papers/{sha256[:2]}/{sha256}" for row in files for sha256 in row if sha256)


def _evidence() -> list[str]:
    """Names, in the home, of the files that were handed in with tasks."""
    from lantian_web.tasks.proofs import files_named

    return list(files_named())


def _snapshot(folder: Path) -> Path:
    """A consistent copy of the registry as one file, taken while others may write."""
    from django.db import connection

    connection.ensure_connection()
    if connection.vendor == "sqlite":
        path = folder / Path(str(connection.settings_dict["NAME"])).name
        with closing(sqlite3.connect(path)) as copy:
            connection.connection.backup(copy)
        return path
    path = folder / PG_DUMP
    _postgres("pg_dump", "--format=custom", "--no-owner", f"--file={path}", "--dbname={name}")
    return path


def _postgres(program: str, *arguments: str) -> None:
    """Run one of PostgreSQL's programs on the registry; the password never stands on its command line."""
    from lantian_web.settings import DATABASES

    place = DATABASES["default"]
    if shutil.which(program) is None:
        raise StoreError(f"{program} is not installed")
    names = {"PGHOST": "HOST", "PGPORT": "PORT", "PGUSER": "USER", "PGPASSWORD": "PASSWORD"}
    env = os.environ | {key: str(place[field]) for key, field in names.items() if place.get(field)}
    command = [program, *(argument.format(name=place["NAME"]) for argument in arguments)]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        said = [line for line in done.stderr.splitlines() if "error:" in line] or done.stderr.splitlines()
        raise StoreError(f"{program}: {said[0] if said else f'exit code {done.returncode}'}")


def check(home: Home = Path("var/demo"), as_json: Json = False) -> None:
    """Check journal, lake, papers, evidence, registry and settings of a home; exit 1 when something is wrong.

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

    registry = list(_registry_problems())
    found = Journal(home).verify()
    if found.problem:
        yield "journal", found.problem
    try:
        yield from (("lake", problem) for problem in Lake(home).verify())
    except StoreError as error:
        yield "lake", str(error)
    if not registry:
        yield from _file_problems(home, "papers", _papers())
        yield from _file_problems(home, "evidence", _evidence())
        yield from _channel_problems()
    yield from registry
    for message in checks.run_checks():
        if message.is_serious():
            yield "settings", str(message.msg)


def _file_problems(home: Path, part: str, names: list[str]) -> Iterator[tuple[str, str]]:
    """Files that are gone or no longer what their name says."""
    for name in names:
        path = home / name
        if not path.is_file():
            yield part, f"{name}: missing"
        elif hashlib.sha256(path.read_bytes()).hexdigest() != path.name:
            yield part, f"{name}: its bytes were changed"


def _channel_problems() -> Iterator[tuple[str, str]]:
    """Channels that the settings do not let be spoken to: what they have to say waits."""
    from lantian_web.notices.models import Channel
    from lantian_web.notices.queries import held_messages
    from lantian_web.notices.routes import why_silent

    for channel in Channel.objects.filter(active=True).order_by("id"):
        held = held_messages().filter(channel=channel).count()
        why = why_silent(channel) or ("the courier may not speak to its host" if held else "")
        if why:
            yield "notices", f"channel {channel.name}: {why}; messages held: {held}"


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
