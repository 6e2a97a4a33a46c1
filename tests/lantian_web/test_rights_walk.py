"""Walk every address and every API operation as people who have no business there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from tests.lantian_web import cast
from tests.lantian_web.test_pages import BACKEND, MORNING, clock

from lantian.records import Outcome, RequestKind, Role
from lantian_web.accounts.models import User
from lantian_web.bulletins import commands as bulletins
from lantian_web.bulletins.models import Bulletin
from lantian_web.consultations import commands as consultations
from lantian_web.findings import commands as findings
from lantian_web.findings.models import Finding, OrderDay
from lantian_web.letters import commands as letters
from lantian_web.letters.models import Match
from lantian_web.orders.models import Decision
from lantian_web.tasks import asking, proofs
from lantian_web.tasks import commands as tasks
from lantian_web.tasks.models import Proof, Task
from lantian_web.tasks.sending import Target, send

pytestmark = pytest.mark.db
OPEN = {"login", "logout", "theme", "hook"}  # for everybody: they show no row
SECRETS = (cast.CHEATS, cast.BROKEN, cast.FAR)


def addresses(patterns: list[URLPattern | URLResolver] | None = None, space: str = "") -> Iterator[str]:
    """Names of all routes there are, those of papers and the API too."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{pattern.namespace}:" if pattern.namespace else ""
            yield from addresses(pattern.url_patterns, space + inner)
        else:
            assert pattern.name, pattern
            yield space + pattern.name


@pytest.fixture
def rows(ordered: Decision, login: Callable[..., User]) -> dict[str, list[list[str]]]:
    """A confirmed and a proposed finding of one county, and how every route is asked for them."""
    days = [
        cast.day_of(cast.CHEATS, Outcome.NOT_COMPLIED),
        cast.day_of(cast.BROKEN, Outcome.NOT_COMPLIED),
        cast.day_of(cast.OBEYS, Outcome.COMPLIED),
    ]
    found = [cast.ran_on(cast.CHEATS), cast.ran_on(cast.BROKEN)]
    findings.take(cast.Judged(found, days), cast.DAY, MORNING)
    findings.confirm([found[0].id], cast.ANALYST, MORNING + timedelta(minutes=5))
    clock(MORNING + timedelta(minutes=10))
    bulletins.ask("day_sheet", cast.DAY, "90", cast.ANALYST, MORNING)
    check = Task.objects.get(kind="check").pk
    paper = Bulletin.objects.get().pk
    finding_ids = [f.id for f in found]
    days_of = [
        str(pk) for pk in OrderDay.objects.exclude(enterprise_id=cast.OBEYS).values_list("pk", flat=True)
    ]
    meeting = consultations.open_consultation("daily", MORNING, cast.ANALYST, MORNING).pk
    text = f"再核查{cast.CHEATS}厂"
    [sent] = send("routine", text, [Target("enterprise", cast.CHEATS)], cast.ANALYST, MORNING, again=True)
    tasks.claim([sent.task_id], cast.CHECKER, MORNING)
    later = MORNING + timedelta(days=9)
    asked = asking.ask(sent.task_id, RequestKind.EXTENSION, "路远", later, cast.CHECKER, MORNING).pk
    batch = Task.objects.get(pk=sent.task_id).batch_id
    now = MORNING + timedelta(minutes=6)
    letter = letters.draft("supervision_letter", [check], cast.ANALYST, now, "省督察组点名").pk
    until = now + timedelta(days=2)
    quiet = letters.silence(Match.ENTERPRISE, cast.CHEATS, "检修", until, cast.ANALYST, now).pk
    handler = Task.objects.get(pk=check).person_id
    files = proofs.keep(
        settings.LANTIAN_HOME, [proofs.Upload("a.jpg", b"\xff\xd8\xff\xe0 cheats\xe5\x8e\x82")]
    )
    proofs.with_files(
        lambda: tasks.claim([check], handler, MORNING), files, check, proofs.ProofStep.CLAIM, handler, MORNING
    )
    shown = Proof.objects.get().pk
    cases = [["tasks", check], *(["findings", pk] for pk in finding_ids)]
    return {
        "desk": [[]],
        "decide": [[]],
        "sparks": [[]],
        "air": [[]],
        "tasks": [[]],
        "case": [[check]],
        "act": [[check]],
        "proof": [[shown]],
        "finding": [[pk] for pk in finding_ids],
        "power": cases,
        "power_svg": cases,
        "evidence": cases,
        "orders": [[]],
        "order": [[cast.order_of(cast.CHEATS).pk]],
        "map": [[]],
        "layer": [[]],
        "map_card": [[cast.CHEATS]],
        "plant": [[cast.CHEATS]],
        "plant_year": [[cast.CHEATS, "2026"]],
        "rows": [*(["finding", pk] for pk in finding_ids), *(["order-day", pk] for pk in days_of)],
        "area_now": [[]],
        "area": [["90"], ["9001"]],
        "area_chart": [["90", name] for name in ("line", "calendar", "rose", "trend")],
        "targets": [[]],
        "targets_chart": [["line"]],
        "targets_file": [["csv"], ["xlsx"]],
        "targets_cut": [["9001"], ["9002"]],
        "ranking": [[]],
        "ranking_chart": [[]],
        "imports": [[]],
        "import_commit": [[]],
        "import_refused": [[]],
        "import_receipt": [["import_1"]],
        "import_refused_rows": [["import_1"]],
        "people": [[]],
        "people_act": [[]],
        "people_template": [[]],
        "people_import": [[]],
        "people_commit": [[]],
        "people_returned": [[]],
        "people_receipt": [["people_import_1"]],
        "people_receipt_file": [["people_import_1"]],
        "bulletins": [[]],
        "bulletin": [[paper]],
        "bulletin_rows": [[paper]],
        "bulletin_file": [[paper, ext] for ext in ("pdf", "docx", "html")],
        "api:desk": [[]],
        "api:tasks": [[]],
        "api:task": [[check]],
        "api:findings": [[]],
        "api:finding": [[pk] for pk in finding_ids],
        "api:geojson": [[]],
        "api:air": [[]],
        "api:targets": [[]],
        "api:cut": [[]],
        "api:ranking": [[]],
        "api:openapi-json": [[]],
        "api:api-root": [[]],
        "consultations": [[]],
        "consultation": [[meeting]],
        "consultation_act": [[meeting]],
        "consultation_file": [[meeting, ext] for ext in ("docx", "html")],
        "notices": [[]],
        "notices_act": [[]],
        "replies": [[]],
        "replies_commit": [[]],
        "replies_receipt": [["reply_import_1"]],
        "reply_act": [["reply_1"]],
        "hook": [["no-such-key"]],
        "compose": [[]],
        "compose_read": [[]],
        "compose_find": [[]],
        "compose_match": [[]],
        "compose_plants": [[]],
        "compose_templates": [[]],
        "bulk": [[]],
        "batch": [[batch]],
        "county": [[]],
        "county_act": [[]],
        "county_export": [["xlsx"], ["docx"]],
        "county_item": [[check], [sent.task_id]],
        "request_decide": [[asked]],
        "supervise": [[]],
        "supervise_list": [
            [what] for what in ("overdue", "silent", "declined", "requests", "holds", "reminded")
        ],
        "letters": [[]],
        "letter": [[letter]],
        "letter_act": [[letter]],
        "letter_file": [[letter, "docx"]],
        "letter_draft": [[]],
        "silences": [[]],
        "silence_end": [[str(quiet)]],
        "login": [[]],
        "logout": [[]],
        "theme": [[]],
    }


