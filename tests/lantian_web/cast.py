"""A city small enough to know everybody: two counties, six plants, and who is who in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import numpy as np

from lantian.detect.baselines import Baseline
from lantian.detect.noncompliance import OrderDay
from lantian.detect.plants import PlantIndex
from lantian.inventory import (
    Area,
    AreaKind,
    Duty,
    Enterprise,
    Line,
    ListedMeasure,
    Meter,
    MeterKind,
    Person,
    Post,
    Station,
    Unit,
    UnitKind,
)
from lantian.periods import at, to_ms
from lantian.records import (
    Action,
    Basis,
    DecisionKind,
    Evidence,
    Finding,
    FindingKind,
    Level,
    Outcome,
    Subject,
    SubjectKind,
)
from lantian_web.orders import commands as orders
from lantian_web.orders.models import Decision, Order

SIGNED = at(date(2026, 12, 7), 18, 40)
STARTS = at(date(2026, 12, 8), 0)
DAY = date(2026, 12, 8)
ORANGE = [210, 220, 230, 240, 120]
MAYOR, VICE, ANALYST, SECOND_ANALYST = "mayor", "vice", "analyst", "analyst-2"
LEADER, DISPATCHER, CHECKER, SECOND_CHECKER = "leader-n", "dispatcher-n", "checker-n", "checker-n2"
OBEYS, CHEATS, BROKEN, EXEMPT, REDUCES, FAR = "obeys", "cheats", "broken", "exempt", "reduces", "far"
STATES = {
    OBEYS: (Action.STOP, None, None),
    CHEATS: (Action.STOP, None, None),
    BROKEN: (Action.STOP, None, None),
    EXEMPT: (Action.EXEMPT, None, None),
    REDUCES: (Action.REDUCE, "reduces-1", None),
    FAR: (Action.LIMIT, None, 30),
}
"""What the approved list asks of each plant; `far` lies in the other county."""


@dataclass(frozen=True, slots=True)
class City:
    """What `import_city` asks for."""

    areas: Sequence[Area] = ()
    units: Sequence[Unit] = ()
    people: Sequence[Person] = ()
    posts: Sequence[Post] = ()
    enterprises: Sequence[Enterprise] = ()
    lines: Sequence[Line] = ()
    meters: Sequence[Meter] = ()
    stations: Sequence[Station] = ()
    listed: Sequence[ListedMeasure] = ()
    first_day: date = date(2026, 12, 7)


@dataclass(slots=True)
class Judged:
    """A judgement of one day."""

    findings: list[Finding] = field(default_factory=list)
    order_days: list[OrderDay] = field(default_factory=list)


def _offices() -> tuple[list[Unit], list[tuple[str, str, Duty, str]]]:
    units = [Unit("u-city", UnitKind.CITY_OFFICE, "某市大气办", "90")]
    held = [
        (MAYOR, "u-city", Duty.SIGNER, "市长"),
        (VICE, "u-city", Duty.SIGNER, "副市长"),
        (ANALYST, "u-city", Duty.ANALYST, "研判员"),
        (SECOND_ANALYST, "u-city", Duty.ANALYST, "研判员"),
    ]
    for area, tag in (("9001", "n"), ("9002", "s")):
        units.append(Unit(f"u-{tag}-office", UnitKind.COUNTY_OFFICE, f"{tag}县专班", area))
        units.append(Unit(f"u-{tag}-bureau", UnitKind.COUNTY_BUREAU, f"{tag}县分局", area))
        held += [
            (f"leader-{tag}", f"u-{tag}-office", Duty.LEADER, "分管副县长"),
            (f"dispatcher-{tag}", f"u-{tag}-office", Duty.DISPATCHER, "调度员"),
            (f"checker-{tag}", f"u-{tag}-bureau", Duty.CHECKER, "核查员"),
            (f"checker-{tag}2", f"u-{tag}-bureau", Duty.CHECKER, "核查员"),
        ]
    return units, held


def city(plants: dict[str, tuple[Action, str | None, int | None]] = STATES) -> City:
    """The city with these plants (id → action, line, share); `far` and ids after it go to the southern county."""
    units, held = _offices()
    enterprises, lines, meters, listed = [], [], [], []
    for number, (plant, (action, line, share)) in enumerate(plants.items(), start=1):
        area = "9002" if plant == FAR else "9001"
        enterprises.append(
            Enterprise(
                plant,
                f"{plant}厂",
                area,
                "steel",
                "C",
                action is Action.EXEMPT,
                111.0,
                36.0,
                f"C{number:017d}",
            )
        )
        units.append(Unit(f"u-{plant}", UnitKind.PLANT, f"{plant}厂", area, plant))
        held.append((f"manager-{plant}", f"u-{plant}", Duty.MANAGER, "环保负责人"))
        lines.append(Line(f"{plant}-1", plant, 1, "一号线"))
        meters.append(Meter(f"{plant}-1-p", f"{plant}-1", plant, area, MeterKind.PRODUCTION, 100.0))
        meters.append(Meter(f"{plant}-1-t", f"{plant}-1", plant, area, MeterKind.TREATMENT, 10.0))
        for level in (Level.ORANGE, Level.RED):
            reason = "民生保障" if action is Action.EXEMPT else ""
            listed.append(
                ListedMeasure(
                    len(listed) + 1, plant, level, action, line, share, reason, "清单", date(2026, 10, 1)
                )
            )
    area_of = {unit.id: unit.area_id for unit in units}
    return City(
        areas=[
            Area("90", AreaKind.CITY, "某市"),
            Area("9001", AreaKind.COUNTY, "北县", ((111.0, 36.0), (111.5, 36.0), (111.5, 36.5))),
            Area("9002", AreaKind.COUNTY, "南县", ((111.0, 35.0), (111.5, 35.0), (111.5, 35.5))),
        ],
        units=units,
        people=[Person(person, f"名{person}", unit, "000") for person, unit, _, _ in held],
        posts=[Post(unit, duty, title, person, area_of[unit]) for person, unit, duty, title in held],
        enterprises=enterprises,
        lines=lines,
        meters=meters,
        stations=[Station("s1", "一号站", "9001", 111.2, 36.2, True)],
        listed=listed,
    )


def learnt(made: City) -> Baseline:
    """Idle 2 kW everywhere, a base of 2000 kWh; nothing learnt of the broken plant's rest days."""
    index = PlantIndex.build(made.enterprises, made.lines, made.meters)
    rest = np.array([np.nan if plant == BROKEN else 1500.0 for plant in index.enterprise_ids])
    return Baseline(np.full(len(index.meter_ids), 2.0), np.full(len(index.enterprise_ids), 2000.0), rest)


