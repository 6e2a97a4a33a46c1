"""Broken on purpose: channels switched off in the middle, queues without a channel, addresses and names that lie."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from tests.lantian_web import cast
from tests.lantian_web.notices.robots import FakeClock, Robots, drive
from tests.lantian_web.notices.test_queue import NIGHT, SOON, Make, asked, own, texts
from tests.lantian_web.test_pages import BACKEND
from tests.lantian_web.test_pages import clock as play_clock

from lantian.errors import DataError
from lantian.records import Role
from lantian_web.accounts.models import User
from lantian_web.notices import commands, tidying
from lantian_web.notices.asking import queue
from lantian_web.notices.channels.dingtalk import _payload
from lantian_web.notices.channels.port import MARKDOWN, Form, Robot, called
from lantian_web.notices.channels.web import check_url, hidden
from lantian_web.notices.channels.wecom import _ids
from lantian_web.notices.courier import Courier
from lantian_web.notices.models import Channel, Message, Notice, Readers
from lantian_web.notices.routes import Routes
from lantian_web.notices.wording import Words
from lantian_web.orders.models import Decision
from lantian_web.tasks.models import Task

pytestmark = [pytest.mark.django_db, pytest.mark.db, pytest.mark.slow]
DAY = timedelta(days=1)


def test_a_channel_switched_off_while_it_sends_loses_nothing(
    channel: Make, courier: Courier, clock: FakeClock, robots: Robots
) -> None:
    county, city = channel("north", "9001"), channel("city", "90")
    robots.behaviour = lambda post: (500, "no") if post.key.endswith("north") else None
    queue(asked(1))
    courier.step(SOON)  # on its way
    commands.switch(county.pk, False, cast.ANALYST, SOON)
    courier.land(SOON)
    drive(courier, clock, SOON, 100)
    assert [message.channel.name for message in Message.objects.filter(state="sent")] == [city.name]
    assert len(texts(robots)) == 1


def test_a_notice_that_cannot_be_worded_keeps_nobody_waiting(
    channel: Make, courier: Courier, clock: FakeClock, robots: Robots
) -> None:
    channel("city", "90")
    queue(asked(1, emergency=True, params={"number": "N1", "tasks": 5}))
    queue(asked(1, area="9002", person_id="checker-s", params={"number": "N2"}))
    drive(courier, clock, SOON, 10)
    assert ["N2" in text for text in texts(robots)] == [True]


def test_emergencies_that_have_ended_do_not_wait_for_a_channel_for_ever(ordered: Decision) -> None:
    task = own()
    Task.objects.filter(id=task.id).update(state="withdrawn")
    count = Notice.objects.filter(state="queued").count()
    tidying.drop_stale(cast.SIGNED + timedelta(hours=2), Routes())
    assert Notice.objects.filter(state="queued").count() == count
    tidying.drop_stale(cast.SIGNED + 2 * DAY, Routes())
    left = Notice.objects.filter(state="queued")
    assert (left.count(), left.filter(subject_id=task.id).exists()) == (count - 1, False)


def test_what_came_after_the_page_was_seen_is_not_told(ordered: Decision) -> None:
    queue(asked(1, happened_at=SOON))
    assert commands.told_area("9001", cast.ANALYST, SOON, SOON - timedelta(minutes=1)) > 0
    assert Notice.objects.filter(state="queued", to_area_id="9001").count() == 1


@pytest.mark.parametrize(
    "data",
    [
        {"action": "told", "id": "\u00b2"},
        {"action": "again", "id": "9" * 40},
        {"action": "test", "channel": "\u0663"},
        {"action": "off", "channel": "9" * 40},
        {"action": "told_area", "area": "9001", "seen": "x"},
        {"action": "told_area", "area": "9001", "seen": "2026-12-07T10:00:00"},
    ],
)
def test_junk_in_the_form_is_not_found(
    ordered: Decision, login: Callable[..., User], data: dict[str, str]
) -> None:
    play_clock(SOON)
    client = Client()
    client.force_login(login("a", cast.ANALYST, Role.ANALYST, "area:90"), BACKEND)
    assert client.post(reverse("notices_act"), data).status_code == 404


@pytest.mark.parametrize("handle", ["@all", "all", "ALL"])
def test_nobodys_name_calls_everybody(town: cast.City, handle: str) -> None:
    with pytest.raises(DataError):
        commands.set_handles([(cast.LEADER, "wecom", handle)])
    assert "all" not in str(_payload(Form(MARKDOWN, "t", "x"), [handle])["at"]).replace("isAtAll", "").lower()
    assert handle == "ALL" or _ids([handle]) == []
    assert _ids(["li.wei@x", "u-1"]) == ["li.wei@x", "u-1"]


def test_a_robot_is_the_same_however_its_address_is_written() -> None:
    one = Channel.robot_of("wecom", "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=abc-def")
    assert one == Channel.robot_of(
        "wecom", "https://QYAPI.weixin.qq.com:443/cgi-bin/webhook/send/?debug=1&key=abc-def"
    )
    assert one != Channel.robot_of("wecom", "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=abc-deg")


def test_an_echo_of_the_secret_in_its_plain_form_is_hidden() -> None:
    assert "abc/defgh" not in hidden("no robot abc/defgh", Robot("https://x.example/send?key=abc%2Fdefgh"))


@pytest.mark.parametrize(
    "address", ["https://qyapi.weixin.qq.com/\u5bc6?key=a", "https://qyapi.weixin.qq.com/ x?key=a"]
)
def test_an_address_that_cannot_be_asked_for_is_refused_at_once(address: str) -> None:
    with pytest.raises(DataError):
        check_url(address, ("qyapi.weixin.qq.com",))


def test_a_typed_address_is_no_link() -> None:
    assert "://" not in called("\u8bf7\u767b\u5f55 https://evil.example/x")


def test_where_plants_read_along_the_reason_names_nobody(ordered: Decision) -> None:
    task = own()
    Task.objects.filter(id=task.id).update(about_id=cast.CHEATS, enterprise_id="", kind="check")
    task.refresh_from_db()
    notice = Notice.objects.filter(subject_id=task.id)[0]
    notice.params = {"reason": "cheats厂夜间偷排"}
    for read, named in ((True, False), (False, True)):
        words = Words(NIGHT, {task.id: task}, plants_read=read)
        words.learn([notice])
        assert (f"{cast.CHEATS}厂" in words.lines([notice])[0].text) is named
    assert Readers.PLANTS.value == "plants"
