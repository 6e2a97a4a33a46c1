"""Rungs of supervision: drafted and never more, once a matter, signed by who holds the office, read by whom they meet."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from tests.lantian_web import cast

from lantian.dispatch.ladder import rung_of
from lantian.errors import LawError, RightsError, TransitionError
from lantian.inventory import Duty
from lantian.periods import at
from lantian.records import Role
from lantian_web.accounts.models import Acting, Post, User
from lantian_web.accounts.rights import visible
from lantian_web.events.models import Event
from lantian_web.letters import commands
from lantian_web.letters.drafting import draft_letters
from lantian_web.letters.models import Letter, LetterState
from lantian_web.letters.timeline import delays
from lantian_web.notices.models import Notice
from lantian_web.notices.wording import Words
from lantian_web.tasks import commands as tasks
from lantian_web.tasks import turning
from lantian_web.tasks.models import Task
from lantian_web.tasks.rising import run_clocks
from lantian_web.tasks.sending import Target, send

pytestmark = [pytest.mark.django_db, pytest.mark.db, pytest.mark.slow]
NOW = at(cast.DAY, 9)  # a Tuesday
DAY = timedelta(days=1)
LETTER, ADMONITION = "supervision_letter", "admonition"


def order(area: str = "9001", now: datetime = NOW, text: str = "请核查夜间用电情况") -> Task:
    [one] = send("routine", text, [Target("area", area)], cast.ANALYST, now)
    assert one.done, one.why
    return Task.objects.get(id=one.task_id)


def lapse(until: datetime) -> int:
    """The clock told its steps, then a morning came."""
    run_clocks(until)
    return draft_letters(until)


def written() -> Letter:
    """A draft about one task that nobody has signed for."""
    order()
    assert lapse(NOW + 7 * DAY) == 1
    return Letter.objects.get()


def test_a_task_too_long_on_the_top_step_is_drafted_once_and_nobody_is_told(town: cast.City) -> None:
    order()
    assert lapse(NOW + DAY) == 0  # red, but not for long
    assert lapse(NOW + 7 * DAY) == 1
    letter = Letter.objects.get()
    assert (letter.rung, letter.trigger, letter.state) == (LETTER, "overdue", LetterState.DRAFTED)
    assert (letter.unit_id, letter.leader_id, letter.body_id) == ("u-n-office", cast.LEADER, "u-city")
    assert (letter.number, letter.signed_at) == ("", None)
    for day in range(8, 30):
        assert lapse(NOW + day * DAY) == 0
    told = Event.objects.get(kind="letter.drafted")
    assert (told.area_id, told.unit_id) == ("90", "u-city")  # the county's log does not speak of it


def test_nothing_is_drafted_in_the_night_or_on_a_sunday_and_a_clock_set_back_drafts_nothing_twice(
    town: cast.City,
) -> None:
    order()
    for quiet in (at(cast.DAY + 7 * DAY, 8, 29), at(cast.DAY + 5 * DAY, 12)):
        assert lapse(quiet) == 0
    assert lapse(NOW + 7 * DAY) == 1
    assert lapse(NOW + 6 * DAY) == 0
    assert lapse(NOW + 7 * DAY) == 0
    assert Letter.objects.count() == 1


def test_the_tasks_of_one_unit_come_in_one_draft_and_what_comes_later_waits_for_it(town: cast.City) -> None:
    order(), order(text="请核查二"), order("9002")
    assert lapse(NOW + 7 * DAY) == 2
    north = Letter.objects.get(unit_id="u-n-office")
    assert [fact["number"] for fact in north.facts] == ["2026-1208-0001", "2026-1208-0002"]
    order(now=NOW + 8 * DAY, text="请核查三")
    assert lapse(NOW + 20 * DAY) == 0
    commands.drop(north.id, "已电话督办", cast.VICE, NOW + 20 * DAY)
    assert lapse(NOW + 21 * DAY) == 1
    assert [len(row.facts) for row in Letter.objects.filter(unit_id="u-n-office").order_by("drafted_at")] == [
        2,
        1,
    ]


def test_a_plants_delay_is_its_countys_to_answer_for_and_the_plant_reads_nothing(
    ordered: object, login: Callable[..., User]
) -> None:
    assert lapse(cast.SIGNED + 3 * DAY) == 2
    north = Letter.objects.get(unit_id="u-n-office")
    assert {fact["unit"] for fact in north.facts} == {
        f"{plant}厂" for plant in cast.STATES if plant not in (cast.FAR, cast.EXEMPT)
    }
    commands.sign(north.id, cast.VICE, cast.SIGNED + 4 * DAY)
    plant = login("m", f"manager-{cast.CHEATS}", Role.PLANT_MANAGER, f"enterprise:{cast.CHEATS}")
    assert not visible(plant, Letter.objects.all()).exists()


def test_three_in_thirty_days_are_a_letter_even_when_they_are_done(town: cast.City) -> None:
    for nth in range(3):
        start = NOW + 7 * nth * DAY
        task = order(now=start, text=f"请核查{nth}")
        run_clocks(task.claim_due_at + DAY)
        tasks.claim([task.id], task.person_id, task.claim_due_at + DAY)
        tasks.answer([(task.id, "已办")], task.person_id, task.claim_due_at + DAY)
        assert draft_letters(start + 2 * DAY) == (1 if nth == 2 else 0)
    assert Letter.objects.get().trigger == "repeated"


def test_only_who_holds_the_office_signs_or_drops(town: cast.City) -> None:
    letter = written()
    for person in (cast.ANALYST, cast.LEADER, cast.DISPATCHER, "manager-cheats", "nobody"):
        for act in (commands.sign, lambda key, by, now: commands.drop(key, "不发", by, now)):
            with pytest.raises(RightsError):
                act(letter.id, person, NOW + 8 * DAY)
    with pytest.raises(TransitionError, match="reason"):
        commands.drop(letter.id, "  ", cast.VICE, NOW + 8 * DAY)
    assert Letter.objects.get().state == LetterState.DRAFTED
    signed = commands.sign(letter.id, cast.VICE, NOW + 8 * DAY)
    assert (signed.number, signed.signer) == ("督函〔2026〕1号", cast.VICE)
    assert signed.answer_due_at == rung_of(LETTER, cast.DAY).answer_by(NOW + 8 * DAY)
    with pytest.raises(TransitionError):
        commands.sign(letter.id, cast.MAYOR, NOW + 8 * DAY)


def test_the_leader_of_the_office_signs_a_letter_but_no_admonition_and_a_stand_in_may(
    town: cast.City,
) -> None:
    Post.objects.create(
        unit_id="u-city", duty=Duty.LEADER, title="主任", person_id=cast.SECOND_ANALYST, area_id="90"
    )
    assert commands.may_sign(cast.SECOND_ANALYST, LETTER, "u-city", NOW)
    assert not commands.may_sign(cast.SECOND_ANALYST, ADMONITION, "u-city", NOW)
    assert commands.may_sign(cast.VICE, "circular", "u-city", NOW)
    assert not commands.may_sign(cast.VICE, "accountability", "u-city", NOW)
    assert commands.may_sign(cast.MAYOR, "accountability", "u-city", NOW)
    assert not commands.may_sign(cast.ANALYST, LETTER, "u-city", NOW)
    Acting.objects.create(
        person_id=cast.VICE,
        stand_in_id=cast.ANALYST,
        since=NOW - DAY,
        until=NOW + DAY,
        entered_at=NOW,
        entered_by="x",
    )
    assert commands.may_sign(cast.ANALYST, LETTER, "u-city", NOW)
    assert not commands.may_sign(cast.ANALYST, LETTER, "u-city", NOW + 2 * DAY)


def test_numbers_are_drawn_at_signing_without_a_gap(town: cast.City) -> None:
    order(), order("9002")
    lapse(NOW + 7 * DAY)
    first, second = Letter.objects.order_by("id")
    commands.drop(first.id, "不必", cast.VICE, NOW + 8 * DAY)
    assert commands.sign(second.id, cast.VICE, NOW + 8 * DAY).number == "督函〔2026〕1号"
    order(now=NOW + 8 * DAY, text="又一件")
    lapse(NOW + 40 * DAY)
    third = Letter.objects.get(state=LetterState.DRAFTED, rung=LETTER)
    assert commands.sign(third.id, cast.VICE, NOW + 40 * DAY).number == "督函〔2027〕1号"


def test_the_ladder_goes_up_from_what_was_signed_and_left_without_effect(town: cast.City) -> None:
    letter = written()
    assert lapse(NOW + 60 * DAY) == 0  # a draft that nobody signs leads nowhere
    now = NOW + 60 * DAY
    commands.sign(letter.id, cast.VICE, now)
    assert lapse(now + DAY) == 0  # its answer is not due yet
    assert lapse(now + 10 * DAY) == 1
    up = Letter.objects.get(rung=ADMONITION)
    assert (up.trigger, up.unit_id, up.stands_on.get().before_id) == ("unanswered", letter.unit_id, letter.id)
    assert lapse(now + 20 * DAY) == 0
    commands.sign(up.id, cast.VICE, now + 20 * DAY)
    assert lapse(now + 40 * DAY) == 1
    assert Letter.objects.get(rung="circular").stands_on.get().before_id == up.id


def test_a_letter_whose_matter_is_done_leads_nowhere(town: cast.City) -> None:
    letter = written()
    commands.sign(letter.id, cast.VICE, NOW + 8 * DAY)
    task = Task.objects.get()
    tasks.claim([task.id], task.person_id, NOW + 9 * DAY)
    tasks.answer([(task.id, "已办结")], task.person_id, NOW + 9 * DAY)
    assert lapse(NOW + 40 * DAY) == 0


def test_a_rung_is_skipped_only_by_a_named_person_with_a_reason(town: cast.City) -> None:
    task = order()
    with pytest.raises(LawError, match="reminder"):
        commands.draft(LETTER, [task.id], cast.ANALYST, NOW)
    run_clocks(NOW + 7 * DAY)
    with pytest.raises(LawError, match="supervision_letter"):
        commands.draft(ADMONITION, [task.id], cast.ANALYST, NOW + 7 * DAY)
    with pytest.raises(RightsError):
        commands.draft(LETTER, [task.id], cast.DISPATCHER, NOW + 7 * DAY)
    made = commands.draft(ADMONITION, [task.id], cast.ANALYST, NOW + 7 * DAY, "省督察组点名")
    assert (made.override_by, made.override) == (cast.ANALYST, "省督察组点名")
    with pytest.raises(TransitionError, match="already"):
        commands.draft(ADMONITION, [task.id], cast.ANALYST, NOW + 7 * DAY, "再来")
    commands.sign(made.id, cast.VICE, NOW + 7 * DAY)


def test_the_unit_answers_once(town: cast.City) -> None:
    letter = written()
    with pytest.raises(TransitionError):
        commands.answer(
            letter.id, "整改完成", cast.DISPATCHER, NOW + 8 * DAY
        )  # a draft is nobody's to answer
    commands.sign(letter.id, cast.VICE, NOW + 8 * DAY)
    with pytest.raises(RightsError):
        commands.answer(letter.id, "整改完成", "dispatcher-s", NOW + 8 * DAY)
    commands.answer(letter.id, "整改完成", cast.DISPATCHER, NOW + 8 * DAY)
    with pytest.raises(TransitionError):
        commands.answer(letter.id, "改口", cast.DISPATCHER, NOW + 8 * DAY)
    assert Letter.objects.get().answer == "整改完成"


def test_a_county_sees_a_letter_once_it_is_signed_and_never_anothers(
    town: cast.City, login: Callable[..., User]
) -> None:
    own = login("d", cast.DISPATCHER, Role.DISPATCHER, "area:9001")
    other = login("s", "dispatcher-s", Role.DISPATCHER, "area:9002")
    office = login("a", cast.ANALYST, Role.ANALYST, "area:90")
    letter = written()
    seen = [user for user in (own, other, office) if visible(user, Letter.objects.all()).exists()]
    assert seen == [office]
    commands.sign(letter.id, cast.VICE, NOW + 8 * DAY)
    seen = [user for user in (own, other, office) if visible(user, Letter.objects.all()).exists()]
    assert seen == [own, office]
    assert not visible(own, Event.objects.filter(kind="letter.drafted")).exists()
    assert visible(own, Event.objects.filter(kind="letter.signed")).exists()


# Delay --------------------------------------------------------------------------------------------------------------


def test_the_delay_is_whose_it_was(town: cast.City) -> None:
    task = order()
    tasks.claim([task.id], task.person_id, task.claim_due_at + timedelta(hours=2))
    due = Task.objects.get().feedback_due_at
    assert due is not None
    tasks.answer([(task.id, "已办")], task.person_id, due + timedelta(hours=5))
    verdicts_at = due + timedelta(hours=5 + 24 + 3)
    [delay] = delays(Task.objects.all(), verdicts_at).values()
    late = {(each.part.value, each.who): each.late for each in delay.parts if each.late}
    assert late == {
        ("late_claim", "u-n-office"): timedelta(hours=2),
        ("late_action", "u-n-office"): timedelta(hours=5),
        ("late_check", "u-city"): timedelta(hours=3),
    }
    assert delay.total == timedelta(hours=10)
    assert delay.took == verdicts_at - NOW


def test_a_hold_is_not_laid_to_the_one_who_kept_the_time(town: cast.City) -> None:
    task = order()
    tasks.claim([task.id], task.person_id, NOW + timedelta(minutes=10))
    turning.hold([(task.id, cast.DAY + 10 * DAY, "等大修")], cast.ANALYST, NOW + timedelta(hours=1))
    turning.resume([task.id], cast.ANALYST, NOW + 7 * DAY, "大修结束")
    tasks.answer([(task.id, "已办")], task.person_id, NOW + 7 * DAY + timedelta(hours=1))
    answered = Task.objects.get()
    [delay] = delays([answered], NOW + 7 * DAY + timedelta(hours=3)).values()
    assert delay.total == timedelta()
    assert delay.stood == 7 * DAY - timedelta(hours=1)


def test_the_draft_keeps_what_was_known_when_it_was_drafted(town: cast.City) -> None:
    letter = written()
    [fact] = letter.facts
    assert fact["total"] == sum(part["late"] for part in fact["late"]) > 0
    assert [part["part"] for part in fact["late"] if part["late"]] == ["late_claim"]
    task = Task.objects.get()
    tasks.claim([task.id], task.person_id, NOW + 8 * DAY)
    assert Letter.objects.get().facts == [fact]
    assert (fact["leader"], fact["person"]) == (f"名{cast.LEADER}", "名dispatcher-n")


def test_a_mayor_of_a_county_that_is_a_city_signs_nothing_for_the_city(town: cast.City) -> None:
    row = written()
    own = Post.objects.filter(person_id="leader-n")
    own.update(duty=Duty.SIGNER, title="市长")
    assert not commands.may_sign("leader-n", row.rung, row.body_id, row.drafted_at)
    with pytest.raises(RightsError):
        commands.sign(row.id, "leader-n", row.drafted_at)
    own.update(area_id="90")
    assert commands.may_sign("leader-n", row.rung, row.body_id, row.drafted_at)


def test_a_signed_letter_is_told_to_its_unit_and_leader_and_a_draft_to_nobody(town: cast.City) -> None:
    row = written()
    told = Notice.objects.filter(event="letter.signed")
    assert not told.exists()
    signed = commands.sign(row.id, cast.MAYOR, row.drafted_at + timedelta(hours=1))
    assert {(each.person_id, each.to_unit_id, each.to_area_id) for each in told} == {
        ("", row.unit_id, "9001"),
        (row.leader_id, "u-n-office", "9001"),
    }
    [line] = Words(NOW, {}).lines([told[0]])
    assert signed.number in line.text
