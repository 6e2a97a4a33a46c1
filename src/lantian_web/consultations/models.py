"""The record of a consultation: those present, the figures of the hour, advice, what was decided, what came of it."""

from __future__ import annotations

from enum import StrEnum

from django.db import models

from lantian_web.orders.models import Decision
from lantian_web.scope import Scoped, choices_of
from lantian_web.tasks.models import Task

__all__ = [
    "Addition",
    "Advice",
    "AdviceState",
    "AdviceTask",
    "AgendaItem",
    "Attendee",
    "Consultation",
    "LookResult",
    "RecordState",
    "ResultLook",
]

TEXT = 400  # one sentence, a reason
LONG = 2000  # what was said under an item of the agenda


class RecordState(StrEnum):
    """A record is written in the meeting and then closed for good."""

    DRAFT = "draft"
    CLOSED = "closed"


class AdviceState(StrEnum):
    """What the chair made of an advice; open until they say."""

    OPEN = "open"
    ADOPTED = "adopted"
    NOT_ADOPTED = "not_adopted"
    DEFERRED = "deferred"


class LookResult(StrEnum):
    """What was seen when an adopted advice was looked at again."""

    EFFECTIVE = "effective"
    NOT_EFFECTIVE = "not_effective"
    CANNOT_TELL = "cannot_tell"
    STILL_RUNNING = "still_running"
    CARRIED_OVER = "carried_over"


class Consultation(Scoped):
    """One record, of the city office: `area_id` is the city, so nobody below it reads any.

    `figures` is what was known at `as_of`: one mapping a figure, with the row it was read from. `kind` is a key of the
    table consultation_kinds.
    """

    id = models.CharField(max_length=40, primary_key=True)
    number = models.CharField(max_length=40, unique=True)
    kind = models.CharField(max_length=24)
    held_at = models.DateTimeField(db_index=True)
    place = models.CharField(max_length=120, blank=True, default="")
    keeper = models.CharField(max_length=64)
    state = models.CharField(max_length=8, choices=choices_of(RecordState), default=RecordState.DRAFT)
    opened_at = models.DateTimeField()
    as_of = models.DateTimeField()
    figures = models.JSONField(default=list)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.CharField(max_length=64, blank=True, default="")


class Attendee(models.Model):
    """Somebody of the office by `person_id`, anybody else by name. Not `present`: who was missing, and why (`note`).

    The chair is the attendee of capacity `chair`; an absent one may have advised in writing.
    """

    consultation = models.ForeignKey(Consultation, on_delete=models.PROTECT, related_name="attendees")
    person_id = models.CharField(max_length=64, blank=True, default="")
    name = models.CharField(max_length=40, blank=True, default="")
    unit = models.CharField(max_length=120, blank=True, default="")
    capacity = models.CharField(max_length=24)
    present = models.BooleanField(default=True)
    note = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["consultation"],
                condition=models.Q(capacity="chair", present=True),
                name="one_chair",
            )
        ]


class AgendaItem(models.Model):
    """One item: from the kind's table (`item` is its key there) or added; `said` is what was said under it."""

    consultation = models.ForeignKey(Consultation, on_delete=models.PROTECT, related_name="agenda")
    place = models.PositiveSmallIntegerField()
    item = models.CharField(max_length=32, blank=True, default="")
    text = models.CharField(max_length=200)
    said = models.TextField(blank=True, default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["consultation", "place"], name="one_agenda_place")]


class Advice(models.Model):
    """One advice, who gave it and what the chair made of it. `category` is the dispatch kind it asks for, or empty.

    `taken_from` is the deferred advice of a former consultation that was taken up again.
    """

    id = models.CharField(max_length=40, primary_key=True)
    consultation = models.ForeignKey(Consultation, on_delete=models.PROTECT, related_name="advice")
    place = models.PositiveSmallIntegerField()
    text = models.CharField(max_length=TEXT)
    given_by = models.ForeignKey(Attendee, on_delete=models.PROTECT, related_name="gave")
    category = models.CharField(max_length=16, blank=True, default="")
    state = models.CharField(max_length=12, choices=choices_of(AdviceState), default=AdviceState.OPEN)
    decided_by = models.ForeignKey(Attendee, on_delete=models.PROTECT, null=True, related_name="decided")
    decided_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=TEXT, blank=True, default="")
    warning_decision = models.ForeignKey(Decision, on_delete=models.PROTECT, null=True, related_name="+")
    taken_from = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="taken_up")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["consultation", "place"], name="one_advice_place")]


class AdviceTask(models.Model):
    """A task that an adopted advice became, or that was there already and serves it."""

    advice = models.ForeignKey(Advice, on_delete=models.PROTECT, related_name="tasks")
    task = models.ForeignKey(Task, on_delete=models.PROTECT, related_name="+")
    sent_by = models.CharField(max_length=64)
    sent_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["advice", "task"], name="one_advice_task")]


class ResultLook(models.Model):
    """What a later consultation saw of an adopted advice. `facts` are the counts and the air as they stood then."""

    advice = models.ForeignKey(Advice, on_delete=models.PROTECT, related_name="looks")
    consultation = models.ForeignKey(Consultation, on_delete=models.PROTECT, related_name="looks")
    result = models.CharField(max_length=16, choices=choices_of(LookResult))
    reason = models.CharField(max_length=TEXT, blank=True, default="")
    facts = models.JSONField(default=dict)
    by = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["advice", "consultation"], name="one_look_a_meeting")]


class Addition(models.Model):
    """What was added to a closed record, by whom and when; the record itself stays as it was."""

    consultation = models.ForeignKey(Consultation, on_delete=models.PROTECT, related_name="additions")
    text = models.TextField()
    by = models.CharField(max_length=64)
    at = models.DateTimeField()
