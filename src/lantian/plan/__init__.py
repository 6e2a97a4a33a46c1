"""Deciding what must be: the warning level and one order per listed plant."""

from lantian.plan.measures import (
    Grounds,
    demands,
    grounds,
    listed_for,
    order_for,
    orders_for,
    standard_grace_s,
    supersede,
)
from lantian.plan.warning import (
    TRANSITIONS,
    Decision,
    EndRule,
    NextStep,
    Proposal,
    decide,
    may_lift,
    next_decision,
    propose,
    start_line,
)

__all__ = [
    "TRANSITIONS",
    "Decision",
    "EndRule",
    "Grounds",
    "NextStep",
    "Proposal",
    "decide",
    "demands",
    "grounds",
    "listed_for",
    "may_lift",
    "next_decision",
    "order_for",
    "orders_for",
    "propose",
    "standard_grace_s",
    "start_line",
    "supersede",
]
