"""What the registry's bulk commands cost over the bare rows: one decision for a whole city, then every task of it
claimed, answered and checked.

Run: `python benchmarks/bench_commands.py [PLANTS]` (default 4709; SQLite in a temporary home, or the empty database of
LANTIAN_DATABASE_URL). Baseline: Django's `bulk_create` and `bulk_update` of the same rows in chunks of 500, without
rules, rights, events or fingerprints. Prints rows per second and the ratio: what law and memory cost.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

FIRST = date(2026, 12, 7)
FORECAST = [210, 220, 230, 240, 120]
CHUNK = 500


def prepared(plants: int) -> Any:
    """A registry that holds a rehearsal city."""
    import django

    django.setup()
    from django.core.management import call_command

    from lantian import rehearsal
    from lantian.detect.baselines import learn
    from lantian.detect.plants import PlantIndex
    from lantian_web.inventory.commands import import_city

    call_command("migrate", verbosity=0)
    city = rehearsal.build_city(7, plants, first_day=FIRST, days=2)
    index = PlantIndex.build(city.enterprises, city.lines, city.meters)
    row = {meter.id: no for no, meter in enumerate(city.meters)}
    energy = city.daily_energy[[row[key] for key in index.meter_ids]]
    import_city(city, learn(energy, city.energy_days, index))
    return city


def decided(city: Any) -> None:
    """One orange warning: an order and a task for every listed plant, by the first signer whose post fits."""
    from lantian.errors import LawError
    from lantian.inventory import Duty
    from lantian.periods import at
    from lantian.records import Basis, DecisionKind, Level
    from lantian_web.orders.commands import decide

    for signer in (post for post in city.posts if post.duty is Duty.SIGNER):
        try:
            decide(
                DecisionKind.START,
                Level.ORANGE,
                Basis.RULE,
                "",
                FORECAST,
                None,
                signer.person_id,
                start_at=at(FIRST + timedelta(days=1), 0),
                now=at(FIRST, 18, 40),
            )
        except LawError:
            continue
        return
    raise SystemExit("nobody signs")


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds of one run, and the result."""
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result


def updated_bare(fields: Sequence[str]) -> None:
    """All tasks read and written back by `bulk_update`, chunk by chunk."""
    from django.db import transaction

    from lantian_web.tasks.models import Task

    ids = list(Task.objects.order_by("id").values_list("id", flat=True))
    for begin in range(0, len(ids), CHUNK):
        with transaction.atomic():
            rows = list(Task.objects.filter(id__in=ids[begin : begin + CHUNK]))
            Task.objects.bulk_update(rows, fields, batch_size=CHUNK)


def tell(name: str, rows: int, spent: float, bare: float) -> None:
    """One line."""
    print(
        f"  {name:10s}{rows:7d} rows {spent:8.2f} s {rows / spent:9.0f} rows/s {spent / bare:7.2f} x the bare ORM"
    )


def main(plants: int) -> None:
    """Measure and print."""
    spent, city = timed(lambda: prepared(plants))
    from django.db import connection

    from lantian.inventory import Duty
    from lantian.periods import at
    from lantian.records import Outcome
    from lantian_web.events.models import Event
    from lantian_web.orders.models import Decision, Order, OrderMeasure, Warning
    from lantian_web.tasks import commands as tasks
    from lantian_web.tasks.models import Task
    from lantian_web.verdicts.commands import Check, check_many

    print(f"{plants} plants in {connection.vendor}, made and loaded in {spent:.1f} s")
    events = Event.objects.count()
    spent, _ = timed(lambda: decided(city))
    made = sum(model.objects.count() for model in (Warning, Decision, Order, OrderMeasure, Task))
    made += Event.objects.count() - events
    todo = list(Task.objects.order_by("id"))
    print(
        f"decide: {Order.objects.count()} orders, {len(todo)} tasks, {Event.objects.count() - events} events"
    )

    later = at(FIRST, 19)
    said = [tasks.Feedback(row.id, row.person_id, later) for row in todo]
    claim, done = timed(lambda: tasks.claim_many(said))
    assert all(answer.done for answer in done), next(answer.why for answer in done if not answer.done)
    said = [tasks.Feedback(row.id, row.person_id, later + timedelta(hours=1), "stopped") for row in todo]
    answer, done = timed(lambda: tasks.answer_many(said))
    assert all(answer.done for answer in done), next(answer.why for answer in done if not answer.done)
    checker = {post.area_id: post.person_id for post in city.posts if post.duty is Duty.CHECKER}
    items = [
        Check(row.id, Outcome.COMPLIED, True, checker[row.area_id], later + timedelta(hours=2))
        for row in todo
    ]
    check, done = timed(lambda: check_many(items))
    assert all(answer.done for answer in done), next(answer.why for answer in done if not answer.done)

    fields = [
        "state",
        "next_due_at",
        "next_step_at",
        "claimed_at",
        "claimed_by",
        "answered_at",
        "answered_by",
    ]
    bare, _ = timed(lambda: updated_bare(fields))
    tell("claim", len(todo), claim, bare)
    tell("answer", len(todo), answer, bare)
    tell("check", len(todo), check, bare)
    print(
        f"  {'bare':10s}{len(todo):7d} rows {bare:8.2f} s {len(todo) / bare:9.0f} rows/s  bulk_update of {len(fields)} columns"
    )
    inserted(spent, made)


def inserted(spent: float, made: int) -> None:
    """The decision's rows against a plain insert of rows of the same models."""
    from django.db import transaction

    from lantian_web.events.models import Event
    from lantian_web.orders.models import Decision, Order, OrderMeasure, Warning
    from lantian_web.tasks.models import Task

    models = (Warning, Decision, Order, OrderMeasure, Task, Event)
    rows = {model: list(model.objects.order_by("pk")) for model in models}
    rows[Event] = rows[Event][: made - sum(len(rows[model]) for model in models[:-1])]
    try:
        with transaction.atomic():
            for model in (Event, Task, OrderMeasure, Order, Decision, Warning):
                model.objects.all()._raw_delete("default")
            bare, _ = timed(
                lambda: [model.objects.bulk_create(rows[model], batch_size=CHUNK) for model in models]
            )
            raise _Undo
    except _Undo:
        pass
    tell("decide", made, spent, bare)
    print(f"  {'bare':10s}{made:7d} rows {bare:8.2f} s {made / bare:9.0f} rows/s  bulk_create")


class _Undo(Exception):
    """Takes the baseline's rows back."""


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as temporary:
        os.environ["LANTIAN_HOME"] = temporary
        os.environ["DJANGO_SETTINGS_MODULE"] = "lantian_web.settings"
        os.environ.setdefault("NUMBA_CACHE_DIR", str(Path("var/numba").resolve()))
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 4709)
