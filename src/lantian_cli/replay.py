"""`lantian replay`: a stretch of the journal through the worker's path again."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from lantian.errors import DataError
from lantian_cli import output, progress
from lantian_cli.home import open_home

__all__ = ["replay"]


def replay(
    from_day: Annotated[str, typer.Option("--from", help="First local day.")],
    to_day: Annotated[str, typer.Option("--to", help="Last local day.")],
    home: Annotated[Path, typer.Option(help="The home to replay in.")] = Path("var/demo"),
    as_json: Annotated[bool, typer.Option("--json", help="Only the JSON on stdout.")] = False,
) -> None:
    """Play a stretch of the journal through the live path again; a sound home changes nothing.

    Example: lantian replay --home var/demo --from 2026-12-08 --to 2026-12-09
    """
    try:
        first, last = date.fromisoformat(from_day), date.fromisoformat(to_day)
    except ValueError as error:
        raise DataError(str(error), source="command line", field="--from, --to") from None
    open_home(home)

    from lantian.periods import day_bounds_ms, to_ms
    from lantian_store.lock import worker_lock
    from lantian_web.worker import Worker, rounds

    start, end = day_bounds_ms(first)[0], day_bounds_ms(last)[1]
    changed: Counter[str] = Counter()
    done = 0
    with worker_lock(home), progress.bars() as bars:
        worker = Worker(home)
        for item in bars.track(rounds(worker.journal.read()), "replay"):
            if item.now is not None and start < to_ms(item.now) <= end:
                changed.update(worker.redo(item, item.now))
                done += 1
    if not done:
        raise DataError(f"the journal holds no round from {first} to {last}", source=str(home))
    if as_json:
        output.emit({"rounds": done, "changed": dict(changed)})
    else:
        output.show_table("replay", ["what", "changed"], [["rounds", done], *changed.items()])
