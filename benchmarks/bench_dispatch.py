"""What dispatching costs: one sentence to every plant, single steps by eight writers at once, the desk over many years.

Run: `python benchmarks/bench_dispatch.py [PLANTS] [PAST]` (default 4709 plants and 200 000 past tasks; SQLite in a
temporary home, or the empty database of LANTIAN_DATABASE_URL).

1. `send`: one typed order to all plants, with every notice queued: seconds.
2. `single`: eight processes, each claiming tasks one by one; baseline: the same eight doing Django's bare
   `filter(id).update(state)` of other rows, one transaction each. Ratio of the rates, the slowest writer over the mean,
   lost updates (must be none), and the rate of the bulk command over that of one writer and over that of all eight.
3. `desk`: p50 and p95 of the desk, the county page and the list of tasks with the past tasks there.
"""

from __future__ import annotations

import importlib
import os
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
FIRST = date(2026, 12, 7)
WRITERS, EACH = 8, 150
PAGES = ("/", "/county/", "/tasks/", "/tasks/?state=open")


def at(hour: int, minute: int = 0) -> datetime:
    from lantian import periods

    return periods.at(FIRST, hour, minute)


def one_sentence(city: Any) -> float:
    """Seconds for a typed order to every plant."""
    from bench_commands import timed

    from lantian.inventory import Duty
    from lantian_web.accounts.queries import posts_of
    from lantian_web.events.models import Event
    from lantian_web.notices.models import Notice
    from lantian_web.tasks.sending import Target, send

    analyst = posts_of([Duty.ANALYST])[0].person_id
    targets = [Target("enterprise", plant.id) for plant in city.enterprises]
    spent, sent = timed(lambda: send("routine", "请核查夜间用电情况", targets, analyst, at(9)))
    refused = [one for one in sent if not one.done]
    assert not refused, refused[0].why
    print(
        f"send: {len(sent)} tasks, {Notice.objects.count()} notices queued, {Event.objects.count()} events: {spent:.2f} s"
    )
    return spent


def write(mode: str, mine: int) -> None:
    """One writer's process: wait for the start, then its own tasks one by one; print rows a second."""
    import django

    django.setup()
    from django.db import close_old_connections, transaction

    from lantian_web.tasks import commands
    from lantian_web.tasks.models import Task

    first = (mine + {"claim": 0, "bare": WRITERS, "alone": 2 * WRITERS}[mode]) * EACH
    rows = list(Task.objects.order_by("id").values_list("id", "person_id")[first : first + EACH])
    close_old_connections()
    commands.claim(["none"], "none", at(10))  # everything is loaded
    print("ready", flush=True)
    sys.stdin.readline()
    start = time.perf_counter()
    for key, person in rows:
        if mode == "bare":
            with transaction.atomic():
                assert Task.objects.filter(id=key).update(state="claimed", claimed_at=at(10)) == 1
        else:
            [done] = commands.claim([key], person, at(10))
            assert done.done, done.why
    print(len(rows) / (time.perf_counter() - start), flush=True)


