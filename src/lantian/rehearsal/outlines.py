"""Outlines of invented counties: cells of a jittered set of sites, with edges roughened once for both sides."""

from __future__ import annotations

from math import cos, radians

import numpy as np
from numpy.typing import NDArray

from lantian.rehearsal.source import number, stream

__all__ = ["contains", "outlines", "scatter"]

Floats = NDArray[np.float64]
Ring = tuple[tuple[float, float], ...]

KM_PER_DEGREE = 111.2
RELAXATIONS = 3
ROUGHNESS = 0.11  # offset of an edge's middle, as a share of its length; larger values make edges cross
ROUGHENINGS = 4  # 2**4 pieces per edge
SAME_POINT = 1e-6  # km; corners computed from two cells differ by rounding only


def _clip(ring: Floats, point: Floats, normal: Floats) -> Floats:
    """The part of a convex ring with (x - point) . normal <= 0."""
    side = (ring - point) @ normal
    kept: list[Floats] = []
    for i in range(len(ring)):
        j = (i + 1) % len(ring)
        if side[i] <= 0:
            kept.append(ring[i])
        if (side[i] < 0 < side[j]) or (side[j] < 0 < side[i]):
            kept.append(ring[i] + (ring[j] - ring[i]) * (side[i] / (side[i] - side[j])))
    return np.array(kept)


def _cell(sites: Floats, index: int, half: float) -> Floats:
    """Voronoi cell of one site within a square."""
    ring = np.array([(-half, -half), (half, -half), (half, half), (-half, half)], dtype=np.float64)
    for other in np.argsort(((sites - sites[index]) ** 2).sum(axis=1))[1:]:
        ring = _clip(ring, (sites[index] + sites[other]) / 2, sites[other] - sites[index])
    return ring


def _area_and_centroid(ring: Floats) -> tuple[float, Floats]:
    following = np.roll(ring, -1, axis=0)
    cross = ring[:, 0] * following[:, 1] - following[:, 0] * ring[:, 1]
    area = float(cross.sum()) / 2
    return area, ((ring + following) * cross[:, None]).sum(axis=0) / (6 * area)


def _roughen(start: Floats, end: Floats, generator: np.random.Generator, depth: int) -> list[Floats]:
    """Points from `start` (included) to `end` (excluded), each middle pushed aside."""
    if depth == 0:
        return [start]
    along = end - start
    push = ROUGHNESS * (2 * generator.random() - 1)
    middle = (start + end) / 2 + push * np.array([-along[1], along[0]])
    return _roughen(start, middle, generator, depth - 1) + _roughen(middle, end, generator, depth - 1)


def _rough_ring(corners: list[int], places: list[Floats], seed: int) -> Floats:
    """A cell's ring; an edge is always roughened from its lower corner, so both neighbours agree."""
    points: list[Floats] = []
    for a, b in zip(corners, corners[1:] + corners[:1], strict=True):
        low, high = min(a, b), max(a, b)
        edge = _roughen(places[low], places[high], stream(seed, "edge", low, high), ROUGHENINGS)
        points += edge if a == low else [places[high], *edge[:0:-1]]
    return np.array(points)


def _corner(point: Floats, places: list[Floats]) -> int:
    for i, place in enumerate(places):
        if float(np.abs(place - point).max()) < SAME_POINT:
            return i
    places.append(point)
    return len(places) - 1


def outlines(seed: int, count: int) -> tuple[Ring, ...]:
    """`count` closed-up rings of (lon, lat) sharing borders; the first point is not repeated.

    The cells nearest to the middle of a larger set are kept, which makes the city's own outline irregular.
    """
    generator = stream(seed, "sites")
    radius = number("geography", "diameter_km") / 2
    half = 2.0 * radius
    sites = generator.uniform(-half, half, size=(round(count * half * half * 4 / (np.pi * radius**2)), 2))
    for _ in range(RELAXATIONS):
        cells = [_cell(sites, i, half) for i in range(len(sites))]
        sites = np.array([_area_and_centroid(cell)[1] for cell in cells])
    kept = np.argsort((sites**2).sum(axis=1), kind="stable")[:count]
    kept = kept[np.lexsort((sites[kept, 0], -np.round(sites[kept, 1] / radius * 2)))]
    places: list[Floats] = []
    cells_corners = [[_corner(p, places) for p in _cell(sites, int(i), half)] for i in kept]
    lon, lat = number("geography", "lon"), number("geography", "lat")
    scale = np.array([KM_PER_DEGREE * cos(radians(lat)), KM_PER_DEGREE])
    rings: list[Ring] = []
    for corners in cells_corners:
        corners = [c for i, c in enumerate(corners) if c != corners[i - 1]]
        degrees = np.round(_rough_ring(corners, places, seed) / scale + (lon, lat), 5)
        rings.append(tuple((float(x), float(y)) for x, y in degrees))
    return tuple(rings)


def contains(ring: Ring, points: Floats) -> NDArray[np.bool_]:
    """Which of `points` [n, 2] lie inside the ring (even-odd rule)."""
    inside = np.zeros(len(points), dtype=bool)
    x, y = points[:, 0], points[:, 1]
    for (x0, y0), (x1, y1) in zip(ring, ring[1:] + ring[:1], strict=True):
        if y0 != y1:
            inside ^= ((y0 > y) != (y1 > y)) & (x < (x1 - x0) * (y - y0) / (y1 - y0) + x0)
    return inside


def scatter(ring: Ring, count: int, generator: np.random.Generator) -> Floats:
    """`count` points [count, 2] inside the ring, gathered around a few industrial parks."""
    corners = np.array(ring)
    low, high = corners.min(axis=0), corners.max(axis=0)
    parks = _uniform(ring, 3, generator)
    found = np.empty((0, 2))
    while len(found) < count:
        size = 2 * count + 16
        near = parks[generator.integers(0, len(parks), size)] + generator.normal(0, 0.05, (size, 2)) * (
            high - low
        )
        loose = generator.uniform(low, high, (size, 2))
        points = np.where(generator.random((size, 1)) < 0.65, near, loose)
        found = np.concatenate([found, points[contains(ring, points)]])
    return np.round(found[:count], 5)


def _uniform(ring: Ring, count: int, generator: np.random.Generator) -> Floats:
    corners = np.array(ring)
    found = np.empty((0, 2))
    while len(found) < count:
        points = generator.uniform(corners.min(axis=0), corners.max(axis=0), (8 * count, 2))
        found = np.concatenate([found, points[contains(ring, points)]])
    return found[:count]
