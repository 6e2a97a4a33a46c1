"""Proposals: taken once, brought up to date, withdrawn when the data no longer bear them; a person's word stands."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.lantian_web import cast

from lantian.errors import RightsError, TransitionError
from lantian.records import FindingState, Outcome
from lantian_web.events.models import Event
from lantian_web.findings import commands
from lantian_web.findings.models import Finding, OrderDay
from lantian_web.tasks.models import Task

pytestmark = [pytest.mark.django_db, pytest.mark.db, pytest.mark.usefixtures("ordered")]


def told() -> list[str]:
    return list(
        Event.objects.filter(kind__startswith="finding.").order_by("id").values_list("kind", flat=True)
    )


def take(*findings: object, days: object = ()) -> int:
    return commands.take(cast.Judged(list(findings), list(days)), cast.DAY, cast.SIGNED)  # type: ignore[arg-type,call-overload]


def test_a_finding_is_proposed_with_its_evidence() -> None:
    found = cast.ran_on(cast.CHEATS)
    assert take(found) == 1
    assert Finding.objects.get().to_domain() == found
    assert told() == ["finding.proposed"]
    assert not Task.objects.filter(kind="check").exists()


def test_the_same_judgement_again_changes_nothing() -> None:
    judged = (cast.ran_on(cast.CHEATS), cast.ran_on(cast.OBEYS))
    days = [cast.day_of(cast.CHEATS, Outcome.NOT_COMPLIED), cast.day_of(cast.BROKEN, Outcome.CANNOT_TELL)]
    take(*judged, days=days)
    before = [list(model.objects.order_by("pk").values()) for model in (Finding, OrderDay, Event)]
    assert take(*judged, days=days) == 0
    assert [list(model.objects.order_by("pk").values()) for model in (Finding, OrderDay, Event)] == before


def test_new_numbers_are_written_down() -> None:
    take(cast.ran_on(cast.CHEATS))
    take(cast.ran_on(cast.CHEATS, measured=95.0))
    assert Finding.objects.get().measured == 95.0
    assert told() == ["finding.proposed", "finding.changed"]


def test_late_data_withdraw_a_proposal_and_may_bring_it_back() -> None:
    take(cast.ran_on(cast.CHEATS))
    take()
    assert Finding.objects.get().state == FindingState.WITHDRAWN
    take(cast.ran_on(cast.CHEATS))
    assert Finding.objects.get().state == FindingState.PROPOSED
    assert told() == ["finding.proposed", "finding.withdrawn", "finding.proposed"]


def test_a_confirmed_finding_stays_and_the_doubt_is_told_once() -> None:
    found = cast.ran_on(cast.CHEATS)
    take(found)
    commands.confirm([found.id], cast.ANALYST, cast.SIGNED)
    assert [take(), take()] == [1, 0]
    assert Finding.objects.get().state == FindingState.CONFIRMED
    assert told() == ["finding.proposed", "finding.confirmed", "finding.contradicted"]


def test_a_dismissed_finding_stays_dismissed() -> None:
    found = cast.ran_on(cast.CHEATS)
    take(found)
    commands.dismiss([found.id], cast.ANALYST, cast.SIGNED, "检修")
    take()
    take(replace(found, last_ms=found.last_ms + 900_000))
    assert Finding.objects.get().state == FindingState.DISMISSED


def test_another_day_is_left_alone() -> None:
    take(cast.ran_on(cast.CHEATS))
    commands.take(cast.Judged(), cast.DAY.replace(day=9), cast.SIGNED)
    assert Finding.objects.get().state == FindingState.PROPOSED


def test_late_data_change_the_answer_of_a_day() -> None:
    take(days=[cast.day_of(cast.BROKEN, Outcome.CANNOT_TELL)])
    take(days=[cast.day_of(cast.BROKEN, Outcome.COMPLIED)])
    day = OrderDay.objects.get()
    assert (day.outcome, day.slots_missing, day.measured) == ("complied", 0, 1.0)


@pytest.mark.parametrize("by", [cast.DISPATCHER, "manager-cheats", "system", "nobody"])
def test_only_an_analyst_confirms(by: str) -> None:
    found = cast.ran_on(cast.CHEATS)
    take(found)
    [answer] = commands.confirm([found.id], by, cast.SIGNED)
    assert not answer.done
    assert isinstance(answer.why, RightsError)
    assert Finding.objects.get().state == FindingState.PROPOSED


@pytest.mark.parametrize("state", [state for state in FindingState if state is not FindingState.PROPOSED])
@pytest.mark.parametrize("to", ["confirm", "dismiss"])
def test_only_a_proposal_is_decided(state: FindingState, to: str) -> None:
    found = cast.ran_on(cast.CHEATS)
    take(found)
    Finding.objects.update(state=state)
    before = list(Finding.objects.values()), Event.objects.count()
    if to == "confirm":
        [answer] = commands.confirm([found.id], cast.ANALYST, cast.SIGNED)
    else:
        [answer] = commands.dismiss([found.id], cast.ANALYST, cast.SIGNED, "检修")
    assert isinstance(answer.why, TransitionError)
    assert (list(Finding.objects.values()), Event.objects.count()) == before


def test_every_id_gets_its_answer() -> None:
    first, second = cast.ran_on(cast.CHEATS), cast.ran_on(cast.OBEYS)
    take(first, second)
    commands.dismiss([second.id], cast.ANALYST, cast.SIGNED, "检修")
    answers = commands.confirm([first.id, second.id, "nothing", first.id], cast.ANALYST, cast.SIGNED)
    assert [(answer.id, answer.done) for answer in answers] == [
        (first.id, True),
        (second.id, False),
        ("nothing", False),
    ]


def test_dismissing_needs_a_reason() -> None:
    with pytest.raises(TransitionError, match="reason"):
        commands.dismiss(["x"], cast.ANALYST, cast.SIGNED, " ")
