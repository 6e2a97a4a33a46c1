"""Files handed in with a step: kept once, seen by those who see the task, and never changed unseen."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from tests.lantian.verify.test_proof import exif, jpeg
from tests.lantian_web import cast
from tests.lantian_web.test_pages import BACKEND, clock

from lantian.errors import DataError, RightsError
from lantian.records import Role
from lantian_cli.operate import _evidence, _file_problems
from lantian_store.evidence import EvidenceStore
from lantian_web.accounts.models import User
from lantian_web.events.models import Event
from lantian_web.tasks import commands, proofs
from lantian_web.tasks.models import Proof, ProofStep, Task
from lantian_web.tasks.sending import Target, send

pytestmark = [pytest.mark.django_db, pytest.mark.db, pytest.mark.slow]
NOW = cast.SIGNED
PHOTO = jpeg(exif("<", "2026:12:07 18:00:00"))
Login = Callable[..., User]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, settings: pytest.FixtureRequest) -> Path:
    settings.LANTIAN_HOME = tmp_path  # type: ignore[attr-defined]
    return tmp_path


@pytest.fixture
def own(town: cast.City) -> Task:
    """A typed order to the cheating plant itself."""
    clock(NOW)
    [sent] = send("special", "十日内更换布袋", [Target("unit", "u-cheats")], cast.ANALYST, NOW)
    return Task.objects.get(pk=sent.task_id)


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user, backend=BACKEND)
    return client


@pytest.fixture
def manager(login: Login) -> Client:
    return client_of(login("m", "manager-cheats", Role.PLANT_MANAGER, f"enterprise:{cast.CHEATS}"))


def photo(data: bytes = PHOTO, name: str = "现场.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data, content_type="text/html")


def post(client: Client, task: Task, action: str, *files: SimpleUploadedFile, **data: str) -> str:
    sent: dict[str, object] = {"action": action, **data, "files": list(files)}
    answer = client.post(reverse("act", args=[task.pk]), sent, follow=True)
    task.refresh_from_db()
    return answer.content.decode()


def test_a_photo_goes_with_its_step(own: Task, manager: Client, home: Path) -> None:
    post(manager, own, "claim", photo())
    kept = Proof.objects.get()
    sha256 = hashlib.sha256(PHOTO).hexdigest()
    assert (kept.step, kept.name, kept.media, kept.sha256) == ("claim", "现场.jpg", "image/jpeg", sha256)
    assert kept.taken_at == NOW - timedelta(minutes=40)
    assert (kept.by, kept.at, kept.enterprise_id, own.state) == (
        "manager-cheats",
        NOW,
        cast.CHEATS,
        "claimed",
    )
    assert (home / "evidence" / sha256[:2] / sha256).read_bytes() == PHOTO
    told = Event.objects.get(kind="task.proven")
    assert told.params["files"][0]["sha256"] == sha256  # the chain holds the hash


def test_the_same_bytes_lie_there_once_and_the_page_says_so(own: Task, manager: Client, home: Path) -> None:
    post(manager, own, "claim", photo(), photo(name="again.jpg"))
    clock(NOW + timedelta(hours=1))
    page = post(manager, own, "answer", photo(name="other.jpg"), text="已更换")
    assert Proof.objects.count() == 2
    assert len([path for path in (home / "evidence").rglob("*") if path.is_file()]) == 1
    assert "与此前同一文件" in page
    assert "拍摄时间早于下令" in page


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"<html><script>x</script>", "只收照片"),
        (b"MZ\x90", "只收照片"),
        (jpeg().ljust(16 << 20, b"x"), "文件太大"),
    ],
)
def test_what_is_not_taken_stops_the_step(
    own: Task, manager: Client, home: Path, data: bytes, word: str
) -> None:
    page = post(manager, own, "claim", photo(), photo(data, "photo.jpg"))
    assert word in page
    assert "photo.jpg" in page
    assert (own.state, Proof.objects.count()) == ("issued", 0)
    assert not (home / "evidence").exists()  # nothing is put when one is refused


def test_too_many_files_stop_the_step(own: Task, manager: Client) -> None:
    page = post(manager, own, "claim", *(photo(PHOTO + bytes([n])) for n in range(10)))
    assert "九个" in page
    assert own.state == "issued"


def test_a_refused_step_keeps_no_file(own: Task, manager: Client) -> None:
    post(manager, own, "answer", photo(), text="还没签收")
    assert not Proof.objects.exists()
    kept = proofs.keep(settings.LANTIAN_HOME, [proofs.Upload("a.jpg", PHOTO)])
    [answer] = proofs.with_files(
        lambda: commands.claim([own.pk], "manager-obeys", NOW),
        kept,
        own.pk,
        ProofStep.CLAIM,
        "manager-obeys",
        NOW,
    )
    assert isinstance(answer.why, RightsError)
    assert not Proof.objects.exists()
    assert not Event.objects.filter(kind="task.proven").exists()


def test_names_are_made_harmless(home: Path) -> None:
    names = ["../../etc/passwd", 'C:\\x\\"><img>.html', "\u202egpj.exe", "", "." * 300 + ".jpg"]
    for name in names:
        [kept] = proofs.keep(home, [proofs.Upload(name, PHOTO)])
        assert kept.name.endswith(".jpg")
        assert len(kept.name) <= 120
        assert not set('/\\"<>\u202e') & set(kept.name)


def test_only_those_who_see_the_task_see_its_files(own: Task, manager: Client, login: Login) -> None:
    post(manager, own, "claim", photo())
    path = reverse("proof", args=[Proof.objects.get().pk])
    for name, person, role, scope, status in (
        ("a", cast.ANALYST, Role.ANALYST, "area:90", 200),
        ("d", cast.DISPATCHER, Role.DISPATCHER, "area:9001", 200),
        ("s", "dispatcher-s", Role.DISPATCHER, "area:9002", 404),
        ("o", "manager-obeys", Role.PLANT_MANAGER, f"enterprise:{cast.OBEYS}", 404),
        ("sys", None, Role.SYSTEM_MANAGER, "area:90", 404),
    ):
        assert client_of(login(name, person, role, scope)).get(path).status_code == status, name
    assert Client().get(path).status_code == 302


def test_a_file_of_a_visit_is_hidden_from_the_plant(town: cast.City, manager: Client, home: Path) -> None:
    clock(NOW)
    [sent] = send("plant_check", "去看看", [Target("enterprise", cast.CHEATS)], cast.ANALYST, NOW)
    kept = proofs.keep(home, [proofs.Upload("a.jpg", PHOTO)])
    by = Task.objects.get().person_id
    proofs.with_files(
        lambda: commands.claim([sent.task_id], by, NOW), kept, sent.task_id, ProofStep.CLAIM, by, NOW
    )
    assert manager.get(reverse("proof", args=[Proof.objects.get().pk])).status_code == 404


def test_a_file_is_served_as_what_it_is_and_can_do_nothing(own: Task, manager: Client) -> None:
    post(manager, own, "claim", photo(), photo(b"%PDF-1.4 <script>", "纪要.html"))
    for row in Proof.objects.all():
        answer = manager.get(reverse("proof", args=[row.pk]))
        assert answer["Content-Type"] == row.media
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in answer["Content-Security-Policy"]
        shown = row.media == "image/jpeg"
        assert answer["Content-Disposition"].startswith("inline" if shown else "attachment")
        assert ".html" not in answer["Content-Disposition"]
        tag = {"If-None-Match": answer["ETag"]}
        assert manager.get(reverse("proof", args=[row.pk]), headers=tag).status_code == 304


def test_one_changed_byte_is_seen_on_the_page_by_the_file_and_by_the_check(
    own: Task, manager: Client, home: Path
) -> None:
    post(manager, own, "claim", photo())
    row = Proof.objects.get()
    page = reverse("case", args=[own.pk])
    assert "与提交时一致" in manager.get(page).content.decode()
    assert list(_file_problems(home, "evidence", _evidence())) == []
    path = EvidenceStore(home).path(row.sha256)
    path.write_bytes(PHOTO[:-3] + bytes([PHOTO[-3] ^ 1]) + PHOTO[-2:])
    text = manager.get(page).content.decode()
    assert "内容被改动" in text
    assert "与提交时一致" not in text
    assert manager.get(reverse("proof", args=[row.pk])).status_code == 410
    [(part, problem)] = _file_problems(home, "evidence", _evidence())
    assert (part, row.sha256 in problem, "changed" in problem) == ("evidence", True, True)
    path.unlink()
    assert "missing" in next(iter(_file_problems(home, "evidence", _evidence())))[1]


def test_a_backup_names_every_file(own: Task, manager: Client, home: Path) -> None:
    post(manager, own, "claim", photo())
    sha256 = hashlib.sha256(PHOTO).hexdigest()
    assert _evidence() == [f"evidence/{sha256[:2]}/{sha256}"]


def test_more_than_fits_together_is_refused(home: Path) -> None:
    big = jpeg().ljust(14 << 20, b"x")
    files = [proofs.Upload(f"{n}.jpg", big + bytes([n])) for n in range(8)]
    with pytest.raises(DataError) as caught:
        proofs.keep(home, files)
    assert caught.value.field == "size"
