"""`lantian serve`, `lantian worker`, `lantian user`: the console, the worker beside it, and who may log in."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from lantian.errors import DataError
from lantian.records import Role
from lantian_cli import output
from lantian_cli.home import open_home

__all__ = ["check_port", "serve", "user", "worker"]

Home = Annotated[Path, typer.Option(help="The home to work in.")]
POLL_S, PLAY_POLL_S = 0.5, 0.005
REST_S = (1.0, 60.0)  # before a worker that died is started again: doubled each time, up to the longest
WORKERS = 2  # processes that answer: one alone is held up by whatever it works out
STOP_S = 10  # what answers or works beside has so long to end by itself
THREADS = 4  # requests answered at once; SQLite has one writer anyway


def serve(
    home: Home = Path("var/demo"),
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port on 127.0.0.1.")] = 8000,
    tls: Annotated[
        tuple[Path, Path] | None, typer.Option(metavar="CERT KEY", help="Certificate and key (PEM) for TLS.")
    ] = None,
) -> None:
    """Serve the console on 127.0.0.1, with a worker and a courier beside it, until Ctrl-C.

    Example: lantian serve --home var/demo --port 8000
    """
    for path in tls or ():
        if not path.is_file():
            raise DataError("there is no such file", source=str(path), field="--tls")
    if tls:
        os.environ["LANTIAN_TLS"] = "1"
    check_port(port)
    open_home(home)

    from django.core.management import call_command
    from granian import Granian
    from granian.constants import Interfaces

    call_command("migrate", verbosity=0)
    typer.echo(f"{'https' if tls else 'http'}://127.0.0.1:{port}/", err=True)
    signal.signal(signal.SIGTERM, _end)  # until the server listens to it: who is beside is ended, too
    with _beside(home, "worker"), _beside(home, "notices", "run"):
        Granian(
            "lantian_web.wsgi:application",
            address="127.0.0.1",
            port=port,
            interface=Interfaces.WSGI,
            workers=min(WORKERS, os.cpu_count() or 1),
            workers_kill_timeout=STOP_S,  # one that is told to end while it loads would never
            respawn_failed_workers=True,
            blocking_threads=THREADS,
            log_enabled=False,
            ssl_cert=tls[0] if tls else None,
            ssl_key=tls[1] if tls else None,
        ).serve()


def check_port(port: int) -> None:
    """DataError when something listens on the port already."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise DataError(
                f"127.0.0.1:{port}: {error.strerror}", source="command line", field="--port"
            ) from None


@contextmanager
def _beside(home: Path, *words: str) -> Iterator[None]:
    """A worker or courier for as long as the console runs: one that dies is started again, after a rest.

    One that works there already keeps its lock and goes on; when it ends, the one from here takes its place. Each
    ends by itself when the console is gone, however it went.
    """
    words = (*words, "--home", str(home), "--beside", str(os.getpid()))
    command, ends = [sys.executable, "-m", "lantian_cli", *words], threading.Event()

    def keep() -> None:
        rest = REST_S[0]
        while not ends.is_set():
            began = time.monotonic()
            process = subprocess.Popen(command, stdout=sys.stderr, start_new_session=True)
            while process.poll() is None and not ends.wait(POLL_S):
                pass
            if process.poll() is None:
                process.terminate()
                try:
                    process.wait(STOP_S)
                except subprocess.TimeoutExpired:  # it loses nothing by it
                    process.kill()
                    process.wait()
            rest = REST_S[0] if time.monotonic() - began > REST_S[1] else min(2 * rest, REST_S[1])
            ends.wait(rest)

    keeper = threading.Thread(target=keep, name=words[0], daemon=True)
    keeper.start()
    try:
        yield
    finally:
        ends.set()
        keeper.join()


def worker(
    home: Home = Path("var/demo"),
    play_of: Annotated[
        int | None,
        typer.Option(metavar="PID", help="Keep to journalled clocks and end with this process, the play's."),
    ] = None,
    beside: Annotated[int | None, typer.Option(metavar="PID", help="End with this process.")] = None,
) -> None:
    """Run the worker of a home until it is told to end. A home that plays an episode keeps to the played clock.

    Example: lantian worker --home var/demo
    """
    open_home(home)

    from django.utils import timezone

    from lantian_store.lock import worker_lock
    from lantian_web.events.queries import get_cursor
    from lantian_web.worker import run

    signal.signal(signal.SIGTERM, _end)
    with worker_lock(home.resolve()):
        run(
            home.resolve(),
            timezone.now,
            live=play_of is None and get_cursor("play") is None,
            poll_s=POLL_S if play_of is None else PLAY_POLL_S,
            wanted=lambda: {play_of, beside} <= {None, os.getppid()},  # however the play or the console ended
        )


def _end(*_: object) -> None:
    raise SystemExit(0)


user = typer.Typer(no_args_is_help=True, add_completion=False, help="Log-ins of the console.")
Json = Annotated[bool, typer.Option("--json", help="Only the JSON on stdout.")]


def _known(kind: str, place: str) -> bool:
    from lantian_web.accounts.models import Unit
    from lantian_web.inventory.models import Area, Enterprise

    tables = {"area": Area, "unit": Unit, "enterprise": Enterprise}
    return kind in tables and tables[kind]._default_manager.filter(pk=place).exists()


@user.command()
def add(
    name: str,
    home: Home = Path("var/demo"),
    person: Annotated[str | None, typer.Option(help="Id of the person who acts with it.")] = None,
    role: Annotated[Role | None, typer.Option(help="A role to give at once.")] = None,
    scope: Annotated[
        str | None, typer.Option(help="Where the role holds: area:ID, unit:ID or enterprise:ID.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Add a log-in with a random password, shown once.

    Example: lantian user add wang --person reh-p00003 --role analyst --scope area:99
    """
    if (role is None) != (scope is None):
        raise DataError(
            "a role needs its scope, and a scope its role", source="command line", field="--role, --scope"
        )
    kind, _, place = (scope or "").partition(":")
    open_home(home)

    from django.db import transaction

    from lantian_web.accounts import commands as accounts
    from lantian_web.accounts.models import Person
    from lantian_web.events.queries import play_now

    if person is not None and not Person.objects.filter(id=person).exists():
        raise DataError(f"there is no person {person}", source="command line", field="--person")
    if scope is not None and not _known(kind, place):
        raise DataError(f"there is no {scope}", source="command line", field="--scope")
    with transaction.atomic():
        made, password = accounts.add_user(name, play_now(), "system", person)
        if role is not None:
            accounts.give(made, role, kind, place, play_now(), "system")
    _show(name, password, as_json)


@user.command()
def reset(name: str, home: Home = Path("var/demo"), as_json: Json = False) -> None:
    """Give a log-in a new random password, shown once.

    Example: lantian user reset wang
    """
    open_home(home)

    from lantian_web.accounts import commands as accounts
    from lantian_web.events.queries import play_now

    _show(name, accounts.reset_password(name, play_now(), "system"), as_json)


def _show(name: str, password: str, as_json: bool) -> None:
    if as_json:
        output.emit({"name": name, "password": password})
    else:
        output.show_table("log-in (shown once)", ["name", "password"], [[name, password]])
