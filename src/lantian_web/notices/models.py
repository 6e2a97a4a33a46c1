"""Channels, who is known by which name there, what somebody has to hear, and what was sent with which answer.

Notice (one thing for one recipient) → Message (many notices in one text, with a number) → Delivery (one attempt).
"""

from __future__ import annotations

import hashlib
from enum import StrEnum
from urllib.parse import parse_qs, urlsplit

from django.db import models

from lantian_web.accounts.models import Person
from lantian_web.scope import Scoped, choices_of

__all__ = [
    "Channel",
    "Delivery",
    "Handle",
    "Message",
    "MessageState",
    "Notice",
    "NoticeState",
    "Readers",
]


TOKENS = ("key", "access_token")
"""Parts of an address that say by themselves which robot it is."""


class Readers(StrEnum):
    """Who reads a channel: decides what may be written there."""

    OFFICE = "office"  # offices of the area only
    PLANTS = "plants"  # plants only
    ALL = "all"


class NoticeState(StrEnum):
    """Where a notice stands."""

    QUEUED = "queued"
    MERGED = "merged"  # in a message
    DROPPED = "dropped"  # not to be said any more; `why` says so


class MessageState(StrEnum):
    """Where a message stands. Only `sending`, `sent` and `unsure` ones may have reached anybody."""

    QUEUED = "queued"
    SENDING = "sending"
    UNSURE = "unsure"  # may have arrived; will be sent again under the same number
    SENT = "sent"
    FAILED = "failed"  # a person has to see to it
    MOVED = "moved"  # its notices went to the next channel
    TOLD = "told"  # by telephone


class Channel(Scoped):
    """A chat robot or a mail account for an area with everything below it, or for one unit.

    `address` and `secret` let anybody write in its name: no page, log or event shows them.
    """

    kind = models.CharField(max_length=16)  # name of a folder of `channels`
    name = models.CharField(max_length=60, unique=True)
    address = models.CharField(max_length=500)
    secret = models.CharField(max_length=200, blank=True, default="")
    robot = models.CharField(max_length=16, db_index=True)  # fingerprint of the address: what is counted
    readers = models.CharField(max_length=8, choices=choices_of(Readers), default=Readers.OFFICE)
    order = models.PositiveSmallIntegerField(default=1)  # among the channels of one area
    active = models.BooleanField(default=True)
    added_by = models.CharField(max_length=64)
    added_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name

    @staticmethod
    def robot_of(kind: str, address: str) -> str:
        """One robot that serves two areas is one robot, however its address is written."""
        parts = urlsplit(address)
        asked = parse_qs(parts.query)
        token = next((asked[name][0] for name in TOKENS if asked.get(name)), "")
        told = f"{parts.hostname}\x1f{token}" if token else address
        return hashlib.sha256(f"{kind}\x1f{told}".encode()).hexdigest()[:16]


class Handle(models.Model):
    """By which name a person is called in one kind of channel: a mobile number, a user id, an address."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="handles")
    channel_kind = models.CharField(max_length=16)
    handle = models.CharField(max_length=120)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "channel_kind"], name="one_handle")]


class Message(Scoped):
    """One text for one channel. The number stands in the text: a second copy of it can be told.

    `first_*` is the tick of the first attempt; how long a message has been tried is counted by it, not by the clock.
    """

    number = models.CharField(max_length=24, unique=True)
    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, related_name="messages")
    state = models.CharField(max_length=8, choices=choices_of(MessageState))
    emergency = models.BooleanField(default=False)
    style = models.CharField(max_length=12)
    title = models.CharField(max_length=120)
    body = models.TextField()
    people = models.JSONField(default=list)  # person ids to be called
    notices_count = models.PositiveIntegerField(default=0)
    tries = models.PositiveIntegerField(default=0)
    unsure = models.PositiveIntegerField(
        default=0
    )  # attempts that may have arrived without an answer saying so
    first_epoch = models.CharField(max_length=40, blank=True, default="")
    first_tick = models.FloatField(default=0)
    holder = models.CharField(max_length=40, blank=True, default="")  # courier that is sending it
    made_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    why = models.CharField(max_length=200, blank=True, default="")
    told_by = models.CharField(max_length=64, blank=True, default="")
    told_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["state", "id"],
                name="message_waiting",
                condition=models.Q(state__in=["queued", "sending", "unsure", "failed"]),
            )
        ]


class Notice(Scoped):
    """One thing that one recipient has to hear. The id is made of event, subject, instant and recipient.

    The scope columns are those of the subject; `to_area_id` is the county (or the city) whose channel carries it.
    """

    id = models.CharField(max_length=40, primary_key=True)
    event = models.CharField(max_length=48)
    subject_kind = models.CharField(max_length=24)
    subject_id = models.CharField(max_length=64, db_index=True)
    audience = models.CharField(max_length=12)
    person_id = models.CharField(max_length=64, blank=True, default="")
    to_area_id = models.CharField(max_length=24)
    to_unit_id = models.CharField(max_length=64, blank=True, default="")
    to_plant = models.BooleanField(default=False)
    emergency = models.BooleanField(default=False)
    weight = models.PositiveSmallIntegerField(default=0)
    params = models.JSONField(default=dict)
    happened_at = models.DateTimeField()
    not_before = models.DateTimeField(null=True)  # end of the quiet hours it fell into
    state = models.CharField(max_length=8, choices=choices_of(NoticeState), default=NoticeState.QUEUED)
    turn = models.PositiveSmallIntegerField(default=0)  # which of the area's channels has to carry it
    message = models.ForeignKey(Message, on_delete=models.PROTECT, null=True, related_name="notices")
    why = models.CharField(max_length=60, blank=True, default="")

    class Meta:
        indexes = [
            models.Index(
                fields=["to_area_id", "emergency", "-weight"],
                name="notice_queue",
                condition=models.Q(state="queued"),
            )
        ]


class Delivery(Scoped):
    """One attempt to send a message: the delivery log. Written before the attempt, completed after it.

    `epoch` and `tick` are readings of a clock that nobody can set: what a robot's quota is counted by.
    """

    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="deliveries")
    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, related_name="deliveries")
    robot = models.CharField(max_length=16)
    at = models.DateTimeField(db_index=True)
    epoch = models.CharField(max_length=40)
    tick = models.FloatField()
    outcome = models.CharField(max_length=12, default="started")
    took_ms = models.PositiveIntegerField(null=True)
    status = models.PositiveSmallIntegerField(null=True)
    code = models.CharField(max_length=24, blank=True, default="")
    words = models.CharField(max_length=200, blank=True, default="")
    pause_s = models.FloatField(default=0)  # how long the robot asked to be left alone

    class Meta:
        indexes = [models.Index(fields=["robot", "id"], name="delivery_robot")]
