"""How far a task may be put off: a later due time, or the day of the next look. Who asks and who grants is held to the
same rule; the longest spans stand in the table of limits."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from lantian.errors import TransitionError
from lantian.periods import local_day, to_ms
from lantian.standards import in_force

__all__ = ["TooFar", "check_later", "check_next_look"]


class TooFar(TransitionError):
    """A task is not put off so far; `latest` is the last day that it may be put off to."""

    def __init__(self, reason: str, latest: date) -> None:
        self.latest = latest
        super().__init__(f"{reason}: {latest.isoformat()} at the latest")


def _longest(parameter: str, now: datetime) -> timedelta:
    return timedelta(
        days=in_force("dispatch_limits", local_day(to_ms(now)), parameter=parameter)[0].integer()
    )


def check_later(due_at: datetime | None, until: datetime | None, now: datetime) -> None:
    """TransitionError for a new due time that is not later than the one that stands, or than now; TooFar for one that
    an extension does not reach: what takes longer is put on hold."""
    if until is None or due_at is None or until <= max(due_at, now):
        raise TransitionError("an extension needs a later due time than the one that stands")
    latest = local_day(to_ms(now + _longest("extend_most", now)))
    if local_day(to_ms(until)) > latest:
        raise TooFar("an extension does not reach so far", latest)


def check_next_look(on: date | None, now: datetime) -> None:
    """TransitionError without a day of the next look after today; TooFar for one beyond the longest hold."""
    today = local_day(to_ms(now))
    if on is None or on <= today:
        raise TransitionError("a hold needs the day of the next look, tomorrow or later")
    latest = today + _longest("hold_most", now)
    if on > latest:
        raise TooFar("a hold does not reach so far", latest)
