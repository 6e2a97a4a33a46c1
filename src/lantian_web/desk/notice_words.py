"""Words of the page of notices."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import pgettext_lazy

__all__ = ["HELD", "KINDS", "LIGHTS", "OUTCOMES", "READERS", "STATES"]

KINDS = {"wecom": lazy("WeCom"), "dingtalk": lazy("DingTalk"), "mail": lazy("Mail")}
READERS = {
    "office": lazy("Offices only"),
    "plants": lazy("Plants only"),
    "all": lazy("Offices and plants"),
}
OUTCOMES = {
    "started": lazy("on its way"),
    "sent": lazy("delivered"),
    "throttled": lazy("throttled"),
    "unreached": lazy("nobody there"),
    "unsure": lazy("unsure"),
    "refused": pgettext_lazy("message", "refused"),
}
HELD = lazy("not tried: host not allowed")
STATES = {
    "queued": lazy("waits"),
    "sending": lazy("on its way"),
    "unsure": lazy("unsure, will be repeated"),
    "sent": lazy("delivered"),
    "failed": lazy("not delivered"),
    "moved": lazy("gone to the next channel"),
    "told": lazy("told by telephone"),
}
LIGHTS = {
    "started": "blind",
    "sent": "green",
    "throttled": "amber",
    "unreached": "amber",
    "unsure": "amber",
    "refused": "red",
}
