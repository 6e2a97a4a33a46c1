"""App configuration of notices."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NoticesConfig(AppConfig):
    """Notices to chat groups and mail: a queue in the registry, and a courier of its own that empties it."""

    name = "lantian_web.notices"
    label = "notices"
    verbose_name = _("notices")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Take up the reactions to events of the apps below."""
        from lantian_web.notices import reactions  # noqa: F401
