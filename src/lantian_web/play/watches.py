"""Watches, a stand-in and charges of the rehearsal city: enough to see the page of people at work.

Nobody who carries out or checks is named here, so the play goes the same way with them and without.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta

from lantian import rehearsal
from lantian.inventory import ChargeKind, Duty
from lantian.periods import at
from lantian_web.accounts import answering
from lantian_web.accounts.answering import NewShift

__all__ = ["fill_watches"]

WATCH = timedelta(hours=12)


def fill_watches(city: rehearsal.City) -> None:
    """The dispatchers of every county take turns by twelve hours through the play.

    One dispatcher is away for three days, signers are linked with the counties.
    """
    begin, end = at(city.first_day, 0), at(city.first_day + timedelta(days=city.days), 0)
    offices: dict[str, list[str]] = defaultdict(list)
    for post in city.posts:
        if post.duty is Duty.DISPATCHER:
            offices[post.unit_id].append(post.person_id)
    new = [
        NewShift(unit, Duty.DISPATCHER, people[number % len(people)], since, since + WATCH)
        for unit, people in sorted(offices.items())
        for number, since in enumerate(_starts(begin, end))
    ]
    answering.enter_shifts(new, "system", begin)
    signers = [post.person_id for post in city.posts if post.duty is Duty.SIGNER]
    areas = [area.id for area in city.areas[1:]]
    for number, area in enumerate(areas):
        answering.charge(
            signers[number % len(signers)], ChargeKind.COUNTY_LINK, "system", begin, area_id=area
        )
    away, there = sorted(offices.items())[0][1][:2]
    answering.act_for(away, there, begin + WATCH, begin + 7 * WATCH, "", "system", begin)


def _starts(begin: datetime, end: datetime) -> Iterator[datetime]:
    while begin < end:
        yield begin
        begin += WATCH
