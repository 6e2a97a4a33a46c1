"""Silences: with a reason and an end, never of an emergency, never of a count."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from tests.lantian_web import cast

from lantian.errors import DataError, LawError, RightsError, TransitionError
from lantian.periods import at
from lantian.records import Role
from lantian_web.accounts.models import User
from lantian_web.accounts.rights import visible
from lantian_web.events.models import Event
from lantian_web.letters.commands import end_silence, silence
from lantian_web.letters.models import Match, Silence
from lantian_web.letters.queries import silenced
from lantian_web.tasks.models import Task
from lantian_web.tasks.rising import run_clocks
from lantian_web.tasks.sending import Target, send

pytestmark = [pytest.mark.django_db, pytest.mark.db, pytest.mark.slow]
NOW = at(cast.DAY, 9)
DAY = timedelta(days=1)
SOON = NOW + 2 * DAY


@pytest.fixture
def tasks(town: cast.City) -> list[Task]:
    targets = [Target("area", "9001"), Target("area", "9002"), Target("enterprise", cast.CHEATS)]
    sent = send("routine", "请核查", targets, cast.ANALYST, NOW)
    return [Task.objects.get(id=one.task_id) for one in sent]


@pytest.mark.parametrize(
    ("match", "value", "found"),
    [
        (Match.AREA, "9001", {0, 2}),
        (Match.AREA, "90", {0, 1, 2}),
        (Match.UNIT, "u-s-office", {1}),
        (Match.ENTERPRISE, cast.CHEATS, {2}),
        (Match.PERSON, "dispatcher-n", {0}),
        (Match.CATEGORY, "routine", {0, 1, 2}),
        (Match.CATEGORY, "special", set()),
    ],
)
def test_a_silence_matches_what_it_says(tasks: list[Task], match: Match, value: str, found: set[int]) -> None:
    assert silenced(tasks, NOW) == set()
    silence(match, value, "停产检修", SOON, cast.ANALYST, NOW)
    assert silenced(tasks, NOW) == {tasks[place].id for place in found}
    assert silenced(tasks, NOW - timedelta(minutes=1)) == silenced(tasks, SOON) == set()


def test_an_emergency_is_never_silent(ordered: object) -> None:
    silence(Match.AREA, "90", "停产检修", SOON, cast.ANALYST, NOW)
    assert silenced(Task.objects.all(), NOW) == set()


def test_a_silence_holds_back_reminders_and_lets_the_clock_run(tasks: list[Task]) -> None:
    silence(Match.AREA, "9001", "停产检修", NOW + 7 * DAY, cast.ANALYST, NOW)
    for hour in range(0, 6 * 24, 2):
        run_clocks(NOW + timedelta(hours=hour), silenced)
    reminded = set(Event.objects.filter(kind="task.reminded").values_list("subject_id", flat=True))
    risen = set(Event.objects.filter(kind="task.escalated").values_list("subject_id", flat=True))
    assert reminded == {tasks[1].id}
    assert risen == {task.id for task in tasks}
    assert set(Task.objects.values_list("step", flat=True)) == {3}


def test_what_was_held_back_is_told_once_when_the_silence_ends(tasks: list[Task]) -> None:
    """A reminder that nobody got does not count as told: it is not owed anew a whole interval later."""
    ends = at(cast.DAY + 6 * DAY, 10)  # a Monday
    set_ = silence(Match.AREA, "9001", "停产检修", NOW + 7 * DAY, cast.ANALYST, NOW)
    reminded = Event.objects.filter(kind="task.reminded", subject_id=tasks[0].id)
    now = NOW
    while now < ends:
        run_clocks(now, silenced)
        now += timedelta(minutes=5)
    assert not reminded.exists()
    assert Task.objects.get(pk=tasks[0].pk).reminded_at < ends - 2 * DAY  # when its step was told
    end_silence(set_.pk, cast.ANALYST, ends)
    while now < ends + timedelta(hours=5):
        run_clocks(now, silenced)
        now += timedelta(minutes=5)
    [told] = reminded
    assert ends <= told.happened_at <= ends + timedelta(minutes=10)


def test_a_silence_has_a_reason_an_end_and_an_author_of_the_office(town: cast.City) -> None:
    def set_(
        match: Match = Match.AREA,
        value: str = "9001",
        reason: str = "检修",
        until=SOON,
        by: str = cast.ANALYST,
    ):  # type: ignore[no-untyped-def]
        return silence(match, value, reason, until, by, NOW)

    with pytest.raises(TransitionError):
        set_(reason=" ")
    with pytest.raises(TransitionError):
        set_(until=NOW)
    with pytest.raises(LawError, match="7 days"):
        set_(until=NOW + 8 * DAY)
    for person in (cast.DISPATCHER, cast.LEADER, "manager-cheats"):
        with pytest.raises(RightsError):
            set_(by=person)
    with pytest.raises(RightsError):
        set_(value="")
    for match in (Match.UNIT, Match.ENTERPRISE, Match.PERSON):
        with pytest.raises(DataError):
            set_(match=match, value="nowhere")
    assert not Silence.objects.exists()


def test_a_silence_is_ended_early_by_a_person_and_by_itself(tasks: list[Task]) -> None:
    row = silence(Match.AREA, "9001", "检修", SOON, cast.ANALYST, NOW)
    with pytest.raises(RightsError):
        end_silence(row.pk, cast.DISPATCHER, NOW)
    end_silence(row.pk, cast.SECOND_ANALYST, NOW + timedelta(hours=1))
    assert silenced(tasks, NOW + timedelta(hours=1)) == set()
    with pytest.raises(TransitionError):
        end_silence(row.pk, cast.ANALYST, NOW + timedelta(hours=1))
    assert list(
        Event.objects.filter(subject_kind="silence").order_by("id").values_list("kind", flat=True)
    ) == [
        "silence.set",
        "silence.ended",
    ]


def test_a_county_reads_its_own_silences_alone(tasks: list[Task], login: Callable[..., User]) -> None:
    silence(Match.AREA, "9001", "北", SOON, cast.ANALYST, NOW)
    silence(Match.PERSON, "dispatcher-s", "南", SOON, cast.ANALYST, NOW)
    silence(Match.CATEGORY, "routine", "全市", SOON, cast.ANALYST, NOW)
    own = login("d", cast.DISPATCHER, Role.DISPATCHER, "area:9001")
    plant = login("m", "manager-cheats", Role.PLANT_MANAGER, f"enterprise:{cast.CHEATS}")
    assert [row.reason for row in visible(own, Silence.objects.all())] == ["北"]
    assert not visible(plant, Silence.objects.all()).exists()


def test_deferred_rows_cost_no_query_each(tasks: list[Task], django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
    silence(Match.CATEGORY, "routine", "检修", SOON, cast.ANALYST, NOW)
    rows = list(Task.objects.only("id", "number"))
    with django_assert_num_queries(2):
        assert len(silenced(rows, NOW)) == 3


@pytest.mark.parametrize("value", ["", "no_such_kind", " "])
def test_a_kind_that_is_none_silences_nothing(tasks: list[Task], value: str) -> None:
    """What an order opened has no kind of dispatch: an empty matcher would have met all of it."""
    Task.objects.update(category="")
    with pytest.raises(DataError):
        silence(Match.CATEGORY, value, "停产检修", SOON, cast.ANALYST, NOW)
    assert silenced(Task.objects.all(), NOW) == set()
