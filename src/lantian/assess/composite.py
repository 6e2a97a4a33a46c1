"""Composite index (环境空气质量综合指数): the sum of six concentrations, each divided by its limit; smaller is better.

The four means stand over the class II annual limit, the 95th percentile of CO over its daily limit, the 90th
percentile of the greatest 8 h means of O3 over the 8 h limit. Limits, weights and the statistic of each item are rows
of `composite_index`; published indices are made of concentrations that are not rounded.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from lantian.errors import StandardsError
from lantian.records import Footnote, ObservationKind
from lantian.standards import in_force, table
from lantian.units import round_half_even

__all__ = ["Composite", "Term", "Terms", "composite", "composite_array", "index_edition", "index_terms"]

EQUAL = "equal"
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Term:
    """One item of the sum: its statistic (`pm25_mean`, `co_p95`), its limit [unit of the item], its weight."""

    kind: ObservationKind
    statistic: str
    limit: Fraction
    weight: Fraction


@dataclass(frozen=True, slots=True)
class Terms:
    """What an index is made of under one edition and weight profile.

    `day` is a day on which the edition is in force, `places` the published decimals.
    """

    edition: str
    profile: str
    terms: tuple[Term, ...]
    day: date
    places: int
    footnotes: tuple[Footnote, ...]

    def term(self, kind: ObservationKind) -> Term:
        """The term of an item. StandardsError when the index has none."""
        for term in self.terms:
            if term.kind is kind:
                return term
        raise StandardsError(f"composite_index {self.edition}/{self.profile}: no item {kind}")


@dataclass(frozen=True, slots=True)
class Composite:
    """One index. `parts` are the weighted single indices, which sum to `exact`; `index` is that sum as published.

    `main` are the items with the greatest concentration over limit (ties together), whatever their weight. With an
    item `missing` there is no index, and `parts` holds the others.
    """

    index: Decimal | None
    exact: Fraction | None
    parts: Mapping[ObservationKind, Fraction]
    main: tuple[ObservationKind, ...]
    missing: tuple[ObservationKind, ...]
    edition: str
    profile: str
    footnotes: tuple[Footnote, ...]


@lru_cache(maxsize=256)
def index_edition(on: date, override: str | None = None) -> str:
    """Edition of the index on a day, or the one named by `override`.

    An AQI edition whose limits came in stages ("2026") names the stage of the day, and its first stage on days outside
    it. StandardsError names the gap.
    """
    if override is None:
        return in_force("composite_index", on, profile=EQUAL)[0].edition
    known = list(dict.fromkeys(row.edition for row in table("composite_index")))
    if override in known:
        return override
    stages = [name for name in known if name.startswith(f"{override}-")]
    if not stages:
        raise StandardsError(f"composite_index: no edition {override!r}; editions: {', '.join(known)}")
    today = in_force("composite_index", on, profile=EQUAL)[0].edition
    return today if today in stages else stages[0]


@lru_cache(maxsize=64)
def index_terms(edition: str | date, profile: str = EQUAL) -> Terms:
    """Limits and weights of an edition, or of the edition of a day.

    A profile that is off by default is used when named, and its footnotes say what it stands on. StandardsError when
    the edition has no such profile.
    """
    name = index_edition(edition) if isinstance(edition, date) else index_edition(date.min, edition)
    rows = in_force("composite_index", date.min, name, profile=profile)
    day = rows[0].day("valid_from") or rows[0].day("valid_to") or date.min
    places = in_force("rounding_rules", day, quantity="composite_index", item="all")[0]
    terms = tuple(
        Term(
            ObservationKind(row.text("item")),
            row.text("statistic"),
            Fraction(row.number()),
            Fraction(row.number("weight")),
        )
        for row in rows
    )
    notes = (*(row.footnote() for row in rows), places.footnote())
    return Terms(name, profile, terms, day, places.integer(), notes)


def composite(
    values: Mapping[ObservationKind, Decimal | Fraction | None], edition: str | date, profile: str = EQUAL
) -> Composite:
    """Index from one concentration per item (CO mg/m3, others ug/m3), unrounded, by an edition or that of a day.

    Rounded once, half-even, to the published decimals. StandardsError for an unknown edition or profile.
    """
    of = index_terms(edition, profile)
    parts: dict[ObservationKind, Fraction] = {}
    ratios: dict[ObservationKind, Fraction] = {}
    missing: list[ObservationKind] = []
    for term in of.terms:
        value = values.get(term.kind)
        if value is None:
            missing.append(term.kind)
            continue
        ratios[term.kind] = Fraction(value) / term.limit
        parts[term.kind] = term.weight * ratios[term.kind]
    exact = None if missing else sum(parts.values(), Fraction())
    top = max(ratios.values(), default=None)
    main = tuple(kind for kind, ratio in ratios.items() if ratio == top)
    index = None if exact is None else round_half_even(exact, of.places)
    return Composite(
        index, exact, MappingProxyType(parts), main, tuple(missing), of.edition, profile, of.footnotes
    )


def composite_array(
    values: Mapping[ObservationKind, Floats], edition: str | date, profile: str = EQUAL
) -> Floats:
    """Indices from arrays of one shape per item, not rounded; NaN where an item is missing.

    StandardsError for an unknown edition or profile, or when an item of the index has no array.
    """
    of = index_terms(edition, profile)
    absent = [term.kind.value for term in of.terms if term.kind not in values]
    if absent:
        raise StandardsError(f"composite index without {', '.join(absent)}")
    total: Floats | None = None
    for term in of.terms:
        part = values[term.kind] * float(term.weight / term.limit)
        total = part if total is None else total + part
    if total is None:
        raise StandardsError(f"composite_index {of.edition}/{profile}: no item")
    return total
