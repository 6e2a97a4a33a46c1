"""App configuration of bulletins."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BulletinsConfig(AppConfig):
    """Papers made and asked for."""

    name = "lantian_web.bulletins"
    label = "bulletins"
    verbose_name = _("bulletins")
    default_auto_field = "django.db.models.BigAutoField"
