"""Run in a process of its own by the crash test: fill a home with notices for many robots, or tell what its log says.

python crash_home.py fill PORT COUNTIES | python crash_home.py tell
"""

from __future__ import annotations

import json
import os
import sys
from datetime import timedelta

os.environ["DJANGO_SETTINGS_MODULE"] = "lantian_web.settings"

import django

django.setup()

PER_COUNTY, TESTS = 30, 6


def fill(port: int, counties: int) -> None:
    from django.core.management import call_command
    from django.utils import timezone

    from lantian.inventory import AreaKind
    from lantian_web.inventory.models import Area
    from lantian_web.notices.asking import Ask, queue
    from lantian_web.notices.commands import add_channel, send_test

    call_command("migrate", verbosity=0)
    now = timezone.now()
    for number in range(counties):
        area = f"90{number + 10}"
        Area.objects.create(id=area, kind=AreaKind.COUNTY, name=area, outline=[])
        address = f"http://127.0.0.1:{port}/send?key=robot-{number}"
        channel = add_channel("wecom", f"c{number}", area, address, "me", now)
        for _ in range(TESTS):
            send_test(channel.pk, "me", now)
        queue(
            [
                Ask(
                    "task.opened",
                    "task",
                    f"{area}-{i}",
                    now - timedelta(hours=1),
                    "unit",
                    "",
                    "u",
                    area,
                    emergency=True,
                    params={"number": f"N{area}-{i:03d}", "text": "立即停产并报送现场照片" * 8},
                )
                for i in range(PER_COUNTY)
            ]
        )


def tell() -> None:
    from lantian_web.notices.models import Delivery, Message, Notice

    unsure = Delivery.objects.filter(outcome="unsure").values_list("message__number", flat=True)
    told = {
        "messages": dict(Message.objects.values_list("number", "state")),
        "unsure": sorted(set(unsure)),
        "counted": dict(Message.objects.values_list("number", "unsure")),
        "queued": Notice.objects.filter(state="queued").count(),
        "attempts": Delivery.objects.count(),
    }
    print(json.dumps(told))


if sys.argv[1] == "fill":
    fill(int(sys.argv[2]), int(sys.argv[3]))
else:
    tell()
