"""County outlines as SVG paths; a map that needs no WebGL and no tiles."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from lantian.records import Light
from lantian_web.desk.lights import AreaLight, PlantLight

__all__ = ["Drawing", "Frame", "centre", "draw"]

LINKS = 400  # a county's plants are links each; in a whole city only those with something to say


@dataclass(frozen=True, slots=True)
class Frame:
    """A plain equirectangular view of a box of degrees, `width` units wide."""

    west: float
    north: float
    scale: float
    stretch: float
    width: float
    height: float

    @classmethod
    def around(cls, rings: Iterable[Sequence[Sequence[float]]], width: float, pad: float = 6) -> Frame | None:
        points = [point for ring in rings for point in ring]
        if not points:
            return None
        west, east = min(p[0] for p in points), max(p[0] for p in points)
        south, north = min(p[1] for p in points), max(p[1] for p in points)
        stretch = math.cos(math.radians((south + north) / 2))
        scale = (width - 2 * pad) / max((east - west) * stretch, 1e-9)
        return cls(
            west - pad / scale / stretch,
            north + pad / scale,
            scale,
            stretch,
            width,
            (north - south) * scale + 2 * pad,
        )

    def place(self, lon: float, lat: float) -> tuple[float, float]:
        x = (lon - self.west) * self.stretch * self.scale
        return round(x, 1), round((self.north - lat) * self.scale, 1)


@dataclass(frozen=True, slots=True)
class Drawing:
    """Finished shapes for the template."""

    width: float
    height: float
    areas: list[dict[str, Any]]
    plants: list[dict[str, Any]]
    calm: str  # dots of the plants in order, as one path: thousands of them are no thousands of links


def draw(
    areas: Sequence[AreaLight], plants: Sequence[PlantLight] = (), width: float = 264, city: str = ""
) -> Drawing | None:
    """The areas (with label points) and plants of a map; None when there is no outline.

    A name that repeats the city's is written without it: the map is of one city.
    """
    frame = Frame.around((a.area.outline for a in areas), width)
    if frame is None:
        return None
    placed = [(p, frame.place(p.lon, p.lat)) for p in plants]
    many = len(plants)
    return Drawing(
        frame.width,
        round(frame.height, 1),
        [_area(frame, a, city) for a in sorted(areas, key=lambda a: a.area.id) if a.area.outline],
        [{"plant": p, "x": x, "y": y} for p, (x, y) in placed if many <= LINKS or p.light != Light.GREEN],
        "".join(f"M{x:g} {y:g}h0" for p, (x, y) in placed if many > LINKS and p.light == Light.GREEN),
    )


def _area(frame: Frame, item: AreaLight, city: str) -> dict[str, Any]:
    ring = [frame.place(lon, lat) for lon, lat in item.area.outline]
    x, y = centre(ring)
    return {
        "item": item,
        "name": item.area.name.removeprefix(city) or item.area.name,
        "path": "M" + "L".join(f"{px} {py}" for px, py in ring) + "Z",
        "x": round(x, 1),
        "y": round(y, 1),
    }


def centre(ring: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Centroid of a ring by its signed area; the mean of its points when it has none."""
    twice = cx = cy = 0.0
    for (x0, y0), (x1, y1) in zip(ring, [*ring[1:], ring[0]], strict=True):
        cross = x0 * y1 - x1 * y0
        twice, cx, cy = twice + cross, cx + (x0 + x1) * cross, cy + (y0 + y1) * cross
    if abs(twice) < 1e-9:
        return sum(p[0] for p in ring) / len(ring), sum(p[1] for p in ring) / len(ring)
    return cx / (3 * twice), cy / (3 * twice)
