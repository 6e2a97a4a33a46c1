"""Units, people, posts, log-ins and grants."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.db import models

from lantian.inventory import Duty, UnitKind
from lantian.records import Role
from lantian_web.scope import choices_of

__all__ = ["Grant", "Person", "Post", "Unit", "User"]


class Unit(models.Model):
    """One organisation."""

    id = models.CharField(max_length=64, primary_key=True)
    kind = models.CharField(max_length=24, choices=choices_of(UnitKind))
    name = models.CharField(max_length=120)
    area_id = models.CharField(max_length=24, db_index=True)
    enterprise_id = models.CharField(max_length=64, blank=True, default="")


class Person(models.Model):
    """One person of a unit."""

    id = models.CharField(max_length=64, primary_key=True)
    name = models.CharField(max_length=40)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT)
    phone = models.CharField(max_length=24, blank=True, default="")


class Post(models.Model):
    """A person holds a duty in a unit for an area and everything below it."""

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT)
    duty = models.CharField(max_length=24, choices=choices_of(Duty))
    title = models.CharField(max_length=60)
    person = models.ForeignKey(Person, on_delete=models.PROTECT)
    area_id = models.CharField(max_length=24, db_index=True)


class User(AbstractUser):
    """A log-in; `person` says who acts."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True)


class Grant(models.Model):
    """One role of one user over one scope."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="grants")
    role = models.CharField(max_length=24, choices=choices_of(Role))
    scope_kind = models.CharField(
        max_length=12, choices=[("area", "area"), ("unit", "unit"), ("enterprise", "enterprise")]
    )
    scope_id = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "role", "scope_kind", "scope_id"], name="one_grant")
        ]
