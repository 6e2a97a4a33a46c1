"""Who and where: frozen records of a city's areas, units, people, plants, points and its approved list.

Area ids are hierarchical codes: a child's id begins with its parent's, so a subtree is a prefix.
"""

from lantian.inventory.approved import ListedMeasure
from lantian.inventory.organisation import (
    Acting,
    Charge,
    ChargeKind,
    Duty,
    Person,
    Post,
    Shift,
    Unit,
    UnitKind,
)
from lantian.inventory.place import (
    Area,
    AreaKind,
    Enterprise,
    Line,
    Meter,
    MeterKind,
    Spell,
    Spells,
    Station,
    closed_by,
    runs_on,
)

__all__ = [
    "Acting",
    "Area",
    "AreaKind",
    "Charge",
    "ChargeKind",
    "Duty",
    "Enterprise",
    "Line",
    "ListedMeasure",
    "Meter",
    "MeterKind",
    "Person",
    "Post",
    "Shift",
    "Spell",
    "Spells",
    "Station",
    "Unit",
    "UnitKind",
    "closed_by",
    "runs_on",
]
