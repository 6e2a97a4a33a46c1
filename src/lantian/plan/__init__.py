"""Deciding what must be: the warning level and one order per listed plant."""

from lantian.plan.law import NO_OVERRIDE, refusals, signing_titles
from lantian.plan.measures import (
    demands,
    listed_for,
    orders_for,
    standard_grace_s,
)
from lantian.plan.warning import (
    TRANSITIONS,
    Decision,
    EndRule,
    NextStep,
    Proposal,
    decision_id,
    draft,
    may_lift,
    next_decision,
    propose,
    start_line,
)

__all__ = [
    "NO_OVERRIDE",
    "TRANSITIONS",
    "Decision",
    "EndRule",
    "NextStep",
    "Proposal",
    "decision_id",
    "draft",
    "demands",
    "listed_for",
    "may_lift",
    "next_decision",
    "orders_for",
    "propose",
    "refusals",
    "signing_titles",
    "standard_grace_s",
    "start_line",
]
