"""The worker's rounds, the closing of days, and what it does without data."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from tests.lantian_web import cast

from lantian.periods import at, local_day, to_ms
from lantian_store.journal import Journal, NewEntry
from lantian_web.events.commands import set_cursor
from lantian_web.events.queries import get_cursor
from lantian_web.findings.models import OrderDay
from lantian_web.orders.models import Decision
from lantian_web.tasks.models import Task
from lantian_web.worker import CLOSED, Round, Worker, rounds

pytestmark = pytest.mark.db


def entry(kind: str, key: str, payload: bytes = b"") -> NewEntry:
    return NewEntry(kind, key, "", 0, payload)


def test_a_round_ends_at_its_clock_and_the_last_one_may_lack_it(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    now = at(cast.SIGNED.date(), 6)
    journal.append_many(
        [
            entry("power", "a"),
            entry("clock", "b", json.dumps({"now_ms": to_ms(now)}).encode()),
            entry("air", "c"),
        ]
    )
    first, last = rounds(journal.read())
    assert [e.key for e in first.batches] == ["a"]
    assert first.now == now
    assert [e.key for e in last.batches] == ["c"]
    assert last.now is None


def test_a_day_closes_at_the_first_look_after_midnight_whenever_that_is(
    ordered: Decision, tmp_path: Path
) -> None:
    begun = local_day(to_ms(ordered.start_at))
    set_cursor(CLOSED, begun.toordinal() - 1)
    worker = Worker(tmp_path)
    worker.do(Round(), at(begun, 23, 59))
    assert not OrderDay.objects.exists()
    worker.do(Round(), at(begun + timedelta(days=1), 0) + timedelta(seconds=3))
    assert OrderDay.objects.filter(on=begun).exists()
    assert get_cursor(CLOSED) == begun.toordinal()


def test_days_missed_while_nobody_worked_are_closed_later(ordered: Decision, tmp_path: Path) -> None:
    begun = local_day(to_ms(ordered.start_at))
    set_cursor(CLOSED, begun.toordinal() - 1)
    Worker(tmp_path).do(Round(), at(begun + timedelta(days=3), 8))
    assert sorted(set(OrderDay.objects.values_list("on", flat=True))) == [
        begun + timedelta(days=i) for i in range(3)
    ]


def test_missing_data_is_never_guilt(ordered: Decision, tmp_path: Path) -> None:
    begun = local_day(to_ms(ordered.start_at))
    set_cursor(CLOSED, begun.toordinal() - 1)
    Worker(tmp_path).do(Round(), at(begun + timedelta(days=1), 1))
    assert set(OrderDay.objects.values_list("outcome", flat=True)) == {"cannot_tell"}


def test_clocks_rise_without_any_data(ordered: Decision, tmp_path: Path) -> None:
    late = Task.objects.earliest("claim_due_at").claim_due_at + timedelta(hours=3)
    Worker(tmp_path).do(Round(), late)
    assert Task.objects.filter(step__gt=0).exists()
    assert get_cursor("clock") is None  # the wall clock is no play clock
