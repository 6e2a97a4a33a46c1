"""Nobody closes their own task; what the data say goes with every verdict."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.lantian_web import cast

from lantian.errors import LawError, RightsError, TransitionError
from lantian.periods import local_day, to_ms
from lantian.records import Outcome, Subject, SubjectKind
from lantian.verify import Mark, Met
from lantian.verify.compliance import Tally
from lantian_web.accounts.models import Person, Post
from lantian_web.events.models import Event
from lantian_web.findings import commands as findings
from lantian_web.findings.models import Finding
from lantian_web.orders.models import Decision
from lantian_web.tasks import commands as tasks
from lantian_web.tasks.models import Task
from lantian_web.tasks.sending import Target, send
from lantian_web.tasks.splitting import split
from lantian_web.verdicts import commands, queries
from lantian_web.verdicts.models import ConditionMark, Verdict

pytestmark = [pytest.mark.django_db, pytest.mark.db]
NOW = cast.STARTS + timedelta(days=3)


@pytest.fixture
def answered(ordered: Decision) -> Task:
    """The cheating plant's order is over and its manager says that all was well; one breach was confirmed."""
    days = [cast.DAY, cast.DAY.replace(day=9)]
    found = cast.ran_on(cast.CHEATS)
    for day, outcome in zip(days, (Outcome.NOT_COMPLIED, Outcome.COMPLIED), strict=True):
        shown = [found] if outcome is Outcome.NOT_COMPLIED else []
        findings.take(cast.Judged(shown, [cast.day_of(cast.CHEATS, outcome, day)]), day, cast.SIGNED)
    findings.confirm([found.id], cast.ANALYST, cast.STARTS + timedelta(days=1))
    cast.lift(cast.STARTS + timedelta(days=2))
    return answer("carry_out", "manager-cheats")


@pytest.fixture
def checked(ordered: Decision) -> Task:
    """A check of the bureau at the cheating plant, answered by the dispatcher."""
    found = cast.ran_on(cast.CHEATS)
    findings.take(cast.Judged([found]), cast.DAY, cast.SIGNED)
    findings.confirm([found.id], cast.ANALYST, cast.STARTS + timedelta(days=1))
    return answer("check", cast.DISPATCHER)


def answer(kind: str, by: str) -> Task:
    task = Task.objects.get(enterprise_id=cast.CHEATS, kind=kind)
    tasks.claim([task.id], by, NOW)
    tasks.answer([(task.id, "已落实")], by, NOW)
    task.refresh_from_db()
    assert task.state == "answered"
    return task


def check(
    task: Task, by: str, outcome: Outcome = Outcome.COMPLIED, closes: bool = True, reason: str = "现场属实"
) -> Exception | None:
    [answer] = commands.check([(task.id, outcome, closes, reason)], by, NOW)
    return answer.why


def test_a_second_person_closes_with_what_the_data_say(answered: Task) -> None:
    assert check(answered, cast.CHECKER, Outcome.NOT_COMPLIED) is None
    verdict = Verdict.objects.get()
    assert (verdict.round, verdict.days_complied, verdict.days_not_complied, verdict.days_cannot_tell) == (
        1,
        1,
        1,
        0,
    )
    answered.refresh_from_db()
    assert (answered.state, answered.closed_at) == ("closed", NOW)
    kinds = Event.objects.order_by("-id").values_list("kind", flat=True)[:2]
    assert set(kinds) == {"verdict.given", "task.closed"}


@pytest.mark.parametrize(
    "by", ["manager-cheats", cast.DISPATCHER, cast.LEADER, "checker-s", "nobody", "system"]
)
def test_nobody_else_does(answered: Task, by: str) -> None:
    assert isinstance(check(answered, by), RightsError)
    assert not Verdict.objects.exists()


