"""How fast a robot may be spoken to: at most so many messages within any window, and rests after failures.

Counted by ticks, not by the clock. A tick is a reading of the seconds since the machine started, with a name for that
start (the epoch): nobody can set it forth or back, and it goes on when this process dies. What was sent before the
machine started was sent at least as long ago as the machine has been running.
"""

from __future__ import annotations

import time
import uuid
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from django.utils import timezone

from lantian_web.notices.channels.port import Outcome
from lantian_web.notices.rules import Limits

__all__ = ["Attempt", "Clock", "MachineClock", "Pace", "Tick"]

TROUBLE = frozenset({Outcome.THROTTLED, Outcome.UNREACHED, Outcome.UNSURE})
"""Answers that a robot is to blame for; a refused message is the message's own fault."""


@dataclass(frozen=True, slots=True)
class Tick:
    """A reading of a clock that only goes forward, within one epoch."""

    epoch: str
    s: float

    def since(self, earlier: Tick) -> float:
        """The least time in seconds that has passed since the earlier reading."""
        return max(0.0, self.s - earlier.s) if self.epoch == earlier.epoch else self.s


class Clock(Protocol):
    """The two clocks of a courier."""

    def tick(self) -> Tick:
        """For counting."""

    def wall(self) -> datetime:
        """For the log, and for signing."""


class MachineClock:
    """The machine's own clocks."""

    def __init__(self) -> None:
        boot = Path("/proc/sys/kernel/random/boot_id")
        self._boot = hasattr(time, "CLOCK_BOOTTIME") and boot.exists()
        self._epoch = boot.read_text().strip() if self._boot else uuid.uuid4().hex
        self._start = 0.0 if self._boot else time.monotonic()

    def tick(self) -> Tick:
        """Seconds since the machine started; where it does not tell, since this process did."""
        s = time.clock_gettime(time.CLOCK_BOOTTIME) if self._boot else time.monotonic() - self._start
        return Tick(self._epoch, s)

    def wall(self) -> datetime:
        """The wall clock."""
        return timezone.now()


@dataclass(frozen=True, slots=True)
class Attempt:
    """One line of the delivery log, as far as the pace goes. `end` is when the answer came."""

    end: Tick
    outcome: Outcome
    pause_s: float = 0.0


class Pace:
    """What one robot was sent, oldest first."""

    def __init__(self, limits: Limits, log: Iterable[Attempt] = ()) -> None:
        self.limits = limits
        self._ends: deque[Tick] = deque(maxlen=limits.per_window)
        self._failures = 0
        self._rest: tuple[Tick, float] | None = None
        self._since: Tick | None = None  # first of the failures in a row
        for attempt in log:
            self.ended(attempt)

    def ended(self, attempt: Attempt) -> None:
        """Take down an attempt. It counts from its end: when it arrived at the other side is not known better."""
        self._ends.append(attempt.end)
        rest = attempt.pause_s
        if attempt.outcome in TROUBLE:
            self._failures += 1
            self._since = self._since or attempt.end
            rest = max(rest, self.limits.pause(self._failures))
        else:
            self._failures, self._since = 0, None
        self._rest = (attempt.end, rest) if rest else None

    def failing(self, now: Tick) -> float:
        """Seconds since the first of the failures in a row; 0 when the last attempt succeeded."""
        return now.since(self._since) if self._since else 0.0

    def used(self, now: Tick) -> int:
        """How many messages of the running window are used up."""
        return sum(now.since(end) < self.limits.window for end in self._ends)

    def wait(self, now: Tick) -> float:
        """Seconds until the next message may start; 0 when it may now."""
        waits = [0.0]
        if len(self._ends) == self.limits.per_window:
            waits.append(self.limits.window - now.since(self._ends[0]))
        if self._rest is not None:
            since, rest = self._rest
            waits.append(rest - now.since(since))
        return max(waits)

    def resting(self, now: Tick) -> float:
        """Seconds that the robot still rests after a failure."""
        return max(0.0, self._rest[1] - now.since(self._rest[0])) if self._rest else 0.0
