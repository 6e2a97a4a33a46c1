"""Where does the wind come from, and with which wind is the air bad? Roses of 16 sectors by wind force.

Speeds are cut by the wind forces of table `wind_forces`. A calm hour (below force 1) has no direction, whatever the
vane shows: it is counted apart. An hour without a speed, or with wind but no direction, is missing and counted so.
A rose says with which wind the hours were; it does not say who made the air bad.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from lantian.errors import DataError
from lantian.observe.panel import Floats, HourPanel
from lantian.periods import Period
from lantian.records import Footnote, ObservationKind
from lantian.standards import table

__all__ = [
    "SECTORS",
    "LEAST_HOURS",
    "PollutionRose",
    "WindForce",
    "WindRose",
    "pollution_rose",
    "wind_forces",
    "wind_rose",
]

SECTORS = 16
"""North first, clockwise; sector k is centred on k x 22.5 degrees and holds its lower edge."""

LEAST_HOURS = 10
"""A cell with fewer hours shows no mean: one plume would decide it."""

_HOURS = 24


@dataclass(frozen=True, slots=True)
class WindForce:
    """Speeds [m/s] from `low` up to `high` (not included; None: no upper end)."""

    force: int
    low: Decimal
    high: Decimal | None


@dataclass(frozen=True, slots=True, eq=False)
class WindRose:
    """Hours by sector and force [16, forces]; `forces` begin above calm. Every hour of the period is counted once."""

    point: str
    period: Period
    forces: tuple[WindForce, ...]
    hours: NDArray[np.int64]
    calm: int
    missing: int
    mean_speed: float | None
    footnotes: tuple[Footnote, ...]

    @property
    def total(self) -> int:
        """Hours with wind or calm."""
        return int(self.hours.sum()) + self.calm

    @property
    def share(self) -> Floats:
        """Percent of the hours with wind or calm, by sector and force."""
        share: Floats = self.hours.astype(np.float64) * 100 / max(self.total, 1)
        return share

    @property
    def calm_share(self) -> float | None:
        """Percent of calm hours; None without any hour."""
        return self.calm * 100 / self.total if self.total else None


@dataclass(frozen=True, slots=True, eq=False)
class PollutionRose:
    """One item by sector and force: `mean` [16, forces] NaN below LEAST_HOURS, `hours` [16, forces].

    `sector_mean`, `sector_hours` [16] are over all forces; `load` [16] is each sector's share of the sum of all hourly
    values [percent], which with `calm_load` adds up to 100.
    """

    point: str
    kind: ObservationKind
    period: Period
    forces: tuple[WindForce, ...]
    mean: Floats
    hours: NDArray[np.int64]
    sector_mean: Floats
    sector_hours: NDArray[np.int64]
    load: Floats
    calm_mean: float | None
    calm: int
    calm_load: float | None
    overall: float | None
    missing: int
    footnotes: tuple[Footnote, ...]

    @property
    def total(self) -> int:
        """Hours with a value and with wind or calm."""
        return int(self.hours.sum()) + self.calm


def wind_forces() -> tuple[tuple[WindForce, ...], tuple[Footnote, ...]]:
    """The forces, calm first, and where they come from."""
    rows = sorted(table("wind_forces"), key=lambda row: row.integer("force"))
    lows = [row.number() for row in rows]
    forces = tuple(
        WindForce(row.integer("force"), low, high)
        for row, low, high in zip(rows, lows, [*lows[1:], None], strict=True)
    )
    return forces, (rows[0].footnote(),)


def _hours_of(panel: HourPanel, point: str, kind: ObservationKind, period: Period) -> Floats:
    """Hours of one point over exactly the period; NaN outside the panel."""
    row = panel.of(kind)[panel.row(point)]
    low = (period.start_on - panel.first).days * _HOURS
    cut = np.full(period.days * _HOURS, np.nan)
    part = row[max(low, 0) : max(low + len(cut), 0)]
    begin = max(-low, 0)
    cut[begin : begin + len(part)] = part
    return cut


def _cells(
    panel: HourPanel, point: str, period: Period, forces: tuple[WindForce, ...]
) -> tuple[NDArray[np.int64], NDArray[np.bool_], Floats]:
    """Cell of each hour (sector x force above calm, -1 none), whether it is calm, and the speed."""
    speed = _hours_of(panel, point, ObservationKind.WIND_SPEED, period)
    from_deg = _hours_of(panel, point, ObservationKind.WIND_FROM, period)
    # A speed is given to a tenth: compared as its decimal text reads, not as the float32 of a file.
    force = np.searchsorted([float(f.low) for f in forces], np.round(speed, 4), side="right") - 1
    calm = (force == 0) & ~np.isnan(speed)
    windy = ~np.isnan(speed) & ~np.isnan(from_deg) & (force > 0)
    width = 360 / SECTORS
    sector = np.floor((np.where(windy, from_deg, 0.0) + width / 2) / width).astype(np.int64) % SECTORS
    return np.where(windy, sector * (len(forces) - 1) + force - 1, -1), calm, speed


def _period(panel: HourPanel, period: Period | None) -> Period:
    if period is not None:
        return period
    if not panel.days:
        raise DataError("no hour to draw a rose of")
    return Period(panel.first, panel.first + timedelta(days=panel.days - 1))


def wind_rose(panel: HourPanel, point: str, period: Period | None = None) -> WindRose:
    """Hours of a point's wind by sector and force. DataError when there is no such point or no day."""
    span = _period(panel, period)
    forces, notes = wind_forces()
    cell, calm, speed = _cells(panel, point, span, forces)
    windy = cell >= 0
    shape = (SECTORS, len(forces) - 1)
    hours = np.bincount(cell[windy], minlength=shape[0] * shape[1]).reshape(shape)
    used = windy | calm
    return WindRose(
        point=point,
        period=span,
        forces=forces[1:],
        hours=hours,
        calm=int(calm.sum()),
        missing=int((~used).sum()),
        mean_speed=float(speed[used].mean()) if used.any() else None,
        footnotes=notes,
    )