@pytest.mark.parametrize("by", [cast.CHECKER, cast.SECOND_CHECKER, cast.DISPATCHER])
def test_nobody_closes_the_own_units_task(checked: Task, by: str) -> None:
    """The bureau handles the check, so neither its two checkers nor the dispatcher who answered conclude on it."""
    assert isinstance(check(checked, by), RightsError)
    assert check(checked, cast.ANALYST) is None


def test_the_queries_name_who_may(answered: Task, checked: Task) -> None:
    assert queries.checkers_for(answered) == [
        cast.ANALYST,
        cast.SECOND_ANALYST,
        cast.CHECKER,
        cast.SECOND_CHECKER,
    ]
    assert queries.checkers_for(checked) == [cast.ANALYST, cast.SECOND_ANALYST]


def test_a_checking_analyst_who_claimed_is_a_handler(checked: Task) -> None:
    Task.objects.update(claimed_by=cast.ANALYST)
    assert isinstance(check(checked, cast.ANALYST), RightsError)
    assert isinstance(check(checked, cast.SECOND_ANALYST), RightsError)


def test_a_breach_never_closes_a_check(checked: Task) -> None:
    why = check(checked, cast.ANALYST, Outcome.NOT_COMPLIED)
    assert isinstance(why, LawError)
    assert why.code == "not_complied"


@pytest.mark.parametrize(
    ("outcome", "closes"),
    [(Outcome.COMPLIED, False), (Outcome.CANNOT_TELL, True), (Outcome.NOT_COMPLIED, False)],
)
def test_all_but_a_plain_close_needs_a_reason(checked: Task, outcome: Outcome, closes: bool) -> None:
    why = check(checked, cast.ANALYST, outcome, closes, " ")
    assert isinstance(why, LawError)
    assert why.code == "no_reason"
    assert check(checked, cast.ANALYST, outcome, closes, "有因") is None


def test_a_returned_task_is_checked_again(checked: Task) -> None:
    assert check(checked, cast.ANALYST, Outcome.NOT_COMPLIED, False, "仍在生产") is None
    assert isinstance(check(checked, cast.ANALYST), TransitionError)
    tasks.answer([(checked.id, "已停产")], cast.DISPATCHER, NOW)
    assert check(checked, cast.ANALYST) is None
    assert list(Verdict.objects.order_by("round").values_list("round", "closes")) == [(1, False), (2, True)]


def test_one_call_checks_a_task_once(checked: Task) -> None:
    answers = commands.check(
        [(checked.id, Outcome.COMPLIED, True, "")] * 2 + [("nothing", Outcome.COMPLIED, True, "")],
        cast.ANALYST,
        NOW,
    )
    assert [answer.done for answer in answers] == [True, False, False]
    assert Verdict.objects.count() == 1


def judge(outcomes: dict[int, Outcome]) -> None:
    """Days of December at the cheating plant, by day of the month."""
    for day, outcome in outcomes.items():
        on = cast.DAY.replace(day=day)
        findings.take(cast.Judged([], [cast.day_of(cast.CHEATS, outcome, on)]), on, NOW)


def test_a_check_counts_the_days_after_it_was_opened(checked: Task) -> None:
    assert local_day(to_ms(checked.opened_at)).day == 9
    judge({9: Outcome.NOT_COMPLIED, 10: Outcome.COMPLIED, 11: Outcome.CANNOT_TELL})
    assert queries.compliance_of(checked) == Tally(complied=1, not_complied=0, cannot_tell=1)


def test_a_check_that_went_back_counts_the_days_after_that(checked: Task) -> None:
    check(checked, cast.ANALYST, Outcome.NOT_COMPLIED, False, "仍在生产")
    checked.refresh_from_db()
    judge({10: Outcome.NOT_COMPLIED, 11: Outcome.NOT_COMPLIED, 12: Outcome.COMPLIED})
    assert queries.compliance_of(checked) == Tally(complied=1)


