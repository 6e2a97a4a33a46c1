"""What has to be said is queued once, for who has to hear it, and merged into few messages."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.urls import reverse
from tests.lantian_web import cast
from tests.lantian_web.notices.robots import FakeClock, Robots, drive

from lantian.errors import DataError, TransitionError
from lantian.periods import at
from lantian.records import Outcome, RequestKind
from lantian_web.accounts.models import Person
from lantian_web.events.commands import NewEvent, set_cursor
from lantian_web.events.models import Event
from lantian_web.letters.commands import silence
from lantian_web.letters.models import Match
from lantian_web.notices import commands, queries, wording
from lantian_web.notices.asking import Ask, ask_for, queue
from lantian_web.notices.courier import Courier
from lantian_web.notices.digests import make_digests
from lantian_web.notices.models import Channel, Message, Notice, Readers
from lantian_web.notices.routes import Routes
from lantian_web.notices.rules import digest_slot, quiet_until
from lantian_web.orders.models import Decision
from lantian_web.tasks import commands as tasks
from lantian_web.tasks import turning
from lantian_web.tasks.asking import ask
from lantian_web.tasks.models import Task
from lantian_web.tasks.sending import Target, send
from lantian_web.verdicts import commands as verdicts

pytestmark = [pytest.mark.django_db, pytest.mark.db, pytest.mark.slow]
Make = Callable[..., Channel]
SOON = cast.SIGNED + timedelta(minutes=52)  # after the evening digest
NIGHT = at(date(2026, 12, 7), 23)


def own(plant: str = cast.CHEATS) -> Task:
    return Task.objects.filter(enterprise_id=plant, kind="carry_out").get()


def asked(n: int, area: str = "9001", **changes: Any) -> list[Ask]:
    """`n` things that people of the county have to hear."""
    made = [
        Ask(
            "task.opened",
            "task",
            f"t{i:05d}",
            cast.SIGNED,
            "person",
            cast.CHECKER,
            "",
            area,
            params={"number": f"N{i}"},
        )
        for i in range(n)
    ]
    return [replace(ask, **changes) for ask in made]


def texts(robots: Robots) -> list[str]:
    return [post.text for post in robots.said]


class TestWhoHears:
    def test_the_responsible_person_of_every_new_task(self, ordered: Decision) -> None:
        told = set(Notice.objects.values_list("subject_id", "person_id"))
        assert told == set(Task.objects.values_list("id", "person_id"))
        notice = Notice.objects.get(subject_id=own().id)
        assert (notice.area_id, notice.to_area_id, notice.to_plant, notice.emergency) == (
            "9001",
            "9001",
            True,
            True,
        )

    def test_each_rung_is_told_to_whom_the_ladder_names(self, ordered: Decision) -> None:
        tasks.run_clocks(cast.SIGNED + timedelta(minutes=50))
        assert set(Notice.objects.filter(event="task.escalated").values_list("audience", flat=True)) == {
            "person"
        }
        tasks.run_clocks(cast.SIGNED + timedelta(minutes=60))
        mine = Notice.objects.filter(subject_id=own().id, event="task.escalated", params__step="yellow")
        assert set(mine.values_list("person_id", flat=True)) == {cast.LEADER, f"manager-{cast.CHEATS}"}
        tasks.run_clocks(cast.SIGNED + timedelta(minutes=120))
        red = Notice.objects.filter(subject_id=own().id, event="task.escalated", params__step="red")
        office = red.get(audience="city_office")
        assert (office.person_id, office.to_unit_id, office.to_area_id) == ("", "u-city", "90")

    def test_who_did_it_need_not_be_told(self, ordered: Decision) -> None:
        task = own()
        event = NewEvent("task.returned", task.person_id, SOON, "task", task.id, area_id="9001", params={})
        assert ask_for([event]) == 0

    def test_the_same_event_again_queues_nothing(self, ordered: Decision) -> None:
        before = Notice.objects.count()
        rows = Event.objects.filter(kind="task.opened")
        again = [
            NewEvent(e.kind, e.actor, e.happened_at, e.subject_kind, e.subject_id, e.area_id, params=e.params)
            for e in rows
        ]
        assert (ask_for(again), ask_for(again)) == (0, 0)
        assert Notice.objects.count() == before

    def test_a_task_that_goes_back_twice_is_told_twice(self, ordered: Decision) -> None:
        for hour in (1, 3):
            now = cast.STARTS + timedelta(hours=hour)
            tasks.claim([own().id], own().person_id, now)
            tasks.answer([(own().id, "已停产")], own().person_id, now)
            verdicts.check([(own().id, Outcome.NOT_COMPLIED, False, "未见停产")], cast.CHECKER, now)
        back = Notice.objects.filter(event="task.returned", subject_id=own().id)
        assert [notice.params["reason"] for notice in back] == ["未见停产", "未见停产"]


class TestRoutes:
    def test_a_county_goes_before_the_city_and_a_unit_before_both(self, channel: Make) -> None:
        city, county = channel("city", "90"), channel("north", "9001")
        unit = channel("bureau", "9001", unit_id="u-n-bureau")
        second = channel("second", "9001", order=2)
        routes = Routes()
        assert list(routes.of("9001", "u-n-bureau", False)) == [unit, county, second, city]
        assert list(routes.of("9001", "u-n-office", False)) == [county, second, city]
        assert list(routes.of("9002", "u-s-office", False)) == [city]
        assert list(routes.of("90", "u-city", False)) == [city]

    def test_what_offices_hear_is_not_written_where_plants_read_alone(self, channel: Make) -> None:
        office = channel("office", "9001")
        plants = channel("plants", "9001", readers=Readers.PLANTS)
        routes = Routes()
        assert list(routes.of("9001", "u-cheats", True)) == [plants, office]
        assert list(routes.of("9001", "u-n-bureau", False)) == [office]

    def test_two_areas_may_share_a_robot_but_no_channel_a_name(self, channel: Make, robots: Robots) -> None:
        one = channel("north", "9001")
        two = channel("south", "9002", address=robots.wecom("key-of-north"))
        assert one.robot == two.robot
        with pytest.raises(DataError, match="already"):
            channel("north", "9002")


class TestMerging:
    def test_one_message_for_a_county_worst_first_with_numbers_links_and_people(
        self, ordered: Decision, channel: Make, courier: Courier, clock: FakeClock, robots: Robots
    ) -> None:
        channel("north", "9001")
        Person.objects.filter(id=f"manager-{cast.CHEATS}").update(phone="13800000001")
        tasks.run_clocks(cast.SIGNED + timedelta(minutes=60))
        drive(courier, clock, cast.SIGNED + timedelta(minutes=61), 3)
        [message] = Message.objects.all()
        [post] = robots.said
        assert message.state == "sent"
        assert message.notices_count == Notice.objects.filter(to_area_id="9001").count() > 4
        for task in Task.objects.filter(area_id="9001"):
            assert post.text.count(task.number) == 1
        assert "黄单" in post.text
        assert "【应急】" in post.text
        assert post.payload["text"]["mentioned_mobile_list"] == ["13800000001"]
        assert message.number in post.text
        assert "https://lantian.example/tasks/?area=9001" in post.text
        assert "far厂" not in post.text  # the other county's plant
        assert Notice.objects.filter(to_area_id="9002", state="queued").exists()

    def test_a_message_never_grows_over_the_limit_and_none_is_left_out(
        self, channel: Make, courier: Courier, clock: FakeClock, robots: Robots
    ) -> None:
        channel("north", "9001")
        queue(asked(300, params={"number": "2026-1207-0001", "text": "立即停产并报送现场照片" * 9}))
        drive(courier, clock, cast.SIGNED, 90)
        assert {n.state for n in Notice.objects.all()} == {"merged"}
        assert sum(message.notices_count for message in Message.objects.all()) == 300
        sizes = [len(post.text.encode()) for post in robots.said]
        assert max(sizes) <= 4096
        assert min(sizes[:-1]) > 3000  # and they are filled

    def test_every_text_of_one_task_is_said(
        self, ordered: Decision, channel: Make, courier: Courier, clock: FakeClock, robots: Robots
    ) -> None:
        """Two questions of one minute, as an export shows them, and what else has happened to the task."""
        channel("city", "90")
        task = own()
        for said in ("烘干也要停吗", "几号之前要报"):
            ask(task.id, RequestKind.QUESTION, said, None, task.person_id, SOON)
        ask(task.id, RequestKind.APPEAL, "我们是民生企业", None, task.person_id, SOON)
        Notice.objects.exclude(subject_id=task.id).delete()
        Notice.objects.filter(event="task.opened").update(to_area_id="90")
        drive(courier, clock, SOON, 3)
        said = "\n".join(texts(robots))
        for text in ("烘干也要停吗", "几号之前要报", "我们是民生企业", "新任务"):
            assert said.count(text) == 1
        assert said.count(task.number) == len(robots.said)
        assert not Notice.objects.exclude(state="merged").exists()

    def test_too_many_texts_of_one_task_are_counted_and_stay_within_the_limit(
        self, ordered: Decision, channel: Make, courier: Courier, clock: FakeClock, robots: Robots
    ) -> None:
        channel("city", "90")
        Person.objects.filter(unit_id="u-city").update(phone="13800000000")
        task, count = own(), 30
        Task.objects.filter(pk=task.pk).update(opened_by=cast.ANALYST, emergency=False)
        Notice.objects.all().delete()
        for n in range(count):
            ask(
                task.id,
                RequestKind.QUESTION,
                f"问{n:02d}" + "烘干也要停吗🏭" * 12,
                None,
                task.person_id,
                SOON + timedelta(seconds=n),
            )
        drive(courier, clock, SOON + timedelta(minutes=1), 3)
        [post] = robots.said
        assert post.payload["msgtype"] == "text"
        assert 1000 < len(post.text.encode()) <= 2048
        shown = re.findall(r"问\d\d", post.text)
        assert shown == [f"问{n:02d}" for n in range(len(shown))]
        assert len(shown) >= 2
        assert f"还有 {count - len(shown)} 条" in post.text

    def test_a_line_that_is_too_long_alone_is_said_all_the_same(
        self, channel: Make, courier: Courier, clock: FakeClock, robots: Robots
    ) -> None:
        channel("north", "9001")
        queue(asked(1, params={"number": "N0" + "长" * 1500}))
        drive(courier, clock, cast.SIGNED, 3)
        [text] = texts(robots)
        assert "N0" in text
        assert "还有" not in text

    def test_one_nag_says_the_lower_ones(
        self, ordered: Decision, channel: Make, courier: Courier, clock: FakeClock, robots: Robots
    ) -> None:
        Notice.objects.all().delete()
        tasks.run_clocks(cast.SIGNED + timedelta(minutes=50))
        tasks.run_clocks(cast.SIGNED + timedelta(minutes=60))
        channel("north", "9001")
        drive(courier, clock, cast.SIGNED + timedelta(minutes=61), 3)
        [text] = texts(robots)
        assert ("黄单" in text, "另有" in text) == (True, False)

    def test_counties_never_share_a_message(
        self, channel: Make, courier: Courier, clock: FakeClock, robots: Robots
    ) -> None:
        channel("city", "90")
        south = replace(
            asked(1)[0], subject_id="s", person_id="checker-s", area_id="9002", params={"number": "SOUTH"}
        )
        queue([*asked(2), south])
        drive(courier, clock, cast.SIGNED, 3)
        assert [("N0" in text, "SOUTH" in text) for text in texts(robots)] in (
            [(True, False), (False, True)],
            [(False, True), (True, False)],
        )

    def test_a_plant_does_not_read_where_somebody_will_look(
        self, ordered: Decision, channel: Make, courier: Courier, clock: FakeClock, robots: Robots
    ) -> None:
        channel("everybody", "9001", readers=Readers.ALL)
        task = own()
        Task.objects.filter(pk=task.pk).update(enterprise_id="", about_id=cast.CHEATS, text="夜查欺骗厂")
        drive(courier, clock, SOON, 3)
        [text] = texts(robots)
        assert task.number in text
        assert "cheats厂" not in text
        assert "夜查" not in text
        assert "obeys厂" in text

    def test_what_ended_meanwhile_is_not_said(
        self, ordered: Decision, channel: Make, courier: Courier, clock: FakeClock, robots: Robots
    ) -> None:
        channel("north", "9001")
        Task.objects.filter(pk=own().pk).update(state="closed", next_due_at=None)
        drive(courier, clock, SOON, 3)
        assert own().number not in texts(robots)[0]
        assert Notice.objects.get(subject_id=own().pk).why == "ended"

    def test_nobody_is_reminded_of_what_was_done_or_silenced(
        self,
        ordered: Decision,
        channel: Make,
        courier: Courier,
        clock: FakeClock,
        robots: Robots,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        tasks.run_clocks(cast.SIGNED + timedelta(minutes=50))
        Notice.objects.filter(event="task.opened").delete()
        tasks.claim([own().id], own().person_id, cast.SIGNED + timedelta(minutes=52))
        quiet = own(cast.OBEYS)
        monkeypatch.setattr("lantian_web.notices.merging.silenced_tasks", lambda rows, now: {quiet.id})
        channel("north", "9001")
        drive(courier, clock, cast.SIGNED + timedelta(minutes=53), 3)
        whys = dict(Notice.objects.filter(to_area_id="9001").values_list("subject_id", "why"))
        assert (whys[own().id], whys[quiet.id]) == ("done", "silenced")
        assert own().number not in texts(robots)[0]

    def test_a_play_says_so(self, channel: Make, courier: Courier, clock: FakeClock, robots: Robots) -> None:
        set_cursor("play", 1, '{"drill": true}')
        channel("north", "9001")
        queue(asked(1))
        drive(courier, clock, cast.SIGNED, 2)
        assert "【演练】" in texts(robots)[0]

    def test_mail_holds_one_persons_matters(self, channel: Make, town: cast.City, settings: Any) -> None:
        settings.NOTICE_HOSTS = frozenset({"127.0.0.1"})
        channel("mail", "9001", kind="mail", address="smtp+plain://127.0.0.1:9?from=a@b.example")
        queue([*asked(3), *asked(2, person_id=cast.SECOND_CHECKER)])
        made = Courier(FakeClock(cast.SIGNED))
        made.step(cast.SIGNED)
        made.land(cast.SIGNED)
        made.close()
        assert {n.person_id for n in Message.objects.get().notices.all()} in (
            {cast.CHECKER},
            {cast.SECOND_CHECKER},
        )


class TestQuietHours:
    @pytest.mark.parametrize(
        ("hour", "minute", "ends"),
        [(22, 0, 7), (23, 59, 7), (0, 0, 7), (6, 59, 7), (7, 0, None), (21, 59, None), (12, 0, None)],
    )
    def test_a_night_runs_over_midnight(self, hour: int, minute: int, ends: int | None) -> None:
        found = quiet_until(at(date(2026, 12, 7), hour, minute))
        day = date(2026, 12, 8) if hour >= 22 else date(2026, 12, 7)
        assert found == (None if ends is None else at(day, ends))

    def test_routine_ones_rest_and_emergencies_do_not(
        self, channel: Make, courier: Courier, clock: FakeClock, robots: Robots
    ) -> None:
        channel("north", "9001")
        queue(asked(3, happened_at=NIGHT, subject_id="routine"))
        queue(asked(1, happened_at=NIGHT, emergency=True, params={"number": "URGENT"}))
        drive(courier, clock, NIGHT, 5)
        assert len(robots.said) == 1
        assert "URGENT" in texts(robots)[0]
        drive(courier, clock, at(date(2026, 12, 8), 7), 5)
        assert len(robots.said) == 2

    def test_an_emergency_goes_first(
        self, channel: Make, courier: Courier, clock: FakeClock, robots: Robots
    ) -> None:
        channel("north", "9001")
        queue(asked(5, happened_at=cast.SIGNED - timedelta(hours=9), weight=99))
        queue(asked(1, emergency=True, subject_id="x", params={"number": "URGENT"}))
        drive(courier, clock, cast.SIGNED, 3)
        assert ["URGENT" in text for text in texts(robots)] == [True, False]


class TestDigest:
    MORNING = at(date(2026, 12, 8), 8, 3)

    def test_once_per_leader_worst_first(
        self, ordered: Decision, channel: Make, courier: Courier, clock: FakeClock, robots: Robots
    ) -> None:
        Notice.objects.all().delete()
        channel("north", "9001")
        late = own(cast.REDUCES)
        Task.objects.filter(pk=late.pk).update(next_due_at=self.MORNING - timedelta(hours=20))
        assert make_digests(self.MORNING) == 2  # the leaders of both counties; plants get none
        assert make_digests(self.MORNING + timedelta(minutes=1)) == 0
        drive(courier, clock, self.MORNING, 3)
        [text] = texts(robots)
        numbers = [task.number for task in Task.objects.filter(area_id="9001")]
        assert "名leader-n" in text
        assert min(numbers, key=text.index) == late.number
        assert all(number in text for number in numbers)

    def test_nothing_to_say_nothing_sent(self, town: cast.City) -> None:
        assert make_digests(self.MORNING) == 0
        assert not Notice.objects.exists()

    def test_twice_a_day_and_never_at_another_time(self) -> None:
        def slot(hour: int, minute: int = 0) -> int | None:
            return digest_slot(at(date(2026, 12, 8), hour, minute))

        assert [slot(7, 59), slot(12), slot(10), slot(19, 30), slot(0)] == [None] * 5
        morning, evening = slot(8), slot(17, 30)
        assert morning is not None
        assert evening is not None
        assert morning < evening

    def test_a_clock_set_back_repeats_none(self, ordered: Decision) -> None:
        assert make_digests(self.MORNING + timedelta(days=1)) > 0
        assert make_digests(self.MORNING) == 0

    def test_a_clock_that_ran_a_year_ahead_and_came_back_keeps_nobody_waiting(
        self, ordered: Decision
    ) -> None:
        assert make_digests(self.MORNING + timedelta(days=365)) > 0
        assert make_digests(self.MORNING) > 0
        assert make_digests(self.MORNING) == 0

    def test_what_waits_for_a_checker_is_not_in_it_and_what_is_silenced_is_counted_on(
        self, ordered: Decision
    ) -> None:
        Task.objects.filter(enterprise_id=cast.OBEYS).update(state="answered")
        Task.objects.update(emergency=False)
        silence(Match.AREA, "9001", "停产检修", self.MORNING + timedelta(days=1), cast.ANALYST, cast.SIGNED)
        assert queries.silenced_tasks([own()], self.MORNING) == {own().id}
        make_digests(self.MORNING)
        mine = Notice.objects.get(event="digest", person_id=cast.LEADER)
        assert mine.params["open"] == 3
        assert own().id in mine.params["tasks"]
        assert own(cast.OBEYS).id not in mine.params["tasks"]

    def test_what_waits_for_the_sender_is_in_the_digest_of_the_senders_office(
        self, town: cast.City, channel: Make, courier: Courier, clock: FakeClock, robots: Robots
    ) -> None:
        channel("city", "90")
        then = self.MORNING - timedelta(days=4)
        places = [Target("area", "9001"), Target("area", "9002")]
        declined, held = (
            Task.objects.get(id=one.task_id) for one in send("routine", "去看看", places, cast.ANALYST, then)
        )
        far = Task.objects.get(
            id=send("special", "看别的", places[:1], cast.ANALYST, then)[0].task_id,
        )
        tasks.claim([held.id], held.person_id, then)
        tasks.claim([far.id], far.person_id, then)
        turning.decline([(declined.id, "不归我们")], declined.person_id, then)
        look = self.MORNING.date() - timedelta(days=1)
        turning.hold([(held.id, look, "等大修")], cast.ANALYST, then)
        turning.hold([(far.id, look + timedelta(days=9), "等大修")], cast.ANALYST, then)
        Notice.objects.all().delete()
        assert make_digests(self.MORNING) == 1
        [notice] = Notice.objects.filter(event="digest")
        assert (notice.unit_id, notice.params["open"]) == ("u-city", 2)
        assert set(notice.params["tasks"]) == {declined.id, held.id}
        assert notice.params["late"] == 2
        drive(courier, clock, self.MORNING, 3)
        [text] = texts(robots)
        assert re.search(rf"{declined.number}.*对方不接收，等下令方处理", text)
        assert re.search(rf"{held.number}.*挂账，{look:%m-%d} 该看", text)
        assert far.number not in text

    def test_one_too_long_for_the_channel_says_its_worst_and_leads_to_the_rest(
        self, ordered: Decision, channel: Make, courier: Courier, clock: FakeClock, robots: Robots
    ) -> None:
        channel("north", "9001")
        Person.objects.filter(id=cast.LEADER).update(phone="13800000000")  # so it is a text, of 2048 bytes
        Task.objects.update(text="请立即核查🏭" * 40, emergency=False)
        Notice.objects.all().delete()
        Task.objects.filter(unit_id="u-n-office").delete()
        make_digests(self.MORNING)
        drive(courier, clock, self.MORNING, 10)
        said = next(text for text in texts(robots) if "名leader-n" in text)
        assert 1000 < len(said.encode()) <= 2048
        assert "/tasks/?area=9001" in said


class TestPeople:
    def test_a_message_is_told_by_telephone_or_sent_again(
        self, channel: Make, courier: Courier, clock: FakeClock, robots: Robots
    ) -> None:
        channel("north", "9001")
        queue(asked(1))
        robots.behaviour = lambda post: (200, '{"errcode":93000,"errmsg":"invalid webhook url"}')
        drive(courier, clock, cast.SIGNED, 3)
        [message] = Message.objects.all()
        assert (message.state, message.tries) == ("failed", 1)
        assert "93000" in message.why
        assert Event.objects.filter(kind="message.failed").count() == 1
        robots.behaviour = lambda post: None
        [answer] = commands.send_again([message.pk], cast.ANALYST, SOON)
        assert answer.done
        drive(courier, clock, cast.SIGNED, 3)
        message.refresh_from_db()
        assert message.state == "sent"
        assert {post.number for post in robots.got} == {message.number}
        [answer] = commands.told([message.pk], cast.ANALYST, SOON)
        assert isinstance(answer.why, TransitionError)

    def test_what_was_told_by_telephone_is_not_sent_any_more(
        self, channel: Make, courier: Courier, clock: FakeClock, robots: Robots
    ) -> None:
        channel("north", "9001")
        queue(asked(1))
        robots.behaviour = lambda post: (500, "")
        drive(courier, clock, cast.SIGNED, 2)
        [message] = Message.objects.all()
        commands.told([message.pk], cast.DISPATCHER, SOON)
        robots.behaviour = lambda post: None
        drive(courier, clock, cast.SIGNED, 60)
        message.refresh_from_db()
        assert (message.state, message.told_by, message.told_at) == ("told", cast.DISPATCHER, SOON)
        assert robots.said == []

    def test_a_test_message(self, channel: Make, courier: Courier, clock: FakeClock, robots: Robots) -> None:
        made = commands.send_test(channel("north", "9001").pk, cast.ANALYST, NIGHT)
        drive(courier, clock, NIGHT, 2)
        assert robots.said[0].number == made.number

    def test_switching_a_channel_off_gives_its_messages_to_the_next(
        self, channel: Make, courier: Courier, clock: FakeClock, robots: Robots
    ) -> None:
        dead, city = channel("north", "9001"), channel("city", "90")
        queue(asked(2))
        robots.behaviour = lambda post: (500, "") if "north" in post.path else None
        drive(courier, clock, cast.SIGNED, 3)
        commands.switch(dead.pk, False, cast.ANALYST, SOON)
        drive(courier, clock, cast.SIGNED, 3)
        assert [post.path.rpartition("-")[2] for post in robots.said] == ["city"]
        assert set(Notice.objects.values_list("message__channel_id", flat=True)) == {city.pk}

    def test_no_event_and_no_print_holds_an_address(self, channel: Make) -> None:
        made = channel("north", "9001", secret="SECabcdef")
        kept = str(list(Event.objects.values())) + str(made) + repr(made)
        assert "key-of-north" not in kept
        assert "SECabcdef" not in kept

    def test_names_are_put_all_or_none(self, town: cast.City) -> None:
        rows = [(cast.LEADER, "wecom", "zhang"), (cast.CHECKER, "mail", "c@b.example")]
        assert commands.set_handles(rows) == 2
        assert queries.person_of("wecom", "zhang") == cast.LEADER
        for bad in [("nobody", "wecom", "x"), (cast.LEADER, "pigeon", "x"), (cast.LEADER, "wecom", "<@all>")]:
            with pytest.raises(DataError):
                commands.set_handles([(cast.LEADER, "wecom", "other"), bad])
        assert queries.person_of("wecom", "other") == ""
        commands.set_handles([(cast.LEADER, "wecom", "")])
        assert queries.person_of("wecom", "zhang") == ""


def test_a_channel_that_comes_late_finds_emergencies_and_no_stale_routine(
    channel: Make, courier: Courier, clock: FakeClock, robots: Robots
) -> None:
    queue(asked(3, subject_id="old"))
    queue(asked(1, emergency=True, params={"number": "URGENT"}))
    later: datetime = cast.SIGNED + timedelta(days=3)
    drive(courier, clock, later, 2)
    channel("north", "9001")
    drive(courier, clock, later, 2)
    assert Notice.objects.get(subject_id="old").why == "no channel"
    assert ["URGENT" in text for text in texts(robots)] == [True]


def test_a_message_leads_back_to_its_tasks(
    ordered: Decision, channel: Make, courier: Courier, clock: FakeClock
) -> None:
    channel("north", "9001")
    drive(courier, clock, SOON, 3)
    message = queries.message_of(Message.objects.get().number)
    assert message is not None
    wanted: Sequence[str] = sorted(Task.objects.filter(area_id="9001").values_list("id", flat=True))
    assert queries.tasks_of(message) == wanted


def test_the_addresses_in_notices_are_those_of_the_console(settings: Any) -> None:
    settings.BASE_URL = "https://x"
    words = wording.Words(SOON, {})
    assert wording.list_line("9001", SOON).url == f"https://x{reverse('tasks')}?area=9001&state=open"
    assert wording._url("task_1") == f"https://x{reverse('case', args=['task_1'])}"
    assert (
        words.lines([Notice(event="letter.sent", subject_id="L1", params={"title": "督办单"})])[0].text
        == "L1 督办单"
    )
