"""What the rules propose and what people said of it; and the three-valued answer per order and day."""

from __future__ import annotations

from django.db import models

from lantian import records
from lantian.records import Evidence, FindingKind, FindingState, Outcome, Subject, SubjectKind
from lantian_web.scope import Scoped, choices_of

__all__ = ["Finding", "OrderDay"]


class Finding(Scoped):
    """One proposal of a rule over one order day, with its evidence. Times are UTC milliseconds.

    Only what a person confirmed leaves the city office.
    """

    OFFICE_ONLY = ~models.Q(state=FindingState.CONFIRMED)

    id = models.CharField(max_length=40, primary_key=True)
    kind = models.CharField(max_length=24, choices=choices_of(FindingKind))
    state = models.CharField(
        max_length=12, choices=choices_of(FindingState), default="proposed", db_index=True
    )
    rule = models.CharField(max_length=16)
    version = models.CharField(max_length=16)
    subject_kind = models.CharField(max_length=12, choices=choices_of(SubjectKind))
    subject_id = models.CharField(max_length=64)
    order_id = models.CharField(max_length=40, db_index=True)
    on = models.DateField(db_index=True)
    unit_start_ms = models.BigIntegerField()
    first_ms = models.BigIntegerField()
    last_ms = models.BigIntegerField()
    measured = models.FloatField()
    threshold = models.FloatField()
    unit = models.CharField(max_length=8)
    slots_judged = models.PositiveSmallIntegerField()
    slots_missing = models.PositiveSmallIntegerField()
    runs = models.JSONField(default=list)  # [[first_ms, last_ms], ...]
    points = models.JSONField(default=list)  # meter ids
    proposed_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=64, blank=True, default="")
    reason = models.CharField(max_length=200, blank=True, default="")

    def to_domain(self) -> records.Finding:
        """The library's record of this row."""
        return records.Finding(
            kind=FindingKind(self.kind),
            rule=self.rule,
            version=self.version,
            subject=Subject(SubjectKind(self.subject_kind), self.subject_id),
            enterprise_id=self.enterprise_id,
            area_id=self.area_id,
            order_id=self.order_id,
            unit_start_ms=self.unit_start_ms,
            first_ms=self.first_ms,
            last_ms=self.last_ms,
            evidence=Evidence(
                runs=tuple((first, last) for first, last in self.runs),
                measured=self.measured,
                threshold=self.threshold,
                unit=self.unit,
                slots_judged=self.slots_judged,
                slots_missing=self.slots_missing,
                points=tuple(self.points),
            ),
        )


class OrderDay(Scoped):
    """The answer for one order, one kind of measure and one local day."""

    order_id = models.CharField(max_length=40)
    on = models.DateField(db_index=True)
    kind = models.CharField(max_length=24, choices=choices_of(FindingKind))
    outcome = models.CharField(max_length=16, choices=choices_of(Outcome))
    slots_judged = models.PositiveSmallIntegerField()
    slots_missing = models.PositiveSmallIntegerField()
    measured = models.FloatField(null=True)
    threshold = models.FloatField(null=True)
    unit = models.CharField(max_length=8)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["order_id", "on", "kind"], name="one_order_day")]

    # A breach stays in the city office until an analyst has confirmed a finding of that order, day and kind.
    OFFICE_ONLY = models.Q(outcome=Outcome.NOT_COMPLIED) & ~models.Q(
        models.Exists(
            Finding.objects.filter(
                order_id=models.OuterRef("order_id"),
                on=models.OuterRef("on"),
                kind=models.OuterRef("kind"),
                state=FindingState.CONFIRMED,
            )
        )
    )
