"""What an order day is shown as.

A rule's *not complied* is only a proposal. Until a person of the city office has confirmed it, the day is *pending*
there, and outside the office the row does not exist (`OrderDay.OFFICE_ONLY`). A dismissed one is complied or cannot
be told, as that person said. The rule itself is the library's (`lantian.report`), one for pages and papers.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Max

from lantian.records import FindingState, Outcome
from lantian.report import CANNOT_TELL, PENDING, shown, worst
from lantian_web.accounts.models import User
from lantian_web.accounts.rights import visible
from lantian_web.findings.models import Finding, OrderDay

__all__ = ["CANNOT_TELL", "PENDING", "Execution", "conclude", "execution", "last_day", "worst"]

Key = tuple[str, date, str]
"""Order, day and kind of measure: each kind is concluded by its own findings."""


@dataclass(frozen=True, slots=True)
class Execution:
    """Counts of one day's judged orders; they add up to `judged`."""

    on: date | None
    complied: int = 0
    not_complied: int = 0
    cannot_tell: int = 0
    pending: int = 0
    slots: int = 0
    missing: int = 0

    @property
    def judged(self) -> int:
        return self.complied + self.not_complied + self.cannot_tell + self.pending

    @property
    def capture(self) -> float | None:
        """Percent of the judged quarter-hours that carry a value."""
        return 100 * (self.slots - self.missing) / self.slots if self.slots else None


def last_day(user: User) -> date | None:
    """The newest day with answers that this log-in may see."""
    found: date | None = visible(user, OrderDay.objects.all()).aggregate(last=Max("on"))["last"]
    return found


def conclude(days: Iterable[OrderDay]) -> dict[int, str]:
    """Shown outcome per order-day row (by primary key); one query.

    The rows come from a rights filter already; of the findings behind them only the conclusion is used.
    """
    rows = list(days)
    open_rows = [row for row in rows if row.outcome == Outcome.NOT_COMPLIED]
    said = _decisions(open_rows)
    return {row.pk: shown(Outcome(row.outcome), said[row.order_id, row.on, row.kind]) for row in rows}


def _decisions(rows: Sequence[OrderDay]) -> defaultdict[Key, list[tuple[FindingState, str]]]:
    said: defaultdict[Key, list[tuple[FindingState, str]]] = defaultdict(list)
    if not rows:
        return said
    found = Finding.objects.filter(on__in={row.on for row in rows})
    if len(rows) <= 400:
        found = found.filter(order_id__in={row.order_id for row in rows})
    for order_id, on, kind, state, reason in found.values_list("order_id", "on", "kind", "state", "reason"):
        said[order_id, on, kind].append((FindingState(state), reason))
    return said


def execution(user: User, on: date | None, days: Sequence[OrderDay] | None = None) -> Execution:
    """How the orders of one day were carried out, within this log-in's rows."""
    if on is None:
        return Execution(None)
    rows = list(visible(user, OrderDay.objects.filter(on=on))) if days is None else days
    counts = Counter(conclude(rows).values())
    return Execution(
        on,
        complied=counts[Outcome.COMPLIED],
        not_complied=counts[Outcome.NOT_COMPLIED],
        cannot_tell=counts[Outcome.CANNOT_TELL],
        pending=counts[PENDING],
        slots=sum(row.slots_judged for row in rows),
        missing=sum(row.slots_missing for row in rows),
    )
