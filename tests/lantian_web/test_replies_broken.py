"""Replies broken on purpose: names in names, odd bytes and times, forged XML, a sign-for under another's name."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from tests.lantian_web import cast
from tests.lantian_web.test_replies import NOW, SOON, own, says

from lantian.errors import DataError, RightsError
from lantian.records import TaskState
from lantian_web.accounts.models import Person
from lantian_web.events.models import Cursor
from lantian_web.notices.commands import set_handles
from lantian_web.orders.models import Decision
from lantian_web.replies import commands, deciding, files, wecom
from lantian_web.replies.inlets import add_inlet, crowded
from lantian_web.replies.looking import Said
from lantian_web.replies.models import InletKind, Use

pytestmark = [pytest.mark.django_db, pytest.mark.db, pytest.mark.slow]


@pytest.mark.parametrize(
    ("sender", "known"),
    [
        ("王明", True),
        ("王明强", False),
        ("欧王明", False),
        ("王明（外协）", True),
        ("cheats厂王明", True),
        ("北县-王明", True),
        ("王明环保负责人", True),
        ("北县王明华主任", False),
    ],
)
def test_a_name_within_another_name_is_a_stranger(ordered: Decision, sender: str, known: bool) -> None:
    Person.objects.filter(pk="manager-cheats").update(name="王明")
    reply = commands.take(Said(sender, "收到", SOON), "90", NOW)[0]
    assert (reply.person_id == "manager-cheats") is known
    assert (own(cast.CHEATS).state == TaskState.CLAIMED) is known


def test_a_nickname_does_not_make_somebody_else(ordered: Decision) -> None:
    set_handles([("manager-cheats", "dingtalk", "staff-1")])
    Person.objects.filter(pk="manager-obeys").update(phone="13812345678")
    for nick in ("名manager-cheats", "13812345678"):
        said = Said(nick, "收到", SOON, kind="dingtalk", handle="staff-99")
        assert commands.take(said, "90", NOW)[0].why == "stranger"
    assert own(cast.CHEATS).state == own(cast.OBEYS).state == TaskState.ISSUED


@pytest.mark.parametrize("year", [1, 1990, 9999])
def test_a_time_that_cannot_be_waits_for_a_person(ordered: Decision, year: int) -> None:
    reply = says("manager-cheats", "收到", datetime(year, 1, 1, tzinfo=UTC))
    assert (reply.state, reply.why) == ("waiting", "no time")


@pytest.mark.parametrize("odd", ["\ud800", "\x00"])
def test_half_characters_are_no_fault_of_ours(ordered: Decision, odd: str) -> None:
    reply = says("manager-cheats", f"收到{odd}")
    reply.refresh_from_db()
    assert odd not in reply.text
    assert reply.state in ("taken", "waiting")


def test_a_cell_as_big_as_a_book_is_refused(ordered: Decision) -> None:
    data = b'a,b,c\n"' + b"x" * 200_000
    with pytest.raises(DataError):
        files.preview(data, "a.csv", "90", NOW)


@pytest.mark.parametrize("encoding", ["utf-16", "cp037"])
def test_entities_in_another_encoding_are_entities(encoding: str) -> None:
    told = '<!DOCTYPE x [<!ENTITY a "aaaa">]><xml><Encrypt>&a;</Encrypt></xml>'
    data = told.encode(encoding)
    if encoding == "cp037":
        data = b'<?xml version="1.0" encoding="cp037"?>' + data
    with pytest.raises(DataError):
        wecom.cipher_in(data)


def test_a_reply_signs_for_its_sender_and_nobody_else(ordered: Decision) -> None:
    reply = says("manager-cheats", "收到吗")
    assert reply.state == "waiting"
    with pytest.raises(RightsError):
        deciding.settle(reply.pk, Use.SIGNED, [own(cast.OBEYS).id], "manager-obeys", cast.DISPATCHER, NOW)
    assert own(cast.OBEYS).state == TaskState.ISSUED


def test_the_rate_is_counted_where_every_process_reads_it(ordered: Decision) -> None:
    inlet = add_inlet(InletKind.DINGTALK, "群", "90", "secret", cast.ANALYST, NOW)
    assert [crowded(inlet, NOW, 2) for _ in range(3)] == [False, False, True]
    assert Cursor.objects.get(name=f"inlet:{inlet.pk}").value == 3
    assert not crowded(inlet, NOW.replace(minute=(NOW.minute + 1) % 60), 2)
