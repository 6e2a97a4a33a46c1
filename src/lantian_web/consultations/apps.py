"""App configuration of consultations."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ConsultationsConfig(AppConfig):
    """Who sat together, what was known, what was advised, what came of it."""

    name = "lantian_web.consultations"
    label = "consultations"
    verbose_name = _("consultations")
    default_auto_field = "django.db.models.BigAutoField"
