"""Who must act by when, what a handler asks of the sender, and what was done on the way."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum
from typing import Any, Self

from django.db import models

from lantian.records import PartOf, RequestKind, TaskKind, TaskState
from lantian_web.findings.models import Finding
from lantian_web.scope import Scoped, choices_of

__all__ = ["PassOn", "Pause", "Proof", "ProofStep", "Request", "Task", "TaskFinding", "Template"]

TEXT = 400  # one sentence, a reason, an answer


class Task(Scoped):
    """One task. `unit_id` is the responsible unit.

    `next_due_at` is the due time of the clock now running, null when none runs; `next_step_at` is when that clock
    next has to be looked at. `feedback_due_at` is null while the order to be carried out is still in force.

    `enterprise_id` is a plant that may see the task. What a county is sent to look at in a plant is `about_id`: the
    plant does not read that it will be visited.
    """

    id = models.CharField(max_length=40, primary_key=True)
    number = models.CharField(max_length=24, unique=True)
    kind = models.CharField(max_length=12, choices=choices_of(TaskKind))
    category = models.CharField(max_length=16, blank=True, default="")  # dispatch kind of a typed order
    state = models.CharField(max_length=12, choices=choices_of(TaskState), db_index=True)
    text = models.CharField(max_length=TEXT, blank=True, default="")  # the one sentence of a typed order
    basis = models.CharField(max_length=200, blank=True, default="")
    about_id = models.CharField(max_length=64, blank=True, default="", db_index=True)
    batch_id = models.CharField(
        max_length=40, blank=True, default="", db_index=True
    )  # sent with one sentence
    cause = models.CharField(max_length=24, blank=True, default="")  # finding kind, or empty
    order_id = models.CharField(max_length=40, blank=True, default="", db_index=True)
    warning_id = models.CharField(max_length=40, blank=True, default="", db_index=True)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="parts")
    part = models.CharField(max_length=8, choices=choices_of(PartOf), blank=True, default="")
    emergency = models.BooleanField(default=True)
    opened_by = models.CharField(max_length=64, blank=True, default="")
    lead_unit_id = models.CharField(max_length=64)
    leader_id = models.CharField(max_length=64)
    person_id = models.CharField(max_length=64)
    opened_at = models.DateTimeField()
    claim_due_at = models.DateTimeField()
    feedback_due_at = models.DateTimeField(null=True)
    next_due_at = models.DateTimeField(null=True)
    next_step_at = models.DateTimeField(null=True)
    claimed_at = models.DateTimeField(null=True)
    claimed_by = models.CharField(max_length=64, blank=True, default="")
    started_at = models.DateTimeField(null=True)
    started_by = models.CharField(max_length=64, blank=True, default="")
    answered_at = models.DateTimeField(null=True)
    answered_by = models.CharField(max_length=64, blank=True, default="")
    answer = models.CharField(max_length=TEXT, blank=True, default="")
    returned_at = models.DateTimeField(null=True)  # the last time it went back
    closed_at = models.DateTimeField(null=True)
    returns = models.PositiveSmallIntegerField(default=0)
    reopens = models.PositiveSmallIntegerField(default=0)
    hold_until = models.DateField(null=True)  # day of the next look at a task on hold
    paused_at = models.DateTimeField(null=True)  # since when its clock stands
    step = models.PositiveSmallIntegerField(default=0)  # escalation step reached on the running clock
    step_peak = models.PositiveSmallIntegerField(default=0)  # highest step ever
    reminded_at = models.DateTimeField(null=True)  # last reminder of the running clock

    class Meta:
        indexes = [
            models.Index(
                fields=["next_due_at"], name="task_due", condition=models.Q(next_due_at__isnull=False)
            ),
            models.Index(
                fields=["next_step_at"], name="task_step", condition=models.Q(next_step_at__isnull=False)
            ),
            models.Index(fields=["state", "kind", "area_id"], name="task_by_state"),
            models.Index(fields=["about_id", "opened_at"], name="task_about"),
            models.Index(fields=["-opened_at"], name="task_opened"),
        ]

    as_read: dict[str, Any]
    """Values by column as they were read: by its state a writer is guarded, and only what differs is written."""

    @classmethod
    def from_db(
        cls, db: str | None, field_names: Collection[str], values: Collection[Any], **how: Any
    ) -> Self:
        row = super().from_db(db, field_names, values, **how)
        row.as_read = dict(zip(field_names, values, strict=True))
        return row

    @property
    def plant_id(self) -> str:
        """The plant that the task is about, empty when it is about none."""
        return self.enterprise_id or self.about_id


class TaskFinding(models.Model):
    """Confirmed findings joined in one check task."""

    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="joined")
    finding = models.OneToOneField(Finding, on_delete=models.PROTECT, related_name="joined")


class Request(Scoped):
    """What a handler asks of the sender: a question, an extension, a hold, a suspension, to be heard. `until` is the
    new due time of an extension, or the midnight before the day of the next look. It is open until `decided_at`;
    `granted` stays null for a question, which is answered and neither granted nor refused."""

    id = models.CharField(max_length=40, primary_key=True)
    task = models.ForeignKey(Task, on_delete=models.PROTECT, related_name="requests")
    kind = models.CharField(max_length=12, choices=choices_of(RequestKind))
    reason = models.CharField(max_length=TEXT)
    until = models.DateTimeField(null=True)
    asked_by = models.CharField(max_length=64)
    asked_at = models.DateTimeField()
    decide_due_at = models.DateTimeField()
    granted = models.BooleanField(null=True)
    decided_by = models.CharField(max_length=64, blank=True, default="")
    decided_at = models.DateTimeField(null=True)
    answer = models.CharField(max_length=TEXT, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["task", "kind"],
                condition=models.Q(decided_at__isnull=True) & ~models.Q(kind=RequestKind.QUESTION.value),
                name="one_open_request",
            ),
            models.UniqueConstraint(
                fields=["task", "reason"],
                condition=models.Q(decided_at__isnull=True, kind=RequestKind.QUESTION.value),
                name="one_open_question",
            ),
        ]
        indexes = [
            models.Index(
                fields=["decide_due_at"], name="request_open", condition=models.Q(decided_at__isnull=True)
            )
        ]


class Pause(models.Model):
    """A stretch in which the feedback clock stands; both sides see its rule and reason. One that nobody ends is over
    at `ends_at`, where its rule says so."""

    task = models.ForeignKey(Task, on_delete=models.PROTECT, related_name="pauses")
    since = models.DateTimeField()
    ends_at = models.DateTimeField(null=True)
    until = models.DateTimeField(null=True)
    rule = models.CharField(max_length=32)
    reason = models.CharField(max_length=TEXT)
    by = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["task"], condition=models.Q(until__isnull=True), name="one_open_pause"
            )
        ]
        indexes = [
            models.Index(
                fields=["ends_at"],
                name="pause_ends",
                condition=models.Q(until__isnull=True, ends_at__isnull=False),
            )
        ]


class PassOn(models.Model):
    """That a task was passed on, to whom, at which minute: a dispatcher's proof."""

    task = models.ForeignKey(Task, on_delete=models.PROTECT, related_name="passed_on")
    to_person_id = models.CharField(max_length=64, blank=True, default="")
    to_words = models.CharField(max_length=80, blank=True, default="")
    by = models.CharField(max_length=64)
    at = models.DateTimeField()


class Template(Scoped):
    """A sentence that is sent again and again. `area_id` empty or an area: whose template it is."""

    name = models.CharField(max_length=40)
    category = models.CharField(max_length=16)
    text = models.CharField(max_length=TEXT)
    made_by = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True)


class ProofStep(StrEnum):
    """With which step a file was handed in."""

    CLAIM = "claim"
    BEGIN = "begin"
    ANSWER = "answer"
    CHECK = "check"
    PASS_ON = "pass_on"
    ASK = "ask"


class Proof(Scoped):
    """A file handed in with a step: a photo, a paper. Its bytes lie under their hash in the evidence folder.

    `taken_at` is what a photo says of itself; `at` is when it was handed in.
    """

    id = models.CharField(max_length=40, primary_key=True)
    task = models.ForeignKey(Task, on_delete=models.PROTECT, related_name="proofs")
    step = models.CharField(max_length=8, choices=choices_of(ProofStep))
    name = models.CharField(max_length=120)
    media = models.CharField(max_length=80)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64, db_index=True)
    taken_at = models.DateTimeField(null=True)
    by = models.CharField(max_length=64)
    at = models.DateTimeField()
