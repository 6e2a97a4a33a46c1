"""Scripted people. They see what a person in their post sees and use the commands a person uses.

None of them reads the truth. Each acts at an instant of their own, found from their habits and the row alone,
so an hour that is played again after a kill goes the same way.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

from lantian import plan
from lantian.errors import LawError
from lantian.inventory import Duty, Post
from lantian.periods import at, local_day, to_ms
from lantian.records import Basis, Level, Outcome, TaskKind, TaskState
from lantian.rehearsal import air
from lantian.rehearsal import people as habits
from lantian_store.lake import Lake
from lantian_web import assess_days
from lantian_web.accounts.queries import posts_of
from lantian_web.bulletins import commands as bulletins
from lantian_web.consultations import play as consultations
from lantian_web.findings import commands as findings
from lantian_web.findings.queries import to_confirm
from lantian_web.orders import commands as orders
from lantian_web.orders.models import Order
from lantian_web.orders.queries import current_warning
from lantian_web.play.setup import Script
from lantian_web.rows import chunks
from lantian_web.tasks import commands as tasks
from lantian_web.tasks.commands import Feedback
from lantian_web.tasks.models import Task
from lantian_web.verdicts.commands import Check, check_many
from lantian_web.verdicts.queries import compliance

__all__ = ["Cast", "act", "cast"]

CONSULT_H = 18  # 会商: the forecast is read and the level decided
SIGNS_AFTER = timedelta(minutes=40)  # from the consultation to the signature
SHEET_H = 7  # the sheet of yesterday is asked for
HOUR = timedelta(hours=1)
FINE_MIN = 5  # an analyst works through what came in at once, five minutes at a time
URGED_STEP = 2  # who was silent answers once the matter has risen so far


@dataclass(frozen=True, slots=True)
class Cast:
    """The people of the play by duty and unit."""

    script: Script
    posts: dict[Duty, list[Post]]
    lake: Lake

    @property
    def seed(self) -> int:
        return self.script.asked.seed

    def on_duty(self, duty: Duty, on: date, area_id: str) -> Post:
        """Holders of the post take turns by day."""
        holders = [post for post in self.posts[duty] if post.area_id == area_id]
        return holders[on.toordinal() % len(holders)]


def cast(script: Script) -> Cast:
    """Read who is who."""
    by_duty: dict[Duty, list[Post]] = defaultdict(list)
    for post in posts_of():
        by_duty[post.duty].append(post)
    return Cast(script, by_duty, Lake(script.home))


def act(people: Cast, hour: datetime) -> None:
    """Everything that people do in [hour, hour + 1 h)."""
    if hour.hour == CONSULT_H:
        _consult(people, hour + SIGNS_AFTER)
    if hour.hour == SHEET_H and local_day(to_ms(hour)) > people.script.asked.first:
        _ask_sheet(people, hour)
    _analyse(people, hour)
    _claim(people, hour)
    _answer(people, hour)
    _check(people, hour)


# The consultation ---------------------------------------------------------------------------------------------------


def _consult(people: Cast, now: datetime) -> None:
    """Read the forecast, take the step the rules suggest, have it signed, and keep the record of it."""
    city, today = people.script.city, local_day(to_ms(now))
    forecast = air.forecast(city, today)
    _decide(people, forecast, now)
    keeper = people.on_duty(Duty.ANALYST, now.date(), city.areas[0].id).person_id
    chair = people.posts[Duty.SIGNER][0].person_id
    consultations.record(now - SIGNS_AFTER, now, keeper, chair, forecast)


def _decide(people: Cast, forecast: Sequence[int | None], now: datetime) -> None:
    """The step that the trigger table suggests, signed by the first whose office it is; it starts at a midnight.

    A response is not raised, lowered or lifted on anything but the trigger table here: the basis is `rule`.
    """
    asked, today = people.script.asked, local_day(to_ms(now))
    proposal = plan.propose(forecast, today, asked.rules)
    warning = current_warning(now)
    current = Level(warning.level) if warning else Level.NONE
    step = plan.next_decision(current, proposal, today_aqi=assess_days.rolling_aqi(people.lake, now))
    if step is None:
        return
    first = proposal.first_day_index or 0
    for signer in people.posts[Duty.SIGNER]:
        with suppress(LawError):
            orders.decide(
                step.kind,
                step.level,
                Basis.RULE,
                "",
                forecast,
                asked.rules,
                signer.person_id,
                start_at=at(today + timedelta(days=1 + first), 0),
                now=now,
                drill=True,
                counterfactual=asked.rules is not None,
            )
            return


def _ask_sheet(people: Cast, now: datetime) -> None:
    city = people.script.city.areas[0].id
    analyst = people.on_duty(Duty.ANALYST, now.date(), city)
    bulletins.ask("day_sheet", now.date() - timedelta(days=1), city, analyst.person_id, now)


# Findings -----------------------------------------------------------------------------------------------------------


def _analyse(people: Cast, hour: datetime) -> None:
    """The analyst on duty confirms or dismisses what was proposed, on its evidence."""
    analyst = people.on_duty(Duty.ANALYST, hour.date(), people.script.city.areas[0].id).person_id
    turns: dict[tuple[datetime, bool], list[str]] = defaultdict(list)
    for row in to_confirm():
        judgement = habits.analyst_judges(people.seed, analyst, row.to_domain())
        minutes = -(-judgement.after_min // FINE_MIN) * FINE_MIN
        moment = max(row.proposed_at + timedelta(minutes=minutes), hour)
        if moment < hour + HOUR:
            turns[moment, judgement.confirms].append(row.id)
    for (moment, confirms), ids in sorted(turns.items()):
        if confirms:
            findings.confirm(ids, analyst, moment)
        else:
            findings.dismiss(ids, analyst, moment, "weak_evidence")


# Tasks --------------------------------------------------------------------------------------------------------------


def _due(
    rows: Iterable[Task], when: Callable[[Task], datetime | None], hour: datetime
) -> Iterator[tuple[Task, datetime]]:
    """Rows whose person acts within the hour, with the instant."""
    for row in rows:
        moment = when(row)
        if moment is not None and moment < hour + HOUR:
            yield row, max(moment, hour)


def _claim(people: Cast, hour: datetime) -> None:
    def when(row: Task) -> datetime:
        return row.opened_at + timedelta(minutes=_delay(people.seed, row.person_id, row.id))

    waiting = Task.objects.filter(state=TaskState.ISSUED).order_by("id")
    tasks.claim_many(Feedback(row.id, row.person_id, moment) for row, moment in _due(waiting, when, hour))


_delay = lru_cache(maxsize=1 << 16)(habits.dispatcher_claims)
_said = lru_cache(maxsize=1 << 16)(habits.plant_answers)


def _answers_with(people: Cast, row: Task) -> habits.Answer:
    urged = int(row.step >= URGED_STEP)
    return _said(people.seed, row.person_id, row.id, row.returns + urged)


def _asked_at(rows: Sequence[Task]) -> dict[str, datetime]:
    """When each task's answer was first wanted: once claimed, once its order has ended, once it came back."""
    ends = _ends(rows)
    moments = {}
    for row in rows:
        known = (row.claimed_at, ends.get(row.order_id), row.returned_at)
        moments[row.id] = max(moment for moment in known if moment is not None)
    return moments