@pytest.mark.parametrize(
    ("said", "tally"),
    [
        ("proposed", Tally(cannot_tell=1)),
        ("confirmed", Tally(not_complied=1)),
        ("dismissed", Tally(complied=1)),
        ("withdrawn", Tally(cannot_tell=1)),
        ("nothing", Tally(cannot_tell=1)),
        ("dismissed confirmed", Tally(not_complied=1)),
        ("dismissed proposed", Tally(cannot_tell=1)),
        ("dismissed withdrawn", Tally(complied=1)),
    ],
)
def test_a_breach_counts_as_what_people_said_of_it(ordered: Decision, said: str, tally: Tally) -> None:
    states = [state for state in said.split() if state != "nothing"]
    lines = [
        replace(cast.ran_on(cast.CHEATS), subject=Subject(SubjectKind.LINE, f"line-{no}"))
        for no in range(len(states))
    ]
    other = cast.ran_on(
        cast.CHEATS, cast.DAY.replace(day=9)
    )  # another day's finding says nothing of this one
    findings.take(cast.Judged([other]), cast.DAY.replace(day=9), NOW)
    findings.confirm([other.id], cast.ANALYST, NOW)
    day = cast.day_of(cast.CHEATS, Outcome.NOT_COMPLIED)
    findings.take(cast.Judged(lines, [day]), cast.DAY, NOW)
    for line, state in zip(lines, states, strict=True):
        Finding.objects.filter(id=line.id).update(state=state)
    task = Task.objects.get(enterprise_id=cast.CHEATS, kind="carry_out")
    assert queries.compliance_of(task) == tally


def test_without_a_judged_day_nobody_can_tell(checked: Task) -> None:
    assert queries.compliance_of(checked).outcome is Outcome.CANNOT_TELL


def test_compliance_costs_few_queries(answered: Task, checked: Task, django_assert_max_num_queries) -> None:  # type: ignore[no-untyped-def]
    with django_assert_max_num_queries(4):
        queries.compliance(list(Task.objects.all()))


# Typed orders -------------------------------------------------------------------------------------------------------

ALL_MET = {
    key: Mark(Met.YES)
    for key in ("measures_done", "punished", "lawful_result", "same_kind_fixed", "source_and_lasting")
}


def typed(category: str, *, by: str = cast.ANALYST) -> Task:
    """An answered typed order about a plant, done by the county's bureau."""
    now = cast.STARTS + timedelta(hours=9)
    [sent] = send(category, "请核查", [Target("enterprise", cast.CHEATS)], by, now)
    task = Task.objects.get(id=sent.task_id)
    tasks.claim([task.id], task.person_id, now)
    tasks.answer([(task.id, "已核查")], task.person_id, now)
    return task


def concluded(task: Task, by: str, marks: dict[str, Mark]) -> Exception | None:
    now = cast.STARTS + timedelta(hours=10)
    return commands.check_many([commands.Check(task.id, Outcome.COMPLIED, True, by, now, "", marks)])[0].why


@pytest.mark.parametrize("left_out", [*ALL_MET, None])
def test_a_task_is_not_closed_while_a_closing_condition_is_open(
    town: cast.City, left_out: str | None
) -> None:
    task = typed("special")
    marks = {key: mark for key, mark in ALL_MET.items() if key != left_out}
    why = concluded(task, cast.ANALYST, marks)
    assert (why is None) is (left_out is None)
    assert left_out is None or (isinstance(why, LawError) and left_out in str(why))
    assert Task.objects.get(id=task.id).state == ("closed" if left_out is None else "answered")
    assert ConditionMark.objects.count() == (5 if left_out is None else 0)


@pytest.mark.parametrize(
    ("mark", "closes"),
    [
        (Mark(Met.NO, "未做"), False),
        (Mark(Met.NOT_APPLICABLE), False),
        (Mark(Met.NOT_APPLICABLE, "无违法行为"), True),
    ],
)
def test_what_does_not_apply_says_why(town: cast.City, mark: Mark, closes: bool) -> None:
    why = concluded(typed("special"), cast.ANALYST, ALL_MET | {"punished": mark})
    assert (why is None) is closes


