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

    from lantian_store.lock import worker_lock
    from lantian_web.worker import Worker

    changed: Counter[str] = Counter(assessments=0, findings=0)
    with worker_lock(home), progress.bars() as bars:
        for step in bars.track(Worker(home).replay(first, last), "replay"):
            changed.update(step)
    done = changed.pop("rounds", 0)
    if not done:
        raise DataError(f"the journal holds no round after {first}", source=str(home))
    if as_json:
        output.emit({"rounds": done, "changed": dict(changed)})
    else:
        output.show_table("replay", ["what", "changed"], [["rounds", done], *changed.items()])