def test_the_walk_knows_every_address(rows: dict[str, list[list[str]]]) -> None:
    assert set(addresses()) == set(rows)


def answers(client: Client, rows: dict[str, list[list[str]]]) -> Iterator[tuple[str, int, str]]:
    """Every route but the open ones: (path, status, text)."""
    for name, asked in rows.items():
        if name in OPEN:
            continue
        for parts in asked:
            path = reverse(name, args=parts)
            answer = (
                client.get(path, {"f": list(Finding.objects.values_list("pk", flat=True))})
                if name == "sparks"
                else client.get(path)
            )
            body = b"".join(answer) if answer.streaming else answer.content
            yield path, answer.status_code, body.decode(errors="replace")


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user, backend=BACKEND)
    return client


def test_without_a_log_in_nothing_opens(rows: dict[str, list[list[str]]]) -> None:
    for path, status, text in answers(Client(), rows):
        assert status in (302, 401, 405) or (path, status) == ("/api/", 404), path
        assert not any(secret in text for secret in SECRETS if secret not in path), path


@pytest.mark.parametrize(
    ("name", "person", "role", "scope"),
    [
        ("stranger", None, None, ""),
        ("system manager", None, Role.SYSTEM_MANAGER, "area:90"),
        ("other county", "dispatcher-s", Role.DISPATCHER, "area:9002"),
        ("other leader", "leader-s", Role.LEADER, "area:9002"),
        ("other plant", f"manager-{cast.OBEYS}", Role.PLANT_MANAGER, f"enterprise:{cast.OBEYS}"),
    ],
)
@pytest.mark.slow
def test_people_without_business_see_no_row(
    rows: dict[str, list[list[str]]],
    login: Callable[..., User],
    name: str,
    person: str | None,
    role: Role | None,
    scope: str,
) -> None:
    client = client_of(login(name, person, role, scope))
    hidden = [secret for secret in SECRETS if not (secret == cast.FAR and scope == "area:9002")]
    for path, status, text in answers(client, rows):
        named = [secret for secret in hidden if f"{secret}厂" in text or f'"{secret}"' in text]
        assert not named, (path, named)
        wants_one_row = any(part in path for part in ("_", f"/{cast.CHEATS}/")) or "/rows/" in path
        if wants_one_row and not path.startswith("/bulletins/"):
            assert status in (404, 405), path


def test_own_county_sees_its_rows_but_no_proposal(
    rows: dict[str, list[list[str]]], login: Callable[..., User]
) -> None:
    client = client_of(login("d", cast.DISPATCHER, Role.DISPATCHER, "area:9001"))
    confirmed, proposed = (
        Finding.objects.get(enterprise_id=plant).pk for plant in (cast.CHEATS, cast.BROKEN)
    )
    assert client.get(reverse("case", args=[Task.objects.get(kind="check").pk])).status_code == 200
    for name in ("finding", "api:finding"):
        assert client.get(reverse(name, args=[confirmed])).status_code in (200, 302)
        assert client.get(reverse(name, args=[proposed])).status_code == 404
    for name in ("api:findings", "sparks"):
        assert proposed not in client.get(reverse(name), {"f": [proposed]}).content.decode()


def test_acting_on_what_one_may_not_see_is_404_and_changes_nothing(
    rows: dict[str, list[list[str]]], login: Callable[..., User]
) -> None:
    client = client_of(login("s", "dispatcher-s", Role.DISPATCHER, "area:9002"))
    task, finding = Task.objects.get(kind="check"), Finding.objects.get(state="proposed")
    assert client.post(reverse("act", args=[task.pk]), {"action": "claim"}).status_code == 404
    data = {"id": [finding.pk], "answer": "confirm"}
    assert client.post(reverse("decide"), data).status_code == 404
    assert Task.objects.get(pk=task.pk).state == task.state
    assert Finding.objects.get(pk=finding.pk).state == "proposed"
