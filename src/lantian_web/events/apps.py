"""App configuration of events."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class EventsConfig(AppConfig):
    """Append-only log of what happened, and how apps learn of each other."""

    name = "lantian_web.events"
    label = "events"
    verbose_name = _("events")
    default_auto_field = "django.db.models.BigAutoField"
