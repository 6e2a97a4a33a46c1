"""What was said in a work chat, how it was read, which tasks it was taken for; where messages come in."""

from __future__ import annotations

from enum import StrEnum

from django.db import models

from lantian.dispatch.reply import Label
from lantian_web.scope import Scoped, choices_of
from lantian_web.tasks.models import Task

__all__ = ["Inlet", "InletKind", "Reply", "ReplyImport", "ReplyState", "ReplyTask", "Use"]


class InletKind(StrEnum):
    """Chats that send their messages here by themselves."""

    DINGTALK = "dingtalk"
    WECOM = "wecom"


class ReplyState(StrEnum):
    """Where a reply stands."""

    TAKEN = "taken"  # by the machine, plainly
    WAITING = "waiting"  # for a person
    SETTLED = "settled"  # by a person
    READ = "read"  # asks for nothing
    DROPPED = "dropped"  # taken back: it was none


class Use(StrEnum):
    """What a reply was to a task."""

    PROPOSED = "proposed"
    SIGNED = "signed"
    ANSWERED = "answered"
    ASKED = "asked"  # its question to the sender
    REFUSED = "refused"  # the task did not take it


class Inlet(models.Model):
    """Where a chat sends its messages. Key and secrets let anybody write in its name: no page, log or event shows
    them. Who writes there is of the area or of one below it, or a person decides."""

    key = models.CharField(max_length=43, unique=True)
    kind = models.CharField(max_length=12, choices=choices_of(InletKind))
    name = models.CharField(max_length=60, unique=True)
    area_id = models.CharField(max_length=24)
    secret = models.CharField(max_length=200)  # of the robot, or the token of the callback
    aes_key = models.CharField(max_length=43, blank=True, default="")
    receiver = models.CharField(max_length=64, blank=True, default="")  # corp id that the callback is for
    active = models.BooleanField(default=True)
    added_by = models.CharField(max_length=64)
    added_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class ReplyImport(models.Model):
    """One file of messages taken in by hand, and what became of them."""

    id = models.CharField(max_length=40, primary_key=True)
    name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    area_id = models.CharField(max_length=24, blank=True, default="")
    at = models.DateTimeField()
    by = models.CharField(max_length=64)
    report = models.JSONField(default=dict)


class Reply(Scoped):
    """One message. The scope is that of its sender, or of the chat where the sender is not known.

    The id is made of sender, minute and text: the same message from a chat and from a file counts once.
    """

    id = models.CharField(max_length=40, primary_key=True)
    inlet = models.ForeignKey(Inlet, on_delete=models.PROTECT, null=True, related_name="replies")
    file = models.ForeignKey(ReplyImport, on_delete=models.PROTECT, null=True, related_name="replies")
    line = models.PositiveIntegerField(default=0)
    group = models.CharField(max_length=80, blank=True, default="")
    sender = models.CharField(max_length=80)
    person_id = models.CharField(max_length=64, blank=True, default="", db_index=True)
    text = models.CharField(max_length=2000)
    sent_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField()
    label = models.CharField(max_length=12, choices=choices_of(Label))
    sign = models.CharField(max_length=40)  # by which sign it was read so
    numbers = models.JSONField(default=list)
    state = models.CharField(max_length=8, choices=choices_of(ReplyState))
    why = models.CharField(max_length=40, blank=True, default="")  # why it waits, or what it was taken by
    settled_by = models.CharField(max_length=64, blank=True, default="")
    settled_at = models.DateTimeField(null=True)
    note = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        indexes = [
            models.Index(fields=["state", "-received_at"], name="reply_by_state"),
            models.Index(fields=["-received_at"], name="reply_newest"),
        ]


class ReplyTask(models.Model):
    """What a reply was, or may be, to a task."""

    reply = models.ForeignKey(Reply, on_delete=models.CASCADE, related_name="tasks")
    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="replies")
    use = models.CharField(max_length=8, choices=choices_of(Use))

    class Meta:
        constraints = [models.UniqueConstraint(fields=["reply", "task"], name="one_use_of_a_reply")]
