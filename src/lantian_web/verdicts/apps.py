"""App configuration of verdicts."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class VerdictsConfig(AppConfig):
    """What a second person concluded."""

    name = "lantian_web.verdicts"
    label = "verdicts"
    verbose_name = _("verdicts")
    default_auto_field = "django.db.models.BigAutoField"
