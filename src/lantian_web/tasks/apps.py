"""App configuration of tasks."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TasksConfig(AppConfig):
    """Who must act by when."""

    name = "lantian_web.tasks"
    label = "tasks"
    verbose_name = _("tasks")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Take up the reactions to events of the apps below."""
        from lantian_web.tasks import reactions  # noqa: F401
