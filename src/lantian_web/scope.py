"""What every model here shares: the three columns that row rights filter by, and choices of an enum."""

from __future__ import annotations

from enum import StrEnum

from django.db import models

__all__ = ["Scoped", "choices_of"]


def choices_of(enum: type[StrEnum]) -> list[tuple[str, str]]:
    """Choices of a field that stores an enum's value; labels come from the glossary catalogue."""
    return [(member.value, member.value) for member in enum]


class Scoped(models.Model):
    """Whose row this is. Area ids are prefix codes, so a subtree is a prefix."""

    area_id = models.CharField(max_length=24, blank=True, default="", db_index=True)
    unit_id = models.CharField(max_length=64, blank=True, default="", db_index=True)
    enterprise_id = models.CharField(max_length=64, blank=True, default="", db_index=True)

    class Meta:
        abstract = True
