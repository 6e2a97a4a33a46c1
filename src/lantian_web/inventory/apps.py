"""App configuration of inventory."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class InventoryConfig(AppConfig):
    """Areas, plants, lines, meters, stations and the approved list, as registry rows."""

    name = "lantian_web.inventory"
    label = "inventory"
    verbose_name = _("inventory")
    default_auto_field = "django.db.models.BigAutoField"
