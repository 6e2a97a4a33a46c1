"""Units, people, posts; who stands in for whom, who is charged with what, who has the watch.

Posts and charges are dated by days, both ends counting. What runs by the hour (acting, shifts) is half-open:
a shift until 24:00 ends at 00:00 of the next day, and that instant belongs to the one after.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

__all__ = ["Acting", "Charge", "ChargeKind", "Duty", "Person", "Post", "Shift", "Unit", "UnitKind"]


class UnitKind(StrEnum):
    """Kinds of unit."""

    CITY_OFFICE = "city_office"
    CITY_DEPARTMENT = "city_department"  # 市直部门
    COUNTY_OFFICE = "county_office"
    COUNTY_BUREAU = "county_bureau"
    TOWNSHIP_OFFICE = "township_office"  # 乡镇
    PLANT = "plant"


@dataclass(frozen=True, slots=True)
class Unit:
    """One organisation. `enterprise_id` only for plants."""

    id: str
    kind: UnitKind
    name: str
    area_id: str
    enterprise_id: str | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """One person of a unit. Who has left is no longer active: kept by name, never asked again."""

    id: str
    name: str
    unit_id: str
    phone: str
    active: bool = True


class Duty(StrEnum):
    """What a post answers for."""

    SIGNER = "signer"  # signs warnings
    ANALYST = "analyst"
    LEADER = "leader"  # 责任领导
    DISPATCHER = "dispatcher"
    CHECKER = "checker"
    MANAGER = "manager"  # a plant's environment manager


@dataclass(frozen=True, slots=True)
class Post:
    """A person holds a duty in a unit for an area (and everything below it), from a day on, until one."""

    unit_id: str
    duty: Duty
    title: str
    person_id: str
    area_id: str
    valid_from: date | None = None
    valid_to: date | None = None

    def holds_on(self, day: date) -> bool:
        """Whether it is held on the day."""
        return _stands(self.valid_from, self.valid_to, day)


@dataclass(frozen=True, slots=True)
class Acting:
    """Somebody acts for a person who is away (代理)."""

    person_id: str
    stand_in_id: str
    since: datetime
    until: datetime | None = None
    reason: str = ""
    by: str = ""

    def covers(self, at: datetime) -> bool:
        """Whether it stands at the instant."""
        return self.since <= at and (self.until is None or at < self.until)


class ChargeKind(StrEnum):
    """What a person is charged with beside the post."""

    LEADER_AREA = "leader_area"  # 领导分包
    COUNTY_LINK = "county_link"  # 包区联县
    PLANT_SPONSOR = "plant_sponsor"  # 企业包联
    PROJECT_SPONSOR = "project_sponsor"  # 项目包联


@dataclass(frozen=True, slots=True)
class Charge:
    """A person answers for an area, a plant or a project by a paper, from a day on, until one."""

    person_id: str
    kind: ChargeKind
    area_id: str = ""
    enterprise_id: str = ""
    project: str = ""
    since: date | None = None
    until: date | None = None
    paper: str = ""

    def holds_on(self, day: date) -> bool:
        """Whether it stands on the day."""
        return _stands(self.since, self.until, day)


@dataclass(frozen=True, slots=True)
class Shift:
    """One person's watch in a unit's rota (值班). A row is never changed: another replaces it and both stay."""

    unit_id: str
    duty: Duty
    person_id: str
    since: datetime
    until: datetime
    note: str = ""
    entered_at: datetime | None = None
    entered_by: str = ""
    replaced_at: datetime | None = None
    replaced_by: str = ""

    def covers(self, at: datetime) -> bool:
        """Whether the instant lies in it."""
        return self.since <= at < self.until

    def known(self, at: datetime) -> bool:
        """Whether it stood in the rota as that was known at the instant."""
        entered = self.entered_at is None or self.entered_at <= at
        return entered and (self.replaced_at is None or at < self.replaced_at)


def _stands(first: date | None, last: date | None, day: date) -> bool:
    return (first is None or first <= day) and (last is None or day <= last)
