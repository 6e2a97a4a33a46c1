"""A leader's log-in: reads an area, signs what waits for a signature, and decides nothing that is the office's."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from tests.lantian_web import cast
from tests.lantian_web.test_pages import BACKEND, MORNING, clock

from lantian.records import FindingState, Outcome, RequestKind, Role, TaskState
from lantian_web.accounts.models import User
from lantian_web.findings import commands as findings
from lantian_web.findings.models import Finding
from lantian_web.letters import commands as letters
from lantian_web.letters.models import Letter, LetterState, Silence
from lantian_web.orders.models import Decision
from lantian_web.tasks import asking
from lantian_web.tasks.models import Request, Task
from lantian_web.tasks.sending import Target, send

pytestmark = [pytest.mark.django_db, pytest.mark.db]
OVERRIDE = "省督察组点名"


@pytest.fixture
def draft(ordered: Decision) -> Letter:
    """One confirmed and one proposed finding of the north, and a letter about the check that waits for its signer."""
    days = [cast.day_of(plant, Outcome.NOT_COMPLIED) for plant in (cast.CHEATS, cast.BROKEN)]
    found = [cast.ran_on(cast.CHEATS), cast.ran_on(cast.BROKEN)]
    findings.take(cast.Judged(found, days), cast.DAY, MORNING)
    findings.confirm([found[0].id], cast.ANALYST, MORNING + timedelta(minutes=5))
    clock(MORNING + timedelta(minutes=10))
    check = Task.objects.get(kind="check").pk
    return letters.draft("supervision_letter", [check], cast.ANALYST, MORNING, OVERRIDE)


@pytest.fixture
def enter(login: Callable[..., User]) -> Callable[[str, str], Client]:
    def make(person: str, area: str) -> Client:
        client = Client()
        client.force_login(login(person, person, Role.LEADER, f"area:{area}"), backend=BACKEND)
        return client

    return make


def test_the_first_page_is_supervision_and_the_draft_is_signed_there(
    draft: Letter, enter: Callable[[str, str], Client]
) -> None:
    client = enter(cast.VICE, "90")
    page = client.get("/", follow=True)
    assert page.request["PATH_INFO"] == reverse("supervise")
    assert "待您签发" in page.content.decode()
    shown = client.get(reverse("letter", args=[draft.pk])).content.decode()
    assert 'value="sign"' in shown
    assert client.post(reverse("letter_act", args=[draft.pk]), {"action": "sign"}).status_code == 302
    signed = Letter.objects.get()
    assert (signed.state, signed.signer) == (LetterState.SIGNED, cast.VICE)


def test_a_countys_leader_reads_a_letter_when_it_is_signed_and_never_signs_it(
    draft: Letter, enter: Callable[[str, str], Client]
) -> None:
    client, page = enter(cast.LEADER, "9001"), reverse("letter", args=[draft.pk])
    assert client.get(page).status_code == 404
    assert client.post(reverse("letter_act", args=[draft.pk]), {"action": "sign"}).status_code == 404
    letters.sign(draft.pk, cast.VICE, MORNING)
    assert client.get(page).status_code == 200
    assert client.get(reverse("consultations")).status_code == 404


@pytest.mark.parametrize(("person", "area"), [(cast.VICE, "90"), (cast.LEADER, "9001")])
def test_no_leader_sees_what_nobody_has_confirmed(
    draft: Letter, enter: Callable[[str, str], Client], person: str, area: str
) -> None:
    client = enter(person, area)
    confirmed, proposed = (
        Finding.objects.get(enterprise_id=plant).pk for plant in (cast.CHEATS, cast.BROKEN)
    )
    assert client.get(reverse("finding", args=[confirmed])).status_code == 302
    assert client.get(reverse("finding", args=[proposed])).status_code == 404
    assert client.post(reverse("decide"), {"id": [proposed], "answer": "confirm"}).status_code == 404
    assert Finding.objects.get(pk=proposed).state == FindingState.PROPOSED


def test_what_the_office_decides_is_closed_to_a_leader(
    draft: Letter, enter: Callable[[str, str], Client]
) -> None:
    client, before = enter(cast.VICE, "90"), Task.objects.count()
    check = Task.objects.get(kind="check")
    sentence = {"text": "请核查夜间用电", "category": "routine", "target": ["area:9001"]}
    assert client.post(reverse("compose"), sentence).status_code in (403, 404, 405, 422)
    assert client.post(reverse("letter_draft"), {"rung": "admonition", "task": [check.pk]}).status_code == 404
    quiet = {"match": "area", "value_area": "9001", "reason": "检修", "until": "2026-12-09 08:00"}
    assert client.post(reverse("silences"), quiet).status_code in (403, 404, 422)
    assert client.post(reverse("imports")).status_code in (403, 404)
    for name in ("notices", "replies"):
        assert client.get(reverse(name)).status_code in (403, 404), name
    assert (Task.objects.count(), Letter.objects.count(), Silence.objects.count()) == (before, 1, 0)
    assert Task.objects.get(pk=check.pk).state == TaskState.ISSUED


@pytest.mark.parametrize(("person", "area"), [(cast.VICE, "90"), (cast.LEADER, "9001")])
def test_no_step_of_a_task_is_a_leaders(
    draft: Letter, enter: Callable[[str, str], Client], person: str, area: str
) -> None:
    client = enter(person, area)
    later = MORNING + timedelta(days=2)
    check = Task.objects.get(kind="check")
    [sent] = send("routine", "请核查夜间用电", [Target("area", "9001")], cast.ANALYST, MORNING)
    other = Task.objects.get(pk=sent.task_id)
    asked = asking.ask(check.pk, RequestKind.EXTENSION, "路远", later, check.person_id, MORNING)
    plants = list(Task.objects.filter(kind="carry_out", area_id="9001"))
    before = list(Task.objects.order_by("pk").values())
    for task in (check, other, *plants):
        assert 'name="action"' not in client.get(reverse("case", args=[task.pk])).content.decode()
        for action in ("claim", "decline", "transfer", "extend", "ask", "withdraw", "close", "remind"):
            steps = {
                "action": action,
                "text": "试",
                "reason": "试",
                "until": "2026-12-10 08:00",
                "unit": "u-city",
            }
            client.post(reverse("act", args=[task.pk]), steps)
            bulk = steps | {"id": [task.pk]}
            assert client.post(reverse("bulk"), bulk).status_code == 403, action
    for answer in ("grant", "refuse", "reply"):
        said = {"answer": answer, "text": "可以"}
        client.post(reverse("request_decide", args=[asked.pk]), said)
    undo = {"action": "undo"}
    assert client.post(reverse("batch", args=[other.batch_id]), undo).status_code == 403
    assert client.post(reverse("county_act"), {"action": "claim_all", "area": "9001"}).status_code in (
        403,
        404,
    )
    assert list(Task.objects.order_by("pk").values()) == before
    assert Request.objects.get().decided_at is None


def test_the_bar_holds_the_pages_that_open(draft: Letter, enter: Callable[[str, str], Client]) -> None:
    for person, area in ((cast.VICE, "90"), (cast.LEADER, "9001")):
        client = enter(person, area)
        bar = client.get(reverse("supervise")).context["nav"]
        urls = [entry["url"] for group in bar.values() for entry in group]
        assert reverse("letters") in urls
        assert (reverse("consultations") in urls) == (area == "90")
        for url in urls:
            assert client.get(url).status_code == 200, url