def pollution_rose(
    panel: HourPanel, point: str, kind: ObservationKind, period: Period | None = None, wind: str = ""
) -> PollutionRose:
    """Mean of one item by the wind of the same hour; `wind` is the point whose wind it is, the same one unless given.

    DataError when there is no such point or no day.
    """
    span = _period(panel, period)
    forces, notes = wind_forces()
    cell, calm, _ = _cells(panel, wind or point, span, forces)
    values = _hours_of(panel, point, kind, span)
    known = ~np.isnan(values)
    windy, calm = (cell >= 0) & known, calm & known
    shape = (SECTORS, len(forces) - 1)
    size = shape[0] * shape[1]
    hours = np.bincount(cell[windy], minlength=size).reshape(shape)
    sums = np.bincount(cell[windy], weights=values[windy], minlength=size).reshape(shape)
    calm_sum, total = float(values[calm].sum()), float(values[windy | calm].sum())
    sector_hours, sector_sum = hours.sum(axis=1), sums.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(hours >= LEAST_HOURS, sums / hours, np.nan)
        sector_mean = np.where(sector_hours >= LEAST_HOURS, sector_sum / sector_hours, np.nan)
    count, used = int(calm.sum()), windy | calm
    return PollutionRose(
        point=point,
        kind=kind,
        period=span,
        forces=forces[1:],
        mean=mean,
        hours=hours,
        sector_mean=sector_mean,
        sector_hours=sector_hours,
        load=sector_sum * (100 / total) if total > 0 else np.zeros(SECTORS),
        calm_mean=calm_sum / count if count >= LEAST_HOURS else None,
        calm=count,
        calm_load=calm_sum * 100 / total if total > 0 else None,
        overall=float(values[used].mean()) if used.any() else None,
        missing=int((~used).sum()),
        footnotes=notes,
    )
