"""Who must act by when: states of a task, its two clocks, and how an overdue one rises."""

from lantian.dispatch.deadline import Clocks, Urgency, clocks, next_deadline
from lantian.dispatch.escalation import Step, level_at, next_rise, steps
from lantian.dispatch.lifecycle import OPEN_STATES, TRANSITIONS, TaskEvent, allowed, move

__all__ = [
    "OPEN_STATES",
    "TRANSITIONS",
    "Clocks",
    "Step",
    "TaskEvent",
    "Urgency",
    "allowed",
    "clocks",
    "level_at",
    "move",
    "next_deadline",
    "next_rise",
    "steps",
]
