"""The courier: the one process that empties the queue. It asks the registry what waits, and sends it.

Everything it has to know is in the registry: a kill at any moment loses nothing. Sending happens in threads that
touch no database, one message at a time per robot, so that a robot that answers late keeps no other one waiting.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

import structlog
from django.db import Error as DatabaseError

from lantian.errors import DataError
from lantian.periods import local_day, to_ms
from lantian_web.events.queries import play_now
from lantian_web.notices import outbox, tidying
from lantian_web.notices.channels import port_of
from lantian_web.notices.channels.port import NOT_ALLOWED, Answer, Outcome
from lantian_web.notices.digests import make_digests
from lantian_web.notices.outbox import Lane, Taken
from lantian_web.notices.pace import Attempt, Clock, MachineClock, Pace, Tick
from lantian_web.notices.routes import Routes
from lantian_web.notices.rules import limits

__all__ = ["Courier", "run"]

log = structlog.get_logger()
THREADS = 8
TIDY_S = 60.0


@dataclass(frozen=True, slots=True)
class Flight:
    """A message that is being sent."""

    taken: Taken
    answer: Future[tuple[Answer, int]]


def _send(taken: Taken, at: datetime) -> tuple[Answer, int]:
    """Answer and milliseconds that it took. Whatever goes wrong in a port becomes an answer."""
    began = time.monotonic()
    try:
        port = port_of(taken.kind)
        port.check(taken.robot)  # what may be spoken to can have been narrowed since the channel was added
        answer = port.send(taken.robot, taken.form, taken.number, taken.handles, at, taken.limits)
    except (
        DataError
    ) as error:  # the setting's fault, not the message's: it waits as for a robot that is not there
        answer = Answer(Outcome.UNREACHED, code=NOT_ALLOWED, words=error.reason)
    except Exception as error:  # a fault of ours must not stop the others' messages
        log.error("port failed", channel=taken.channel_name, number=taken.number, error=type(error).__name__)
        answer = Answer(Outcome.UNSURE, code=type(error).__name__)
    return answer, int((time.monotonic() - began) * 1000)


class Courier:
    """The courier of one home. The caller holds the lock."""

    def __init__(self, clock: Clock | None = None) -> None:
        self.clock = clock or MachineClock()
        self.holder = uuid4().hex
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="courier")
        self._paces: dict[str, Pace] = {}
        self._flights: dict[str, Flight] = {}
        self._tidied: Tick | None = None
        lost = outbox.recover(self.holder, self.clock.tick())
        if lost:
            log.warning("messages may have been sent before a crash", count=lost)

    def close(self) -> None:
        """Wait for what is on its way."""
        self._pool.shutdown()

    def step(self, now: datetime) -> int:
        """Take in what came back, send what may go; returns how many of both."""
        made = make_digests(now)
        done = self._settle(now)
        routes = Routes()
        tick = self.clock.tick()
        if self._tidied is None or tick.since(self._tidied) >= TIDY_S:
            tidying.drop_stale(now, routes)
            tidying.take_back()
            outbox.redirect(routes)
            self._tidied = tick
        return made + done + (self._launch(now, routes) if routes.channels else 0)

    def pause(self, at_most: float) -> None:
        """Until something comes back."""
        flights = [flight.answer for flight in self._flights.values()]
        if flights:
            wait(flights, timeout=at_most, return_when=FIRST_COMPLETED)
        else:
            time.sleep(at_most)

    def land(self, now: datetime) -> int:
        """Wait for everything that is on its way, and take it in."""
        wait([flight.answer for flight in self._flights.values()])
        return self._settle(now)

    def pace(self, robot: str, kind: str, now: datetime) -> Pace:
        """The pace of a robot: kept here, read from the delivery log the first time."""
        if robot not in self._paces:
            most = limits(kind, local_day(to_ms(now)))
            self._paces[robot] = Pace(most, outbox.log_of(robot, most.per_window))
        return self._paces[robot]

    def _settle(self, now: datetime) -> int:
        back = [robot for robot, flight in self._flights.items() if flight.answer.done()]
        for robot in back:
            flight = self._flights[robot]
            answer, took = flight.answer.result()
            tick = self.clock.tick()
            pace = self.pace(robot, flight.taken.kind, now)
            pace.ended(Attempt(tick, answer.outcome, answer.pause_s))
            state = outbox.settle(
                flight.taken, answer, now, self.clock.wall(), tick, took, pace.failing(tick)
            )
            del self._flights[robot]
            if answer.outcome is not Outcome.SENT:
                taken = flight.taken
                log.warning(
                    "message not sent",
                    number=taken.number,
                    channel=taken.channel_name,
                    outcome=answer.outcome.value,
                    code=answer.code,
                    state=str(state),
                )
        return len(back)

    def _launch(self, now: datetime, routes: Routes) -> int:
        launched, tick = 0, self.clock.tick()
        for robot, waiting in outbox.lanes(now, routes).items():
            if robot in self._flights:
                continue
            pace = self.pace(robot, waiting[0].channel.kind, now)
            if pace.wait(tick) <= 0:
                launched += self._launch_first(waiting, now)
            elif pace.failing(tick) >= pace.limits.fallback_after:
                launched += sum(bool(outbox.pass_on(lane)) for lane in waiting)
        return launched

    def _launch_first(self, waiting: list[Lane], now: datetime) -> int:
        for lane in waiting:
            try:
                taken = outbox.take(lane, self.holder, now, self.clock.wall(), self.clock.tick())
            except DatabaseError:
                raise
            except Exception as error:  # what cannot be worded keeps nobody else waiting
                log.error("message not made", channel=lane.channel.name, error=type(error).__name__)
                continue
            if taken is not None:
                answer = self._pool.submit(_send, taken, self.clock.wall())
                self._flights[taken.robot_key] = Flight(taken, answer)
                return 1
        return 0


def run(wanted: Callable[[], bool], poll_s: float = 0.5) -> None:
    """Work for as long as it is wanted; the caller holds the lock of the home."""
    courier = Courier()
    try:
        while wanted():
            try:
                busy = courier.step(play_now())
            except DatabaseError as error:  # nothing is lost: what was being sent becomes unsure
                log.error("the registry does not answer", error=str(error))
                busy = 0
            if not busy:
                courier.pause(poll_s)
        courier.land(play_now())
    finally:
        courier.close()
