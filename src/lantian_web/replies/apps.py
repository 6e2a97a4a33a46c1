"""App configuration of replies."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RepliesConfig(AppConfig):
    """What people answer in the work chats: sign-fors start the clock, the rest waits for a person."""

    name = "lantian_web.replies"
    label = "replies"
    verbose_name = _("replies")
    default_auto_field = "django.db.models.BigAutoField"
