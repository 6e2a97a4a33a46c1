"""Units, people, posts; stand-ins, charges and watches; log-ins and grants; receipts of lists taken in."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.db import models

from lantian import inventory
from lantian.inventory import ChargeKind, Duty, UnitKind
from lantian.records import Role
from lantian_web.scope import Scoped, choices_of

__all__ = ["Acting", "Charge", "Grant", "PeopleImport", "Person", "Post", "Shift", "Unit", "User"]


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
    active = models.BooleanField(default=True)


class Post(models.Model):
    """A person holds a duty in a unit for an area and everything below it; both ends of its days count."""

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT)
    duty = models.CharField(max_length=24, choices=choices_of(Duty))
    title = models.CharField(max_length=60)
    person = models.ForeignKey(Person, on_delete=models.PROTECT)
    area_id = models.CharField(max_length=24, db_index=True)
    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True)

    def to_domain(self) -> inventory.Post:
        """The library's record."""
        return inventory.Post(
            self.unit_id,
            Duty(self.duty),
            self.title,
            self.person_id,
            self.area_id,
            self.valid_from,
            self.valid_to,
        )


class Acting(Scoped):
    """Somebody acts for a person who is away; the scope is that of the person's unit."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    stand_in = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=200, blank=True, default="")
    entered_at = models.DateTimeField()
    entered_by = models.CharField(max_length=64)

    class Meta:
        indexes = [models.Index(fields=["person", "since"], name="acting_of")]

    def to_domain(self) -> inventory.Acting:
        """The library's record."""
        return inventory.Acting(
            self.person_id, self.stand_in_id, self.since, self.until, self.reason, self.entered_by
        )


class Charge(Scoped):
    """A person is charged with an area, a plant or a project; the scope is what they are charged with."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=24, choices=choices_of(ChargeKind))
    project = models.CharField(max_length=120, blank=True, default="")
    since = models.DateField(null=True, blank=True)
    until = models.DateField(null=True, blank=True)
    paper = models.CharField(max_length=200, blank=True, default="")

    def to_domain(self) -> inventory.Charge:
        """The library's record."""
        return inventory.Charge(
            self.person_id,
            ChargeKind(self.kind),
            self.area_id,
            self.enterprise_id,
            self.project,
            self.since,
            self.until,
            self.paper,
        )


class Shift(Scoped):
    """One watch of a unit's rota. Never changed or deleted: another row replaces it, and both stay."""

    duty = models.CharField(max_length=24, choices=choices_of(Duty))
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    since = models.DateTimeField()
    until = models.DateTimeField()
    note = models.CharField(max_length=200, blank=True, default="")
    entered_at = models.DateTimeField()
    entered_by = models.CharField(max_length=64)
    replaced_at = models.DateTimeField(null=True, blank=True)
    replaced_by = models.CharField(max_length=64, blank=True, default="")
    replaces = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        indexes = [
            models.Index(fields=["unit_id", "duty", "since"], name="shift_of_rota"),
            models.Index(fields=["until"], name="shift_until"),
        ]

    def to_domain(self) -> inventory.Shift:
        """The library's record."""
        return inventory.Shift(
            self.unit_id,
            Duty(self.duty),
            self.person_id,
            self.since,
            self.until,
            self.note,
            self.entered_at,
            self.entered_by,
            self.replaced_at,
            self.replaced_by,
        )


class PeopleImport(models.Model):
    """Receipt of a list of units and people taken in: what it held and what became of each row.

    `sha256` and `returned_sha256` name the bytes of the file and of the file given back (empty: nothing was refused).
    """

    id = models.CharField(max_length=40, primary_key=True)
    name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    returned_sha256 = models.CharField(max_length=64, blank=True, default="")
    counts = models.JSONField(default=dict)  # sheet -> {add, change, skip, refuse}
    by = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["-at"], name="people_import_newest")]


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