def _ends(rows: Sequence[Task]) -> dict[str, datetime | None]:
    """End of each task's order, None while it is in force."""
    wanted = {row.order_id for row in rows} - {""}
    found: dict[str, datetime | None] = {}
    for part in chunks(sorted(wanted)):
        found.update(Order.objects.filter(id__in=part).values_list("id", "end_at"))
    return found


def _answer(people: Cast, hour: datetime) -> None:
    """Answer what is due. Who was silent answers once the matter has risen."""
    waiting = list(
        Task.objects.filter(
            state__in=[TaskState.CLAIMED, TaskState.RETURNED], next_due_at__isnull=False
        ).order_by("id")
    )
    asked = _asked_at(waiting)

    def when(row: Task) -> datetime | None:
        said = _answers_with(people, row)
        return None if said.after_min is None else asked[row.id] + timedelta(minutes=said.after_min)

    tasks.answer_many(
        Feedback(row.id, row.person_id, moment, habits.words(_answers_with(people, row).kind))
        for row, moment in _due(waiting, when, hour)
    )


def _check(people: Cast, hour: datetime) -> None:
    """Somebody of another unit concludes from the data: the county bureau on a plant, the city office on the bureau."""
    items = []
    ready = _ready(hour)
    tallies = compliance(ready)
    for row in ready:
        assert row.answered_at is not None, "an answered task has its time"
        checker = _checker(people, row)
        said, outcome = _answers_with(people, row).kind, tallies[row.id].outcome
        check = habits.checker_checks(people.seed, checker, row.id, outcome, said, row.returns)
        moment = max(row.answered_at + timedelta(minutes=check.after_min), hour)
        if moment < hour + HOUR:
            ended = row.kind == TaskKind.CARRY_OUT and outcome is Outcome.NOT_COMPLIED
            closes = check.closes or ended  # an order that is over can no longer be carried out
            reason = "" if closes and outcome is Outcome.COMPLIED else habits.reason(outcome)
            items.append(Check(row.id, check.outcome, closes, checker, moment, reason))
    for refused in check_many(items):
        if refused.why is not None:
            raise refused.why


def _ready(hour: datetime) -> list[Task]:
    """Answered tasks that can be concluded on. Put right? While orders stand, that takes a whole day of data."""
    rows = Task.objects.filter(state=TaskState.ANSWERED).order_by("id")
    if current_warning(hour) is not None:
        waited = at(hour.date() - timedelta(days=1), 0)
        rows = rows.exclude(kind=TaskKind.CHECK, answered_at__gte=waited)
    return list(rows)


def _checker(people: Cast, row: Task) -> str:
    assert row.answered_at is not None, "an answered task has its time"
    on = row.answered_at.date()
    if row.kind == TaskKind.CARRY_OUT:
        return people.on_duty(Duty.CHECKER, on, row.area_id).person_id
    return people.on_duty(Duty.ANALYST, on, people.script.city.areas[0].id).person_id
