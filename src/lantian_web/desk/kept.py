"""What a page worked out is kept until the data change: the journal, the rules and the city tell."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, TypeVar

from django.conf import settings
from django.db.models import Max

from lantian_web.events.models import Cursor
from lantian_web.inventory.models import Area, Overlay, Station

__all__ = ["kept", "version"]

T = TypeVar("T")
MOST = 64
STATE = ("worker", "clock", "targets_followed", "replayed")
"""Cursors that move when what pages are made of has changed."""
_found: OrderedDict[Hashable, Any] = OrderedDict()
_lock = Lock()


def version() -> tuple[Hashable, ...] | None:
    """Names one state of this home's data; None when no worker keeps it, and then nothing is kept."""
    cursors = dict(Cursor.objects.filter(name__in=STATE).values_list("name", "value"))
    if "worker" not in cursors:
        return None
    loaded = Overlay.objects.aggregate(newest=Max("id"))["newest"]
    return (str(settings.LANTIAN_HOME), *(cursors.get(name, 0) for name in STATE), loaded, _inventory())


def _inventory() -> int:
    """Names the areas and stations as they are loaded: a load leaves no other trace."""
    areas = Area.objects.values_list("id", "kind", "name")
    return hash(frozenset(areas.union(Station.objects.values_list("id", "area_id", "name"))))


def kept(make: Callable[[], T], *key: Hashable) -> T:
    """`make()`, or what it gave for the same key and the same data before."""
    state = version()
    if state is None:
        return make()
    whole = (*state, *key)
    with _lock:
        if whole in _found:
            _found.move_to_end(whole)
            return _found[whole]  # type: ignore[no-any-return]
    made = make()
    with _lock:
        _found[whole] = made
        while len(_found) > MOST:
            _found.popitem(last=False)
    return made