def writers(mode: str, number: int = WRITERS) -> tuple[float, list[float]]:
    """Rows a second of all writers together, and of each."""
    running = [
        subprocess.Popen(
            [sys.executable, __file__, "--write", mode, str(writer)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for writer in range(number)
    ]
    for process in running:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == "ready"
    start = time.perf_counter()
    for process in running:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    rates = [float(process.stdout.readline()) for process in running if process.stdout is not None]
    spent = time.perf_counter() - start
    for process in running:
        assert process.wait() == 0
    return number * EACH / spent, rates


def single_steps() -> None:
    from django.db import connection

    from lantian_web.events.models import Event
    from lantian_web.tasks import commands
    from lantian_web.tasks.models import Task

    bare, _ = writers("bare")
    before = Event.objects.filter(kind="task.claimed").count()
    rate, each = writers("claim")
    told = Event.objects.filter(kind="task.claimed").count() - before
    alone, _ = writers("alone", 1)
    first = (2 * WRITERS + 1) * EACH
    rest = [commands.Feedback(key, person, at(11)) for key, person in _open(Task)[first:]]
    from bench_commands import timed

    spent, answers = timed(lambda: commands.claim_many(rest))
    assert all(answer.done for answer in answers)
    bulk = len(rest) / spent
    print(
        f"single steps, {WRITERS} writers in {connection.vendor}: {rate:.0f}/s, bare ORM {bare:.0f}/s: ratio {rate / bare:.2f}"
    )
    print(
        f"  slowest writer / mean: {min(each) / statistics.mean(each):.2f}; lost updates: {WRITERS * EACH - told}"
    )
    print(
        f"  bulk: {bulk:.0f}/s: {bulk / alone:.1f} times one writer's single steps ({alone:.0f}/s), "
        f"{bulk / rate:.1f} times those of all"
    )


def _open(model: Any) -> list[tuple[str, str]]:
    return list(model.objects.order_by("id").values_list("id", "person_id"))


def past(city: Any, number: int) -> None:
    """Closed tasks of former years."""
    from lantian_web.rows import chunks, insert
    from lantian_web.tasks.models import Task

    plants = city.enterprises
    for part in chunks(range(number), 5000):
        rows = []
        for no in part:
            plant, opened = plants[no % len(plants)], at(8) - timedelta(days=1 + no % 700, minutes=no % 600)
            rows.append(
                Task(
                    id=f"task_past{no}",
                    area_id=plant.area_id,
                    unit_id=f"u-{no % 300}",
                    number=f"P-{no}",
                    kind="dispatch",
                    category="routine",
                    state="closed",
                    text="旧令",
                    about_id=plant.id,
                    emergency=False,
                    lead_unit_id="u",
                    leader_id="l",
                    person_id=f"p-{no % 500}",
                    opened_at=opened,
                    claim_due_at=opened,
                    feedback_due_at=opened,
                    closed_at=opened,
                )
            )
        insert(rows)


def desk(city: Any, number: int) -> None:
    from django.test import Client

    from lantian.inventory import Duty
    from lantian.periods import to_ms
    from lantian.records import Role
    from lantian_web.accounts import commands as accounts
    from lantian_web.accounts.queries import posts_of
    from lantian_web.events.commands import set_cursor

    past(city, number)
    importlib.import_module("lantian_web.wsgi")  # everything is loaded, as in a worker of the console
    set_cursor("clock", to_ms(at(12)))
    who = {}
    for duty, role in ((Duty.ANALYST, Role.ANALYST), (Duty.DISPATCHER, Role.DISPATCHER)):
        post = posts_of([duty])[0]
        user, _ = accounts.add_user(f"bench-{duty.value}", at(8), "system", post.person_id)
        accounts.give(user, role, "area", post.area_id, at(8), "system")
        who[duty] = user
    for duty, user in who.items():
        client = Client(headers={"host": "127.0.0.1"})
        client.force_login(user, "django.contrib.auth.backends.ModelBackend")
        for page in PAGES:
            spent = []
            for _ in range(40):
                start = time.perf_counter()
                answer = client.get(page)
                spent.append(time.perf_counter() - start)
            if answer.status_code != 200:
                continue
            spent = sorted(spent[3:])
            print(
                f"{duty.value:10s} {page:18s} p50 {1000 * statistics.median(spent):4.0f} ms, "
                f"p95 {1000 * spent[int(0.95 * len(spent))]:4.0f} ms, {len(answer.content) / 1000:.0f} kB"
            )


def main(plants: int, number: int) -> None:
    from bench_commands import prepared

    city = prepared(plants)
    one_sentence(city)
    single_steps()
    desk(city, number)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lantian_web.settings")
    if sys.argv[1:2] == ["--write"]:
        write(sys.argv[2], int(sys.argv[3]))
    else:
        with tempfile.TemporaryDirectory() as home:
            os.environ["LANTIAN_HOME"] = home
            main(int((sys.argv[1:] or ["4709"])[0]), int((sys.argv[2:] or ["200000"])[0]))