def test_most_kinds_ask_for_no_conditions(town: cast.City) -> None:
    assert concluded(typed("routine"), cast.ANALYST, {}) is None


def test_how_far_the_checker_stands_is_said_by_the_kind(town: cast.City) -> None:
    other = cast.SECOND_CHECKER  # of the same bureau
    routine = typed("routine")
    handler = routine.person_id
    colleague = other if handler != other else cast.CHECKER
    assert isinstance(concluded(routine, handler, {}), RightsError)
    assert concluded(routine, colleague, {}) is None
    special = typed("special")
    colleague = other if special.person_id != other else cast.CHECKER
    assert isinstance(concluded(special, colleague, ALL_MET), RightsError)
    crossed = typed("cross_check", by=cast.DISPATCHER)
    assert isinstance(concluded(crossed, cast.DISPATCHER, ALL_MET), RightsError), "of the same county"
    assert concluded(crossed, cast.ANALYST, ALL_MET) is None


def test_a_stranger_checks_nothing(town: cast.City) -> None:
    for by in ("checker-s", "dispatcher-s", "manager-obeys", "nobody"):
        assert isinstance(concluded(typed("routine"), by, {}), RightsError)


# Hands in the parts, and before a task came back --------------------------------------------------------------------


def routine(assist: tuple[str, ...] = ()) -> Task:
    [sent] = send("routine", "请核查", [Target("area", "9001")], cast.ANALYST, NOW, assist=assist)
    tasks.claim([sent.task_id], cast.DISPATCHER, NOW)
    return Task.objects.get(id=sent.task_id)


def test_who_did_a_part_does_not_close_the_whole(ordered: Decision) -> None:
    task = routine()
    [part] = split(task.id, [(Target("person", cast.CHECKER), "去看看")], cast.DISPATCHER, NOW)
    deep = split(part.task_id, [(Target("person", cast.SECOND_CHECKER), "你去")], cast.CHECKER, NOW)[
        0
    ].task_id
    for key, by in ((deep, cast.SECOND_CHECKER), (part.task_id, cast.CHECKER), (task.id, cast.DISPATCHER)):
        tasks.claim([key], by, NOW)
        assert tasks.answer([(key, "已落实")], by, NOW)[0].done
    for by in (cast.CHECKER, cast.SECOND_CHECKER):
        assert isinstance(check(task, by), RightsError)
    assert check(task, cast.ANALYST) is None
    assert set(Task.objects.filter(kind="dispatch").values_list("state", flat=True)) == {"closed"}


def test_who_answered_before_it_went_back_does_not_close_it(ordered: Decision) -> None:
    [sent] = send("routine", "请核查", [Target("unit", "u-n-bureau")], cast.ANALYST, NOW)
    task = Task.objects.get(id=sent.task_id)
    first, second = sorted([cast.CHECKER, cast.SECOND_CHECKER], key=lambda who: who == task.person_id)
    tasks.claim([task.id], second, NOW)
    tasks.answer([(task.id, "好了")], first, NOW)
    assert check(task, cast.ANALYST, closes=False, outcome=Outcome.NOT_COMPLIED) is None
    tasks.answer([(task.id, "这回好了")], second, NOW)
    assert isinstance(check(task, first), RightsError)
    assert check(task, cast.ANALYST) is None


def test_who_is_out_of_post_or_has_left_checks_nothing(answered: Task) -> None:
    Person.objects.filter(id=cast.CHECKER).update(active=False)
    assert isinstance(check(answered, cast.CHECKER, Outcome.NOT_COMPLIED), RightsError)
    Post.objects.filter(person_id=cast.SECOND_CHECKER).update(valid_to=cast.DAY)
    assert isinstance(check(answered, cast.SECOND_CHECKER, Outcome.NOT_COMPLIED), RightsError)
    assert check(answered, cast.ANALYST, Outcome.NOT_COMPLIED) is None
