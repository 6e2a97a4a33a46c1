"""The files handed in with a task, each looked at anew."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from lantian.verify.proof import IMAGES
from lantian_web.accounts.models import Person, User
from lantian_web.accounts.rights import visible
from lantian_web.desk import wording
from lantian_web.tasks.models import Proof, Task
from lantian_web.tasks.proofs import sound

__all__ = ["File", "files_of"]


@dataclass(frozen=True, slots=True)
class File:
    """A file handed in; `again` names where the same bytes were handed in before."""

    row: Proof
    by: str
    sound: bool
    opened_at: datetime
    again: str = ""

    @property
    def old(self) -> bool:
        """Whether the camera says that it was taken before the task was sent."""
        return self.row.taken_at is not None and self.row.taken_at < self.opened_at

    @property
    def picture(self) -> bool:
        return self.row.media in IMAGES


def files_of(user: User, task: Task) -> list[File]:
    """Files of a task that this log-in sees, in the order of handing in, each looked at anew."""
    rows = list(Proof.objects.filter(task=task).order_by("at", "name", "pk"))
    names = dict(Person.objects.filter(pk__in={row.by for row in rows}).values_list("id", "name"))
    earlier = _earlier(user, rows)
    return [
        File(
            row,
            names.get(row.by, row.by),
            sound(settings.LANTIAN_HOME, row.sha256),
            task.opened_at,
            earlier.get(row.pk, ""),
        )
        for row in rows
    ]


def _earlier(user: User, rows: Iterable[Proof]) -> dict[str, str]:
    """Where the same bytes were handed in before, among the tasks that this log-in sees."""
    found: dict[str, str] = {}
    by_hash: dict[str, list[tuple[datetime, str, str]]] = {}
    seen = visible(user, Task.objects.all())
    same = Proof.objects.filter(sha256__in={row.sha256 for row in rows}, task__in=seen)
    for pk, sha256, moment, number in same.values_list("id", "sha256", "at", "task__number"):
        by_hash.setdefault(sha256, []).append((moment, pk, number))
    for row in rows:
        before = sorted(one for one in by_hash.get(row.sha256, ()) if one[0] < row.at)
        if before:
            found[row.pk] = f"{before[0][2]} {wording.day_clock(before[0][0])}"
    return found
