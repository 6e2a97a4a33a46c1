"""Plants, lines and production meters as arrays: the row order in which a city's power is judged."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from lantian.errors import RuleError
from lantian.inventory import Enterprise, Line, Meter, MeterKind

__all__ = ["Floats", "Ints", "PlantIndex"]

Ints = np.ndarray[Any, np.dtype[np.int32]]
Floats = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True, slots=True, eq=False)
class PlantIndex:
    """Production meters sorted by plant, line and id. Row r of every power array is meter `meter_ids[r]`.

    `meter_line`, `line_plant`: position of a meter's line, of a line's plant. `plant_first` [plants + 1] and
    `line_first` [lines + 1]: where the rows of each begin. `rated_kw`: rated power of each row.
    """

    enterprise_ids: tuple[str, ...]
    area_ids: tuple[str, ...]
    line_ids: tuple[str, ...]
    line_plant: Ints
    meter_ids: tuple[str, ...]
    meter_line: Ints
    rated_kw: Floats
    plant_first: Ints
    line_first: Ints
    plant_of: Mapping[str, int] = field(repr=False)
    line_of: Mapping[str, int] = field(repr=False)

    @classmethod
    def build(
        cls, enterprises: Iterable[Enterprise], lines: Iterable[Line], meters: Iterable[Meter]
    ) -> PlantIndex:
        """Index an inventory; its order does not matter. Raises RuleError for a line or meter that hangs loose."""
        plants = sorted(enterprises, key=lambda plant: plant.id)
        plant_of = {plant.id: no for no, plant in enumerate(plants)}
        ordered = sorted(lines, key=lambda line: (line.enterprise_id, line.no, line.id))
        line_of = {line.id: no for no, line in enumerate(ordered)}
        watched = [meter for meter in meters if meter.kind is MeterKind.PRODUCTION]
        try:
            line_plant = np.array([plant_of[line.enterprise_id] for line in ordered], np.int32)
            watched.sort(key=lambda meter: (line_of[meter.line_id], meter.id))
        except KeyError as error:
            raise RuleError(f"the inventory names {error}, but does not hold it") from None
        meter_line = np.array([line_of[meter.line_id] for meter in watched], np.int32)
        meter_plant = line_plant[meter_line] if watched else meter_line
        return cls(
            enterprise_ids=tuple(plant_of),
            area_ids=tuple(plant.area_id for plant in plants),
            line_ids=tuple(line_of),
            line_plant=line_plant,
            meter_ids=tuple(meter.id for meter in watched),
            meter_line=meter_line,
            rated_kw=np.array([meter.rated_kw for meter in watched], np.float64),
            plant_first=np.searchsorted(meter_plant, np.arange(len(plants) + 1)).astype(np.int32),
            line_first=np.searchsorted(meter_line, np.arange(len(ordered) + 1)).astype(np.int32),
            plant_of=plant_of,
            line_of=line_of,
        )

    def plant_rows(self, enterprise_id: str) -> range:
        """Rows of a plant. Raises RuleError when there is no such plant."""
        plant = self.plant_of.get(enterprise_id)
        if plant is None:
            raise RuleError(f"an order speaks of plant {enterprise_id}, which the inventory does not hold")
        return range(int(self.plant_first[plant]), int(self.plant_first[plant + 1]))

    def line_rows(self, enterprise_id: str, line_id: str | None) -> range:
        """Rows of a line. Raises RuleError when it is not a line of that plant."""
        line = self.line_of.get(line_id or "")
        if line is None or self.enterprise_ids[self.line_plant[line]] != enterprise_id:
            raise RuleError(f"an order speaks of line {line_id}, which is no line of plant {enterprise_id}")
        return range(int(self.line_first[line]), int(self.line_first[line + 1]))
