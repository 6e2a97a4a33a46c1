"""What an order day is shown as.

A rule's *not complied* is only a proposal. Until a person of the city office has confirmed it, the day is *pending*
there, and outside the office the row does not exist (`OrderDay.OFFICE_ONLY`). A dismissed one is complied or cannot
be told, as that person said.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Max

from lantian.records import FindingState, Outcome
from lantian_web.accounts.models import User
from lantian_web.accounts.rights import visible
from lantian_web.findings.models import Finding, OrderDay

__all__ = ["CANNOT_TELL", "PENDING", "Execution", "conclude", "execution", "last_day", "worst"]

PENDING = "pending"
CANNOT_TELL = "cannot_tell"  # the reason a person gives when dismissing for want of data
UNCLEAR = (CANNOT_TELL, "weak_evidence")
WORST = (Outcome.NOT_COMPLIED.value, PENDING, Outcome.CANNOT_TELL.value, Outcome.COMPLIED.value)
Key = tuple[str, date]


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
    return {
        row.pk: _shown(said[(row.order_id, row.on)]) if row.outcome == Outcome.NOT_COMPLIED else row.outcome
        for row in rows
    }


def _decisions(rows: Sequence[OrderDay]) -> defaultdict[Key, list[tuple[str, str]]]:
    said: defaultdict[Key, list[tuple[str, str]]] = defaultdict(list)
    if not rows:
        return said
    found = Finding.objects.filter(on__in={row.on for row in rows})
    if len(rows) <= 400:
        found = found.filter(order_id__in={row.order_id for row in rows})
    for order_id, on, state, reason in found.values_list("order_id", "on", "state", "reason"):
        said[(order_id, on)].append((state, reason))
    return said


def _shown(decisions: Sequence[tuple[str, str]]) -> str:
    states = {state for state, _ in decisions}
    if FindingState.CONFIRMED in states:
        return Outcome.NOT_COMPLIED
    if FindingState.DISMISSED not in states or FindingState.PROPOSED in states:
        return PENDING
    unclear = any(reason.startswith(UNCLEAR) for _, reason in decisions)
    return Outcome.CANNOT_TELL if unclear else Outcome.COMPLIED


def worst(outcomes: Iterable[str]) -> str | None:
    """The worst of several answers; None when there is none."""
    seen = set(outcomes)
    return next((code for code in WORST if code in seen), None)


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
