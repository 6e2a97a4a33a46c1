"""Areas, plants, lines, meters, stations, the approved list, a city's own rules and the points of others."""

from __future__ import annotations

from django.db import models

from lantian.inventory import AreaKind, MeterKind
from lantian.records import Action, Level
from lantian_web.scope import Scoped, choices_of

__all__ = ["Area", "Enterprise", "Line", "ListedMeasure", "Meter", "OutsidePoint", "Overlay", "Station"]


class Area(models.Model):
    """A city, county or zone; `outline` is a ring of [lon, lat]."""

    id = models.CharField(max_length=24, primary_key=True)
    kind = models.CharField(max_length=12, choices=choices_of(AreaKind))
    name = models.CharField(max_length=60)
    outline = models.JSONField(default=list)


class Enterprise(Scoped):
    """One plant; its own id stands in `enterprise_id` too, for row rights.

    The bases are what was learnt of its production: kWh of a whole unrestricted day, null when not learnt.
    The `*_t` columns are what it emits in a year [t] by its last statement, null when none is known.
    """

    id = models.CharField(max_length=64, primary_key=True)
    name = models.CharField(max_length=120, db_index=True)
    trade = models.CharField(max_length=40)
    grade = models.CharField(max_length=2, blank=True, default="")
    livelihood = models.BooleanField(default=False)
    lon = models.FloatField()
    lat = models.FloatField()
    credit_code = models.CharField(max_length=18, unique=True)
    base_workday_kwh = models.FloatField(null=True)
    base_restday_kwh = models.FloatField(null=True)
    so2_t = models.FloatField(null=True)
    nox_t = models.FloatField(null=True)
    pm_t = models.FloatField(null=True)
    vocs_t = models.FloatField(null=True)


class Line(models.Model):
    """One production line."""

    id = models.CharField(max_length=64, primary_key=True)
    enterprise = models.ForeignKey(Enterprise, on_delete=models.PROTECT, related_name="lines")
    no = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=60)


class Meter(Scoped):
    """One power meter. `idle_kw` is the learnt idle power of a production meter, 0 when none was learnt."""

    id = models.CharField(max_length=64, primary_key=True)
    line = models.ForeignKey(Line, on_delete=models.PROTECT, related_name="meters")
    kind = models.CharField(max_length=12, choices=choices_of(MeterKind))
    rated_kw = models.FloatField()
    idle_kw = models.FloatField(default=0.0)


class Station(Scoped):
    """One air station."""

    id = models.CharField(max_length=64, primary_key=True)
    name = models.CharField(max_length=60)
    lon = models.FloatField()
    lat = models.FloatField()
    national = models.BooleanField(default=False)


class ListedMeasure(Scoped):
    """One row of the approved emergency list."""

    row_no = models.PositiveIntegerField()
    level = models.CharField(max_length=8, choices=choices_of(Level))
    action = models.CharField(max_length=12, choices=choices_of(Action))
    line_id = models.CharField(max_length=64, blank=True, default="")
    share = models.PositiveSmallIntegerField(null=True)
    reason = models.CharField(max_length=200, blank=True, default="")
    paper = models.CharField(max_length=200)
    valid_from = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["paper", "row_no"], name="one_list_row"),
        ]
        indexes = [models.Index(fields=["level", "enterprise_id"], name="listed_level")]


class OutsidePoint(models.Model):
    """A city or station that is not ours but whose air we hold: who to be compared with.

    `key` is its `point` in the lake. A station names its city; a city names itself.
    """

    key = models.CharField(max_length=120, primary_key=True)
    kind = models.CharField(max_length=12)  # city | station
    name = models.CharField(max_length=60)
    city = models.CharField(max_length=60, db_index=True)
    province = models.CharField(max_length=40, blank=True, default="")


class Overlay(models.Model):
    """The city's own rows of one rule table, whole, as loaded: the newest of a table counts, older ones stay.

    `text` is CSV in the form of the table; `sha256` is that of the text.
    """

    table = models.CharField(max_length=48)
    text = models.TextField()
    source = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    paper = models.CharField(max_length=200, blank=True, default="")
    loaded_by = models.CharField(max_length=64)
    loaded_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["table", "id"], name="overlay_newest")]
