"""App configuration of findings."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FindingsConfig(AppConfig):
    """Proposals of the rules and what people said of them."""

    name = "lantian_web.findings"
    label = "findings"
    verbose_name = _("findings")
    default_auto_field = "django.db.models.BigAutoField"
