"""Units, people and posts."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Duty", "Person", "Post", "Unit", "UnitKind"]


class UnitKind(StrEnum):
    """Kinds of unit."""

    CITY_OFFICE = "city_office"
    COUNTY_OFFICE = "county_office"
    COUNTY_BUREAU = "county_bureau"
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
    """One person of a unit."""

    id: str
    name: str
    unit_id: str
    phone: str


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
    """A person holds a duty in a unit for an area (and everything below it)."""

    unit_id: str
    duty: Duty
    title: str
    person_id: str
    area_id: str
