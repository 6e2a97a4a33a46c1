"""A home with a city in it and nothing played, made in a process of its own: `python -m tests.long.town HOME PLANTS PORT`.

The city and every county have a chat robot at 127.0.0.1:PORT, and every analyst, dispatcher and manager of the first plants a
log-in with a session. Prints JSON: signers, tasks' people, sessions.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

HOSTS = "127.0.0.1"


def main(home: Path, plants: int, port: int) -> dict[str, Any]:
    """Make the home; returns what a test needs of it."""
    os.environ["LANTIAN_HOME"] = str(home)
    os.environ["LANTIAN_NOTICE_HOSTS"] = HOSTS
    os.environ["DJANGO_SETTINGS_MODULE"] = "lantian_web.settings"
    import django

    django.setup()
    from django.core.management import call_command
    from django.utils import timezone

    from lantian import rehearsal
    from lantian.detect.baselines import learn
    from lantian.detect.plants import PlantIndex
    from lantian.inventory import Duty
    from lantian.periods import local_day, to_ms
    from lantian.records import Role
    from lantian_web.inventory.commands import import_city
    from lantian_web.notices import commands as notices
    from lantian_web.notices.models import Readers

    call_command("migrate", verbosity=0)
    now = timezone.now()
    city = rehearsal.build_city(7, plants, first_day=local_day(to_ms(now)), days=2)
    index = PlantIndex.build(city.enterprises, city.lines, city.meters)
    row = {meter.id: no for no, meter in enumerate(city.meters)}
    energy = city.daily_energy[[row[key] for key in index.meter_ids]]
    import_city(city, learn(energy, city.energy_days, index))
    for area in city.areas:
        address = f"http://127.0.0.1:{port}/robot/{area.id}?key=k{area.id}"
        notices.add_channel("wecom", area.name, area.id, address, "system", now, readers=Readers.ALL)
    roles = {Duty.ANALYST: Role.ANALYST, Duty.DISPATCHER: Role.DISPATCHER, Duty.MANAGER: Role.PLANT_MANAGER}
    plant_of = {unit.id: unit.enterprise_id for unit in city.units}
    sessions = []
    for post in city.posts:
        if post.duty in roles and len(sessions) < 200:
            scope = (
                ("enterprise", plant_of[post.unit_id])
                if post.duty is Duty.MANAGER
                else ("area", post.area_id)
            )
            sessions.append((post.duty.value, _session(post.person_id, roles[post.duty], scope, now)))
    return {
        "signers": [post.person_id for post in city.posts if post.duty is Duty.SIGNER],
        "sessions": sessions,
        "listed": len(city.listed),
    }


def _session(person: str, role: Any, scope: tuple[str, Any], now: Any) -> str:
    from django.contrib.auth import BACKEND_SESSION_KEY as BACKEND
    from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    from lantian_web.accounts import commands as accounts
    from lantian_web.accounts.models import User

    name = f"long-{person}"
    if not (user := User.objects.filter(username=name).first()):
        user = User(username=name, person_id=person)
        user.set_unusable_password()
        user.save()
    accounts.give(user, role, *scope, now, "system")
    store = SessionStore()
    store[SESSION_KEY] = str(user.pk)
    store[BACKEND] = "django.contrib.auth.backends.ModelBackend"
    store[HASH_SESSION_KEY] = user.get_session_auth_hash()
    store.save()
    return str(store.session_key)


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))))
