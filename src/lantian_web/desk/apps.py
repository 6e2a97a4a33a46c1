"""App configuration of desk."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DeskConfig(AppConfig):
    """The console pages; no models."""

    name = "lantian_web.desk"
    label = "desk"
    verbose_name = _("desk")
    default_auto_field = "django.db.models.BigAutoField"
