"""App configuration of letters."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LettersConfig(AppConfig):
    """Letters, admonitions, circulars and proposals of accountability; silences."""

    name = "lantian_web.letters"
    label = "letters"
    verbose_name = _("letters")
    default_auto_field = "django.db.models.BigAutoField"
