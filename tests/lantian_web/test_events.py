"""The event log: one transaction with what it tells, one chain over what was committed."""

from __future__ import annotations

import json

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext
from tests.lantian_web import cast

from lantian_web.events import commands, queries
from lantian_web.events.commands import NewEvent
from lantian_web.events.models import Cursor, Event

pytestmark = [pytest.mark.django_db, pytest.mark.db]


def happened(kind: str = "test.told", subject: str = "x", **params: object) -> NewEvent:
    return NewEvent(kind, "system", cast.SIGNED, "test", subject, params=params)


def test_a_reaction_hears_all_events_of_its_kind_at_once() -> None:
    heard: list[list[str]] = []
    commands.react("test.heard")(lambda events: heard.append([event.subject_id for event in events]))
    commands.emit([happened("test.heard", "a"), happened("test.other", "b"), happened("test.heard", "c")])
    assert heard == [["a", "c"]]


def test_what_a_reaction_refuses_undoes_the_event() -> None:
    def refuse(events: object) -> None:
        raise ValueError("no")

    commands.react("test.refused")(refuse)
    with pytest.raises(ValueError, match="no"):
        commands.command(commands.emit)([happened("test.refused")])
    assert not Event.objects.exists()


def test_the_sealer_chains_committed_events_in_batches() -> None:
    commands.emit([happened(subject=str(n), n=n) for n in range(5)])
    assert [commands.seal(limit=3), commands.seal(limit=3), commands.seal(limit=3)] == [3, 2, 0]
    assert list(Event.objects.order_by("seq").values_list("seq", flat=True)) == [1, 2, 3, 4, 5]
    report = queries.verify_chain()
    assert (report.sealed, report.unsealed, report.sound, report.tail) == (5, 0, True, None)


def test_the_unsealed_tail_is_named() -> None:
    commands.emit([happened(subject="sealed")])
    commands.seal()
    commands.emit([happened(subject="a"), happened(subject="b")])
    ids = list(Event.objects.filter(seq__isnull=True).order_by("id").values_list("id", flat=True))
    report = queries.verify_chain()
    assert (report.sealed, report.unsealed, report.tail, report.sound) == (1, 2, (ids[0], ids[-1]), True)


@pytest.mark.parametrize(
    ("field", "value"),
    [("params", {"n": 12}), ("actor", "sombody"), ("subject_id", "3x"), ("after", "0"), ("area_id", "9")],
)
def test_one_changed_value_is_found(field: str, value: object) -> None:
    commands.emit([happened(subject=str(n), n=n) for n in range(5)])
    commands.seal()
    Event.objects.filter(seq=3).update(**{field: value})
    report = queries.verify_chain()
    assert (report.first_bad, report.reason) == (3, "changed")


def test_a_removed_event_and_a_cut_off_end_are_found() -> None:
    commands.emit([happened(subject=str(n)) for n in range(5)])
    commands.seal()
    Event.objects.filter(seq=5).delete()
    assert (queries.verify_chain().first_bad, queries.verify_chain().reason) == (5, "cut off")
    Event.objects.filter(seq=2).delete()
    assert (queries.verify_chain().first_bad, queries.verify_chain().reason) == (2, "missing")


def test_an_event_sealed_anew_by_hand_does_not_pass() -> None:
    commands.emit([happened(subject=str(n)) for n in range(3)])
    commands.seal()
    last = Event.objects.get(seq=3)
    last.actor = "somebody"
    before = Event.objects.get(seq=2).chain
    Event.objects.filter(seq=3).update(actor="somebody", chain=commands.link(last, 3, before))
    assert queries.verify_chain().reason == "head differs"


def test_running_numbers_have_no_gap_after_a_failure() -> None:
    assert commands.draw("numbers", 3) == 1

    @commands.command
    def draw_and_fail() -> None:
        commands.draw("numbers")
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        draw_and_fail()
    assert commands.draw("numbers") == 4


def test_the_play_clock_is_the_cursor() -> None:
    commands.set_cursor(queries.CLOCK, int(cast.SIGNED.timestamp() * 1000))
    assert queries.play_now() == cast.SIGNED
    assert commands.get_cursor("nothing") is None
    assert commands.get_cursor("nothing", -1) == -1


@pytest.mark.django_db(transaction=True)
def test_a_locked_registry_is_tried_again() -> None:
    tries: list[int] = []

    @commands.command
    def busy() -> str:
        tries.append(1)
        Cursor.objects.create(name=f"try {len(tries)}", value=0)
        if len(tries) < 3:
            raise OperationalError("database is locked")
        return "done"

    assert busy() == "done"
    assert list(Cursor.objects.values_list("name", flat=True)) == ["try 3"]


@pytest.mark.django_db(transaction=True)
def test_another_fault_is_not_tried_again() -> None:
    tries: list[int] = []

    @commands.command
    def broken() -> None:
        tries.append(1)
        raise OperationalError("disk I/O error")

    with pytest.raises(OperationalError):
        broken()
    assert len(tries) == 1


def test_params_come_back_as_they_went_in() -> None:
    commands.emit([happened(text="临期提醒", share=30, kwh=12.5, none=None, lines=["a", "b"])])
    kept = Event.objects.get()
    assert kept.params == json.loads(json.dumps(kept.params))
    assert kept.params == {"text": "临期提醒", "share": 30, "kwh": 12.5, "none": None, "lines": ["a", "b"]}


def test_sealing_costs_the_same_however_many_events() -> None:
    costs = []
    for count in (10, 300):
        commands.emit([happened(subject=str(n)) for n in range(count)])
        with CaptureQueriesContext(connection) as queries_run:
            assert commands.seal() == count
        costs.append(len(queries_run))
    assert costs[1] <= costs[0]
