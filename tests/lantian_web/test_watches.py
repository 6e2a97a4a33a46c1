"""The watches of the rehearsal city are there to be seen; who carries out and who checks stays the same."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from lantian import rehearsal
from lantian.dispatch.responsibility import gaps, overlaps
from lantian.inventory import Duty
from lantian.periods import at
from lantian.records import TaskKind
from lantian_web.accounts.commands import register
from lantian_web.accounts.models import Shift
from lantian_web.accounts.queries import on_duty
from lantian_web.play.watches import fill_watches
from lantian_web.tasks.responsibility import Offices, Roles

pytestmark = [pytest.mark.django_db, pytest.mark.db]
FIRST = date(2026, 12, 1)


def chosen(city: rehearsal.City, offices: Offices) -> list[tuple[str, ...]]:
    def four(roles: Roles) -> tuple[str, ...]:
        return roles.lead, roles.unit, roles.leader, roles.person

    kinds = (TaskKind.CARRY_OUT, TaskKind.CHECK)
    return [four(offices.roles(kind, e.id, e.area_id)) for e in city.enterprises for kind in kinds]


def test_every_hour_has_its_dispatcher_and_the_play_goes_the_same_way() -> None:
    city = rehearsal.build_city(3, 30, first_day=FIRST, days=4)
    register(city.units, city.people, city.posts)
    now = at(FIRST, 13)
    before = chosen(city, Offices(now))
    assert chosen(city, Offices()) == before
    fill_watches(city)
    assert chosen(city, Offices(now)) == before
    rows = [row.to_domain() for row in Shift.objects.all()]
    for unit in {row.unit_id for row in rows}:
        rota = [row for row in rows if row.unit_id == unit]
        assert gaps(rota, at(FIRST, 0), at(FIRST + timedelta(days=4), 0)) == ()
        assert overlaps(rota) == ()
        assert len(on_duty(unit, Duty.DISPATCHER, now)) == 1
