"""Lists of units and people of a home: the empty form, looking into a filled one, taking it in, the file given back.

Here the people (`accounts`) meet the places they answer for (`inventory`) and the files that are kept (`imports/`).
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from lantian.observe.forms import SheetForm
from lantian_web.accounts import taking
from lantian_web.accounts.models import PeopleImport, Person, Unit
from lantian_web.accounts.queries import posts_of
from lantian_web.accounts.roster import people_form
from lantian_web.assessments.imports import keep
from lantian_web.inventory.models import Area, Enterprise

__all__ = ["commit", "form", "look"]


def form(*, filled: bool = False) -> bytes:
    """The workbook to be filled in; `filled` with the units, people and posts that are known already."""
    return taking.empty_form(_known() if filled else None)


def _known() -> dict[str, list[dict[str, str]]]:
    sheet = people_form().sheet
    units, posts = sheet("units"), sheet("posts")
    return {
        "units": [
            {
                "id": u.id,
                "kind": _word(units, "kind", u.kind),
                "name": u.name,
                "area_id": u.area_id,
                "enterprise_id": u.enterprise_id,
            }
            for u in Unit.objects.order_by("area_id", "id")
        ],
        "people": [
            {
                "id": p.id,
                "name": p.name,
                "unit_id": p.unit_id,
                "phone": p.phone,
                "active": _yes(p.active),
            }
            for p in Person.objects.order_by("unit_id", "id")
        ],
        "posts": [
            {
                "unit_id": p.unit_id,
                "duty": _word(posts, "duty", p.duty),
                "title": p.title,
                "person_id": p.person_id,
                "area_id": p.area_id,
                "valid_from": p.valid_from.isoformat() if p.valid_from else "",
                "valid_to": p.valid_to.isoformat() if p.valid_to else "",
            }
            for p in posts_of()
        ],
    }


def _word(sheet: SheetForm, key: str, value: str) -> str:
    return dict(sheet.column(key).choices)[value]


def _yes(value: bool) -> str:
    return people_form().words["yes" if value else "no"]


def look(data: bytes, name: str) -> taking.Looked:
    """Read a list and say what it would do here. DataError when it is none. Nothing is written."""
    areas = list(Area.objects.values_list("id", flat=True))
    return taking.look(data, name, areas, dict(Enterprise.objects.values_list("id", "area_id")))


def commit(
    home: Path, looked: taking.Looked, by: str, now: datetime, *, partial: bool = False
) -> PeopleImport:
    """Take in what was looked at; the file, and the one given back, are kept first. DataError as `taking.take_in`."""
    keep(home, looked.data)
    back = keep(home, taking.file_back(looked)) if looked.plan.total("refuse") else ""
    return taking.take_in(looked, by, now, partial=partial, returned_sha256=back)
