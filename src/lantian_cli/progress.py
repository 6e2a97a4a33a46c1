"""Progress bars on stderr, so that stdout stays for results."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

__all__ = ["Bars", "bars"]

Item = TypeVar("Item")


class Bars:
    """Bars of one command, one line each."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress

    @contextmanager
    def step(self, label: str) -> Iterator[None]:
        """A stretch of work without a count: the bar moves until the block ends."""
        task = self._progress.add_task(label, total=None)
        yield
        self._progress.update(task, total=1, completed=1)

    def track(
        self, items: Sequence[Item] | Iterable[Item], label: str, total: int | None = None
    ) -> Iterable[Item]:
        """The items, the bar moving by one each; `total` where they have no length."""
        return self._progress.track(items, total=total, description=label)


@contextmanager
def bars() -> Iterator[Bars]:
    """Bars while the block runs. Away from a terminal (a pipe, a log) each is printed once, at the end."""
    columns = TextColumn("{task.description:<12}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn()
    with Progress(*columns, console=Console(stderr=True)) as progress:
        yield Bars(progress)
