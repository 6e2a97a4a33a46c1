"""Warnings, the decisions that move them, and one order per plant."""

from __future__ import annotations

from django.db import models

from lantian.records import Action, Basis, DecisionKind, Level, OrderState
from lantian_web.scope import Scoped, choices_of

__all__ = ["Decision", "Order", "OrderMeasure", "Warning"]


class Warning(Scoped):
    """One episode of an area: from the first start to the lift. `level` is none once lifted."""

    id = models.CharField(max_length=40, primary_key=True)
    level = models.CharField(max_length=8, choices=choices_of(Level))
    started_at = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True)
    drill = models.BooleanField(default=False)


class Decision(Scoped):
    """One signed step of a warning, with its basis and the forecast it stood on."""

    id = models.CharField(max_length=40, primary_key=True)
    warning = models.ForeignKey(Warning, on_delete=models.PROTECT, related_name="decisions")
    number = models.CharField(max_length=40)  # 发文字号
    kind = models.CharField(max_length=8, choices=choices_of(DecisionKind))
    from_level = models.CharField(max_length=8, choices=choices_of(Level))
    level = models.CharField(max_length=8, choices=choices_of(Level))
    basis = models.CharField(max_length=16, choices=choices_of(Basis))
    reason = models.CharField(max_length=400)
    forecast = models.JSONField(default=list)  # [[day, aqi], ...] as issued
    edition = models.CharField(max_length=16)
    counterfactual = models.BooleanField(default=False)
    footnotes = models.JSONField(default=list)
    signer = models.CharField(max_length=64)
    signed_at = models.DateTimeField()
    start_at = models.DateTimeField()
    override_by = models.CharField(max_length=64, blank=True, default="")
    override_reason = models.CharField(max_length=400, blank=True, default="")


class Order(Scoped):
    """What one plant must do, from when, on whose decision. `end_at` is null while in force."""

    id = models.CharField(max_length=40, primary_key=True)
    number = models.PositiveIntegerField()  # 第 n 号, within the decision
    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="orders")
    level = models.CharField(max_length=8, choices=choices_of(Level))
    state = models.CharField(max_length=12, choices=choices_of(OrderState), db_index=True)
    start_at = models.DateTimeField()
    end_at = models.DateTimeField(null=True)
    grace_s = models.PositiveIntegerField()
    list_paper = models.CharField(max_length=200)
    end_rule = models.CharField(max_length=32)  # until_lifted


class OrderMeasure(models.Model):
    """One thing asked by an order, and the row of the approved list it stands on."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="measures")
    action = models.CharField(max_length=12, choices=choices_of(Action))
    line_id = models.CharField(max_length=64, blank=True, default="")
    share = models.PositiveSmallIntegerField(null=True)
    list_row = models.PositiveIntegerField()
    reason = models.CharField(max_length=200, blank=True, default="")
