"""The page of one consultation: figures, results of the last ones, advice, agenda, people, what is still missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from lantian.dispatch import deadline
from lantian.inventory import AreaKind
from lantian.periods import local_day, to_ms
from lantian_web.accounts.models import User
from lantian_web.accounts.queries import person_names
from lantian_web.accounts.rights import visible
from lantian_web.consultations import queries
from lantian_web.consultations.kinds import CHAIR, Kind, capacity_names
from lantian_web.consultations.models import (
    Advice,
    AdviceState,
    Attendee,
    Consultation,
    RecordState,
    ResultLook,
)
from lantian_web.desk import consult_words as words
from lantian_web.desk import wording
from lantian_web.desk.compose import fresh_token
from lantian_web.desk.picking import Reach
from lantian_web.events.queries import story
from lantian_web.inventory.models import Area
from lantian_web.orders.models import Decision
from lantian_web.tasks.models import Task
from lantian_web.tasks.sending import Sent, Target

__all__ = ["AdviceRow", "LookRow", "Page", "Told", "advice_row", "chair_of", "page", "targets_of", "told_of"]


@dataclass(frozen=True, slots=True)
class Told:
    """What became of one target of a sentence."""

    light: str
    word: str
    name: str
    note: str


@dataclass(frozen=True, slots=True)
class AdviceRow:
    """One advice with its tasks; `told` is what became of each target just now, `token` that of its form to send it."""

    advice: Advice
    word: str
    light: str
    tasks: list[Task]
    told: Sequence[Told] = ()
    asked: Mapping[str, Any] = field(default_factory=dict)
    problem: str = ""
    token: str = field(default_factory=fresh_token)

    @property
    def open(self) -> bool:
        return self.advice.state == AdviceState.OPEN

    @property
    def adopted(self) -> bool:
        return self.advice.state == AdviceState.ADOPTED


@dataclass(frozen=True, slots=True)
class LookRow:
    """An adopted advice of a former meeting: its facts, in words, and what was seen."""

    advice: Advice
    look: ResultLook | None
    tasks: str
    air: str
    word: str
    light: str


@dataclass(frozen=True, slots=True)
class Page:
    """Everything the page shows."""

    row: Consultation
    kind: Kind
    writes: bool
    figures: list[words.Shown]
    people: list[tuple[str, Attendee]]
    capacities: Mapping[str, str]
    looks: list[LookRow]
    deferred: list[Advice]
    advice: list[AdviceRow]
    gaps: list[str]
    categories: Mapping[str, str]
    counties: list[Area]
    decisions: list[Decision]
    names: Mapping[str, str]
    story: list[tuple[datetime, str, str]]

    @property
    def present(self) -> list[tuple[str, Attendee]]:
        return [each for each in self.people if each[1].present]

    @property
    def wanted(self) -> str:
        """The first capacity in which nobody stands in the list yet."""
        there = {person.capacity for _word, person in self.people}
        return next((key for key in self.capacities if key not in there), "")

    @property
    def absent(self) -> list[tuple[str, Attendee]]:
        return [each for each in self.people if not each[1].present]


def chair_of(row: Consultation) -> Attendee | None:
    """Who leads the meeting."""
    return row.attendees.filter(capacity=CHAIR, present=True).first()


def page(user: User, row: Consultation, now: datetime, writes: bool) -> Page:
    """Read the whole page. `writes`: this log-in keeps records, and this one is still open."""
    on = local_day(to_ms(row.held_at))
    kind, names = queries.kind_named(row), capacity_names(on)
    order = {key: n for n, key in enumerate(names)}
    people = sorted(row.attendees.all(), key=lambda p: (order.get(p.capacity, len(order)), p.pk))
    advice = list(row.advice.select_related("given_by", "decided_by", "warning_decision").order_by("place"))
    told = story("consultation", row.id)
    additions = list(row.additions.values_list("by", flat=True))
    return Page(
        row=row,
        kind=kind,
        writes=writes and row.state == RecordState.DRAFT,
        figures=words.shown(row.figures),
        people=[(names.get(p.capacity, p.capacity), p) for p in people],
        capacities=names,
        looks=_looks(row, now),
        deferred=list(queries.deferred(row).select_related("consultation", "given_by")),
        advice=[_row(user, each) for each in advice],
        gaps=words.gap_words(queries.gaps(row)) if row.state == RecordState.DRAFT else [],
        categories={each.key: each.name_zh for each in deadline.kinds(on)},
        counties=list(Reach(user).places().exclude(kind=AreaKind.TOWNSHIP)),
        decisions=list(_decisions(user, row)),
        names=person_names([row.keeper, row.closed_by, *additions, *(event.actor for event in told)]),
        story=[(e.happened_at, str(words.EVENTS.get(e.kind, e.kind)), e.actor) for e in told],
    )


def _looks(row: Consultation, now: datetime) -> list[LookRow]:
    """What waits for its result and what was seen, as one list in the order of the former meetings."""
    seen = {look.advice_id: look for look in row.looks.all()}
    wanted = {a.id for a in queries.to_look_at(row)} if row.state == RecordState.DRAFT else set()
    rows = list(
        Advice.objects.filter(id__in={*wanted, *seen})
        .select_related("consultation", "given_by")
        .order_by("consultation__held_at", "place")
    )
    standing = queries.progress([a for a in rows if a.id not in seen], now)
    made = []
    for each in rows:
        look = seen.get(each.id)
        facts = look.facts if look else standing[each.id].facts
        result = look.result if look else ""
        made.append(
            LookRow(
                each,
                look,
                words.tasks_words(facts),
                words.air_words(facts),
                str(words.RESULTS.get(result, "")),
                words.RESULT_LIGHTS.get(result, "amber"),
            )
        )
    return made


def _row(user: User, advice: Advice) -> AdviceRow:
    ids = list(advice.tasks.order_by("id").values_list("task_id", flat=True))
    return AdviceRow(
        advice,
        str(words.ADVICE_STATES[advice.state]),
        words.LIGHTS[advice.state],
        list(visible(user, Task.objects.filter(pk__in=ids)).order_by("number")),
    )


def advice_row(
    user: User,
    advice_id: str,
    *,
    told: Sequence[Told] = (),
    asked: Mapping[str, Any] | None = None,
    problem: str = "",
) -> AdviceRow:
    """One row by itself, with what was just said about it."""
    advice = Advice.objects.select_related("given_by", "decided_by", "warning_decision").get(pk=advice_id)
    plain = _row(user, advice)
    return AdviceRow(plain.advice, plain.word, plain.light, plain.tasks, told, asked or {}, problem)


def targets_of(user: User, area_ids: Sequence[str], names: str) -> tuple[list[Target], list[str]]:
    """Whom a sentence goes to: counties ticked, others by name, one a line; and the lines that name nobody or several."""
    reach = Reach(user)
    ticked, strangers = reach.resolve(f"area:{id}" for id in area_ids)
    lines = reach.match(names)
    targets = [each.target for each in ticked] + [line.choice.target for line in lines if line.choice]
    return list(dict.fromkeys(targets)), [*strangers, *(line.text for line in lines if line.choice is None)]


def told_of(user: User, sent: Sequence[Sent], unknown: Sequence[str]) -> list[Told]:
    """One line per target, and per name that nobody or more than one bears."""
    named, _strangers = Reach(user).resolve(f"{each.target.kind}:{each.target.id}" for each in sent)
    names = {choice.target: choice.name for choice in named}
    lines = [_told(each, names.get(each.target, each.target.id)) for each in sent]
    nobody = _("nobody, or more than one, bears this name")
    return lines + [Told("red", _("not sent"), name, nobody) for name in unknown]


def _told(sent: Sent, name: str) -> Told:
    if sent.done:
        return Told("green", _("sent"), name, sent.number)
    if sent.taken_back:
        return Told("amber", _("sent before and taken back since"), name, sent.number)
    if sent.same is not None:
        return Told("amber", _("there already"), name, sent.same.number)
    return Told("red", _("not sent"), name, wording.refusal(sent.why))


def _decisions(user: User, row: Consultation) -> Any:
    """Warning steps that this meeting may have led to."""
    since = min(row.held_at, row.opened_at)
    found = visible(user, Decision.objects.filter(area_id__startswith=row.area_id, signed_at__gte=since))
    return found.order_by("signed_at")[:20]
