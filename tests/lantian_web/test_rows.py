"""Writing many rows: whole or not at all, and the same on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, transaction
from tests.lantian_web import cast

from lantian.errors import TransitionError
from lantian_web import rows
from lantian_web.events.models import Cursor
from lantian_web.inventory.commands import import_city
from lantian_web.orders.models import Order
from lantian_web.tasks import commands as tasks
from lantian_web.tasks.models import Task

pytestmark = [pytest.mark.django_db, pytest.mark.db]


def test_inserted_rows_come_back(ordered: object) -> None:
    made = Order.objects.order_by("id").last()
    assert made is not None
    fresh = [Order(**Order.objects.filter(pk=made.pk).values().get() | {"id": f"new-{n}"}) for n in range(3)]
    rows.insert(fresh)
    for row in fresh:
        kept = Order.objects.get(pk=row.pk)
        assert rows.fingerprint(kept) == rows.fingerprint(row)


def test_a_row_changed_meanwhile_undoes_the_rest() -> None:
    rows.insert([Cursor(name=name, value=n, text="old") for n, name in enumerate("abc")])
    held = list(Cursor.objects.order_by("name"))
    Cursor.objects.filter(name="b").update(text="other")
    for row in held:
        row.value, row.text = 9, "new"
    with pytest.raises(TransitionError, match="1 of 3"), transaction.atomic():
        rows.rewrite(held, ["value", "text"], guard="text", was=["old"] * 3)
    assert list(Cursor.objects.order_by("name").values_list("value", "text")) == [
        (0, "old"),
        (1, "other"),
        (2, "old"),
    ]


def test_odd_texts_survive() -> None:
    texts = ["", "制表\t换行\n反斜\\N", "'\"%s", "\\.", "NULL", "〔2026〕"]
    rows.insert([Cursor(name=str(n), value=n, text=text) for n, text in enumerate(texts)])
    assert list(Cursor.objects.order_by("value").values_list("text", flat=True)) == texts


@pytest.fixture
def committed(transactional_db: None) -> Task:
    """A task that other connections see."""
    made = cast.city()
    import_city(made, cast.learnt(made))
    cast.start()
    return Task.objects.get(enterprise_id=cast.CHEATS)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_claim_at_once_one_has_it(committed: Task) -> None:
    if connection.vendor == "sqlite":
        pytest.skip("the test database in memory is one connection; the demo's processes share a file")

    def claim(by: str) -> bool:
        try:
            return tasks.claim([committed.id], by, cast.SIGNED + timedelta(minutes=1))[0].done
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(claim, [cast.DISPATCHER, "manager-cheats", cast.LEADER, cast.DISPATCHER]))
    assert sorted(done) == [False, False, False, True]
