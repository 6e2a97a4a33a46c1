"""Rungs of supervision that a signer has to decide on, what they stand on, and silences."""

from __future__ import annotations

from enum import StrEnum

from django.db import models

from lantian_web.scope import Scoped, choices_of
from lantian_web.tasks.models import Task

__all__ = ["Letter", "LetterBefore", "LetterState", "LetterTask", "Match", "Silence"]

TEXT = 400  # a reason
LONG = 2000  # an answer


class LetterState(StrEnum):
    """A draft is signed or dropped by a person, once."""

    DRAFTED = "drafted"
    SIGNED = "signed"
    DROPPED = "dropped"


class Match(StrEnum):
    """What a silence goes by."""

    AREA = "area"
    UNIT = "unit"
    ENTERPRISE = "enterprise"
    PERSON = "person"
    CATEGORY = "category"


class Letter(Scoped):
    """One rung for one unit. `unit_id` is the addressee: for a plant's tasks the office of its county.

    `facts` are frozen at drafting: one mapping a task, with its times and to whom its delay belongs. The number is
    drawn at signing, per body, rung and year, without a gap. Nobody below the city office sees a draft.
    """

    OFFICE_ONLY = ~models.Q(state=LetterState.SIGNED)
    LED = True  # the city's leaders sign them

    id = models.CharField(max_length=40, primary_key=True)
    rung = models.CharField(max_length=24)  # a rung of ladder_rungs
    trigger = models.CharField(max_length=16)
    state = models.CharField(max_length=8, choices=choices_of(LetterState), default=LetterState.DRAFTED)
    body_id = models.CharField(max_length=64)  # the unit that signs
    leader_id = models.CharField(max_length=64)
    facts = models.JSONField(default=list)
    drafted_at = models.DateTimeField()
    drafted_by = models.CharField(max_length=64)
    override = models.CharField(max_length=TEXT, blank=True, default="")  # why without the rung below it
    override_by = models.CharField(max_length=64, blank=True, default="")
    number = models.CharField(max_length=60, blank=True, default="")
    signer = models.CharField(max_length=64, blank=True, default="")
    signed_at = models.DateTimeField(null=True)
    answer_due_at = models.DateTimeField(null=True)
    dropped_by = models.CharField(max_length=64, blank=True, default="")
    dropped_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=TEXT, blank=True, default="")  # why it was dropped
    answer = models.CharField(max_length=LONG, blank=True, default="")
    answered_by = models.CharField(max_length=64, blank=True, default="")
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["body_id", "number"], condition=~models.Q(number=""), name="one_letter_number"
            )
        ]
        indexes = [models.Index(fields=["state", "rung", "signed_at"], name="letter_by_state")]


class LetterTask(models.Model):
    """A task that a rung is about; the same task comes onto a rung once, whatever became of the draft."""

    letter = models.ForeignKey(Letter, on_delete=models.CASCADE, related_name="tasks")
    task = models.ForeignKey(Task, on_delete=models.PROTECT, related_name="letters")
    rung = models.CharField(max_length=24)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["task", "rung"], name="one_letter_a_rung")]


class LetterBefore(models.Model):
    """A signed lower rung that a higher one stands on, once."""

    letter = models.ForeignKey(Letter, on_delete=models.CASCADE, related_name="stands_on")
    before = models.ForeignKey(Letter, on_delete=models.PROTECT, related_name="led_to")
    rung = models.CharField(max_length=24)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["before", "rung"], name="one_rung_above")]


class Silence(Scoped):
    """Nobody is reminded of the tasks it matches; clocks, steps and counts go on, emergencies are never silent."""

    match = models.CharField(max_length=12, choices=choices_of(Match))
    value = models.CharField(max_length=64)
    reason = models.CharField(max_length=TEXT)
    author = models.CharField(max_length=64)
    since = models.DateTimeField()
    until = models.DateTimeField(db_index=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=64, blank=True, default="")
