"""App configuration of assessments."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AssessmentsConfig(AppConfig):
    """Indicators over whole days."""

    name = "lantian_web.assessments"
    label = "assessments"
    verbose_name = _("assessments")
    default_auto_field = "django.db.models.BigAutoField"