def start(**changes: object) -> Decision:
    """The orange warning of 8 December, signed the evening before."""
    given = {
        "kind": DecisionKind.START,
        "level": Level.ORANGE,
        "basis": Basis.RULE,
        "reason": "",
        "forecast": ORANGE,
        "edition": None,
        "signer": VICE,
        "start_at": STARTS,
        "now": SIGNED,
    } | changes
    return orders.decide(**given)  # type: ignore[arg-type]


def lift(start_at: datetime) -> Decision:
    """The end of it, signed six hours before."""
    return start(
        kind=DecisionKind.LIFT,
        level=Level.NONE,
        basis=Basis.CONSULTATION,
        reason="转好",
        forecast=[80, 80],
        start_at=start_at,
        now=start_at - timedelta(hours=6),
    )


def order_of(plant: str) -> Order:
    """The newest order of a plant."""
    found = Order.objects.filter(enterprise_id=plant).order_by("start_at").last()
    assert found is not None
    return found


def ran_on(plant: str, day: date = DAY, measured: float = 80.0) -> Finding:
    """The finding that the plant's line ran for an hour from two in the morning on."""
    order = order_of(plant)
    first = to_ms(at(day, 2))
    evidence = Evidence(((first, first + 3_600_000),), measured, 20.0, "kW", 88, 0, (f"{plant}-1-p",))
    return Finding(
        kind=FindingKind.NOT_STOPPED,
        rule="P2",
        version="1",
        subject=Subject(SubjectKind.LINE, f"{plant}-1"),
        enterprise_id=plant,
        area_id=order.area_id,
        order_id=order.id,
        unit_start_ms=to_ms(at(day, 0)),
        first_ms=first,
        last_ms=first + 3_600_000,
        evidence=evidence,
    )


def day_of(plant: str, outcome: Outcome, day: date = DAY) -> OrderDay:
    """The answer for a plant's order on one day."""
    order = order_of(plant)
    blind = outcome is Outcome.CANNOT_TELL
    return OrderDay(
        order.id,
        plant,
        order.area_id,
        day,
        FindingKind.NOT_STOPPED,
        outcome,
        0 if blind else 96,
        96 if blind else 0,
        None if blind else 1.0,
        20.0,
        "kW",
    )
