"""Answers of `lantian assess` as JSON values: the indicator alone or compared, and its rank."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from lantian.errors import DataError
from lantian_cli.assess_target import footnotes, plain

if TYPE_CHECKING:
    from lantian.assess.dust import DustDays
    from lantian.assess.statistics import Stat
    from lantian.observe.panel import DayPanel
    from lantian.periods import Period
    from lantian.records import ObservationKind

__all__ = ["THREE_YEAR", "Asked", "answer_of", "rank_of", "span_text"]

THREE_YEAR = "_three_year"


def span_text(period: Period) -> str:
    """A period as the command line writes it."""
    return f"{period.start_on}..{period.end_on}"


def _side(stat: Stat, prefix: str = "") -> dict[str, Any]:
    """One side: `mean` is the value before publication's rounding, whatever the indicator is made of."""
    return {
        prefix or "mean": plain(stat.exact),
        f"{prefix or 'mean'}_published": stat.value,
        f"{prefix and prefix + '_'}days_valid": stat.days_valid,
        f"{prefix and prefix + '_'}days_dropped": stat.days_dropped,
        f"{prefix and prefix + '_'}enough": stat.enough,
    }


@dataclass(frozen=True, slots=True)
class Asked:
    """What is assessed: the data, the place, the indicator's full name and how it is made."""

    panel: DayPanel
    point: str
    name: str
    edition: str | None
    dust: DustDays
    plan: Collection[ObservationKind]


def rank_of(asked: Asked, region: str, period: Period, previous: Period | None) -> dict[str, Any]:
    """Place among the cities of a region, and its whole table."""
    from lantian.assess.indicator import Caveat
    from lantian.assess.membership import PROVINCE, membership, province_of
    from lantian.assess.ranking import ranking

    if region == PROVINCE:
        region = province_of(asked.point) or region
    members = membership(region, period.end_on)
    found = ranking(
        asked.panel,
        members,
        period,
        asked.name,
        previous=previous,
        edition=asked.edition,
        dust=asked.dust,
        monitored=asked.plan,
    )
    notes = [*found.notes, *([] if asked.point in members.cities else [Caveat.NOT_A_MEMBER])]
    rows = [
        {
            "point": row.point,
            "rank": row.rank,
            "tied": row.tied,
            "value": row.value,
            "mean": plain(row.exact),
            "days_valid": row.days_valid,
            "band": row.band,
            "was": row.was,
            "moved": row.moved,
            "because": row.because,
        }
        for row in found.rows
    ]
    own = next((row["rank"] for row in rows if row["point"] == asked.point), None)
    return {
        "region": region,
        "name": members.name,
        "members": len(members.cities),
        "backwards": found.backwards,
        "edition": found.edition,
        "rank": own,
        "ranked": sum(row["rank"] is not None for row in rows),
        "rows": rows,
        "left_out": [list(each) for each in found.left_out],
        "notes": notes,
        "footnotes": footnotes(found.footnotes),
    }


def answer_of(asked: Asked, period: Period, against: Period | None) -> dict[str, Any]:
    """The statistic, and with `against` its base and the change."""
    from lantian.assess.compare import alone, compare
    from lantian.observe.state import state_on

    panel, point, name, edition, dust, plan = (
        asked.panel, asked.point, asked.name, asked.edition, asked.dust, asked.plan
    )  # fmt: skip
    state = state_on(period.end_on)
    head = {"area": point, "indicator": name, "period": span_text(period)}
    tail = {
        "state": {"gas": state.gas, "particle": state.particle},
        "plan": [item.value for item in plan],
        "dust_mode": dust.mode(name, period.end_on),
        "dust_days": dust.count(point, period.start_on, period.end_on),
    }
    if name.endswith(THREE_YEAR):
        stat, notes = _three_years(asked, period)
    elif against is None:
        single = alone(panel, point, name, period, edition=edition, dust=dust, monitored=plan)
        stat, notes = single.stat, list(single.notes)
    else:
        found = compare(panel, point, name, period, against, edition=edition, dust=dust, monitored=plan)
        return {
            **head,
            "against": span_text(found.against),
            **_side(found.now),
            **_side(found.base, "base"),
            "change_percent": None if found.change_percent is None else float(found.change_percent),
            "edition": found.edition,
            **tail,
            "notes": list(found.notes),
            "footnotes": footnotes(found.footnotes),
        }
    said = {**_side(stat), "edition": stat.edition, **tail}
    return {**head, **said, "notes": notes, "footnotes": footnotes(stat.footnotes)}


def _three_years(asked: Asked, period: Period) -> tuple[Stat, list[str]]:
    """Mean of three yearly means, in the reference state of the last day. DataError unless they are three years."""
    from lantian.assess.indicator import one_state
    from lantian.assess.statistics import three_year_mean
    from lantian.periods import year
    from lantian.records import ObservationKind

    last = year(period.end_on)
    if (period.start_on, period.end_on) != (date(last.start_on.year - 2, 1, 1), last.end_on):
        raise DataError(f"{asked.name} is of three whole years, not of {span_text(period)}", field="--period")
    kind = ObservationKind(asked.name.removesuffix(THREE_YEAR))
    panel, said = one_state(asked.panel, (period,), period.end_on, (kind,))
    stat = three_year_mean(panel, asked.point, kind, period.end_on, edition=asked.edition, dust=asked.dust)
    return stat, list(said)
