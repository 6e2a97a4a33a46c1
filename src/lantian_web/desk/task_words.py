"""Words of tasks: kinds, states, parts, requests, pauses, and what happened to them."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import pgettext_lazy

__all__ = [
    "CATEGORIES",
    "CONDITIONS",
    "MET",
    "PARTS",
    "PAUSES",
    "REQUESTS",
    "TASK_EVENTS",
    "TASK_KINDS",
    "TASK_STATES",
]

TASK_KINDS = {"carry_out": lazy("Carry out"), "check": lazy("Check"), "dispatch": lazy("Dispatch order")}
CATEGORIES = {
    "routine": pgettext_lazy("dispatch kind", "Routine"),
    "emergency": pgettext_lazy("dispatch kind", "Emergency"),
    "special": pgettext_lazy("dispatch kind", "Special"),
    "linkage": pgettext_lazy("dispatch kind", "Linkage"),
    "key_follow": pgettext_lazy("dispatch kind", "Key follow-up"),
    "plant_check": pgettext_lazy("dispatch kind", "Plant problem check"),
    "cross_check": pgettext_lazy("dispatch kind", "Cross-check"),
    "effect": pgettext_lazy("dispatch kind", "Effect evaluation"),
}
TASK_STATES = {
    "issued": lazy("To be claimed"),
    "claimed": lazy("In hand"),
    "in_hand": lazy("At work"),
    "answered": lazy("To be checked"),
    "returned": lazy("Returned"),
    "declined": lazy("Sent back, to be reassigned"),
    "on_hold": lazy("On hold"),
    "suspended": lazy("Suspended"),
    "closed": lazy("Closed"),
    "withdrawn": pgettext_lazy("task", "Withdrawn"),
}
PARTS = {"assist": lazy("Assisting unit"), "share": lazy("Part")}
REQUESTS = {
    "question": pgettext_lazy("request", "Question"),
    "extension": lazy("Extension"),
    "hold": pgettext_lazy("request", "Put on hold"),
    "suspend": pgettext_lazy("request", "Suspend"),
    "appeal": lazy("Appeal"),
}
PAUSES = {
    "laboratory_result": lazy("waiting for the laboratory"),
    "explanation_review": lazy("explanation under review"),
    "other_unit_material": lazy("waiting for another unit's material"),
    "site_closed": lazy("the site cannot be entered"),
    "force_majeure": lazy("force majeure"),
    "hold": pgettext_lazy("request", "Put on hold"),
    "suspend": pgettext_lazy("request", "Suspend"),
}
CONDITIONS = {
    "measures_done": lazy("All measures of the plan are done"),
    "punished": lazy("Breaches are dealt with by law"),
    "lawful_result": lazy("The result meets law and technical norms"),
    "same_kind_fixed": lazy("The same kind of problem is fixed around it"),
    "source_and_lasting": lazy("Solved at its source, with a lasting mechanism"),
}
MET = {
    "yes": pgettext_lazy("condition", "Met"),
    "no": pgettext_lazy("condition", "Not met"),
    "not_applicable": pgettext_lazy("condition", "Does not apply"),
}
TASK_EVENTS = {
    "task.opened": lazy("Task opened"),
    "task.joined": lazy("Another finding joined"),
    "task.due": lazy("Due time set"),
    "task.claimed": lazy("Claimed"),
    "task.started": lazy("On the spot, at work"),
    "task.answered": lazy("Answered"),
    "task.escalated": lazy("Escalated"),
    "task.reminded": lazy("Reminded"),
    "task.look_due": lazy("Its next look has come"),
    "task.request_due": lazy("The sender owes an answer"),
    "task.returned": lazy("Returned"),
    "task.declined": lazy("Assignment sent back"),
    "task.unclaimed": lazy("The sign-for was none and is taken back"),
    "task.insisted": lazy("The sender stands by the assignment"),
    "task.transferred": lazy("Transferred to another unit"),
    "task.requested": lazy("Asked of the sender"),
    "task.questioned": lazy("A question to the sender"),
    "task.question_answered": lazy("The sender has answered the question"),
    "task.request_granted": lazy("Request granted"),
    "task.request_refused": lazy("Request refused"),
    "task.held": lazy("Put on hold"),
    "task.looked": lazy("Looked at again"),
    "task.suspended": lazy("Suspended"),
    "task.resumed": lazy("Goes on"),
    "task.paused": lazy("The clock stands"),
    "task.unpaused": lazy("The clock goes on"),
    "task.proven": lazy("Evidence handed in"),
    "task.split": lazy("Handed on in parts"),
    "task.passed_on": lazy("Passed on"),
    "task.reopened": lazy("Reopened"),
    "task.closed": lazy("Closed"),
    "task.withdrawn": pgettext_lazy("task", "Withdrawn"),
}
