"""Which point is meant by a published name? Spellings, marks in brackets and told renames lead to one key."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from lantian.observe.air.series import Point
from lantian.observe.tables import plain_text
from lantian.standards import Row, in_force

__all__ = ["Named", "Spelling", "spelling_on"]

_MARK = re.compile(r"\(([^()]*)\)$")
_CJK_SPACE = re.compile(r"(?<=[\u3400-\u9fff])\s+(?=[\u3400-\u9fff])")
_SHORTEST = 2  # a city's name without its suffix has at least so many characters


@dataclass(frozen=True, slots=True)
class Named:
    """A published point: as it stands, the point it is, and the point it would be without its mark ("" = no mark)."""

    published: str
    point: Point
    base: str
    why: str = ""  # "spelling" or "told" when the key is not as published


@dataclass(frozen=True, slots=True)
class Spelling:
    """How names are compared: what a city's name ends in, the words of marks, and told renames."""

    suffixes: tuple[str, ...]
    marks: tuple[str, ...]
    renames: Mapping[str, str]

    def named(self, city: str, station: str, code: str) -> Named:
        """The point of a published city, station and code; any of them may be "", not all."""
        town, site = self._city(city), _CJK_SPACE.sub("", plain_text(station))
        code = plain_text(code)
        published = code or "/".join(filter(None, (city, station)))
        key = code or "/".join(filter(None, (town, site)))
        why = "" if key == published else "spelling"
        told = self.renames.get(published, self.renames.get(plain_text(published), self.renames.get(key)))
        if told is not None:
            key, why = told, "told"
            if not code:
                town, _, site = told.partition("/")
        mark = _MARK.search(key)
        marked = not code and mark is not None and any(word in mark[1] for word in self.marks)
        base = key[: mark.start()].strip() if mark and marked else ""
        point = Point(key, site or code or town, town, code, "station" if code or site else "city")
        return Named(published, point, base, why)

    def _city(self, city: str) -> str:
        name = _CJK_SPACE.sub("", plain_text(city))
        for suffix in self.suffixes:
            if name.endswith(suffix) and len(name) >= _SHORTEST + len(suffix):
                return name.removesuffix(suffix)
        return name


def spelling_on(on: date, renames: Mapping[str, str], overlay: Sequence[Row] = ()) -> Spelling:
    """The spelling rules of a day with the told renames (published name or key -> key)."""
    rows = in_force("air_quality_rules", on, overlay=overlay)

    def words(rule: str) -> tuple[str, ...]:
        return tuple(row.text("text") for row in rows if row.text("rule") == rule)

    return Spelling(words("city_suffix"), words("point_mark"), dict(renames))
