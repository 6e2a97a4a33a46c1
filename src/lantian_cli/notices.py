"""`lantian notices`: the courier, a test of a channel, names of people in channels, pruning."""

from __future__ import annotations

import csv
import os
import signal
import sys
import time
from contextlib import redirect_stdout
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from lantian.errors import DataError
from lantian_cli import output
from lantian_cli.home import open_home

__all__ = ["app"]

POLL_S, WAIT_S = 0.5, 30.0

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Notices to chat groups and mail.")
Home = Annotated[Path, typer.Option(help="The home to work in.")]
Json = Annotated[bool, typer.Option("--json", help="Only the JSON on stdout.")]


def _end(*_: object) -> None:
    raise SystemExit(0)


@app.command()
def run(
    home: Home = Path("var/demo"),
    beside: Annotated[int | None, typer.Option(metavar="PID", help="End with this process.")] = None,
) -> None:
    """Run the courier of a home until it is told to end. `lantian serve` runs one of its own.

    Example: lantian notices run --home var/demo
    """
    open_home(home)

    from lantian_store.lock import worker_lock
    from lantian_web.notices import courier

    signal.signal(signal.SIGTERM, _end)
    with worker_lock(home.resolve(), "courier"):
        courier.run(lambda: beside in (None, os.getppid()), POLL_S)


@app.command("test")
def try_out(
    name: Annotated[str, typer.Argument(help="Name of the channel.")],
    home: Home = Path("var/demo"),
    as_json: Json = False,
) -> None:
    """Send a test message through a channel; exit 1 when it does not arrive within half a minute.

    Example: lantian notices test 市攻坚办群
    """
    open_home(home)

    from lantian_store.lock import HomeBusyError, worker_lock
    from lantian_web.events.queries import play_now
    from lantian_web.notices import commands
    from lantian_web.notices.channels.port import NOT_ALLOWED
    from lantian_web.notices.models import Channel, Message

    channel = Channel.objects.filter(name=name).first()
    if channel is None:
        raise DataError(f"there is no channel {name}", source="command line", field="NAME")
    made = commands.send_test(channel.pk, "system", play_now())
    ends = time.monotonic() + WAIT_S

    def waiting() -> bool:
        row = Message.objects.get(pk=made.pk)
        over = row.state in ("sent", "failed") or row.why.startswith(NOT_ALLOWED)
        return not over and time.monotonic() < ends

    try:
        with worker_lock(home.resolve(), "courier"), redirect_stdout(sys.stderr):  # stdout is for the answer
            from lantian_web.notices import courier

            courier.run(waiting, POLL_S)
    except HomeBusyError:  # the courier that runs there sends it
        while waiting():
            time.sleep(POLL_S)
    made.refresh_from_db()
    if as_json:
        output.emit({"number": made.number, "state": made.state, "why": made.why})
    else:
        output.show_table("test message", ["number", "state", "why"], [[made.number, made.state, made.why]])
    if made.state != "sent":
        raise typer.Exit(1)


@app.command()
def handles(
    file: Annotated[Path, typer.Argument(help="CSV with the columns person, channel, handle.")],
    home: Home = Path("var/demo"),
    as_json: Json = False,
) -> None:
    """Say by which name people are called in a kind of channel; an empty handle takes it away. All rows or none.

    Example: lantian notices handles names.csv --home var/demo
    """
    open_home(home)

    from lantian_web.notices import commands

    with file.open(encoding="utf-8-sig", newline="") as text:
        reader = csv.DictReader(text)
        wanted = {"person", "channel", "handle"}
        if not wanted <= set(reader.fieldnames or ()):
            raise DataError("the columns are person, channel, handle", source=str(file), row=1)
        rows = [(row["person"].strip(), row["channel"].strip(), row["handle"].strip()) for row in reader]
    count = commands.set_handles(rows)
    if as_json:
        output.emit({"handles": count})
    else:
        output.show_table("names in channels", ["rows"], [[count]])


@app.command()
def prune(
    before: Annotated[str, typer.Option(metavar="DAY", help="Delete what is older than this day.")],
    home: Home = Path("var/demo"),
    as_json: Json = False,
) -> None:
    """Delete notices and deliveries of long ago; what has reached nobody stays. A day of the last year is refused.

    Example: lantian notices prune --before 2025-01-01 --home var/demo
    """
    try:
        day = date.fromisoformat(before)
    except ValueError:
        raise DataError(f"{before!r} is no day; write 2025-01-01", field="--before") from None
    open_home(home)

    from django.utils import timezone

    from lantian_web.events.queries import play_now
    from lantian_web.notices.pruning import prune as prune_before

    # Messages bear the wall clock, notices the home's own: the earlier one says what is old.
    told = asdict(prune_before(day, "system", min(play_now(), timezone.now())))
    if as_json:
        output.emit(told)
    else:
        output.show_table("gone", list(told), [list(told.values())])
