"""The courier against robots that throttle, fail, answer late or not at all: nothing lost, nothing doubled silently."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from tests.lantian_web.notices.robots import FakeClock, Posted, Robots, drive
from tests.lantian_web.notices.test_queue import asked

from lantian.inventory import AreaKind
from lantian.periods import at
from lantian_web.inventory.models import Area
from lantian_web.notices import outbox, queries, rules
from lantian_web.notices.asking import queue
from lantian_web.notices.courier import Courier
from lantian_web.notices.models import Channel, Delivery, Message, Notice
from lantian_web.notices.outbox import Lane

pytestmark = [pytest.mark.django_db, pytest.mark.db, pytest.mark.slow]
Make = Callable[..., Channel]
NOON = at(date(2026, 12, 8), 12)


def said(robots: Robots) -> Counter[str]:
    return Counter(post.number for post in robots.said)


def outcomes() -> list[str]:
    return list(Delivery.objects.order_by("id").values_list("outcome", flat=True))


def most_in_a_window(posts: list[Posted], window: float = 60.0) -> int:
    """The most posts of one robot in any window of a minute."""
    worst = 0
    for robot in {post.path for post in posts}:
        times = sorted(post.at for post in posts if post.path == robot)
        worst = max(worst, max(sum(t - window < other <= t for other in times) for t in times))
    return worst


@pytest.fixture
def north(channel: Make) -> Channel:
    return channel("north", "9001")


class TestBadDays:
    @pytest.mark.slow
    def test_a_robot_that_answers_500_for_an_hour_loses_nothing(
        self, north: Channel, courier: Courier, clock: FakeClock, robots: Robots
    ) -> None:
        began = clock.s
        robots.behaviour = lambda post: (500, "oops") if clock.s - began < 3600 else None
        now = NOON
        for minute in range(75):
            queue(asked(1, subject_id=f"m{minute}", happened_at=now, params={"number": f"N{minute:03d}"}))
            now = drive(courier, clock, now, 60, beat=10)
        now = drive(courier, clock, now, 400, beat=10)
        assert not Notice.objects.filter(state="queued").exists()
        assert set(Message.objects.values_list("state", flat=True)) == {"sent"}
        text = "\n".join(post.text for post in robots.said)
        assert all(text.count(f"N{minute:03d}") == 1 for minute in range(75))
        assert set(said(robots).values()) == {1}
        tries = sum(post.at - began < 3600 for post in robots.got)
        assert 12 <= tries <= 25  # growing pauses, not a hammer
        assert Message.objects.order_by("id")[0].unsure == tries

    def test_a_throttled_robot_is_left_alone_for_its_pause(
        self, north: Channel, courier: Courier, clock: FakeClock, robots: Robots
    ) -> None:
        robots.behaviour = lambda post: (200, '{"errcode":45009}') if len(robots.got) == 1 else None
        queue(asked(1))
        drive(courier, clock, NOON, 120)
        first, second = robots.got
        assert second.at - first.at >= 60
        assert (outcomes(), Message.objects.get().unsure) == (["throttled", "sent"], 0)

    @pytest.mark.parametrize("how", ["late", "said_and_dropped"])
    def test_an_answer_that_never_came_is_marked_and_its_copy_bears_the_same_number(
        self,
        north: Channel,
        courier: Courier,
        clock: FakeClock,
        robots: Robots,
        how: str,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        hasty = lambda kind, on: replace(rules.limits(kind, on), timeout=0.2)  # noqa: E731
        monkeypatch.setattr(outbox, "limits", hasty)
        robots.behaviour = lambda post: how if len(robots.got) == 1 else None
        queue(asked(1))
        drive(courier, clock, NOON, 30)
        [message] = Message.objects.all()
        assert said(robots) == {message.number: 2}
        assert (message.state, message.unsure, message.tries) == ("sent", 1, 2)
        assert outcomes() == ["unsure", "sent"]

    @pytest.mark.parametrize("reply", ["drop", (200, "<html>"), (503, ""), (200, '{"errcode":-1}')])
    def test_what_did_not_arrive_comes_later_once(
        self, north: Channel, courier: Courier, clock: FakeClock, robots: Robots, reply: Any
    ) -> None:
        robots.behaviour = lambda post: reply if len(robots.got) < 4 else None
        queue(asked(1))
        drive(courier, clock, NOON, 60)
        assert set(said(robots).values()) == {1}
        assert outcomes()[-1] == "sent"
        assert len(robots.got) == 4

    def test_a_slow_robot_keeps_no_other_waiting(
        self, north: Channel, channel: Make, courier: Courier, clock: FakeClock, robots: Robots
    ) -> None:
        channel("south", "9002")
        robots.behaviour = lambda post: "late" if "north" in post.path else None
        queue([*asked(1), replace(asked(1, "9002")[0], subject_id="s", person_id="checker-s")])
        courier.step(NOON)
        for _ in range(100):
            courier.pause(0.1)
            courier.step(NOON)
            if Message.objects.filter(area_id="9002", state="sent").exists():
                break
        assert Message.objects.get(area_id="9001").state == "sending"
        courier.land(NOON)

    def test_a_port_that_breaks_stops_nobody(
        self,
        north: Channel,
        channel: Make,
        courier: Courier,
        clock: FakeClock,
        robots: Robots,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        channel("south", "9002")
        send = type(outbox.port_of("wecom")).send

        def broken(self: Any, robot: Any, *rest: Any) -> Any:
            if "north" in robot.address:
                raise RuntimeError("a fault of ours")
            return send(self, robot, *rest)

        monkeypatch.setattr(type(outbox.port_of("wecom")), "send", broken)
        queue([*asked(1), replace(asked(1, "9002")[0], subject_id="s", person_id="checker-s")])
        drive(courier, clock, NOON, 3)
        assert [post.path.rpartition("-")[2] for post in robots.said] == ["south"]
        assert Message.objects.get(area_id="9001").state == "unsure"


class TestFallback:
    def test_a_refused_message_goes_to_the_next_channel_then_to_a_person(
        self, north: Channel, channel: Make, courier: Courier, clock: FakeClock, robots: Robots
    ) -> None:
        channel("city", "90")
        robots.behaviour = lambda post: (200, '{"errcode":93000}') if "north" in post.path else None
        queue(asked(3))
        drive(courier, clock, NOON, 5)
        assert [(m.channel.name, m.state) for m in Message.objects.order_by("id")] == [
            ("north", "moved"),
            ("city", "sent"),
        ]
        robots.behaviour = lambda post: (200, '{"errcode":93000}')
        queue(asked(1, subject_id="later"))
        drive(courier, clock, NOON, 5)
        last = Message.objects.latest("id")
        assert (last.channel.name, last.state, last.notices.count()) == ("city", "failed", 1)

    @pytest.mark.slow
    def test_an_emergency_leaves_a_dead_robot_after_ten_minutes_and_later_ones_at_once(
        self, north: Channel, channel: Make, courier: Courier, clock: FakeClock, robots: Robots
    ) -> None:
        channel("city", "90")
        robots.behaviour = lambda post: (500, "") if "north" in post.path else None
        queue(asked(1, emergency=True, params={"number": "FIRST"}))
        queue(asked(1, subject_id="calm", params={"number": "CALM"}))
        now = drive(courier, clock, NOON, 1000, beat=5)
        assert ["FIRST" in post.text for post in robots.said] == [True]
        assert robots.said[0].at - 100_000 <= 600 + 300 + 10
        asked_at = clock.s
        queue(asked(1, emergency=True, subject_id="second", happened_at=now, params={"number": "SECOND"}))
        now = drive(courier, clock, now, 60, beat=5)
        assert "SECOND" in robots.said[-1].text
        assert robots.said[-1].at - asked_at <= 10
        robots.behaviour = lambda post: None
        drive(courier, clock, now, 400, beat=5)
        assert "CALM" in robots.said[-1].text
        assert "north" in robots.said[-1].path

    def test_after_a_day_of_trying_a_person_is_asked(
        self, north: Channel, courier: Courier, clock: FakeClock, robots: Robots
    ) -> None:
        robots.behaviour = lambda post: (500, "")
        queue(asked(1))
        drive(courier, clock, NOON, 5)
        clock.move(86_400)
        drive(courier, clock, NOON, 5)
        assert Message.objects.get().state == "failed"


class TestAllowedHosts:
    @pytest.mark.parametrize("emergency", [False, True])
    def test_a_channel_that_may_not_be_spoken_to_any_more_holds_what_it_has_and_says_why(
        self,
        north: Channel,
        courier: Courier,
        clock: FakeClock,
        robots: Robots,
        settings: Any,
        emergency: bool,
    ) -> None:
        allowed, settings.NOTICE_HOSTS = settings.NOTICE_HOSTS, frozenset()
        queue(asked(2, emergency=emergency))
        now = drive(courier, clock, NOON, 5)
        [message] = Message.objects.all()
        assert (message.state, robots.got) == ("queued", [])
        assert "127.0.0.1 is none of the hosts" in message.why
        assert list(Delivery.objects.values_list("outcome", "code")) == [("unreached", "not_allowed")]
        assert list(queries.held_messages()) == [message]
        queue(asked(40, subject_id="later", emergency=emergency, happened_at=now))
        now = drive(courier, clock, now, 3600, beat=5)
        assert 12 <= Delivery.objects.count() <= 25  # growing pauses, no busy loop
        assert set(Message.objects.values_list("state", flat=True)) == {"queued"}
        courier.close()
        settings.NOTICE_HOSTS = allowed
        other = Courier(clock)
        drive(other, clock, now, 400)
        other.close()
        assert set(Message.objects.values_list("state", flat=True)) == {"sent"}
        assert not Notice.objects.exclude(state="merged").exists()
        assert not queries.held_messages().exists()

    def test_what_is_held_for_a_day_is_given_up_for_the_telephone(
        self, north: Channel, courier: Courier, clock: FakeClock, robots: Robots, settings: Any
    ) -> None:
        settings.NOTICE_HOSTS = frozenset()
        queue(asked(1))
        drive(courier, clock, NOON, 5)
        clock.move(86_400)
        drive(courier, clock, NOON, 5)
        assert Message.objects.get().state == "failed"
        assert robots.got == []

    def test_where_no_later_channel_is_allowed_either_it_waits_for_its_own(
        self, north: Channel, channel: Make, courier: Courier, clock: FakeClock, robots: Robots, settings: Any
    ) -> None:
        channel("city", "90")
        allowed, settings.NOTICE_HOSTS = settings.NOTICE_HOSTS, frozenset()
        queue(asked(2))
        now = drive(courier, clock, NOON, 30)
        assert list(Message.objects.values_list("channel__name", "state")) == [("north", "queued")]
        settings.NOTICE_HOSTS = allowed
        drive(courier, clock, now, 400)
        assert [post.path.rpartition("-")[2] for post in robots.said] == ["north"]

    @pytest.fixture
    def gone(self, channel: Make, robots: Robots, settings: Any) -> Channel:
        """A channel of the city whose host is not allowed any more."""
        settings.NOTICE_HOSTS = frozenset({"127.0.0.1", "old.example"})
        made = channel("gone", "90", address="https://old.example/cgi-bin/webhook/send?key=key-of-old")
        settings.NOTICE_HOSTS = frozenset({"127.0.0.1"})
        return made

    def test_twelve_counties_are_told_by_the_next_channel_at_once(
        self, gone: Channel, channel: Make, courier: Courier, clock: FakeClock, robots: Robots
    ) -> None:
        channel("city", "90", order=2)
        for number in range(10, 22):
            Area.objects.create(id=f"90{number}", kind=AreaKind.COUNTY, name=f"{number}县", outline=[])
            queue(asked(1, f"90{number}", person_id="", unit_id="u-none", subject_id=f"s{number}"))
        drive(courier, clock, NOON, 20)
        assert set(Message.objects.values_list("channel__name", "state")) == {("city", "sent")}
        assert len(robots.said) == 12
        assert set(outcomes()) == {"sent"}

    def test_messages_made_for_it_before_go_to_the_next_channel_without_a_try(
        self, north: Channel, channel: Make, courier: Courier, clock: FakeClock, robots: Robots, settings: Any
    ) -> None:
        channel("city", "90")
        robots.behaviour = lambda post: (500, "") if "north" in post.path else None
        queue(asked(1))
        now = drive(courier, clock, NOON, 2)
        north.address = "https://old.example/cgi-bin/webhook/send?key=key-of-old"
        north.save()
        courier.close()
        other = Courier(clock)
        drive(other, clock, now, 5)
        other.close()
        assert sorted(Message.objects.values_list("channel__name", "state")) == [
            ("city", "sent"),
            ("north", "moved"),
        ]
        assert "is none of the hosts" in Message.objects.get(state="moved").why
        assert outcomes() == ["unsure", "sent"]

    def test_who_has_another_way_leaves_a_message_that_holds_others_back(
        self, channel: Make, courier: Courier, clock: FakeClock, robots: Robots
    ) -> None:
        first = channel("both", "9001", readers="all")
        channel("plants", "9001", readers="plants", order=2)
        robots.behaviour = lambda post: (500, "") if "both" in post.path else None
        queue(asked(1, params={"number": "OFFICE"}))
        queue(asked(1, subject_id="p", params={"number": "PLANT"}))
        Notice.objects.filter(subject_id="p").update(to_plant=True)
        now = drive(courier, clock, NOON, 2)
        assert Message.objects.get().notices_count == 2
        first.address = "https://old.example/cgi-bin/webhook/send?key=key-of-old"
        first.save()
        now = drive(courier, clock, now, 90)
        [post] = robots.said
        assert ("plants" in post.path, "PLANT" in post.text, "OFFICE" in post.text) == (True, True, False)
        held = Message.objects.get(channel=first)
        assert (held.state, [notice.params["number"] for notice in held.notices.all()]) == (
            "unsure",
            ["OFFICE"],
        )
        queue(asked(1, subject_id="later", happened_at=now, params={"number": "LATER"}))
        queue(asked(1, subject_id="q", happened_at=now, params={"number": "PLANT2"}))
        Notice.objects.filter(subject_id="q").update(to_plant=True)
        drive(courier, clock, now, 5)
        assert "PLANT2" in robots.said[-1].text
        assert "LATER" not in robots.said[-1].text

    def test_an_emergency_is_not_moved_to_a_channel_that_may_not_be_spoken_to(
        self, gone: Channel, north: Channel, courier: Courier, clock: FakeClock, robots: Robots
    ) -> None:
        began = clock.s
        robots.behaviour = lambda post: (500, "") if clock.s - began < 700 else None
        queue(asked(1, emergency=True, params={"number": "FIRST"}))
        now = drive(courier, clock, NOON, 650, beat=5)
        queue(asked(1, emergency=True, subject_id="s", happened_at=now, params={"number": "SECOND"}))
        drive(courier, clock, now, 400, beat=5)
        assert [("FIRST" in post.text, "SECOND" in post.text) for post in robots.said] == [
            (True, False),
            (False, True),
        ]
        assert set(Message.objects.values_list("channel__name", "state")) == {("north", "sent")}

    def test_a_refused_message_without_an_allowed_way_is_told_by_telephone(
        self, gone: Channel, north: Channel, courier: Courier, clock: FakeClock, robots: Robots
    ) -> None:
        robots.behaviour = lambda post: (200, '{"errcode":93000}')
        queue(asked(1))
        drive(courier, clock, NOON, 5)
        assert list(Message.objects.values_list("channel__name", "state")) == [("north", "failed")]

    def test_a_day_of_waiting_ends_for_all_channels_that_may_not_be_spoken_to_at_once(
        self, north: Channel, channel: Make, courier: Courier, clock: FakeClock, robots: Robots, settings: Any
    ) -> None:
        channel("city", "90")
        settings.NOTICE_HOSTS = frozenset()
        queue(asked(1))
        drive(courier, clock, NOON, 5)
        clock.move(86_400)
        drive(courier, clock, NOON, 5)
        assert list(Message.objects.values_list("channel__name", "state")) == [("north", "failed")]


class TestQuota:
    @pytest.mark.slow
    def test_a_red_alert_of_4709_orders_through_eighteen_robots(
        self, channel: Make, courier: Courier, clock: FakeClock, robots: Robots
    ) -> None:
        for number in range(18):
            area = f"90{number + 10}"
            Area.objects.create(id=area, kind=AreaKind.COUNTY, name=f"{number}县", outline=[])
            channel(f"robot-{number}", area)
        self.alert(robots, courier, clock, minutes=4)
        assert len(robots.got) < 300

    @pytest.mark.slow
    def test_and_through_a_single_one(
        self, channel: Make, courier: Courier, clock: FakeClock, robots: Robots
    ) -> None:
        for number in range(18):
            Area.objects.create(id=f"90{number + 10}", kind=AreaKind.COUNTY, name=f"{number}县", outline=[])
        channel("city", "90")
        self.alert(robots, courier, clock, minutes=16)
        assert most_in_a_window(robots.got) == 20  # and the quota is used

    def alert(self, robots: Robots, courier: Courier, clock: FakeClock, minutes: int) -> None:
        """4709 orders at once: all told, none twice, each robot within its quota, by the robot's own count."""
        robots.behaviour = robots.throttled(45009, hold=600)
        asks = [
            replace(
                ask,
                person_id="",
                unit_id="",
                area_id=f"90{n % 18 + 10}",
                emergency=True,
                params={"number": f"2026-1208-{n:04d}", "text": "立即停产，报送现场照片"},
            )
            for n, ask in enumerate(asked(4709))
        ]
        assert queue([replace(ask, unit_id="u-none") for ask in asks]) == 4709
        drive(courier, clock, NOON, minutes * 60, beat=2)
        assert Counter(outcomes()) == {"sent": len(robots.said)}
        assert not Notice.objects.exclude(state="merged").exists()
        assert sum(Message.objects.values_list("notices_count", flat=True)) == 4709
        numbers = Counter(re.findall(r"2026-1208-\d{4}", "\n".join(post.text for post in robots.said)))
        assert len(numbers) == 4709
        assert set(numbers.values()) == {1}
        assert most_in_a_window(robots.got) <= 20

    @pytest.mark.slow
    @pytest.mark.parametrize("jump", [timedelta(hours=-30), timedelta(days=40)])
    def test_a_clock_that_jumps_neither_breaks_the_quota_nor_stops_the_courier(
        self, north: Channel, courier: Courier, clock: FakeClock, robots: Robots, jump: timedelta
    ) -> None:
        robots.behaviour = robots.throttled(45009)
        self.many(60)
        now = drive(courier, clock, NOON, 10)
        assert len(robots.said) == 20
        clock.shift = jump
        courier.close()
        other = Courier(clock)  # and it starts anew: all it has is the log
        drive(other, clock, now, 180)
        other.close()
        assert Counter(outcomes()) == {"sent": 60}
        assert most_in_a_window(robots.got) == 20

    def test_after_a_restart_the_log_still_counts(
        self, north: Channel, courier: Courier, clock: FakeClock, robots: Robots
    ) -> None:
        self.many(45)
        now = drive(courier, clock, NOON, 20, beat=1)
        assert len(robots.got) == 20
        other = Courier(clock)
        now = drive(other, clock, now, 30)
        assert len(robots.got) == 20
        drive(other, clock, now, 100)
        other.close()
        assert len(robots.got) == 45
        assert most_in_a_window(robots.got) == 20

    def test_one_robot_of_two_counties_has_one_quota(
        self, north: Channel, channel: Make, courier: Courier, clock: FakeClock, robots: Robots
    ) -> None:
        channel("south", "9002", address=robots.wecom("key-of-north"))
        self.many(30)
        queue(
            [
                replace(ask, subject_id=f"s{n}", person_id="checker-s", area_id="9002")
                for n, ask in enumerate(asked(1))
            ]
        )
        drive(courier, clock, NOON, 58, beat=1)
        assert len(robots.got) == 20

    def many(self, count: int) -> None:
        """Messages that cannot be merged: they are made already."""
        channel = Channel.objects.get(name="north")
        for number in range(count):
            Message.objects.create(
                area_id="9001",
                number=f"M20261208-{number:04d}",
                channel=channel,
                state="queued",
                style="text",
                title="",
                body=f"M20261208-{number:04d}",
                made_at=NOON,
            )


class TestCrash:
    def test_a_message_whose_courier_died_is_sent_again_and_said_to_be_unsure(
        self, north: Channel, courier: Courier, clock: FakeClock, robots: Robots
    ) -> None:
        queue(asked(1))
        [lanes] = outbox.lanes(NOON, outbox.Routes()).values()
        lane: Lane = lanes[0]
        taken = outbox.take(lane, "died", NOON, clock.wall(), clock.tick())
        assert taken is not None
        drive(courier, clock, NOON, 20)
        assert robots.said == []  # somebody else is sending it, for all this courier knows
        other = Courier(clock)
        drive(other, clock, NOON, 20)
        other.close()
        [message] = Message.objects.all()
        assert (message.state, message.unsure, said(robots)) == ("sent", 1, {taken.number: 1})
        assert list(Delivery.objects.order_by("id").values_list("outcome", "code")) == [
            ("unsure", "crash"),
            ("sent", "0"),
        ]

    def test_a_person_who_decides_meanwhile_has_the_last_word(
        self, north: Channel, courier: Courier, clock: FakeClock, robots: Robots
    ) -> None:
        queue(asked(1))
        courier.step(NOON)
        Message.objects.update(state="told")
        courier.land(NOON)
        assert Message.objects.get().state == "told"
