"""The page of notices: what a county sees of it, what it may do, and what it never shows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from tests.lantian_web import cast
from tests.lantian_web.notices.robots import FakeClock, Robots, drive
from tests.lantian_web.notices.test_queue import asked
from tests.lantian_web.test_pages import BACKEND

from lantian.records import Role
from lantian_web.accounts.models import Person, User
from lantian_web.events.models import Event
from lantian_web.notices.asking import queue
from lantian_web.notices.courier import Courier
from lantian_web.notices.models import Channel, Message, Notice

pytestmark = [pytest.mark.django_db, pytest.mark.db, pytest.mark.slow]
Make = Callable[..., Channel]
NOW = cast.SIGNED + timedelta(minutes=52)


@pytest.fixture
def enter(login: Callable[..., User]) -> Callable[[str, str, Role, str], Client]:
    def make(name: str, person: str, role: Role, scope: str) -> Client:
        client = Client()
        client.force_login(login(name, person, role, scope), backend=BACKEND)
        return client

    return make


@pytest.fixture
def analyst(enter: Any) -> Client:
    return enter("a", cast.ANALYST, Role.ANALYST, "area:90")


@pytest.fixture
def county(enter: Any) -> Client:
    return enter("d", cast.DISPATCHER, Role.DISPATCHER, "area:9001")


@pytest.fixture
def other(enter: Any) -> Client:
    return enter("s", "dispatcher-s", Role.DISPATCHER, "area:9002")


def page(client: Client, query: str = "") -> str:
    answer = client.get(reverse("notices") + query)
    assert answer.status_code == 200
    return answer.content.decode()


def act(client: Client, **data: Any) -> int:
    return client.post(reverse("notices_act"), data).status_code


@pytest.fixture
def failed(channel: Make, courier: Courier, clock: FakeClock, robots: Robots) -> Message:
    """A message of the northern county that its robot refuses."""
    channel("north", "9001", secret="SECabcdef")
    Person.objects.filter(pk=cast.CHECKER).update(phone="13800000001")
    queue(asked(2, emergency=True))
    robots.behaviour = lambda post: (200, f'{{"errcode":93000,"errmsg":"no such robot {post.path}"}}')
    drive(courier, clock, NOW, 2)
    return Message.objects.get()


def test_a_failed_message_asks_for_a_call_with_name_and_telephone(failed: Message, county: Client) -> None:
    text = page(county)
    assert failed.number in text
    assert "93000" in text
    assert f"名{cast.CHECKER}" in text
    assert 'href="tel:13800000001"' in text
    assert act(county, action="told", id=failed.pk) == 302
    failed.refresh_from_db()
    assert (failed.state, failed.told_by) == ("told", cast.DISPATCHER)
    assert Event.objects.filter(kind="message.told").get().params["number"] == failed.number
    assert "需电话通知" not in page(county)
    assert f"已电话通知 · 名{cast.DISPATCHER}" in page(county)


def test_it_is_sent_again_by_hand(failed: Message, county: Client) -> None:
    assert act(county, action="again", id=failed.pk) == 302
    failed.refresh_from_db()
    assert failed.state == "queued"


def test_another_county_sees_nothing_of_it_and_can_do_nothing(failed: Message, other: Client) -> None:
    queue(asked(1, subject_id="waits", params={"number": "WAITS"}))
    for query in ("", f"?q={failed.number}", "?channel=north", "?area=9001", "?outcome=refused"):
        text = page(other, query).replace(f'value="{failed.number}"', "").replace(f"?q={failed.number}", "")
        assert failed.number not in text
        assert ">north<" not in text
        assert "北县" not in text
    for action in ("told", "again"):
        assert act(other, action=action, id=failed.pk) == 404
    assert act(other, action="told_area", area="9001") == 404
    assert act(other, action="told_area", area="9") == 404
    failed.refresh_from_db()
    assert failed.state == "failed"
    assert Notice.objects.filter(subject_id="waits", state="queued").exists()


@pytest.mark.parametrize("action", ["add", "test", "on", "off"])
def test_channels_are_kept_by_the_citys_analyst_alone(failed: Message, county: Client, action: str) -> None:
    assert act(county, action=action, channel=failed.channel_id, kind="wecom", name="x", area="9001") == 404
    assert "添加通道" not in page(county)


def test_plants_and_strangers_have_no_business_here(failed: Message, enter: Any) -> None:
    plant = enter("p", f"manager-{cast.CHEATS}", Role.PLANT_MANAGER, f"enterprise:{cast.CHEATS}")
    keeper = enter("k", cast.MAYOR, Role.SYSTEM_MANAGER, "area:90")
    for client in (plant, keeper):
        assert client.get(reverse("notices")).status_code == 404
        assert act(client, action="told", id=failed.pk) == 404


def test_no_page_shows_an_address_or_a_secret(failed: Message, analyst: Client, county: Client) -> None:
    for client in (analyst, county):
        text = page(client)
        assert "north" in text
        assert "key-of-north" not in text
        assert "SECabcdef" not in text


def test_a_channel_is_added_tried_and_switched_off(
    analyst: Client, robots: Robots, courier: Courier, clock: FakeClock
) -> None:
    given = {
        "action": "add",
        "kind": "wecom",
        "name": "北县群",
        "area": "9001",
        "readers": "office",
        "order": "1",
    }
    assert act(analyst, **given, address="http://169.254.169.254/send?key=k") == 302
    assert not Channel.objects.exists()
    assert "主机不在允许之列" in page(analyst)
    assert act(analyst, **given, address=robots.wecom("k")) == 302
    made = Channel.objects.get()
    assert act(analyst, action="test", channel=made.pk) == 302
    drive(courier, clock, NOW, 2)
    assert "北县群" in robots.said[0].text
    text = page(analyst)
    assert robots.said[0].number in text
    assert "1 / 20" in text or "0 / 20" in text  # the fake clock is of another machine
    assert act(analyst, action="off", channel=made.pk) == 302
    assert not Channel.objects.get().active
    assert act(analyst, action="test", channel=made.pk) == 302
    assert Message.objects.count() == 1


def test_the_log_is_filtered_in_the_address(failed: Message, analyst: Client) -> None:
    assert "没有这样的发送" in page(analyst, "?outcome=sent")
    assert failed.number in page(analyst, f"?outcome=refused&area=9001&channel=north&q={failed.number}")


def test_what_no_channel_reaches_is_named_and_can_be_told_by_telephone(
    county: Client, town: cast.City
) -> None:
    queue(asked(3, emergency=True))
    assert "没有通道，请打电话" in page(county)
    assert act(county, action="told_area", area="9001") == 302
    assert set(Notice.objects.values_list("state", "why")) == {("dropped", "told by telephone")}
    assert "没有等待的通知" in page(county)


def test_what_a_forgotten_host_holds_is_seen_by_its_county_and_by_no_other(
    channel: Make,
    courier: Courier,
    clock: FakeClock,
    robots: Robots,
    settings: Any,
    analyst: Client,
    county: Client,
    other: Client,
) -> None:
    channel("north", "9001")
    settings.NOTICE_HOSTS = frozenset()
    queue(asked(2))
    drive(courier, clock, NOW, 2)
    for client in (analyst, county):
        text = page(client)
        assert text.count("1 条暂存") == 1, "the channel's line says so"
        assert text.count("暂存：通道的主机不在允许名单") == 1, "and the county's"
        assert text.count("未发：主机不在允许名单") == 1, "and the log"
        assert "LANTIAN_NOTICE_HOSTS" in text
    assert "主机不在允许名单" not in page(other)
    assert "暂存" not in page(other)
